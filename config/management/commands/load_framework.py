"""Load the framework into the plan. People's changes are overwritten only on request."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DataError, IntegrityError

from actions.models import Action, ProgressUpdate
from actions.seeding import compare, load


class Command(BaseCommand):
    help = "Loads the framework into an empty plan. If the plan differs, lists the differences and changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        default = Path(settings.BASE_DIR) / "fixtures" / "framework.json"
        parser.add_argument("fixture", nargs="?", type=Path, default=default)
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--overwrite", action="store_true", help="reset the plan to the framework")
        choice.add_argument("--keep", action="store_true", help="keep the plan as it is and exit 0")

    def handle(self, *args: Any, fixture: Path, overwrite: bool, keep: bool, **options: Any) -> None:
        fresh = not Action.objects.exists()
        try:
            before = load(fixture, overwrite=overwrite)
        except OSError as error:
            raise CommandError(f"{fixture} cannot be read: {error.strerror}.") from error
        except ValueError as error:
            raise CommandError(f"{fixture} is not a framework fixture: {error}") from error
        except (DataError, IntegrityError) as error:
            raise CommandError(f"Nothing was changed: the database rejected {fixture}: {error}") from error
        differences = before.in_words()
        if fresh or not differences:
            done = "loaded" if fresh else "already loaded, as in the framework"
            self.stdout.write(
                f"{Action.objects.count()} actions {done}; {ProgressUpdate.objects.count()} progress updates."
            )
            return
        for line in differences:
            self.stdout.write(line)
        if overwrite:
            kept = compare(fixture).in_words()
            for line in kept:
                self.stdout.write(f"Kept: {line}")
            self.stdout.write(
                f"{_differences(len(differences) - len(kept))} reset to the framework, {len(kept)} kept. "
                "The history keeps both."
            )
        elif keep:
            self.stdout.write(f"Kept {_differences(len(differences))} from the framework.")
        else:
            raise CommandError(
                f"The plan has {_differences(len(differences))} from the framework (above). Nothing was changed. "
                "--overwrite resets them, --keep keeps them."
            )


def _differences(count: int) -> str:
    return "1 difference" if count == 1 else f"{count:,} differences"

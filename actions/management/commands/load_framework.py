"""Fill the plan from the framework's fixture, without ever overwriting people's edits unasked."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError

from actions.models import Action, ProgressUpdate
from actions.seeding import compare, load


class Command(BaseCommand):
    help = "Loads the framework. A plan that differs from it is left as it is, and what differs is said."

    def add_arguments(self, parser: CommandParser) -> None:
        default = Path(settings.BASE_DIR) / "fixtures" / "framework.json"
        parser.add_argument("fixture", nargs="?", type=Path, default=default)
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--overwrite", action="store_true", help="set the plan back to the framework")
        choice.add_argument("--keep", action="store_true", help="leave a plan that differs, and be content")

    def handle(self, *args: Any, fixture: Path, overwrite: bool, keep: bool, **options: Any) -> None:
        fresh = not Action.objects.exists()
        try:
            before = load(fixture, overwrite=overwrite)
        except OSError as error:
            raise CommandError(f"{fixture} cannot be read: {error.strerror}.") from error
        except ValueError as error:
            raise CommandError(f"{fixture} is no fixture of a framework: {error}") from error
        except IntegrityError as error:
            raise CommandError(
                f"Nothing was changed, as {fixture} cannot stand beside what is here: {error}"
            ) from error
        differences = before.in_words()
        if fresh or not differences:
            done = "loaded" if fresh else "here already, as in the framework"
            self.stdout.write(
                f"{Action.objects.count()} actions {done}; {ProgressUpdate.objects.count()} progress updates."
            )
            return
        for line in differences:
            self.stdout.write(line)
        if overwrite:
            staying = compare(fixture).in_words()
            for line in staying:
                self.stdout.write(f"Kept: {line}")
            self.stdout.write(
                f"{len(differences) - len(staying)} differences set back to the framework, {len(staying)} kept. "
                "The history has both."
            )
        elif keep:
            self.stdout.write(f"{len(differences)} differences from the framework were kept.")
        else:
            raise CommandError(
                f"The plan here differs from the framework in {len(differences)} places (above). Nothing was changed; "
                "--overwrite sets them back, --keep leaves them."
            )

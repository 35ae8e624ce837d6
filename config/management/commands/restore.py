"""Restore a backup: all of it, or nothing."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backup.archive import ArchiveError
from config.backup.restoring import LeftEmpty, RestoreRefused, restore, stray_evidence
from config.backup.restoring import rebuild as restore_over

LEFT_EMPTY = 2  # the exit status, for deploy/install


class Command(BaseCommand):
    help = (
        "Restores a backup into an empty portal, row for row. Stop the portal first, and start it afterwards."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="delete everything in this portal first")
        parser.add_argument(
            "--rebuild",
            action="store_true",
            help="the same, in a database that a newer release has migrated: drop every table and make them again",
        )

    def handle(self, *args: Any, file: Path, replace: bool, rebuild: bool, **options: Any) -> None:
        try:
            manifest = restore_over(file) if rebuild else restore(file, kind="backup", replace=replace)
        except (ArchiveError, RestoreRefused) as refused:
            raise CommandError(f"Nothing was changed. {refused}") from refused
        except LeftEmpty as failed:
            raise CommandError(f"The database is empty now. {failed}", returncode=LEFT_EMPTY) from failed
        rows = sum(table["rows"] for table in manifest["tables"].values())
        self.stdout.write(
            f"{rows:,} rows and {len(manifest['files']):,} evidence files, as at {manifest['made_at']}. "
            "Now run manage.py check_figures."
        )
        if stray := stray_evidence():
            self.stdout.write(f"{len(stray):,} evidence files from before are still in the folder.")

"""Import a portable file of the plan: all of it, or nothing."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backup.archive import ArchiveError
from config.backup.restoring import RestoreRefused, restore, stray_evidence


class Command(BaseCommand):
    help = "Imports a file made by export_plan into an empty portal, on either database. Passwords are not imported."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="delete everything in this portal first")

    def handle(self, *args: Any, file: Path, replace: bool, **options: Any) -> None:
        try:
            manifest = restore(file, kind="plan", replace=replace)
        except (ArchiveError, RestoreRefused) as refused:
            raise CommandError(f"Nothing was changed. {refused}") from refused
        rows = sum(table["rows"] for table in manifest["tables"].values())
        self.stdout.write(
            f"{rows:,} rows and {len(manifest['files']):,} evidence files, as at {manifest['made_at']}. "
            "Now run manage.py check_figures."
        )
        if stray := stray_evidence():
            self.stdout.write(f"{len(stray):,} evidence files from before are still in the folder.")

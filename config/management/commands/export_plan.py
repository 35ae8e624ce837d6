"""Write the plan, its history, updates and evidence into a portable file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backup.taking import take


class Command(BaseCommand):
    help = "Writes the plan with its history into a file for import_plan, without passwords, second factors or drafts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            manifest = take(file, plan_only=True)
        except OSError as error:
            raise CommandError(f"Nothing was exported: {error.strerror or error}.") from error
        rows = sum(table["rows"] for table in manifest["tables"].values())
        self.stdout.write(f"{file}: {rows:,} rows and {len(manifest['files']):,} evidence files.")

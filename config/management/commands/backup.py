"""Back everything up into one file, while people go on working."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backup.taking import take
from history import clock


class Command(BaseCommand):
    help = (
        "Backs up the database and the evidence into one file that only its owner can read. "
        "The portal can keep running."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="by default a dated file in BACKUP_FOLDER")

    def handle(self, *args: Any, file: Path | None, **options: Any) -> None:
        path = file or _dated()
        try:
            manifest = take(path)
        except OSError as error:
            raise CommandError(
                f"No backup was made: {error.strerror or error}. {path} is as it was before."
            ) from error
        rows = sum(table["rows"] for table in manifest["tables"].values())
        self.stdout.write(f"{path}: {rows:,} rows and {len(manifest['files']):,} evidence files.")
        for name in manifest["missing"]:
            self.stderr.write(f"Missing: {name}. It may have belonged to a draft that was discarded.")


def _dated() -> Path:
    if not settings.BACKUP_FOLDER:
        raise CommandError("Name a file, or set BACKUP_FOLDER.")
    return Path(settings.BACKUP_FOLDER) / f"portal-{clock.now():%Y-%m-%d-%H%M}.zip"

"""Parse a framework table and write it as a fixture."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from strategy.framework_fixture import json_lines
from strategy.framework_rows import FrameworkFaults
from strategy.framework_table import parse


class Command(BaseCommand):
    help = "Parses a framework table and writes it as a fixture. Lists every fault; with any fault, writes nothing."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        fixtures = Path(settings.BASE_DIR) / "fixtures"
        parser.add_argument(
            "source", nargs="?", type=Path, default=fixtures / "framework.txt", metavar="SOURCE"
        )
        parser.add_argument("--output", type=Path, metavar="FILE", help="default: fixtures/framework.json")

    def handle(self, *args: Any, source: Path, output: Path | None, **options: Any) -> None:
        target = output or Path(settings.BASE_DIR) / "fixtures" / "framework.json"
        try:
            framework = parse(source.read_bytes())
        except OSError as error:
            raise CommandError(f"{source} cannot be read: {error.strerror}.") from error
        except FrameworkFaults as faults:
            for fault in faults.faults:
                self.stderr.write(f"{source}: {fault}")
            many = "1 fault" if len(faults.faults) == 1 else f"{len(faults.faults)} faults"
            raise CommandError(f"{many} in {source}; nothing was written.") from faults
        for mend in framework.mends:
            self.stdout.write(f"{source}: {mend}")
        try:
            _write_whole(target, json_lines(framework))
        except OSError as error:
            raise CommandError(f"{target} cannot be written: {error.strerror}.") from error
        self.stdout.write(
            f"{len(framework.actions)} actions, {len(framework.vital_fews)} vital fews, "
            f"{len(framework.themes)} themes, {len(framework.clusters)} clusters, "
            f"{len(framework.leads)} leads; {len(framework.mends)} corrections. "
            f"Written to {target}."
        )


def _write_whole(target: Path, lines: Iterable[str]) -> None:
    """Replace the file only once the new one is complete, so that a full disk leaves the old one as it was."""
    if not target.parent.is_dir() or (target.exists() and not target.is_file()):
        # a pipe or /dev/stdout cannot be replaced
        with target.open("w", encoding="utf-8") as stream:
            stream.writelines(lines)
        return
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=target.name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.writelines(lines)
        Path(temporary).chmod(mode)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

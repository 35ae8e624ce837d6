"""Look at everything the portal needs, and say what to do."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.doctor import examine


class Command(BaseCommand):
    help = (
        "Checks settings, database, mail, disk and backups. Prints “ok” or what to do for each. "
        "Exits 1 if there is anything to do."
    )
    requires_system_checks = []  # its first check: the others are looked at as well

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--full", action="store_true", help="every figure, paper and the last backup as well"
        )

    def handle(self, *args: Any, full: bool, **options: Any) -> None:
        faults = 0
        for name, advice in examine(full):
            for line in advice or ["ok"]:
                self.stdout.write(f"{name:<11} {line}")
            faults += len(advice)
        if faults:
            raise CommandError("1 thing to do (above)." if faults == 1 else f"{faults} things to do (above).")

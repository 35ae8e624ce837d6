"""Work every figure out again, and say each difference."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from actions.check import FigureCheck


class Command(BaseCommand):
    help = "Works out every figure of all times from updates and plan versions, and lists where the database differs."

    def handle(self, *args: Any, **options: Any) -> None:
        check, lines = FigureCheck(), 0
        for line in check.differences():
            self.stdout.write(line)
            lines += 1
        if lines:
            differences = "1 difference" if lines == 1 else f"{lines:,} differences"
            raise CommandError(f"{check.compared:,} figures compared, {differences} (above).")
        self.stdout.write(f"{check.compared:,} figures compared, no differences.")

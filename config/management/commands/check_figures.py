"""Recalculate every figure and list the differences."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from actions.check import FigureCheck


class Command(BaseCommand):
    help = "Recalculates every figure, past and present, from updates and plan versions, and lists those that differ."

    def handle(self, *args: Any, **options: Any) -> None:
        check, lines = FigureCheck(), 0
        for line in check.differences():
            self.stdout.write(line)
            lines += 1
        if lines:
            differences = "1 difference" if lines == 1 else f"{lines:,} differences"
            raise CommandError(f"{check.compared:,} figures compared, {differences} (above).")
        self.stdout.write(f"{check.compared:,} figures compared, no differences.")

"""Compare every published paper with the history, and publish those that an interruption left out."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reporting.models import PublishedPaper
from reporting.papers import differences, publish_missing


class Command(BaseCommand):
    help = "Recalculates every published paper from the history and reports each figure that differs."

    def handle(self, *args: Any, **options: Any) -> None:
        for paper in publish_missing():
            self.stdout.write(f"{paper}: published now; it was missing")
        found, count = [], 0
        for key in PublishedPaper.objects.order_by("moment").values_list("pk", flat=True):
            found += differences(PublishedPaper.objects.select_related("period").get(pk=key))
            count += 1
        papers = "1 published paper" if count == 1 else f"{count} published papers"
        for line in found:
            self.stderr.write(line)
        if found:
            differ = "1 difference" if len(found) == 1 else f"{len(found)} differences"
            raise CommandError(f"{differ} in {papers}.")
        self.stdout.write(f"{papers} agree{'s' if count == 1 else ''} with the history.")

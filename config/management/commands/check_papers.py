"""Compare every published paper with the history, and publish those that an interruption left out."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reporting.models import PublishedPaper
from reporting.papers import differences, publish_missing


class Command(BaseCommand):
    help = "Works every published paper out again from the history and reports each figure that differs."

    def handle(self, *args: Any, **options: Any) -> None:
        for paper in publish_missing():
            self.stdout.write(f"{paper}: published now; it was missing")
        found, count = [], 0
        for key in PublishedPaper.objects.order_by("moment").values_list("pk", flat=True):
            found += differences(PublishedPaper.objects.select_related("period").get(pk=key))
            count += 1
        for line in found:
            self.stderr.write(line)
        if found:
            raise CommandError(f"{len(found)} differences in {count} published papers.")
        self.stdout.write(f"{count} published papers agree with the history.")

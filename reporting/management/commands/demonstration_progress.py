"""Marked, invented progress over the last four quarters, with their periods and board meetings."""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from actions.demonstration import invent_progress, refuse_to_invent
from actions.plan import start_of
from history.clock import plan_change
from history.models import PlanChange
from reporting.models import BoardMeeting, ReportingPeriod

PERIOD_DAYS = 91
PREPARED_PERIOD = "demonstration-period"  # made by `prepare`


class Command(BaseCommand):
    help = "Adds invented progress, marked as such on every page. Refused outside demonstration mode."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            refuse_to_invent()
            with transaction.atomic():
                quarters = four_quarters(timezone.localdate())
                make_calendar(quarters)
                count = invent_progress(quarters)
        except (ImproperlyConfigured, ValueError) as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            f"{count} invented progress updates over four quarters. Every page says that they are."
        )


def four_quarters(today: date) -> list[tuple[date, date]]:
    """First and last day of four periods of 13 weeks; the last is open, and its due date was last week."""
    last_opens = today - timedelta(days=49)
    return [
        (opens, min(opens + timedelta(days=PERIOD_DAYS - 1), today))
        for opens in (last_opens - timedelta(days=PERIOD_DAYS * back) for back in (3, 2, 1, 0))
    ]


def make_calendar(quarters: list[tuple[date, date]]) -> None:
    """Three closed periods with a board meeting towards the end of each, and an open one."""
    with plan_change(by=None, reason="Four quarters of periods", kind=PlanChange.Kind.DEMONSTRATION):
        ReportingPeriod.objects.filter(slug=PREPARED_PERIOD).delete()
        if other := ReportingPeriod.objects.first():
            raise ValueError(f"There is a reporting period already, {other}. Nothing was added.")
        for number, (opens, _) in enumerate(quarters, start=1):
            closes = opens + timedelta(days=PERIOD_DAYS - 1)
            current = number == len(quarters)
            name = f"Demonstration quarter {number}"
            ReportingPeriod.objects.create(
                name=name,
                slug=slugify(name),
                opens=opens,
                due=opens + timedelta(days=42),
                closes=closes,
                opened_at=start_of(opens),
                closed_at=None if current else start_of(closes + timedelta(days=1)),
            )
            if not current:
                held_on = closes - timedelta(days=14)
                BoardMeeting.objects.create(
                    name=f"{held_on:%B} board meeting", slug=f"{held_on:%Y-%m}", held_on=held_on
                )

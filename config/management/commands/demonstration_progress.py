"""Add invented progress for the last four quarters, with reporting periods and board meetings."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.utils.text import slugify

from actions.demonstration import invent_progress, refuse_to_invent
from actions.models import KnownAction, KnownMeasure
from history import clock
from history.clock import day_of, start_of
from history.models import VERSIONS
from reporting.models import BoardMeeting, ReportingPeriod

PERIOD_DAYS = 91
PREPARED_PERIOD = "demonstration-period"  # created by `prepare`


class Command(BaseCommand):
    help = (
        "Adds invented progress. Every page then says that it is invented. Works in demonstration mode only."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            refuse_to_invent()
            quarters = four_quarters(day_of(clock.now()))
            with clock.the_past("demonstration") as at:
                begin(start_of(quarters[0][0]) - timedelta(days=1), at)
                make_calendar(quarters, at)
                count = invent_progress(quarters, at)
        except (ImproperlyConfigured, ValueError) as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            f"Added {count} invented progress updates over four quarters. Every page says that they are invented."
        )


def begin(moment: datetime, at: Callable[[datetime], None]) -> None:
    """Date the plan back to `moment`, and delete the period that `prepare` created."""
    clock.know_from(moment, [*VERSIONS, KnownAction, KnownMeasure])
    at(moment + timedelta(seconds=1))
    ReportingPeriod.objects.filter(slug=PREPARED_PERIOD).delete()
    if other := ReportingPeriod.objects.first():
        raise ValueError(f"There is already a reporting period, {other}. Nothing was added.")


def four_quarters(today: date) -> list[tuple[date, date]]:
    """The first and last day of four periods of 13 weeks. The last is open, and was due a week ago."""
    last_opens = today - timedelta(days=49)
    return [
        (opens, min(opens + timedelta(days=PERIOD_DAYS - 1), today))
        for opens in (last_opens - timedelta(days=PERIOD_DAYS * back) for back in (3, 2, 1, 0))
    ]


def make_calendar(quarters: list[tuple[date, date]], at: Callable[[datetime], None]) -> None:
    """Create three closed periods, each with a board meeting near its end, and an open one."""
    for number, (opens, _) in enumerate(quarters, start=1):
        closes = opens + timedelta(days=PERIOD_DAYS - 1)
        name = f"Demonstration quarter {number}"
        at(start_of(opens))
        period = ReportingPeriod.objects.create(
            name=name,
            slug=slugify(name),
            opens=opens,
            due=opens + timedelta(days=42),
            closes=closes,
            opened_at=start_of(opens),
        )
        if number == len(quarters):
            return
        held_on = closes - timedelta(days=14)
        BoardMeeting.objects.create(
            name=f"{held_on:%B} board meeting", slug=f"{held_on:%Y-%m}", held_on=held_on
        )
        closed_at = start_of(closes + timedelta(days=1))
        at(closed_at)
        ReportingPeriod.objects.filter(pk=period.pk).update(closed_at=closed_at)

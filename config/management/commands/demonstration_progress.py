"""Add invented progress for five quarters: four closed ones with board papers, and an open one."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.text import slugify

from actions.demonstration import invent_progress, refuse_to_invent
from actions.models import KnownAction, KnownMeasure
from history import clock
from history.clock import day_of, plan_change, start_of
from history.models import VERSIONS
from partners.models import User
from reporting.models import BoardMeeting, ReportingPeriod
from reporting.papers import publish_missing
from reporting.periods import close_period

PERIOD_DAYS = 91
CLOSING_DAY, MEETING_DAY = 63, 77  # of a period
MORNING, EVENING = time(8), time(17)
PREPARED_PERIOD = "demonstration-period"  # made by `prepare`


class Command(BaseCommand):
    help = (
        "Adds invented progress. Every page then says that it is invented. Works in demonstration mode only."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            refuse_to_invent()
            quarters = five_quarters(day_of(clock.now()))
            with clock.the_past("demonstration") as at:
                staff = a_member_of_staff()
                begin(start_of(quarters[0][0]) - timedelta(days=1), at, by=staff)
                make_calendar(quarters, at, by=staff)
                count = invent_progress(quarters, at)
        except (ImproperlyConfigured, ValueError) as refused:
            raise CommandError(str(refused)) from refused
        papers = publish_missing()
        self.stdout.write(
            f"Added {count} invented progress updates over five quarters, and {len(papers)} published papers. "
            "Every page says that they are invented."
        )


def a_member_of_staff() -> User:
    """The demonstration person who keeps the calendar."""
    staff = User.objects.filter(role=User.Role.STAFF, is_active=True).first()
    if staff is None:
        raise ValueError(
            "There is nobody to keep the calendar: run `manage.py prepare` first. Nothing was added."
        )
    return staff


def begin(moment: datetime, at: Callable[[datetime], None], *, by: User) -> None:
    """Date the plan back to `moment`, and delete the period that `prepare` created."""
    clock.know_from(moment, [*VERSIONS, KnownAction, KnownMeasure])
    at(moment + timedelta(seconds=1))
    with plan_change(by=by, reason="Replaced by the demonstration's reporting periods"):
        ReportingPeriod.objects.filter(slug=PREPARED_PERIOD).delete()
    if other := ReportingPeriod.objects.first():
        raise ValueError(f"There is already a reporting period, {other}. Nothing was added.")


def five_quarters(today: date) -> list[tuple[date, date]]:
    """First and last day of five periods of 13 weeks; the last is open, and its due date was last week."""
    last_opens = today - timedelta(days=49)
    return [
        (opens, min(opens + timedelta(days=PERIOD_DAYS - 1), today))
        for opens in (last_opens - timedelta(days=PERIOD_DAYS * back) for back in (4, 3, 2, 1, 0))
    ]


def meeting_day(opens: date) -> date:
    """Two weeks after the closing of the period, or later: never from 24 December to 1 January."""
    day = opens + timedelta(days=MEETING_DAY)
    while (day.month, day.day) >= (12, 24) or (day.month, day.day) == (1, 1):
        day += timedelta(days=7)
    return day


def make_calendar(quarters: list[tuple[date, date]], at: Callable[[datetime], None], *, by: User) -> None:
    """A period a quarter, all but the last one closed, each with the board meeting after its closing."""
    for number, (opens, _) in enumerate(quarters, start=1):
        at(_moment(opens, MORNING))
        period = _opened(f"Demonstration quarter {number}", opens, by)
        if number < len(quarters):
            at(_moment(opens + timedelta(days=CLOSING_DAY), EVENING))
            close_period(period=period, reason="The updates are in", by=by)


def _opened(name: str, opens: date, by: User) -> ReportingPeriod:
    """A period that is open from its first day, with its meeting."""
    held_on = meeting_day(opens)
    with plan_change(by=by, reason=f"{name} opened"):
        meeting = BoardMeeting.objects.create(
            name=f"{held_on:%B} board meeting", slug=f"{held_on:%Y-%m}", held_on=held_on
        )
        return ReportingPeriod.objects.create(
            name=name,
            slug=slugify(name),
            opens=opens,
            due=opens + timedelta(days=42),
            closes=opens + timedelta(days=PERIOD_DAYS - 1),
            opened_at=_moment(opens, MORNING),
            meeting=meeting,
        )


def _moment(day: date, hour: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, hour))

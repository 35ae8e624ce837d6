"""Open and close reporting periods, for pages and commands."""

from django.db import IntegrityError

from actions.plan import Plan
from actions.rows import MeasureState
from history import clock
from history.clock import day_of, plan_change
from partners.models import User
from reporting.models import ReportingPeriod


class PeriodRefused(Exception):
    """The period cannot be opened or closed. The message tells people why."""


def open_period(*, period: ReportingPeriod, by: User) -> None:
    """Open a planned period that has begun. Raises PeriodRefused."""
    _must_be(period, "planned", "opened")
    now = clock.now()
    if period.opens > day_of(now):
        raise PeriodRefused(
            f"{period} opens on {period.opens:%-d %B %Y}. To open it earlier, change that date first."
        )
    try:
        with plan_change(by=by, reason=f"{period} opened"):
            ReportingPeriod.objects.filter(pk=period.pk).update(opened_at=now)
    except IntegrityError as error:
        raise PeriodRefused(f"{period} was not opened: another period is open. Close that first.") from error


def close_period(*, period: ReportingPeriod, reason: str, by: User) -> None:
    """Close an open period for good. Raises PeriodRefused."""
    _must_be(period, "open", "closed")
    with plan_change(by=by, reason=reason):
        ReportingPeriod.objects.filter(pk=period.pk).update(closed_at=clock.now())


def silent_measures(plan: Plan) -> list[MeasureState]:
    """The measures that still await an update in the open period."""
    rows = plan.with_measures(plan.rows(plan.actions().filter(plan.awaited)))
    return [measure for row in rows for measure in row.measures if measure.awaited]


def _must_be(period: ReportingPeriod, state: str, done: str) -> None:
    if period.state != state:
        raise PeriodRefused(f"{period} is {period.state}. Only a period that is {state} can be {done}.")

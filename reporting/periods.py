"""Opening, closing and reopening a reporting period: the one place where it is done, for pages and commands alike."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db import IntegrityError

from actions.plan import Plan
from actions.rows import MeasureState
from history import clock
from history.clock import day_of, plan_change
from partners.models import User
from reporting.edits import EditRefused, check_seen, free_slug
from reporting.models import BoardMeeting, ReportingPeriod, ReportingPeriodVersion
from web.events import event

RESERVED = ("new",)  # an address beside those of the periods
FIELDS = ("name", "opens", "due", "closes", "meeting")
SILENT_AT_MOST = 50
OVERTAKEN = "Somebody has just saved another period with this name or these days. Check the dates."


class PeriodRefused(EditRefused):
    """The period cannot be added, opened or closed. The message tells people why."""


class Closing(NamedTuple):
    """One closing of a period. `version` counts the closings of that period, from 1."""

    period_id: int
    moment: datetime
    version: int


def plan_period(*, period: ReportingPeriod, by: User) -> ReportingPeriod:
    """Save a new period, planned, under an address of its own. Raises PeriodRefused."""
    try:
        with plan_change(by=by, reason=f"{period} planned"):
            period.slug = free_slug(ReportingPeriod, period.name, RESERVED)
            period.save()
    except IntegrityError as error:
        raise PeriodRefused(OVERTAKEN) from error
    return period


def edit_period(*, period: ReportingPeriod, seen: int, reason: str, by: User) -> None:
    """Save name, dates and meeting of a period that is not closed. Raises EditRefused.

    `seen` is the version its editor opened.
    """
    try:
        with plan_change(by=by, reason=reason):
            check_seen(ReportingPeriodVersion, period, seen)
            _must_not_be_closed(ReportingPeriod.objects.get(pk=period.pk))
            period.save(update_fields=FIELDS)
    except IntegrityError as error:
        raise PeriodRefused(OVERTAKEN) from error


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


def set_meeting(*, period: ReportingPeriod, meeting: BoardMeeting | None, note: str, by: User) -> None:
    """Set the meeting that gets the paper of the period, and the covering note of that meeting."""
    if period.meeting == meeting and (meeting is None or meeting.note == note):
        return
    with plan_change(by=by, reason=f"Paper of {period} prepared"):
        if period.meeting != meeting:
            ReportingPeriod.objects.filter(pk=period.pk).update(meeting=meeting)
        if meeting and meeting.note != note:
            BoardMeeting.objects.filter(pk=meeting.pk).update(note=note)
    period.meeting = meeting


def close_period(*, period: ReportingPeriod, reason: str, by: User) -> datetime:
    """Close an open period. Raises PeriodRefused.

    Returns the moment: every update accepted so far was recorded before it, and none will be recorded before it later.
    """
    with plan_change(by=by, reason=reason) as change:
        closed = ReportingPeriod.objects.open().filter(pk=period.pk).update(closed_at=change.recorded_at)
        if not closed:  # somebody else was faster
            period.refresh_from_db()
            _must_be(period, "open", "closed")
        moment: datetime = change.recorded_at
    event("period_closed", period=period.pk, user=by.pk)
    return moment


def reopen_period(*, period: ReportingPeriod, reason: str, by: User) -> None:
    """Open a closed period again. Its published papers stay. Raises PeriodRefused."""
    _must_be(period, "closed", "reopened")
    try:
        with plan_change(by=by, reason=reason):
            ReportingPeriod.objects.filter(pk=period.pk).update(closed_at=None)
    except IntegrityError as error:
        raise PeriodRefused(
            f"{period} was not reopened: another period is open. Close that first."
        ) from error


def closings() -> list[Closing]:
    """Every closing of every period, also those reopened since, in order of time."""
    rows = ReportingPeriodVersion.objects.filter(closed_at__isnull=False).order_by("closed_at", "row_id")
    pairs: Any = rows.values_list("row_id", "closed_at").distinct()
    counts: dict[int, int] = {}
    found = []
    for period, moment in pairs:
        counts[period] = counts.get(period, 0) + 1
        found.append(Closing(period, moment, counts[period]))
    return found


def silent_measures(plan: Plan, at_most: int = SILENT_AT_MOST) -> list[MeasureState]:
    """The first measures that still await an update in the open period, by action."""
    silent = plan.measures().filter(plan.measure_awaited).annotate(number=plan.of_action("number"))
    return plan.measure_rows(silent.order_by("number", "order", "measure_id")[:at_most])


def _must_not_be_closed(period: ReportingPeriod) -> None:
    if period.closed_at:
        raise PeriodRefused(f"{period} is closed. To edit it, reopen it first.")


def _must_be(period: ReportingPeriod, state: str, done: str) -> None:
    if period.state != state:
        raise PeriodRefused(f"{period} is {period.state}. Only a period that is {state} can be {done}.")

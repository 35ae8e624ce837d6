"""Exceptions: what the board must look at, each action once, with all its reasons."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Max, OuterRef, Q, Subquery

from actions.models import Direction, KnownAction, Status
from actions.models.known import KnownActionQuerySet
from actions.models.status import TROUBLED
from actions.plan import Plan
from actions.rows import ActionState, MeasureState
from history.clock import day_in_london

SHOWN_AT_MOST = 100
CHUNK = 500
OFF_TRACK = Status.OFF_TRACK.rank
LEAST_TROUBLED = max(status.rank for status in TROUBLED)


@dataclass(frozen=True)
class ActionException:
    """An action with every reason for which it is an exception, and the day since when the first of them holds."""

    row: ActionState
    reasons: tuple[str, ...]
    since: date | None

    def days(self, today: date) -> int | None:
        """How long it has been running, in days; None where no day is known."""
        return (today - self.since).days if self.since else None


@dataclass(frozen=True)
class Exceptions:
    """How many there are, and the first of them: Off track first, then the longest-running."""

    count: int
    first: tuple[ActionException, ...]


class Found(NamedTuple):
    """An exception as the database finds it."""

    action: int
    number: int
    off_track: bool
    since: date | None

    @property
    def place(self) -> tuple[bool, date, int]:
        return (not self.off_track, self.since or date.max, self.number)


def exceptions_of(plan: Plan, at_most: int = SHOWN_AT_MOST) -> Exceptions:
    """The exceptions of the whole plan, the first `at_most` with their rows."""
    found = _all(plan)
    return Exceptions(len(found), tuple(_with_rows(plan, found[:at_most])))


def every_exception(plan: Plan) -> Iterator[ActionException]:
    """All of them in the same order, a few hundred at a time: for a file."""
    found = _all(plan)
    for start in range(0, len(found), CHUNK):
        yield from _with_rows(plan, found[start : start + CHUNK])


def _all(plan: Plan) -> list[Found]:
    return plan.remember("exceptions", lambda: _found(plan))


def _with_rows(plan: Plan, found: list[Found]) -> list[ActionException]:
    shown = {one.action: one for one in found}
    rows = plan.with_measures(plan.rows(plan.actions().filter(action__in=list(shown))))
    by_id = {row.id: row for row in rows}
    return [_exception(plan, by_id[key], one) for key, one in shown.items()]


def _found(plan: Plan) -> list[Found]:
    """Every exception, in order. Two queries, of a few columns each: there may be many rows."""
    troubled = Q(rank__lte=LEAST_TROUBLED)
    late = plan.overdue | plan.past_target
    worse = _worse_since(plan)
    rows = plan.actions().order_by()
    found = [_one(plan, row, worse.pop(row[0], None)) for row in _lean(rows.filter(troubled | late))]
    if worse:
        others = plan.moved("worse").order_by().exclude(troubled | late)
        found += [_one(plan, row, worse.get(row[0])) for row in _lean(others)]
    return sorted(found, key=attrgetter("place"))


def _lean(rows: KnownActionQuerySet) -> Iterator[Any]:
    """Of each row what an exception's place depends on, and no more."""
    columns = ("action", "number", "rank", "silent_since", "target_date", "troubled_since")
    return rows.values_list(*columns).iterator()


def _one(plan: Plan, row: Any, worse_since: date | None) -> Found:
    action, number, rank, silent_since, target_date, troubled_since = row
    days = [worse_since] if worse_since else []
    if rank <= LEAST_TROUBLED and troubled_since:
        days.append(day_in_london(troubled_since))
    if plan.is_past_due and plan.calendar.period and silent_since and silent_since < plan.opens:
        days.append(plan.calendar.period.due)
    if target_date and target_date < plan.today:
        days.append(target_date)
    return Found(action, number, rank == OFF_TRACK, min(days, default=None))


def _worse_since(plan: Plan) -> dict[int, date]:
    """For each action that is worse than at the last meeting, the day of the update (or change) that made it so."""
    if plan.calendar.last_meeting is None:
        return {}
    before: Any = KnownAction.objects.filter(
        action=OuterRef("action"), rank__gte=OuterRef("then"), known_until__lt=plan.moment
    )
    last_good = before.order_by().values("action").annotate(last=Max("known_until")).values("last")
    worse = plan.moved("worse").order_by().annotate(since=Subquery(last_good))
    return {action: day_in_london(since) for action, since in worse.values_list("action", "since") if since}


def _exception(plan: Plan, row: ActionState, found: Found) -> ActionException:
    reasons: list[str] = []
    if row.status in TROUBLED:
        reasons.append(row.status.label)
    if row.direction == Direction.WORSE and row.meeting_status:
        reasons.append(f"worse than at the last meeting ({row.meeting_status.label})")
    period = plan.calendar.period
    if row.overdue and period:
        reasons.append(f"update overdue: it was due by {period.due:%-d %B %Y}")
    reasons += [_past_target(measure) for measure in row.measures if measure.past_target]
    return ActionException(row, tuple(reasons), found.since)


def _past_target(measure: MeasureState) -> str:
    """The original date counts; a revised one is named beside it, and turns nothing green."""
    dates = measure.measure
    revised = f", revised to {dates.revised_date:%-d %B %Y}" if dates.revised_date else ""
    return f"past its target date of {dates.target_date:%-d %B %Y}{revised}"

"""Exceptions: what the board must look at, each action once, with all its reasons."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max, OuterRef, Q, Subquery
from django.utils import timezone

from actions.models import Direction, KnownAction, Status
from actions.models.known import KnownActionQuerySet
from actions.models.status import TROUBLED
from actions.plan import Plan
from actions.rows import ActionState, MeasureState

SHOWN_AT_MOST = 100


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


@dataclass(frozen=True)
class Found:
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
    found = plan.remember("exceptions", lambda: _found(plan))
    shown = {one.action: one for one in found[:at_most]}
    rows = plan.with_measures(plan.rows(plan.actions().filter(action__in=list(shown))))
    by_id = {row.id: row for row in rows}
    first = [_exception(plan, by_id[key], one) for key, one in shown.items()]
    return Exceptions(len(found), tuple(first))


def _found(plan: Plan) -> list[Found]:
    """Every exception, in order. Two queries, of a few columns each."""
    troubled = Q(rank__lte=max(status.rank for status in TROUBLED))
    late = plan.overdue | plan.past_target
    worse = _worse_since(plan)
    rows = plan.actions().order_by()
    found = [
        _one(plan, known, worse.pop(known.action_id, None)) for known in _lean(rows.filter(troubled | late))
    ]
    if worse:
        others = plan.moved("worse").order_by().exclude(troubled | late)
        found += [_one(plan, known, worse.get(known.action_id)) for known in _lean(others)]
    return sorted(found, key=lambda one: one.place)


def _lean(rows: KnownActionQuerySet) -> Iterator[KnownAction]:
    """Of each row what an exception's place depends on, and no more: there may be many."""
    return rows.only("action", "number", "rank", "silent_since", "target_date", "troubled_since").iterator()


def _one(plan: Plan, known: KnownAction, worse_since: date | None) -> Found:
    period = plan.calendar.period
    days = [worse_since]
    if known.status in TROUBLED and known.troubled_since:
        days.append(timezone.localdate(known.troubled_since))
    if period and plan.is_past_due and known.silent_since and known.silent_since < plan.opens:
        days.append(period.due)
    if known.target_date and known.target_date < plan.today:
        days.append(known.target_date)
    since = min((day for day in days if day), default=None)
    return Found(known.action_id, known.number, known.status == Status.OFF_TRACK, since)


def _worse_since(plan: Plan) -> dict[int, date]:
    """For each action that is worse than at the last meeting, the day of the update (or change) that made it so."""
    if plan.calendar.last_meeting is None:
        return {}
    before: Any = KnownAction.objects.filter(
        action=OuterRef("action"), rank__gte=OuterRef("then"), known_until__lt=plan.moment
    )
    last_good = before.order_by().values("action").annotate(last=Max("known_until")).values("last")
    worse = plan.moved("worse").order_by().annotate(since=Subquery(last_good))
    return {
        action: timezone.localdate(since) for action, since in worse.values_list("action", "since") if since
    }


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

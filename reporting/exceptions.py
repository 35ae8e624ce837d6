"""Exceptions: what the board must look at. Each action is listed once, with all its reasons."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery

from actions.models import Direction, KnownAction, Status
from actions.models.known import KnownActionQuerySet
from actions.models.status import TROUBLED
from actions.plan import Plan
from actions.rows import ActionState, MeasureState
from history.clock import day_in_london, end_of, start_of

SHOWN_AT_MOST = 100
FEW = 1_000  # up to this many are sorted in Python; beyond that only the first are read
CHUNK = 500
EVERY = 1_000_000_000  # no limit
ONE_DAY = timedelta(days=1)  # a due or target date itself is in time
OFF_TRACK = Status.OFF_TRACK.rank
LEAST_TROUBLED = max(status.rank for status in TROUBLED)
TROUBLED_NOW = Q(rank__lte=LEAST_TROUBLED)
COLUMNS = (
    "action",
    "number",
    "rank",
    "silent_since",
    "target_date",
    "troubled_since",
)  # what its place depends on


@dataclass(frozen=True)
class ActionException:
    """An action, every reason it is an exception, and the day the first of them began."""

    row: ActionState
    reasons: tuple[str, ...]
    since: date | None

    @property
    def other_reasons(self) -> str:
        """Beside its status: the reasons but for that."""
        reasons = "; ".join(reason for reason in self.reasons if reason != self.row.status.label)
        return f"{reasons[:1].upper()}{reasons[1:]}"


@dataclass(frozen=True)
class Exceptions:
    """How many there are, and the first of them: Off track first, then the longest-running."""

    count: int
    first: tuple[ActionException, ...]


class Found(NamedTuple):
    """An exception as read from the database."""

    action: int
    number: int
    off_track: bool
    since: date | None

    @property
    def place(self) -> tuple[bool, date, int]:
        return (not self.off_track, self.since or date.max, self.number)

    def runs_since(self, day: date) -> bool:
        return self.since is not None and self.since <= day


def exceptions_of(plan: Plan, at_most: int = SHOWN_AT_MOST) -> Exceptions:
    """The exceptions of the whole plan, the first `at_most` with their rows."""
    count, found = _remembered(plan, at_most)
    return Exceptions(count, tuple(_with_rows(plan, found)))


def new_exceptions(plan: Plan, since: date, at_most: int) -> Exceptions:
    """The exceptions with a reason that began on `since` or later, Off track first. Silence is left out here."""
    count, found = plan.remember(("new exceptions", since, at_most), lambda: _new(plan, since, at_most))
    return Exceptions(count, tuple(_with_rows(plan, found)))


def _new(plan: Plan, since: date, at_most: int) -> tuple[int, list[Found]]:
    start = start_of(since)
    own = (TROUBLED_NOW & Q(troubled_since__gte=start)) | (
        plan.past_target & Q(target_date__gte=since - ONE_DAY)
    )
    rows = plan.actions().order_by("rank", "number").filter(own)
    count, worse = rows.count(), _worse(plan, ~own)
    if isinstance(worse, QuerySet):
        worse = worse.filter(since__gte=start).order_by("rank", "number")
        count, worse = count + worse.count(), worse[:at_most]
    return count, _in_order(plan, rows.values_list(*COLUMNS)[:at_most], worse)[:at_most]


def every_exception(plan: Plan) -> Iterator[ActionException]:
    """All of them in the same order, a few hundred at a time: for a file."""
    _, found = _remembered(plan, EVERY)
    for start in range(0, len(found), CHUNK):
        yield from _with_rows(plan, found[start : start + CHUNK])


def _remembered(plan: Plan, at_most: int) -> tuple[int, list[Found]]:
    return plan.remember(("exceptions", at_most), lambda: _found(plan, at_most))


def _with_rows(plan: Plan, found: list[Found]) -> list[ActionException]:
    shown = {one.action: one for one in found}
    rows = plan.with_measures(plan.rows(plan.actions().filter(action__in=list(shown))))
    by_id = {row.id: row for row in rows}
    return [_exception(plan, by_id[key], one) for key, one in shown.items()]


def _found(plan: Plan, at_most: int) -> tuple[int, list[Found]]:
    """How many there are, and the first `at_most` in order."""
    for_themselves = TROUBLED_NOW | plan.overdue | plan.past_target
    rows = plan.actions().order_by().filter(for_themselves)
    count = rows.count()
    if count <= FEW:
        found = _in_order(plan, rows.values_list(*COLUMNS), _worse(plan, Q()))
        return len(found), found[:at_most]
    count += plan.moved("worse").order_by().exclude(for_themselves).count()
    found = _longest(plan, Q(rank=OFF_TRACK), at_most)
    if len(found) < at_most:
        found += _longest(plan, ~Q(rank=OFF_TRACK), at_most - len(found))
    return count, found


def _longest(plan: Plan, group: Q, at_most: int) -> list[Found]:
    """The longest-running exceptions of a group that may be very large.

    An action among the first overall is also among the first for one of its reasons. So the first for each reason are
    enough to choose from.
    """
    rows = plan.actions().order_by().filter(group)
    lists = (
        _longest_troubled(rows, at_most),
        rows.filter(plan.overdue).order_by("number")[:at_most],
        rows.filter(plan.past_target).order_by("target_date", "number")[:at_most],
    )
    candidates = [row for some in lists for row in some.values_list(*COLUMNS)]
    first = _in_order(plan, candidates, [])[:at_most]
    meeting = plan.calendar.last_meeting
    if meeting is None or (len(first) == at_most and first[-1].runs_since(day_in_london(meeting.known_at))):
        return first  # whatever became worse did so after the meeting, which is later
    return _in_order(plan, candidates, _worse(plan, group))[:at_most]


def _in_order(plan: Plan, rows: Iterable[Any], worse: Iterable[Any]) -> list[Found]:
    """Sort exceptions: `rows` are exceptions on their own account, `worse` are worse than at the last meeting."""
    found = {row[0]: _one(plan, row) for row in rows}
    for *row, since in worse:
        day = day_in_london(since) if since else None
        found[row[0]] = _one(plan, row, day)
    return sorted(found.values(), key=attrgetter("place"))


def _longest_troubled(rows: KnownActionQuerySet, at_most: int) -> KnownActionQuerySet:
    """The first in trouble, by day and then number. Only the last day reached has to be sorted by number."""
    troubled = rows.filter(TROUBLED_NOW)
    in_turn: Any = troubled.order_by("troubled_since").values_list("troubled_since", flat=True)
    oldest = list(in_turn[:at_most])
    if not oldest:
        return rows.none()
    last_day = day_in_london(oldest[-1])
    before = sum(day_in_london(moment) < last_day for moment in oldest)
    on_last_day = troubled.filter(
        troubled_since__gte=start_of(last_day), troubled_since__lt=end_of(last_day)
    ).order_by("number")
    last = list(on_last_day.values_list("action", flat=True)[: at_most - before])
    return troubled.filter(Q(troubled_since__lt=start_of(last_day)) | Q(action__in=last))


def _one(plan: Plan, row: Any, worse_since: date | None = None) -> Found:
    action, number, rank, silent_since, target_date, troubled_since = row
    days = [worse_since] if worse_since else []
    if rank <= LEAST_TROUBLED and troubled_since:
        days.append(day_in_london(troubled_since))
    if plan.is_past_due and plan.calendar.period and silent_since and silent_since < plan.opens:
        days.append(plan.calendar.period.due + ONE_DAY)
    if target_date and target_date < plan.today:
        days.append(target_date + ONE_DAY)
    return Found(action, number, rank == OFF_TRACK, min(days, default=None))


def _worse(plan: Plan, group: Q) -> Iterable[Any]:
    """COLUMNS of the actions in a group that are worse than at the last meeting, and the moment they became so.

    That is the moment of the update, or of the change to the plan, that made them worse.
    """
    if plan.calendar.last_meeting is None:
        return ()
    before: Any = KnownAction.objects.filter(
        action=OuterRef("action"), rank__gte=OuterRef("then"), known_until__lt=plan.moment
    )
    last_good = before.order_by().values("action").annotate(last=Max("known_until")).values("last")
    worse = plan.moved("worse").order_by().filter(group).annotate(since=Subquery(last_good))
    return worse.values_list(*COLUMNS, "since")


def _exception(plan: Plan, row: ActionState, found: Found) -> ActionException:
    reasons: list[str] = []
    if row.status in TROUBLED:
        reasons.append(row.status.label)
    period, meeting = plan.calendar.period, plan.calendar.last_meeting
    if row.direction == Direction.WORSE and row.meeting_status and meeting:
        reasons.append(f"worse than on {meeting.known_on:%-d %B %Y} ({row.meeting_status.label})")
    if row.overdue and period:
        reasons.append(f"update overdue: due by {period.due:%-d %B %Y}")
    reasons += [_past_target(measure) for measure in row.measures if measure.past_target]
    return ActionException(row, tuple(reasons), found.since)


def _past_target(measure: MeasureState) -> str:
    """The original date counts; a revised one is named beside it, and turns nothing green."""
    dates = measure.measure
    revised = f", revised to {dates.revised_date:%-d %B %Y}" if dates.revised_date else ""
    return f"past its target date of {dates.target_date:%-d %B %Y}{revised}"

"""Exceptions: what the board must look at, each action once, with all its reasons."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from actions.models import Direction, ProgressUpdate, Status
from actions.models.status import TROUBLED
from actions.plan import Plan
from actions.rows import ActionRow, MeasureRow


@dataclass(frozen=True)
class ActionException:
    """An action with every reason for which it is an exception, and the day since when the first of them holds."""

    row: ActionRow
    reasons: tuple[str, ...]
    since: date | None

    def days(self, today: date) -> int | None:
        """How long it has been running, in days; None where no day is known."""
        return (today - self.since).days if self.since else None


def exceptions_of(plan: Plan, rows: Iterable[ActionRow]) -> list[ActionException]:
    """Off track first, then the longest-running. One query."""
    chosen = list(rows)
    troubled = [m for row in chosen for m in row.measures if m.status in TROUBLED]
    began = _began(plan, troubled)
    found = [exception for row in chosen if (exception := _exception_of(plan, row, began))]
    return sorted(
        found,
        key=lambda one: (one.row.status != Status.OFF_TRACK, one.since or date.max, one.row.number),
    )


def _exception_of(plan: Plan, row: ActionRow, began: dict[int, date]) -> ActionException | None:
    reasons: list[str] = []
    since: list[date] = []
    if row.status in TROUBLED:
        reasons.append(row.status.label)
        since += [began[m.id] for m in row.measures if m.id in began]
    if row.direction == Direction.WORSE and row.meeting_status:
        reasons.append(f"worse than at the last meeting ({row.meeting_status.label})")
        if row.update:
            since.append(timezone.localdate(row.update.recorded_at))
    period = plan.calendar.period
    if row.overdue and period:
        reasons.append(f"update overdue: it was due by {period.due:%-d %B %Y}")
        since.append(period.due)
    for measure in row.measures:
        if measure.past_target:
            reasons.append(_past_target(measure))
            since.append(measure.measure.target_date)  # type: ignore[arg-type]  # past_target means that there is one
    return ActionException(row, tuple(reasons), min(since, default=None)) if reasons else None


def _past_target(measure: MeasureRow) -> str:
    """The original date counts; a revised one is named beside it, and turns nothing green."""
    dates = measure.measure
    revised = f", revised to {dates.revised_date:%-d %B %Y}" if dates.revised_date else ""
    return f"past its target date of {dates.target_date:%-d %B %Y}{revised}"


def _began(plan: Plan, measures: Iterable[MeasureRow]) -> dict[int, date]:
    """Since when each of these measures has been Off track or At risk without a break."""
    ids = [measure.id for measure in measures]
    began: dict[int, date] = {}
    over: set[int] = set()
    updates: Iterable[ProgressUpdate] = plan.updates().filter(measure__in=ids)
    for update in updates:
        if update.measure_id in over:
            continue
        if update.status_now.needs_the_board:
            began[update.measure_id] = timezone.localdate(update.recorded_at)
        else:
            over.add(update.measure_id)
    return began

"""The counts of the paper: actions by status, and what is late, beside those that it is compared with."""

from dataclasses import dataclass

from actions.counts import StatusCounts
from actions.models import OutcomeMeasureVersion, Status
from actions.models.status import WORST_FIRST
from actions.plan import Plan

NOTHING_TO_COUNT = "–"
OVERDUE, PAST_TARGET = "With an update overdue", "Past their target date"
WITHOUT = {OVERDUE: "no reporting period is open", PAST_TARGET: "no target date is set"}
STATUSES = {status.label: status for status in WORST_FIRST}


@dataclass(frozen=True)
class CountLine:
    """One line of the counts: in this paper, and then. `status` is None where the line is no status.

    A number is None where there is nothing to count: an update is overdue only in a reporting period, and nothing is
    past its target date before there is one.
    """

    label: str
    status: Status | None
    now: int | None
    then: int | None
    is_compared: bool

    @property
    def now_shown(self) -> int | str:
        return NOTHING_TO_COUNT if self.now is None else self.now

    @property
    def then_shown(self) -> int | str | None:
        """None where nothing is compared."""
        return NOTHING_TO_COUNT if self.is_compared and self.then is None else self.then

    @property
    def change(self) -> int | None:
        return None if self.now is None or self.then is None else self.now - self.then

    @property
    def change_in_words(self) -> str:
        """“+2”, “−1” or “0”; empty where nothing is compared."""
        if self.change is None:
            return ""
        return f"+{self.change}" if self.change > 0 else str(self.change).replace("-", "−")


def count_lines_of(
    plan: Plan, counts: StatusCounts, before: Plan | None, counts_before: StatusCounts | None
) -> list[CountLine]:
    """Each status worst first, then the total, what is overdue, and what is past its target date."""
    then = _numbers(before, counts_before) if before and counts_before else {}
    return [
        CountLine(label, STATUSES.get(label), number, then.get(label), bool(then))
        for label, number in _numbers(plan, counts).items()
    ]


def _numbers(plan: Plan, counts: StatusCounts) -> dict[str, int | None]:
    found: dict[str, int | None] = {
        status.label: counts.by_rank.get(rank, 0) for rank, status in enumerate(WORST_FIRST)
    }
    return found | {
        "Actions": counts.total,
        OVERDUE: counts.overdue if plan.calendar.period else None,
        PAST_TARGET: counts.past_target if has_target_dates(plan) else None,
    }


def has_target_dates(plan: Plan) -> bool:
    """Whether any outcome measure has a target date."""
    rows = OutcomeMeasureVersion.objects.order_by()
    known = rows.open() if plan.is_present else rows.at(plan.moment)
    return plan.remember_plan("has target dates", known.filter(target_date__isnull=False).exists)

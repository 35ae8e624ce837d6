"""What the board reads on one page, worked out from the plan alone: no request, no HTML."""

from dataclasses import dataclass
from datetime import date, datetime

from actions.counts import StatusCounts
from actions.plan import Plan
from actions.rows import ActionState
from reporting.exceptions import ActionException, exceptions_of
from strategy.models import VitalFewVersion

MOVED_AT_MOST = 100


@dataclass(frozen=True)
class Moved:
    """Actions that moved one way since the last meeting: how many, and the first of them."""

    count: int
    first: list[ActionState]


@dataclass(frozen=True)
class Board:
    """The board page at the plan's moment."""

    moment: datetime
    today: date
    counts: StatusCounts
    exception_count: int
    exceptions: list[tuple[ActionException, int | None]]
    moved: dict[str, Moved]
    vital_fews: list[tuple[VitalFewVersion, StatusCounts]]


def board_of(plan: Plan) -> Board:
    """Everything on the board page, by a fixed number of queries."""
    exceptions = exceptions_of(plan)
    return Board(
        moment=plan.moment,
        today=plan.today,
        counts=plan.counts(),
        exception_count=exceptions.count,
        exceptions=[(one, one.days(plan.today)) for one in exceptions.first],
        moved={direction: _moved(plan, direction) for direction in ("worse", "better", "new")},
        vital_fews=[(one, plan.counts_of_vital_few(one)) for one in plan.vital_fews],
    )


def _moved(plan: Plan, direction: str) -> Moved:
    moved = plan.moved(direction)
    count = plan.remember(("moved", direction), moved.count)
    return Moved(count, plan.rows(moved[:MOVED_AT_MOST]) if count else [])

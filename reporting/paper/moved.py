"""What moved between two moments of the plan: statuses, silence, dates, wording, leads, relationships, measures."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Count, Max, OuterRef, Subquery

from actions.counts import StatusCounts
from actions.models import KnownAction, ProgressUpdate, Status
from actions.models.status import WORST_FIRST
from actions.plan import Plan
from actions.plan_edits import PlanEdit, edits_between
from actions.rows import ActionState

SHOWN_AT_MOST = 100
CHUNK = 500
BY_EDIT = "Edit of the plan"
EVERY = 1_000_000_000  # more than there can be
ABSENT = -1  # the rank of an action that the plan does not have at that moment
WAYS = ("worse", "better", "new", "closed", "reopened", "added", "removed", "same")


@dataclass(frozen=True)
class StatusMove:
    """An action whose status moved, with the update that shows its present one.

    `edited_at` is None unless that update was known before: then an edit of the plan moved the status.
    """

    row: ActionState
    before: Status
    way: str
    edited_at: datetime | None = None

    @property
    def update(self) -> ProgressUpdate | None:
        """The update that moved the status."""
        return None if self.edited_at else self.row.update

    @property
    def when(self) -> datetime:
        return self.update.recorded_at if self.update else self.edited_at or self.row.known.known_from

    @property
    def by(self) -> str:
        return self.update.submitted_by if self.update else BY_EDIT

    @property
    def is_completed(self) -> bool:
        """Complete now, and not before: it counts under better or new as well."""
        return self.row.status == Status.COMPLETE


class Found(NamedTuple):
    """A move as the database finds it: `then` is the rank before."""

    action: int
    then: int
    way: str


@dataclass(frozen=True)
class Movement:
    """What moved between the plans `before` and `now`.

    `flow` counts actions by (rank before, rank now); its sums by either rank are the counts of either plan.
    """

    before: StatusCounts
    now: StatusCounts
    flow: Mapping[tuple[int, int], int]
    moves: list[StatusMove]  # the first of them: worse, better, new, closed, reopened
    edits: list[PlanEdit]  # the first of them, newest first
    edit_count: int

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many actions went each of `WAYS`. They add up to the actions of both plans together, each once."""
        found = dict.fromkeys(WAYS, 0)
        for (before, now), count in self.flow.items():
            found[way_of(before, now)] += count
        return found

    @property
    def completed(self) -> int:
        """Actions complete now and not before, counted under better or new as well."""
        complete = Status.COMPLETE.rank
        return sum(n for (before, now), n in self.flow.items() if now == complete and before != complete)

    @property
    def move_count(self) -> int:
        return sum(self.counts[way] for way in ("worse", "better", "new", "closed", "reopened"))

    def by_way(self, way: str) -> list[StatusMove]:
        return [move for move in self.moves if move.way == way]

    @property
    def date_edits(self) -> list[PlanEdit]:
        """Target dates that were revised."""
        return [edit for edit in self.edits if edit.dates]

    @property
    def other_edits(self) -> list[PlanEdit]:
        return [edit for edit in self.edits if not edit.dates]

    @property
    def adds_up(self) -> bool:
        """Whether the flow gives exactly the counts of both plans."""
        return all(
            _sum(self.flow, place, rank) == counts.by_rank.get(rank, 0)
            for place, counts in ((0, self.before), (1, self.now))
            for rank in range(len(WORST_FIRST))
        )


def way_of(before: int, now: int) -> str:
    """How an action went from one rank to another; one of `WAYS`. Agrees with `Direction.between`."""
    unreported, closed = Status.NOT_REPORTED.rank, Status.CLOSED.rank
    if ABSENT in (before, now):
        return "added" if before == ABSENT else "removed"
    if before == now:
        return "same"
    if now == closed:
        return "closed" if before != unreported else "new"
    if before == unreported:
        return "new"
    if before == closed:
        return "reopened"
    return "worse" if now < before else "better"


def movement_of(plan: Plan, before: Plan, at_most: int = SHOWN_AT_MOST) -> Movement:
    """What moved from `before` to `plan`, by a fixed number of queries."""
    edits = edits_between(plan, before.moment)
    flow, found = plan.remember(("flow", before.moment, at_most), lambda: _compared(plan, before, at_most))
    return Movement(
        before=before.counts(),
        now=plan.counts(),
        flow=flow,
        moves=_with_rows(plan, before, [move for moves in found.values() for move in moves]),
        edits=edits[:at_most],
        edit_count=len(edits),
    )


def _changed(plan: Plan, before: Plan) -> Any:
    """The actions of `plan` whose state began after `before`, with the rank that they had then as `then`."""
    then = KnownAction.objects.at(before.moment).filter(action=OuterRef("action"))
    changed = plan.actions().order_by().filter(known_from__gte=before.moment)
    return changed.annotate(then=Subquery(then.order_by("-known_from").values("rank")[:1]))


def _compared(
    plan: Plan, before: Plan, at_most: int
) -> tuple[dict[tuple[int, int], int], dict[str, list[Found]]]:
    """The flow, and the first `at_most` moves of each way in number order: one pass over what changed."""
    flow: dict[tuple[int, int], int] = defaultdict(int)
    found: dict[str, list[Found]] = {way: [] for way in WAYS}
    changed = _changed(plan, before).order_by("number").values_list("action", "rank", "then")
    for action, now, then in changed.iterator(chunk_size=CHUNK):
        flow[ABSENT if then is None else then, now] += 1
        if then is not None and then != now:
            moves = found[way := way_of(then, now)]
            if len(moves) < at_most:
                moves.append(Found(action, then, way))
    kept = plan.actions().order_by().filter(known_from__lt=before.moment)
    for rank, count in kept.values_list("rank").annotate(n=Count("id")):
        flow[rank, rank] += count
    for rank, count in before.counts().by_rank.items():
        if gone := count - _sum(flow, 0, rank):
            flow[rank, ABSENT] = gone
    return dict(flow), found


def _sum(flow: Mapping[tuple[int, int], int], place: int, rank: int) -> int:
    return sum(count for ranks, count in flow.items() if ranks[place] == rank)


def every_move(plan: Plan, before: Plan) -> Iterator[StatusMove]:
    """All moves, way by way, a few hundred at a time: for a file."""
    _, found = _compared(plan, before, EVERY)
    chosen = [move for moves in found.values() for move in moves]
    for start in range(0, len(chosen), CHUNK):
        yield from _with_rows(plan, before, chosen[start : start + CHUNK])


def _with_rows(plan: Plan, before: Plan, chosen: list[Found]) -> list[StatusMove]:
    actions = plan.actions().filter(action__in=[one.action for one in chosen])
    rows = {row.id: row for row in plan.rows(actions.annotate(moved_at=_moved_at()))}
    plan.with_updates(list(rows.values()))
    return [
        StatusMove(rows[one.action], WORST_FIRST[one.then], one.way, _edited_at(rows[one.action], before))
        for one in chosen
    ]


def _moved_at() -> Any:
    """The moment since which an action has had its status."""
    others = KnownAction.objects.filter(action=OuterRef("action"), known_until__lte=OuterRef("known_from"))
    moved = others.exclude(rank=OuterRef("rank")).order_by().values("action")
    return Subquery(moved.annotate(last=Max("known_until")).values("last"))


def _edited_at(row: ActionState, before: Plan) -> datetime | None:
    moved_at: datetime | None = getattr(row.known, "moved_at", None)
    is_later = row.update is not None and row.update.recorded_at >= before.moment
    return None if is_later else moved_at

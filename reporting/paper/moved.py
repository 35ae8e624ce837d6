"""What changed between two moments of the plan: statuses, dates, wording, leads, relationships, measures."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
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
BY_EDIT = "Change to the plan"
EVERY = 1_000_000_000  # no limit
ABSENT = -1  # the rank of an action that the plan does not have at that moment
WAYS = {
    "worse": "worse",
    "better": "better",
    "new": "reported for the first time",
    "closed": "closed by a board decision",
    "reopened": "reopened",
    "same": "unchanged",
    "added": "added to the plan",
    "removed": "removed from the plan",
}


@dataclass(frozen=True)
class StatusMove:
    """An action whose status moved, and the update that moved it; None where an edit of the plan did.

    `when` is the moment since which it has its present status. Of several moves the last counts.
    """

    row: ActionState
    before: Status
    way: str
    when: datetime
    update: ProgressUpdate | None = None
    measure_order: int = 1

    @property
    def by(self) -> str:
        return self.update.submitted_by if self.update else BY_EDIT

    @property
    def words(self) -> str:
        """The comment of that update, with its measure where the action has several; empty of an edit."""
        if not self.update or not self.update.comment or self.row.measure_count == 1:
            return self.update.comment if self.update else ""
        return f"Measure {self.measure_order} of {self.row.measure_count}: {self.update.comment}"

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
    def in_words(self) -> str:
        """“Of 32 actions then and 32 now: 3 worse, 7 better, 22 unchanged. …”, without what no action did."""
        then, now, completed = self.before.total, self.now.total, self.completed
        ways = ", ".join(f"{self.counts[way]} {words}" for way, words in WAYS.items() if self.counts[way])
        said = f"Of {then} action{_s(then)} then and {now} now: {ways or 'none'}."
        said += " Every action in either paper is counted once."
        if completed:
            said += (
                f" {completed} action{_s(completed)} {'has' if completed == 1 else 'have'} become Complete."
            )
        return said

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


def _s(count: int) -> str:
    return "" if count == 1 else "s"


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
    movers = _movers(plan, rows.values())
    return [
        StatusMove(row, WORST_FIRST[one.then], one.way, _when(row), *movers.get((one.action, _when(row)), ()))
        for one in chosen
        for row in [rows[one.action]]
    ]


def _moved_at() -> Any:
    """The moment since which an action has had its status."""
    others = KnownAction.objects.filter(action=OuterRef("action"), known_until__lte=OuterRef("known_from"))
    moved = others.exclude(rank=OuterRef("rank")).order_by().values("action")
    return Subquery(moved.annotate(last=Max("known_until")).values("last"))


def _when(row: ActionState) -> datetime:
    moved_at: datetime | None = getattr(row.known, "moved_at", None)
    return moved_at or row.known.known_from


def _movers(
    plan: Plan, rows: Iterable[ActionState]
) -> dict[tuple[int, datetime], tuple[ProgressUpdate, int]]:
    """The update recorded when each action got its status, as last corrected, and its measure's place.

    None where an edit of the plan was recorded then: no two stamps of the database are alike.
    """
    chosen = list(rows)
    measures = plan.measures().order_by().filter(action__in=[row.id for row in chosen])
    places = {
        key: (action, order) for key, action, order in measures.values_list("measure", "action", "order")
    }
    found = ProgressUpdate.objects.filter(recorded_at__in={_when(row) for row in chosen})
    movers = [update for update in found.order_by("pk") if update.measure_id in places]
    corrected = _as_corrected(plan, movers)
    return {
        (action, update.recorded_at): (corrected.get(update.pk, update), order)
        for update in movers
        for action, order in [places[update.measure_id]]
    }


def _as_corrected(plan: Plan, updates: list[ProgressUpdate]) -> dict[int, ProgressUpdate]:
    """The last correction of each of these updates that has one. A query, and another for each correction of one."""
    last: dict[int, ProgressUpdate] = {}
    first_of = {update.pk: update.pk for update in updates}
    while first_of:
        found = list(plan.updates().order_by().filter(corrects__in=first_of))
        first_of = {one.pk: first_of[one.corrects_id] for one in found if one.corrects_id}
        last |= {first_of[one.pk]: one for one in found}
    return last

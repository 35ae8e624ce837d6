"""Counts of actions, done by the database: no page loads the plan to count it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from actions.counts import NOTHING, Counted, StatusCounts
from actions.models import (
    KnownAction,
    Status,
)
from actions.models.known import KnownActionQuerySet
from actions.models.status import WORST_FIRST
from actions.plan.base import PlanBase
from strategy.models import VitalFewVersion


class CountedPlan(PlanBase):
    """Counts by status, and what has moved since the last meeting."""

    @cached_property
    def size(self) -> int:
        """How many actions the plan has."""
        return self.remember_plan("size", self.actions().order_by().count)

    @property
    def is_awaiting(self) -> bool:
        """Whether the open period still waits for an update of any action."""
        return self.remember("is awaiting", lambda: self.actions().order_by().filter(self.awaited).exists())

    def incomplete_actions(self) -> KnownActionQuerySet:
        """Actions that lack an outcome measure, a lead (one who declined does not count) or a relationship."""
        return self.actions().filter(Q(measures=0) | Q(leads="") | Q(marks=""))

    def counts(self) -> StatusCounts:
        """All actions by status."""
        # the pages that show these counts show those by vital few too: one query serves both
        return self.remember("counts", lambda: StatusCounts.of(group for _, group in self._grouped("marks")))

    def status_counts(self) -> StatusCounts:
        """All actions by status alone, without what was late: at a past moment much faster than `counts`."""
        return self.remember("status counts", self._status_counts)

    def _status_counts(self) -> StatusCounts:
        known = KnownAction.objects.order_by()
        then = known.filter(known_from__lt=self.moment)
        # each part counts the entries of one index; together in one query, SQLite would sort out doubles
        parts = (
            [known.open()] if self.is_present else [then.open(), then.filter(known_until__gte=self.moment)]
        )
        return StatusCounts.of(
            Counted(rank, n) for part in parts for rank, n in part.values_list("rank").annotate(n=Count("id"))
        )

    def counts_of(self, actions: KnownActionQuerySet) -> StatusCounts:
        """These actions by status. One query."""
        return StatusCounts.of(group for _, group in self._groups(actions, None))

    def counts_by(self, field: str) -> dict[str, StatusCounts]:
        """All actions by status, for each `theme`, `cluster`, `leads` or `marks`. One query.

        Keys are primary keys of the live rows, as text; for marks, the vital few's followed by the strength: “3X”. An
        action counts under each of its leads and marks.
        """
        return self.remember(("counts by", field), lambda: self._counts_by(field))

    def counts_of_vital_few(self, vital_few: VitalFewVersion) -> StatusCounts:
        """Actions related to this vital few, strong or supporting, by status."""
        by_mark = self.counts_by("marks")
        return by_mark.get(f"{vital_few.row_id}X", NOTHING) + by_mark.get(f"{vital_few.row_id}O", NOTHING)

    def counts_of_by(self, actions: KnownActionQuerySet, field: str) -> dict[str, StatusCounts]:
        """These actions by status, for each `theme`, `cluster`, `leads` or `marks`, as `counts_by` has them."""
        return self._by_key(field, self._groups(actions, field))

    @staticmethod
    def crossing(actions: KnownActionQuerySet) -> list[tuple[int, int, str, int]]:
        """How many of these actions have the same theme, cluster and marks. One query."""
        groups = actions.order_by().values_list("theme", "cluster", "marks")
        return list(groups.annotate(n=Count("pk")))

    def _counts_by(self, field: str) -> dict[str, StatusCounts]:
        return self._by_key(field, self._grouped(field))

    @staticmethod
    def _by_key(field: str, groups: Iterable[tuple[Any, Counted]]) -> dict[str, StatusCounts]:
        found: dict[str, list[Counted]] = defaultdict(list)
        for value, group in groups:
            keys = [str(value)] if field in ("theme", "cluster") else str(value).split()
            for key in keys:
                found[key.rstrip("sa") if field == "leads" else key].append(group)
        return {key: StatusCounts.of(groups) for key, groups in found.items()}

    def _grouped(self, field: str) -> list[tuple[Any, Counted]]:
        """All actions in groups of the same status and the same value of `field`."""
        return self.remember(("groups", field), lambda: list(self._groups(self.actions(), field)))

    def _groups(self, actions: KnownActionQuerySet, field: str | None) -> Iterator[tuple[Any, Counted]]:
        by = [field] if field else []
        numbers = (
            actions.order_by()
            .values(*by, "rank")
            .annotate(
                n=Count("id"),
                n_awaited=Count("id", filter=self.awaited),
                n_past=Count("id", filter=self.past_target),
            )
        )
        for row in numbers.values_list(*by, "rank", "n", "n_awaited", "n_past"):
            rank, n, awaited, past = row[-4:]
            overdue = awaited if self.is_past_due else 0
            yield (row[0] if field else None), Counted(rank, n, awaited, overdue, past)

    def moved(self, direction: str) -> KnownActionQuerySet:
        """Actions that are `better`, `worse` or `new` since the last meeting, as `Direction.between` defines it."""
        meeting = self.calendar.last_meeting
        if meeting is None:
            return self.actions().none()
        none, closed = Status.NOT_REPORTED.rank, Status.CLOSED.rank
        changed = self.actions().filter(known_from__gte=meeting.known_at, measures__gt=0)
        then = self.then_rank("rank")
        if direction == "new":
            unreported = changed.exclude(rank=none).alias(
                rank_then=Coalesce(then, none, output_field=IntegerField())
            )
            return unreported.annotate(then=then).filter(rank_then=none)
        # What was closed or not reported then is neither better nor worse. Its rank is replaced by one that never
        # matches, so that the database looks up the earlier rank once for each action, not once for each condition.
        no_match = Value(-1 if direction == "worse" else len(WORST_FIRST))
        compared = Case(
            When(rank__in=(none, closed), then=no_match), default=F("rank"), output_field=IntegerField()
        )
        earlier = self._then(KnownAction.objects.annotate(compared=compared), "compared")
        found = changed.exclude(rank=closed).alias(compared=earlier)
        way = {"compared__gt": F("rank")} if direction == "worse" else {"compared__lt": F("rank")}
        return found.annotate(then=then).filter(**way)

    def then_rank(self, field: str) -> Any:
        """An expression: `field` of the action as known at the last meeting."""
        return self._then(KnownAction.objects.all(), field)

    def _then(self, known: KnownActionQuerySet, field: str) -> Any:
        assert self.calendar.last_meeting is not None  # noqa: S101  asked only where there was a meeting
        then = known.at(self.calendar.last_meeting.known_at).filter(action=OuterRef("action"))
        # the newest of the rows before, which the index finds first; without an order all of them are read
        return Subquery(then.order_by("-known_from").values(field)[:1])

"""Where the plan is thin: vital few by cluster and theme by cluster, of the actions that a filter lets through."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from actions.filter_counts import counts_by_mark, crossing_of
from actions.filters import STRENGTHS, ActionFilter
from actions.grid import list_url
from reporting.standing import VitalFewStanding, standings_of
from strategy.models import ClusterVersion, ThemeVersion, VitalFewVersion

OF_RELATIONSHIP = ("vital_few", "strength")  # they choose rows and counts, not actions
STEPS = 3  # shades of a cell that has strong actions


@dataclass(frozen=True)
class Count:
    """Actions of one strength in a cell, and the list of just these."""

    strength: str
    number: int
    url: str

    @property
    def mark(self) -> str:
        return STRENGTHS[self.strength]


@dataclass(frozen=True)
class Cell:
    """The actions of a row (a vital few or a theme) in a cluster; in all clusters, where that is None.

    A strength that the filter leaves out is not among the `counts`. `shade` is 0 for no action, 1 where none is
    strong, and up to 4 for the most strong ones; all clusters together have none.
    """

    row: Any
    cluster: ClusterVersion | None
    counts: tuple[Count, ...]
    actions: int
    shade: int

    def number(self, strength: str) -> int | None:
        """None where the filter leaves this strength out: blank is not zero."""
        return next((count.number for count in self.counts if count.strength == strength), None)

    @property
    def place(self) -> str:
        """“VF1 in Retail”."""
        row = self.row.code if isinstance(self.row, VitalFewVersion) else self.row.name
        return f"{row} in {self.cluster.name if self.cluster else 'all clusters'}"


@dataclass(frozen=True)
class Row:
    item: Any
    cells: tuple[Cell, ...]
    whole: Cell


@dataclass(frozen=True)
class Coverage:
    """The actions that a valid filter lets through, crossed. Its vital few and its strength choose what is shown."""

    filterset: ActionFilter

    @cached_property
    def clusters(self) -> list[ClusterVersion]:
        chosen = self._chosen["cluster"]
        crossing = bool(self._chosen["cross_cluster"])
        return [
            one
            for one in self.filterset.plan.clusters
            if not chosen or one.slug in chosen or (crossing and one.is_cross_cluster)
        ]

    @cached_property
    def strengths(self) -> tuple[str, ...]:
        """Those that are shown."""
        return (self._chosen["strength"],) if self._chosen["strength"] else tuple(STRENGTHS)

    @cached_property
    def vital_few_rows(self) -> tuple[Row, ...]:
        return tuple(self._row(vital_few) for vital_few in self.vital_fews)

    @cached_property
    def theme_rows(self) -> tuple[Row, ...]:
        chosen = self._chosen["theme"]
        themes = [one for one in self.filterset.plan.themes if not chosen or one.slug in chosen]
        return tuple(self._row(theme) for theme in themes)

    @cached_property
    def vital_fews(self) -> list[VitalFewVersion]:
        return [
            one for one in self.filterset.plan.vital_fews if self._chosen["vital_few"] in (None, "", one.code)
        ]

    @cached_property
    def standings(self) -> list[VitalFewStanding]:
        by_mark = counts_by_mark(self.filterset, *OF_RELATIONSHIP)
        return standings_of(self.vital_fews, by_mark)

    @cached_property
    def total(self) -> int:
        """How many actions are crossed: those of the filter, whatever its vital few and strength."""
        return sum(number for _, _, _, number in self._crossing)

    def marks(self, row: VitalFewVersion | ThemeVersion, strength: str) -> frozenset[str]:
        """What an action of the row has among its marks: of a theme, for any vital few that is shown."""
        of = [row] if isinstance(row, VitalFewVersion) else self.vital_fews
        return frozenset(f"{one.row_id}{STRENGTHS[strength]}" for one in of)

    @property
    def _chosen(self) -> dict[str, Any]:
        chosen: dict[str, Any] = self.filterset.form.cleaned_data
        return chosen

    @cached_property
    def _crossing(self) -> list[tuple[int, int, frozenset[str], int]]:
        groups = crossing_of(self.filterset, *OF_RELATIONSHIP)
        return [
            (theme, cluster, frozenset(marks.split()), number) for theme, cluster, marks, number in groups
        ]

    def _row(self, item: VitalFewVersion | ThemeVersion) -> Row:
        found = self._numbers(item)
        most = max((found[one.row_id].get("strong", 0) for one in self.clusters), default=0)
        whole: dict[str, int] = defaultdict(int)
        for numbers in found.values():
            for name, number in numbers.items():
                whole[name] += number
        return Row(
            item,
            tuple(self._cell(item, one, found[one.row_id], most) for one in self.clusters),
            self._cell(item, None, whole, 0),
        )

    def _numbers(self, item: VitalFewVersion | ThemeVersion) -> dict[int, dict[str, int]]:
        """By cluster: the row's actions of each strength, and in all."""
        found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        wanted = {strength: self.marks(item, strength) for strength in self.strengths}
        for theme, cluster, marks, number in self._crossing:
            if isinstance(item, ThemeVersion) and theme != item.row_id:
                continue
            having = [strength for strength, of_it in wanted.items() if of_it & marks]
            for name in (*having, *(["actions"] if having or self._takes_all(item) else [])):
                found[cluster][name] += number
        return found

    def _takes_all(self, item: VitalFewVersion | ThemeVersion) -> bool:
        """Whether the row has actions without the marks shown: a theme has, unless those are chosen."""
        return isinstance(item, ThemeVersion) and not any(self._chosen[name] for name in OF_RELATIONSHIP)

    def _cell(
        self, item: VitalFewVersion | ThemeVersion, cluster: ClusterVersion | None, numbers: Any, most: int
    ) -> Cell:
        place = {"vital_few": item.code} if isinstance(item, VitalFewVersion) else {"theme": item.slug}
        if cluster:
            place["cluster"] = cluster.slug
        counts = tuple(
            Count(name, numbers.get(name, 0), list_url(self.filterset, **place, strength=name))
            for name in self.strengths
        )
        actions, strong = numbers.get("actions", 0), numbers.get("strong", 0)
        shade = 1 + -(-strong * STEPS // most) if strong and most else min(actions, 1) * (cluster is not None)
        return Cell(item, cluster, counts, actions, shade)

    def alone(self) -> Iterator[Cell]:
        """Cells of one cluster with a single strong action."""
        for row in (*self.vital_few_rows, *self.theme_rows):
            yield from (cell for cell in row.cells if cell.number("strong") == 1)


def joined(names: Iterable[str]) -> str:
    """“VF1, VF2 or VF5”."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last

"""The gaps of the coverage in words, by rule: as planned, and live."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import F, Q, Value
from django.db.models.functions import StrIndex

from actions.models import Status
from actions.rows import ActionState
from reporting.coverage import OF_RELATIONSHIP, Cell, Coverage, Row, joined
from strategy.models import ThemeVersion

FEW = 5  # a vital few has few strong actions if fewer than 1 in FEW actions are strong for it
IN_DOUBT = (Status.OFF_TRACK, Status.AT_RISK, Status.NOT_REPORTED)


@dataclass(frozen=True)
class InDoubt:
    """An action that is the only strong one of some cells, and is off track, at risk or silent."""

    row: ActionState
    cells: tuple[Cell, ...]

    @property
    def places(self) -> str:
        """“VF1 in Retail, VF3 in Retail and Spatial Issues in Retail”."""
        *others, last = (cell.place for cell in self.cells)
        return f"{', '.join(others)} and {last}" if others else last


def gaps_of(coverage: Coverage) -> list[str]:
    """A sentence for each gap as planned: clusters, vital fews, themes."""
    return [*_of_clusters(coverage), *_of_vital_fews(coverage), *_of_themes(coverage)]


def _what(coverage: Coverage) -> str:
    """“action”; “strong action” where the filter leaves the others out."""
    return f"{coverage.strengths[0]} action" if len(coverage.strengths) == 1 else "action"


def _of_clusters(coverage: Coverage) -> Iterator[str]:
    rows = coverage.vital_few_rows
    for place, cluster in enumerate(coverage.clusters):
        missing = [row.item.code for row in rows if not row.cells[place].actions]
        if missing:
            whom = "any vital few" if len(missing) == len(rows) > 1 else joined(missing)
            yield f"{cluster.name} has no {_what(coverage)} for {whom}."


def _of_vital_fews(coverage: Coverage) -> Iterator[str]:
    if "strong" not in coverage.strengths:
        return
    for row in coverage.vital_few_rows:
        strong = row.whole.number("strong") or 0
        if coverage.total and strong * FEW < coverage.total:
            yield _few_strong(row, strong)


def _few_strong(row: Row, strong: int) -> str:
    if not strong:
        return f"{row.item.code} has no strong action."
    crossing = sum(
        cell.number("strong") or 0 for cell in row.cells if cell.cluster and cell.cluster.is_cross_cluster
    )
    if strong == 1:
        return f"{row.item.code} has only 1 strong action{', which is cross-cluster' if crossing else ''}."
    of_them = "none" if not crossing else "all" if crossing == strong else str(crossing)
    return f"{row.item.code} has only {strong} strong actions, {of_them} of them cross-cluster."


def _of_themes(coverage: Coverage) -> Iterator[str]:
    for row in coverage.theme_rows:
        empty = [cell.cluster for cell in row.cells if not cell.actions and cell.cluster]
        if missing := [one.name for one in empty if not one.is_cross_cluster]:
            yield f"{row.item.name} has no {_what(coverage)} in {joined(missing)}."
        if len(missing) < len(empty):
            yield f"{row.item.name} has no cross-cluster {_what(coverage)}."


def in_doubt(coverage: Coverage) -> list[InDoubt]:
    """The only strong actions of cells that are off track, at risk or silent; worst first. Four queries at most."""
    plan = coverage.filterset.plan
    alone = list(coverage.alone())
    if not alone:
        return []
    marks = sorted({mark for cell in alone for mark in coverage.marks(cell.row, "strong")})
    names = {mark: f"_mark_{place}" for place, mark in enumerate(marks)}
    rows = coverage.filterset.rows_without(*OF_RELATIONSHIP).alias(
        **{name: StrIndex(F("marks"), Value(f" {mark} ")) for mark, name in names.items()}
    )
    wanted = Q(pk__in=[])
    for cell in alone:
        wanted |= _place(cell) & _any(names[mark] for mark in coverage.marks(cell.row, "strong"))
    doubt = Q(rank__in=[status.rank for status in IN_DOUBT]) | plan.overdue
    found = plan.rows(rows.filter(wanted).filter(doubt).order_by("rank", "number", "action_id"))
    return [InDoubt(row, tuple(cell for cell in alone if _holds(coverage, cell, row))) for row in found]


def _place(cell: Cell) -> Q:
    assert cell.cluster  # noqa: S101  `Coverage.alone` gives cells of one cluster
    place = Q(cluster=cell.cluster.row_id)
    return place & Q(theme=cell.row.row_id) if isinstance(cell.row, ThemeVersion) else place


def _any(names: Iterator[str]) -> Q:
    found = Q(pk__in=[])
    for name in names:
        found |= Q(**{f"{name}__gt": 0})
    return found


def _holds(coverage: Coverage, cell: Cell, row: ActionState) -> bool:
    known = row.known
    return (
        cell.cluster is not None
        and known.cluster_id == cell.cluster.row_id
        and (not isinstance(cell.row, ThemeVersion) or known.theme_id == cell.row.row_id)
        and bool(coverage.marks(cell.row, "strong").intersection(known.marks.split()))
    )

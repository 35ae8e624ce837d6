"""The X/O grid: actions by vital fews, grouped by theme and cluster as the framework has them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

from django.urls import reverse
from django.utils.http import urlencode

from actions.models import ClusterVersion, ThemeVersion, VitalFewVersion
from actions.plan import Plan
from actions.rows import ActionRow

STRENGTH_OF = {"X": "strong", "O": "supporting"}


@dataclass(frozen=True)
class GridCell:
    """One crossing; blank where there is no relationship. `url` is the list of all that cross like it."""

    vital_few: VitalFewVersion
    mark: str
    strength: str
    url: str


@dataclass(frozen=True)
class GridRow:
    action: ActionRow
    cells: tuple[GridCell, ...]


@dataclass(frozen=True)
class GridCluster:
    cluster: ClusterVersion
    rows: tuple[GridRow, ...]


@dataclass(frozen=True)
class GridTheme:
    theme: ThemeVersion
    clusters: tuple[GridCluster, ...]


@dataclass
class GridColumn:
    """A vital few with how many actions are strong and supporting for it, each with its filtered list."""

    vital_few: VitalFewVersion
    url: str
    strong: int = 0
    supporting: int = 0
    urls: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Grid:
    columns: tuple[GridColumn, ...]
    themes: tuple[GridTheme, ...]


def grid_of(plan: Plan, rows: Iterable[ActionRow]) -> Grid:
    """The grid of these actions. Makes no query of its own."""
    columns = tuple(_column(vital_few) for vital_few in plan.vital_fews)
    by_code = {column.vital_few.code: column for column in columns}
    ordered = sorted(rows, key=lambda row: (row.theme.order, row.cluster.order, row.number))
    for row in ordered:
        for code, mark in row.marks.items():
            name = STRENGTH_OF[mark]
            setattr(by_code[code], name, getattr(by_code[code], name) + 1)
    themes = []
    for _, in_theme in groupby(ordered, key=lambda row: row.theme.row_id):
        theme_rows = list(in_theme)
        clusters = []
        for _, in_cluster in groupby(theme_rows, key=lambda row: row.cluster.row_id):
            cluster_rows = list(in_cluster)
            grid_rows = tuple(GridRow(row, _cells(plan, row)) for row in cluster_rows)
            clusters.append(GridCluster(cluster_rows[0].cluster, grid_rows))
        themes.append(GridTheme(theme_rows[0].theme, tuple(clusters)))
    return Grid(columns, tuple(themes))


def list_url(**parameters: str) -> str:
    """The action list with these filters."""
    return f"{reverse('action_list')}?{urlencode(parameters)}"


def _column(vital_few: VitalFewVersion) -> GridColumn:
    code = vital_few.code
    urls = {name: list_url(vital_few=code, strength=name) for name in STRENGTH_OF.values()}
    return GridColumn(vital_few, list_url(vital_few=code), urls=urls)


def _cells(plan: Plan, row: ActionRow) -> tuple[GridCell, ...]:
    cells = []
    for vital_few in plan.vital_fews:
        mark = row.marks.get(vital_few.code, "")
        strength = STRENGTH_OF.get(mark, "")
        place = {"theme": row.theme.slug, "cluster": row.cluster.slug}
        url = list_url(**place, vital_few=vital_few.code, strength=strength) if mark else ""
        cells.append(GridCell(vital_few, mark, strength, url))
    return tuple(cells)

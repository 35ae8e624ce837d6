"""The X/O grid: actions by vital few, grouped by theme and cluster as in the framework.

A plan too large for one page has a row for each theme and cluster instead, with counts in its cells.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from actions.counts import NOTHING, StatusCounts
from actions.models import KnownAction
from actions.plan import Plan
from actions.rows import ActionState
from strategy.models import ClusterVersion, ThemeVersion, VitalFewVersion
from web.markup import without_indents

STRENGTH_OF = {"X": "strong", "O": "supporting"}
ACTIONS_AT_MOST = 200


@dataclass(frozen=True)
class GridCell:
    """An action's relationship to a vital few; blank if there is none. `url` is the action's page.

    In a large grid, `strong` and `supporting` count the actions of the row, and `url` is their list.
    """

    vital_few: VitalFewVersion
    mark: str
    strength: str
    url: str
    strong: int = 0
    supporting: int = 0


@dataclass(frozen=True)
class GridCluster:
    """The actions of a cluster within a theme, each as a rendered row; in a large plan counts for each vital few."""

    cluster: ClusterVersion
    rows: tuple[SafeString, ...]
    cells: tuple[GridCell, ...] = ()
    total: int = 0
    url: str = ""


@dataclass(frozen=True)
class GridTheme:
    theme: ThemeVersion
    clusters: tuple[GridCluster, ...]


@dataclass
class GridColumn:
    """A vital few, its numbers of strong and supporting actions, and the addresses of their lists."""

    vital_few: VitalFewVersion
    url: str
    strong: int = 0
    supporting: int = 0
    urls: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Grid:
    columns: tuple[GridColumn, ...]
    themes: tuple[GridTheme, ...]
    is_large: bool


def grid_of(plan: Plan) -> Grid:
    """The whole plan: a row for each action or, past ACTIONS_AT_MOST, for each theme and cluster."""
    columns = plan.remember_plan("grid columns", lambda: _columns(plan))
    if plan.size > ACTIONS_AT_MOST:
        return Grid(columns, plan.remember_plan("large grid", lambda: _themes_in_numbers(plan)), True)
    return Grid(columns, _themes(plan, plan.actions()), False)


def list_url(**parameters: str) -> str:
    """The action list with these filters."""
    return f"{reverse('action_list')}?{urlencode(parameters)}"


def _columns(plan: Plan) -> tuple[GridColumn, ...]:
    counts = plan.counts_by("marks")
    return tuple(_column(vital_few, counts) for vital_few in plan.vital_fews)


def _column(vital_few: VitalFewVersion, counts: dict[str, StatusCounts]) -> GridColumn:
    code, key = vital_few.code, vital_few.row_id
    urls = {name: list_url(vital_few=code, strength=name) for name in STRENGTH_OF.values()}
    strong, supporting = (counts.get(f"{key}{mark}", NOTHING).total for mark in "XO")
    return GridColumn(vital_few, list_url(vital_few=code), strong, supporting, urls)


def _themes(plan: Plan, actions: Iterable[KnownAction]) -> tuple[GridTheme, ...]:
    known = list(actions)
    rows = dict(
        zip(known, plan.remember_pieces("grid row", known, lambda some: _rows(plan, some)), strict=True)
    )
    themes = []
    for theme in plan.themes:
        clusters = []
        for cluster in plan.clusters:
            place = (theme.row_id, cluster.row_id)
            found = tuple(row for one, row in rows.items() if (one.theme_id, one.cluster_id) == place)
            if found:
                clusters.append(GridCluster(cluster, found))
        if clusters:
            themes.append(GridTheme(theme, tuple(clusters)))
    return tuple(themes)


def _rows(plan: Plan, actions: list[KnownAction]) -> dict[KnownAction, SafeString]:
    return {
        action.known: without_indents(
            render_to_string("partials/grid_row.html", {"action": action, "cells": _cells(plan, action)})
        )
        for action in plan.rows(actions)
    }


def _cells(plan: Plan, row: ActionState) -> tuple[GridCell, ...]:
    cells = []
    for vital_few in plan.vital_fews:
        mark = row.marks.get(vital_few.code, "")
        strength = STRENGTH_OF.get(mark, "")
        cells.append(GridCell(vital_few, mark, strength, row.url if mark else ""))
    return tuple(cells)


def _cell_url(theme: ThemeVersion, cluster: ClusterVersion, vital_few: VitalFewVersion) -> str:
    return list_url(theme=theme.slug, cluster=cluster.slug, vital_few=vital_few.code)


def _themes_in_numbers(plan: Plan) -> tuple[GridTheme, ...]:
    crossing: dict[tuple[int, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    groups = plan.actions().order_by().values_list("theme", "cluster", "marks").annotate(n=Count("id"))
    for theme, cluster, marks, count in groups:
        for mark in ("", *marks.split()):
            crossing[theme, cluster][mark] += count
    themes = []
    for theme_version in plan.themes:
        clusters = tuple(
            _cluster_in_numbers(plan, theme_version, cluster_version, crossing[key])
            for cluster_version in plan.clusters
            if (key := (theme_version.row_id, cluster_version.row_id)) in crossing
        )
        if clusters:
            themes.append(GridTheme(theme_version, clusters))
    return tuple(themes)


def _cluster_in_numbers(
    plan: Plan, theme: ThemeVersion, cluster: ClusterVersion, numbers: dict[str, int]
) -> GridCluster:
    cells = tuple(
        GridCell(
            vital_few,
            "",
            "",
            _cell_url(theme, cluster, vital_few),
            numbers[f"{vital_few.row_id}X"],
            numbers[f"{vital_few.row_id}O"],
        )
        for vital_few in plan.vital_fews
    )
    return GridCluster(cluster, (), cells, numbers[""], list_url(theme=theme.slug, cluster=cluster.slug))

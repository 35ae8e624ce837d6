"""The X/O grid: actions by vital few, grouped by theme and cluster as in the framework.

A plan too large for one page has a row for each theme and cluster instead, with counts in its cells.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from actions.counts import NOTHING, StatusCounts
from actions.filter_counts import counts_by_mark, crossing_of
from actions.filter_words import query_with
from actions.filters import ActionFilter
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
    """A vital few, its numbers of strong and supporting actions, and the addresses of their lists.

    An address is empty where no filter gives exactly those actions.
    """

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


def grid_of(filterset: ActionFilter, total: int, tail: str = "") -> Grid:
    """The `total` actions of a valid filter: a row for each or, past ACTIONS_AT_MOST, for each theme and cluster.

    `tail` is added to the address of an action, so that its page leads back to the filter.
    """
    by_mark = counts_by_mark(filterset)
    columns = tuple(_column(filterset, vital_few, by_mark) for vital_few in filterset.plan.vital_fews)
    if total > ACTIONS_AT_MOST:
        return Grid(columns, _themes_in_numbers(filterset), True)
    return Grid(columns, _themes(filterset.plan, filterset.qs.order_by("number"), tail), False)


def list_url(filterset: ActionFilter, **parameters: str) -> str:
    """The list of the filter's actions that these parameters give as well; empty where no filter gives just those.

    An action list has one vital few and one strength, which mean the same relationship.
    """
    chosen = filterset.form.cleaned_data
    code, strength = parameters.get("vital_few"), parameters.get("strength")
    other_code = code and chosen["vital_few"] not in (None, "", code)
    other_strength = code and chosen["strength"] not in (None, "", strength)
    if other_code or other_strength:
        return ""
    if "cluster" in parameters:
        parameters["cross_cluster"] = ""
    return f"{reverse('action_list')}?{query_with(filterset.data, **parameters)}"


def _column(
    filterset: ActionFilter, vital_few: VitalFewVersion, counts: dict[str, StatusCounts]
) -> GridColumn:
    code, key = vital_few.code, vital_few.row_id
    urls = {name: list_url(filterset, vital_few=code, strength=name) for name in STRENGTH_OF.values()}
    strong, supporting = (counts.get(f"{key}{mark}", NOTHING).total for mark in "XO")
    return GridColumn(vital_few, list_url(filterset, vital_few=code), strong, supporting, urls)


def _themes(plan: Plan, actions: Iterable[KnownAction], tail: str) -> tuple[GridTheme, ...]:
    known = list(actions)
    pieces = plan.remember_pieces("grid row", known, lambda some: _rows(plan, some, tail), tail)
    rows = dict(zip(known, pieces, strict=True))
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


def _rows(plan: Plan, actions: list[KnownAction], tail: str) -> dict[KnownAction, SafeString]:
    return {
        action.known: without_indents(
            render_to_string(
                "partials/grid_row.html", {"action": action, "cells": _cells(plan, action), "tail": tail}
            )
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


def _themes_in_numbers(filterset: ActionFilter) -> tuple[GridTheme, ...]:
    plan = filterset.plan
    crossing: dict[tuple[int, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for theme, cluster, marks, count in crossing_of(filterset):
        for mark in ("", *marks.split()):
            crossing[theme, cluster][mark] += count
    themes = []
    for theme_version in plan.themes:
        clusters = tuple(
            _cluster_in_numbers(filterset, theme_version, cluster_version, crossing[key])
            for cluster_version in plan.clusters
            if (key := (theme_version.row_id, cluster_version.row_id)) in crossing
        )
        if clusters:
            themes.append(GridTheme(theme_version, clusters))
    return tuple(themes)


def _cluster_in_numbers(
    filterset: ActionFilter, theme: ThemeVersion, cluster: ClusterVersion, numbers: dict[str, int]
) -> GridCluster:
    place = {"theme": theme.slug, "cluster": cluster.slug}
    cells = tuple(
        GridCell(
            vital_few,
            "",
            "",
            list_url(filterset, **place, vital_few=vital_few.code),
            numbers[f"{vital_few.row_id}X"],
            numbers[f"{vital_few.row_id}O"],
        )
        for vital_few in filterset.plan.vital_fews
    )
    return GridCluster(cluster, (), cells, numbers[""], list_url(filterset, **place))

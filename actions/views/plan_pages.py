"""One page each for vital few, theme, cluster and partner: how it stands, and its actions. A list page above each."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from actions.figures import Standing, standing_of
from actions.models import ActionVersion, SourceCell
from actions.plan import Plan
from actions.requests import PortalRequest
from actions.rows import ActionRow


@dataclass(frozen=True)
class Kind:
    """One of the four ways in: what it is called, and which filter of the action list it is."""

    one: str
    many: str
    parameter: str
    detail: str
    listing: str
    note: str = ""


VITAL_FEW = Kind(
    "vital few", "Vital fews", "vital_few", "vital_few_detail", "vital_few_list",
    "An action counts under each vital few that it is related to.",
)  # fmt: skip
THEME = Kind("theme", "Themes", "theme", "theme_detail", "theme_list")
CLUSTER = Kind(
    "cluster", "Clusters", "cluster", "cluster_detail", "cluster_list",
    "Cross-cluster is a scope that takes in every cluster, and not one more of them.",
)  # fmt: skip
PARTNER = Kind(
    "lead partner", "Lead partners", "lead", "partner_detail", "partner_list",
    "A joint lead counts under each of its leads, so these counts add to more than the number of actions.",
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A line of a list page."""

    item: Any
    key: str
    standing: Standing


def _key(item: Any) -> str:
    return str(getattr(item, "code", None) or item.slug)


def _listing(request: PortalRequest, kind: Kind, items: Iterable[Any]) -> HttpResponse:
    rows = request.plan.rows(request.plan.actions())
    entries = [Entry(item, _key(item), standing_of(_rows_of(kind, item, rows))) for item in items]
    return render(
        request,
        "actions/plan_list.html",
        {
            "kind": kind,
            "entries": entries,
            "total": len(rows),
            "count": sum(not getattr(entry.item, "is_cross_cluster", False) for entry in entries),
            "sum": sum(entry.standing.total for entry in entries),
        },
    )


def _rows_of(kind: Kind, item: Any, rows: list[ActionRow]) -> list[ActionRow]:
    if kind is VITAL_FEW:
        return [row for row in rows if item.code in row.marks]
    if kind is PARTNER:
        return [row for row in rows if any(lead.partner.row_id == item.row_id for lead in row.leads)]
    return [row for row in rows if getattr(row, kind.parameter).row_id == item.row_id]


def _detail(request: PortalRequest, kind: Kind, items: Iterable[Any], key: str) -> HttpResponse:
    item = next((item for item in items if _key(item).casefold() == key.casefold()), None)
    if item is None:
        raise Http404(f"The plan has no {kind.one} “{key}”.")
    rows = request.plan.rows(_actions_of(request.plan, kind, item))
    context = {
        "kind": kind,
        "item": item,
        "rows": rows,
        "standing": standing_of(rows),
        "filtered_url": f"{reverse('action_list')}?{urlencode({kind.parameter: _key(item)})}",
        "vital_fews": request.plan.vital_fews,
        "source_cells": _source_of(kind, item),
    }
    return render(request, "actions/plan_detail.html", context)


def _actions_of(plan: Plan, kind: Kind, item: Any) -> QuerySet[ActionVersion]:
    if kind is VITAL_FEW:
        related = plan.relationships().filter(vital_few=item.row_id, action=OuterRef("row_id"))
        return plan.actions().filter(Exists(related))
    if kind is PARTNER:
        leading = plan.leads().filter(partner=item.row_id, action=OuterRef("row_id"))
        return plan.actions().filter(Exists(leading))
    return plan.actions().filter(**{kind.parameter: item.row_id})


def _source_of(kind: Kind, item: Any) -> list[SourceCell]:
    """The cells of the source that name it, where it has cells of its own."""
    if kind is VITAL_FEW:
        return list(SourceCell.objects.filter(action=None, heading=item.code))
    heading = {"theme": "Theme", "cluster": "Cluster"}.get(kind.parameter)
    if heading is None:
        return []
    cells = SourceCell.objects.filter(heading=heading, **{f"action__{kind.parameter}": item.row_id})
    return [cell for cell in cells if cell.raw.strip()]


@require_safe
def vital_few_list(request: PortalRequest) -> HttpResponse:
    return _listing(request, VITAL_FEW, request.plan.vital_fews)


@require_safe
def vital_few_detail(request: PortalRequest, code: str) -> HttpResponse:
    return _detail(request, VITAL_FEW, request.plan.vital_fews, code)


@require_safe
def theme_list(request: PortalRequest) -> HttpResponse:
    return _listing(request, THEME, request.plan.themes)


@require_safe
def theme_detail(request: PortalRequest, slug: str) -> HttpResponse:
    return _detail(request, THEME, request.plan.themes, slug)


@require_safe
def cluster_list(request: PortalRequest) -> HttpResponse:
    return _listing(request, CLUSTER, request.plan.clusters)


@require_safe
def cluster_detail(request: PortalRequest, slug: str) -> HttpResponse:
    return _detail(request, CLUSTER, request.plan.clusters, slug)


@require_safe
def partner_list(request: PortalRequest) -> HttpResponse:
    return _listing(request, PARTNER, request.plan.partners)


@require_safe
def partner_detail(request: PortalRequest, slug: str) -> HttpResponse:
    return _detail(request, PARTNER, request.plan.partners, slug)

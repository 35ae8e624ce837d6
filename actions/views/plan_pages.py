"""One page each for vital few, theme, cluster and partner: how it stands, and its actions. A list page above each."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from actions.counts import NOTHING, StatusCounts
from actions.fragments import shown
from actions.models import ActionVersion, SourceCell
from actions.models.known import KnownActionQuerySet
from actions.pages import content, of_the_plan
from actions.plan import Plan
from actions.requests import PortalRequest
from history.models import PlanChange

ROWS_AT_MOST, SOURCE_CELLS_AT_MOST = 100, 100


@dataclass(frozen=True)
class Kind:
    """One of the four ways in: what it is called, and which filter of the action list it is."""

    one: str
    many: str
    parameter: str
    detail: str
    listing: str
    note: str = ""

    def items(self, plan: Plan) -> list[Any]:
        """All of this kind in the plan, in its order."""
        of_kind: dict[str, list[Any]] = {
            "vital_few": plan.vital_fews,
            "theme": plan.themes,
            "cluster": plan.clusters,
            "lead": plan.partners,
        }
        return of_kind[self.parameter]


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
    counts: StatusCounts


def _key(item: Any) -> str:
    return str(getattr(item, "code", None) or item.slug)


def _counts(plan: Plan, kind: Kind, item: Any) -> StatusCounts:
    """How the actions of `item` are doing."""
    if kind is VITAL_FEW:
        return plan.counts_of_vital_few(item)
    field = "leads" if kind is PARTNER else kind.parameter
    return plan.counts_by(field).get(str(item.row_id), NOTHING)


def _listing(request: PortalRequest, kind: Kind) -> HttpResponse:
    main = content(request, "actions/plan_list_main.html", lambda: _listed(request.plan, kind))
    return render(request, "actions/plan_list.html", {"kind": kind, "main": main})


def _listed(plan: Plan, kind: Kind) -> dict[str, Any]:
    entries = [Entry(item, _counts(plan, kind, item)) for item in kind.items(plan)]
    return {
        "kind": kind,
        "entries": entries,
        "total": plan.size,
        "count": sum(not getattr(entry.item, "is_cross_cluster", False) for entry in entries),
        "sum": sum(entry.counts.total for entry in entries),
    }


def _detail(request: PortalRequest, kind: Kind, key: str) -> HttpResponse:
    plan = request.plan
    item = next((item for item in kind.items(plan) if _key(item).casefold() == key.casefold()), None)
    if item is None:
        raise Http404(f"The plan has no {kind.one} “{key}”.")
    template = "actions/plan_detail_main.html"
    main = content(request, template, lambda: _detailed(plan, kind, item), request.user.role)
    return render(request, "actions/plan_detail.html", {"kind": kind, "item": item, "main": main})


def _detailed(plan: Plan, kind: Kind, item: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "item": item,
        "rows": [shown(plan, row) for row in plan.rows(_actions_of(plan, kind, item)[:ROWS_AT_MOST])],
        "counts": _counts(plan, kind, item),
        "filtered_url": f"{reverse('action_list')}?{urlencode({kind.parameter: _key(item)})}",
        "source_cells": _source_of(plan, kind, item),
    }


def _actions_of(plan: Plan, kind: Kind, item: Any) -> KnownActionQuerySet:
    if kind is VITAL_FEW:
        return plan.actions().for_vital_few(item.row_id)
    if kind is PARTNER:
        return plan.actions().led_by([item.row_id])
    return plan.actions().filter(**{kind.parameter: item.row_id})


def _source_of(plan: Plan, kind: Kind, item: Any) -> list[SourceCell]:
    """The cells of the source that name it: those of actions that were imported under it, wherever they are now."""
    if kind is VITAL_FEW:
        return list(plan.source_cells().filter(action=None, heading=item.code))
    heading = {"theme": "Theme", "cluster": "Cluster"}.get(kind.parameter)
    if heading is None:
        return []
    imported = ActionVersion.objects.filter(
        change__kind=PlanChange.Kind.IMPORT, known_from__lt=plan.moment, **{kind.parameter: item.row_id}
    )
    cells = plan.source_cells().filter(heading=heading, action__in=imported.values("row_id"))
    return list(cells.exclude(raw="")[:SOURCE_CELLS_AT_MOST])


@require_safe
@of_the_plan
def vital_few_list(request: PortalRequest) -> HttpResponse:
    return _listing(request, VITAL_FEW)


@require_safe
@of_the_plan
def vital_few_detail(request: PortalRequest, code: str) -> HttpResponse:
    return _detail(request, VITAL_FEW, code)


@require_safe
@of_the_plan
def theme_list(request: PortalRequest) -> HttpResponse:
    return _listing(request, THEME)


@require_safe
@of_the_plan
def theme_detail(request: PortalRequest, slug: str) -> HttpResponse:
    return _detail(request, THEME, slug)


@require_safe
@of_the_plan
def cluster_list(request: PortalRequest) -> HttpResponse:
    return _listing(request, CLUSTER)


@require_safe
@of_the_plan
def cluster_detail(request: PortalRequest, slug: str) -> HttpResponse:
    return _detail(request, CLUSTER, slug)


@require_safe
@of_the_plan
def partner_list(request: PortalRequest) -> HttpResponse:
    return _listing(request, PARTNER)


@require_safe
@of_the_plan
def partner_detail(request: PortalRequest, slug: str) -> HttpResponse:
    return _detail(request, PARTNER, slug)

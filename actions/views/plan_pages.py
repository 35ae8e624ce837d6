"""A page for each vital few, theme, cluster and lead partner, with its status counts and actions, and their lists."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from actions.counts import NOTHING, StatusCounts
from actions.fragments import action_rows
from actions.models import ActionVersion, SourceCell
from actions.models.known import KnownActionQuerySet
from actions.pages import content, of_the_plan
from actions.plan import Plan
from actions.requests import PortalRequest
from history.models import PlanChange
from partners.models import PartnerVersion

ROWS_AT_MOST, SOURCE_CELLS_AT_MOST = 100, 100


@dataclass(frozen=True)
class Kind:
    """One of the four ways into the plan: its names, its filter of the action list and its pages.

    `summary` has places for the numbers of actions and items. `why_more` says why the counts total more than the
    number of actions.
    """

    one: str
    many: str
    parameter: str
    detail: str
    listing: str
    summary: str
    why_more: str = ""

    def items(self, plan: Plan) -> list[Any]:
        """Every item of this kind, in the plan's order."""
        of_kind: dict[str, list[Any]] = {
            "vital_few": plan.vital_fews,
            "theme": plan.themes,
            "cluster": plan.clusters,
            "lead": plan.partners,
        }
        return of_kind[self.parameter]


VITAL_FEW = Kind(
    "vital few", "Vital fews", "vital_few", "vital_few_detail", "vital_few_list",
    "{actions} actions and the {items} vital fews they contribute to.",
    "an action counts under each vital few it is related to",
)  # fmt: skip
THEME = Kind("theme", "Themes", "theme", "theme_detail", "theme_list", "{actions} actions in {items} themes.")
CLUSTER = Kind(
    "cluster", "Clusters", "cluster", "cluster_detail", "cluster_list",
    "{actions} actions in {items} clusters and Cross-cluster, which covers all of them.",
)  # fmt: skip
PARTNER = Kind(
    "lead partner", "Lead partners", "lead", "partner_detail", "partner_list",
    "{actions} actions and their {items} lead partners.", "joint leads are counted twice",
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A line of a list page. `width` is its number of actions as a percentage of the longest line's."""

    item: Any
    counts: StatusCounts
    width: int


def _key(item: Any) -> str:
    return str(getattr(item, "code", None) or item.slug)


def _counts(plan: Plan, kind: Kind, item: Any) -> StatusCounts:
    """The actions of `item` by status."""
    if kind is VITAL_FEW:
        return plan.counts_of_vital_few(item)
    field = "leads" if kind is PARTNER else kind.parameter
    return plan.counts_by(field).get(str(item.row_id), NOTHING)


def _listing(request: PortalRequest, kind: Kind) -> HttpResponse:
    main = content(request, "actions/plan_list_main.html", lambda: _listed(request.plan, kind))
    return render(request, "actions/plan_list.html", {"kind": kind, "main": main})


def _listed(plan: Plan, kind: Kind) -> dict[str, Any]:
    counted = [(item, _counts(plan, kind, item)) for item in kind.items(plan)]
    most = max((counts.total for _, counts in counted), default=0) or 1
    total = sum(counts.total for _, counts in counted)
    items = [item for item, _ in counted if not getattr(item, "is_cross_cluster", False)]
    return {
        "kind": kind,
        "entries": [Entry(item, counts, counts.total * 100 // most) for item, counts in counted],
        "summary": kind.summary.format(actions=plan.size, items=len(items)),
        "total": total if total != plan.size else None,
    }


def _detail(request: PortalRequest, kind: Kind, key: str) -> HttpResponse:
    plan = request.plan
    item = next((item for item in kind.items(plan) if _key(item).casefold() == key.casefold()), None)
    if item is None:
        if successor := _merged_into(plan, key) if kind is PARTNER else None:
            return redirect("partner_detail", successor.slug)
        raise Http404(f"The plan has no {kind.one} “{key}”.")
    template = "actions/plan_detail_main.html"
    invite_url = _invite_url(kind, item) if request.user.is_staff and not request.as_at else ""
    edit_url = reverse("partner_edit", args=[item.slug]) if invite_url else ""
    urls = {"invite_url": invite_url, "edit_url": edit_url}
    main = content(request, template, lambda: _detailed(plan, kind, item) | urls, invite_url)
    return render(request, "actions/plan_detail.html", {"kind": kind, "item": item, "main": main})


def _merged_into(plan: Plan, slug: str) -> PartnerVersion | None:
    """The partner into which the one with this slug was merged, if any."""
    of_slug = {partner.slug.casefold(): partner for partner in plan.all_partners}
    merged = of_slug.get(slug.casefold())
    by_key = {partner.row_id: partner for partner in plan.all_partners}
    return by_key.get(merged.merged_into_id) if merged and merged.merged_into_id else None


def _invite_url(kind: Kind, item: Any) -> str:
    """Where staff invite someone to a partner; empty for anything else."""
    is_partner = kind is PARTNER and not item.is_everyone
    return f"{reverse('invitation_list')}?{urlencode({'partner': item.slug})}" if is_partner else ""


def _detailed(plan: Plan, kind: Kind, item: Any) -> dict[str, Any]:
    counts = _counts(plan, kind, item)
    return {
        "kind": kind,
        "item": item,
        "vital_fews": plan.vital_fews,
        "rows": action_rows(plan, _actions_of(plan, kind, item)[:ROWS_AT_MOST]),
        "counts": counts,
        "are_all": counts.total <= ROWS_AT_MOST,
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
    """The source cells that name it: for a theme or cluster, those of the actions imported under it."""
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

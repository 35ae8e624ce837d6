"""The strategy on a page: the X/O grid, of all actions or of those that a filter lets through."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from actions.filter_counts import status_counts_of
from actions.filter_panel import panel_html, panel_of
from actions.filter_words import parts_of, query_without
from actions.filters import NOT_FILTERS, ActionFilter, filter_of
from actions.grid import grid_of
from actions.listing import ACTIONS
from actions.pages import content, of_the_plan, with_saved_views
from actions.requests import PortalRequest
from actions.views.listed import without_empty
from actions.way_back import tail_of


@require_safe
@with_saved_views
@of_the_plan
def home(request: PortalRequest) -> HttpResponse:
    if shorter := without_empty(request):
        return shorter
    filterset = filter_of(ActionFilter, request.GET, request.plan)
    context = {"listing": ACTIONS, "url": request.path}
    if not filterset.is_valid():
        panel = panel_of(filterset, request.GET) | {"noun": ACTIONS.noun, "total": request.plan.size}
        return render(request, "actions/home.html", context | panel)
    main = content(request, "actions/home_main.html", lambda: context | _strategy(request, filterset))
    return render(request, "actions/home.html", context | {"main": main, "parts": parts_of(filterset)})


def _strategy(request: PortalRequest, filterset: ActionFilter) -> dict[str, Any]:
    counts, data = status_counts_of(filterset), filterset.data
    parts = parts_of(filterset)
    narrower = {
        name: _list(query_without(data, (*NOT_FILTERS, *without)))
        for name, without in (("list_url", ("status",)), ("late_url", ("overdue",)))
    }
    return {
        "panel": panel_html(request, filterset, ACTIONS.noun),
        **narrower,
        "grid": grid_of(filterset, counts.total, tail_of(data, "home") if parts else ""),
        "counts": counts,
        "total": filterset.plan.size,
        "parts": parts,
    }


def _list(query: str) -> str:
    return f"{reverse('action_list')}?{query}" if query else reverse("action_list")

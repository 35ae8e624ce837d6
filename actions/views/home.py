"""The strategy on a page: the X/O grid."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions.figures import standing_of
from actions.grid import grid_of
from actions.requests import PortalRequest


@require_safe
def home(request: PortalRequest) -> HttpResponse:
    rows = request.plan.rows(request.plan.actions())
    return render(
        request,
        "actions/home.html",
        {"grid": grid_of(request.plan, rows), "standing": standing_of(rows), "total": len(rows)},
    )

"""The strategy on a page: the X/O grid."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions.grid import grid_of
from actions.requests import PortalRequest


@require_safe
def home(request: PortalRequest) -> HttpResponse:
    plan = request.plan
    counts = plan.counts()
    context = {"grid": grid_of(plan), "counts": counts, "total": counts.total}
    return render(request, "actions/home.html", context)

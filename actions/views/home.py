"""The strategy on a page: the X/O grid."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions.grid import grid_of
from actions.pages import content, of_the_plan
from actions.plan import Plan
from actions.requests import PortalRequest


@require_safe
@of_the_plan
def home(request: PortalRequest) -> HttpResponse:
    main = content(request, "actions/home_main.html", lambda: _strategy(request.plan))
    return render(request, "actions/home.html", {"main": main})


def _strategy(plan: Plan) -> dict[str, Any]:
    counts = plan.counts()
    return {"grid": grid_of(plan), "counts": counts, "total": counts.total}

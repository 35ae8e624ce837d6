"""The board page: one page, exceptions first."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions.pages import content
from actions.requests import PortalRequest
from reporting.paper.figures import paper_of


@require_safe
def board(request: PortalRequest) -> HttpResponse:
    main = content(request, "reporting/board_main.html", lambda: _board(request))
    return render(request, "reporting/board.html", {"main": main})


def _board(request: PortalRequest) -> dict[str, Any]:
    return {"paper": paper_of(request.plan)}

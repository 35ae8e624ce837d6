"""The board page: one page, exceptions first."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions.pages import content
from actions.requests import PortalRequest
from reporting.board import board_of
from web.requests import of_any_day


@require_safe
@of_any_day
def board(request: PortalRequest) -> HttpResponse:
    main = content(request, "reporting/board_main.html", lambda: _board(request))
    return render(request, "reporting/board.html", {"main": main})


def _board(request: PortalRequest) -> dict[str, Any]:
    earlier_asked = any(request.GET.get(name) for name in ("meeting", "since"))
    return {
        "board": board_of(request.plan),
        "earlier_asked": earlier_asked,
        "calendar": request.plan.calendar,
    }

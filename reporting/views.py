"""The board page: one page, exceptions first."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions.requests import PortalRequest
from reporting.board import board_of


@require_safe
def board(request: PortalRequest) -> HttpResponse:
    earlier_asked = any(request.GET.get(name) for name in ("meeting", "as_at", "since"))
    context = {"board": board_of(request.plan), "earlier_asked": earlier_asked, "calendar": request.plan.calendar}
    return render(request, "reporting/board.html", context)

"""The board page, and its paper as a PDF."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions import exports
from actions.filters import ActionFilter
from actions.pages import content
from actions.requests import PortalRequest
from reporting.paper.document import ACTIONS_AT_MOST, Cover, file_name, pdf_of
from reporting.paper.figures import paper_of
from web.requests import reads_settled
from web.spreadsheets import workbook
from web.typeset import PDF


@require_safe
def board(request: PortalRequest) -> HttpResponse:
    main = content(request, "reporting/board_main.html", lambda: _board(request))
    return render(request, "reporting/board.html", {"main": main})


def _board(request: PortalRequest) -> dict[str, Any]:
    return {"paper": paper_of(request.plan)}


@require_safe
@reads_settled
def board_paper_pdf(request: PortalRequest) -> HttpResponse:
    """The paper with its workbook inside; of a plan that is too large for paper, the workbook alone is offered."""
    if request.plan.size > ACTIONS_AT_MOST:
        context = {"at_most": ACTIONS_AT_MOST, "size": request.plan.size}
        return render(request, "reporting/board_paper_pdf.html", context, status=422)
    paper = paper_of(request.plan, ACTIONS_AT_MOST)
    address = request.build_absolute_uri().replace("/board/paper.pdf", "/board/")
    cover = Cover(made_by=f"{request.user} ({request.user.get_role_display()})", address=address)
    response = HttpResponse(pdf_of(paper, _workbook(request, address), cover), content_type=PDF)
    response["Content-Disposition"] = f'attachment; filename="{file_name(paper)}"'
    return response


def _workbook(request: PortalRequest, address: str) -> bytes:
    filterset = ActionFilter(QueryDict(), request.plan)
    return b"".join(workbook(exports.sheets_of(filterset, "", by=request.user, address=address)))

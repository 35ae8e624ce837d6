"""The paper that the board page shows as a workbook, and each of the workbook's sheets as CSV."""

from collections.abc import Iterable

from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from actions.requests import PortalRequest
from reporting.paper.figures import BoardPaper, paper_of
from reporting.paper.workbook import NoSuchSheet, csv_of_sheet, file_name, workbook_chunks
from web.requests import reads_settled
from web.spreadsheets import XLSX

CSV = "text/csv; charset=utf-8"


@require_safe
@reads_settled
def board_export_xlsx(request: PortalRequest) -> StreamingHttpResponse:
    paper = paper_of(request.plan)
    chunks = workbook_chunks(paper, by=request.user, address=_address(request))
    return _sent(chunks, file_name(paper, "xlsx"), XLSX)


@require_safe
@reads_settled
def board_export_csv(request: PortalRequest) -> HttpResponse | StreamingHttpResponse:
    """The sheet that `sheet=` names; an answer in words where there is none of that name."""
    paper: BoardPaper = paper_of(request.plan)
    slug = request.GET.get("sheet", "")
    try:
        chunks = csv_of_sheet(paper, slug, by=request.user, address=_address(request))
    except NoSuchSheet as refused:
        text = f"Nothing was exported. {refused}\n"
        return HttpResponse(text, status=400, content_type="text/plain; charset=utf-8")
    return _sent(chunks, file_name(paper, "csv", slug), CSV)


def _address(request: PortalRequest) -> str:
    """The board page with the same parameters."""
    asked = request.GET.copy()
    asked.pop("sheet", None)
    return request.build_absolute_uri(reverse("board") + (f"?{asked.urlencode()}" if asked else ""))


def _sent(chunks: Iterable[bytes], name: str, content_type: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(chunks, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response

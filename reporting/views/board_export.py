"""The paper that the board page shows as a workbook, and each of the workbook's sheets as CSV."""

from django.http import HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from actions.requests import PortalRequest
from reporting.paper.choice import ChoiceRefused
from reporting.paper.workbook import NoSuchSheet, csv_of_sheet, file_name
from reporting.sending import paper_for_files, workbook_bytes
from reporting.views.board import file_refused, page_of
from web.files import attachment
from web.requests import reads_settled
from web.spreadsheets import XLSX


@require_safe
@reads_settled
def board_export_xlsx(request: PortalRequest) -> HttpResponse:
    """The progress workbook of the paper that the board page shows; as published, if it was."""
    try:
        paper = paper_for_files(request.plan, request.GET)
    except ChoiceRefused as refused:
        return file_refused(request, str(refused))
    content = workbook_bytes(paper, request.GET, by=request.user, address=page_of(request))
    return attachment(content, file_name(paper, "xlsx"), XLSX)


@require_safe
@reads_settled
def board_export_csv(request: PortalRequest) -> HttpResponse | StreamingHttpResponse:
    """The sheet that `sheet=` names; a page in words where there is none of that name."""
    slug = request.GET.get("sheet", "")
    try:
        paper = paper_for_files(request.plan, request.GET)
        chunks = csv_of_sheet(paper, slug, by=request.user, address=page_of(request))
    except (ChoiceRefused, NoSuchSheet) as refused:
        return file_refused(request, str(refused))
    name = file_name(paper, "csv", slug)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(chunks, content_type="text/csv; charset=utf-8", headers=headers)

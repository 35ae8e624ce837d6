"""Exactly the view of the action list as a file: all its pages, in its order."""

from collections.abc import Iterable

from django.http import HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from actions import exports
from actions.filters import ActionFilter
from actions.requests import PortalRequest
from actions.tables import columns_of, order_of
from web.requests import of_any_day, reads_settled
from web.spreadsheets import XLSX, csv_chunks, workbook

Written = HttpResponse | StreamingHttpResponse


@require_safe
@reads_settled
@of_any_day
def action_export_csv(request: PortalRequest) -> Written:
    filterset, refused = _filtered(request)
    if refused:
        return refused
    headings = [column.heading for column in columns_of(request.plan)]
    rows = exports.rows_of(filterset, request.GET.get("sort", ""))
    return _sent(request, csv_chunks(headings, rows), "csv", "text/csv; charset=utf-8")


@require_safe
@reads_settled
@of_any_day
def action_export_xlsx(request: PortalRequest) -> Written:
    filterset, refused = _filtered(request)
    if refused:
        return refused
    address = request.build_absolute_uri().replace("/export.xlsx", "/")
    sheets = exports.sheets_of(filterset, request.GET.get("sort", ""), by=request.user, address=address)
    return _sent(request, workbook(sheets), "xlsx", XLSX)


def _filtered(request: PortalRequest) -> tuple[ActionFilter, HttpResponse | None]:
    """The filter of the address, and where it is impossible the answer: the reasons, one a line."""
    filterset = ActionFilter(request.GET, request.plan)
    remarks: list[str] = []
    order_of(request.GET.get("sort", ""), remarks)
    if filterset.is_valid() and not remarks:
        return filterset, None
    lines = [f"{name}: {error}" for name, errors in filterset.form.errors.items() for error in errors]
    text = "\n".join(["Nothing was exported.", *lines, *remarks]) + "\n"
    return filterset, HttpResponse(text, status=400, content_type="text/plain; charset=utf-8")


def _sent(
    request: PortalRequest, chunks: Iterable[bytes], ending: str, content_type: str
) -> StreamingHttpResponse:
    response = StreamingHttpResponse(chunks, content_type=content_type)
    name = exports.file_name(request.plan, ending)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response

"""Exactly the view of a list as a file: all its pages, in its order."""

from collections.abc import Iterable

from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from actions import exports
from actions.filters import ListFilter
from actions.listing import ACTIONS, MEASURES, Listing
from actions.plan import Plan
from actions.requests import PortalRequest
from actions.tables import order_of
from web.requests import of_any_day, reads_settled
from web.spreadsheets import XLSX, csv_chunks, workbook

CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}
Written = HttpResponse | StreamingHttpResponse


@require_safe
@reads_settled
@of_any_day
def action_export_csv(request: PortalRequest) -> Written:
    return _csv(request, ACTIONS)


@require_safe
@reads_settled
@of_any_day
def action_export_xlsx(request: PortalRequest) -> Written:
    return _xlsx(request, ACTIONS)


@require_safe
@reads_settled
@of_any_day
def measure_export_csv(request: PortalRequest) -> Written:
    return _csv(request, MEASURES)


@require_safe
@reads_settled
@of_any_day
def measure_export_xlsx(request: PortalRequest) -> Written:
    return _xlsx(request, MEASURES)


def _csv(request: PortalRequest, listing: Listing) -> Written:
    filterset, refused = _filtered(request, listing)
    if refused:
        return refused
    headings = [column.heading for column in listing.columns(request.plan)]
    rows = exports.rows_of(listing, filterset, request.GET.get("sort", ""))
    return sent(request.plan, listing.noun, csv_chunks(headings, rows), "csv")


def _xlsx(request: PortalRequest, listing: Listing) -> Written:
    filterset, refused = _filtered(request, listing)
    if refused:
        return refused
    query = request.META.get("QUERY_STRING", "")
    address = request.build_absolute_uri(reverse(f"{listing.name}_list") + (f"?{query}" if query else ""))
    sort = request.GET.get("sort", "")
    sheets = exports.sheets_of(listing, filterset, sort, by=request.user, address=address)
    return sent(request.plan, listing.noun, workbook(sheets), "xlsx")


def _filtered(request: PortalRequest, listing: Listing) -> tuple[ListFilter, HttpResponse | None]:
    """The filter of the address, and the error response if that or the order is invalid."""
    filterset = listing.filterset(request.GET, request.plan)
    remarks: list[str] = []
    order_of(listing.table, request.GET.get("sort", ""), remarks)
    return filterset, refusal_of(filterset, remarks)


def refusal_of(filterset: ListFilter, remarks: Iterable[str] = ()) -> HttpResponse | None:
    """A 400 that lists what is wrong, one reason a line; None for a valid filter without remarks."""
    if filterset.is_valid() and not remarks:
        return None
    lines = [f"{name}: {error}" for name, errors in filterset.form.errors.items() for error in errors]
    text = "\n".join(["Nothing was exported.", *lines, *remarks]) + "\n"
    return HttpResponse(text, status=400, content_type="text/plain; charset=utf-8")


def sent(plan: Plan, noun: str, chunks: Iterable[bytes], ending: str) -> StreamingHttpResponse:
    """A file, named after what is in it and the day that it is of."""
    response = StreamingHttpResponse(chunks, content_type=CONTENT_TYPES[ending])
    name = exports.file_name(noun, plan, ending)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response

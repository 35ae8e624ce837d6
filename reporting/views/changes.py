"""The log of all changes to the plan, as a page and as files."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from actions.exports import file_name
from actions.pages import of_the_plan
from actions.requests import PortalRequest
from reporting.changes.files import COLUMNS, rows_of, sheets_of
from reporting.changes.forms import FIELDS, ChangesForm
from reporting.changes.log import ChangeLog
from web.requests import of_any_day, reads_settled
from web.spreadsheets import XLSX, csv_chunks, workbook

PER_PAGE = 50


@require_safe
@of_the_plan
def change_list(request: PortalRequest) -> HttpResponse:
    given = [(name, value) for name, values in request.GET.lists() for value in values]
    if not all(value for _, value in given):  # as a browser sends a form
        kept = urlencode([(name, value) for name, value in given if value])
        return HttpResponseRedirect(f"{request.path}?{kept}" if kept else request.path)
    form = ChangesForm(request.GET, plan=request.plan)
    context: dict[str, Any] = {"form": form, "url": request.path}
    if form.is_valid():
        context |= _found(request, form)
    return render(request, "reporting/change_list.html", context)


def _found(request: PortalRequest, form: ChangesForm) -> dict[str, Any]:
    log = ChangeLog(request.plan, form.chosen)
    pages = Paginator(range(log.count), PER_PAGE)
    page = pages.get_page(request.GET.get("page"))  # the first or last for one that is not there
    query = urlencode([(name, request.GET[name]) for name in FIELDS if request.GET.get(name)])
    return {
        "groups": log.page(max(page.start_index() - 1, 0), PER_PAGE),
        "count": log.count,
        "page": page,
        "page_numbers": pages.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "page_url": f"?{query}&page=" if query else "?page=",
        "query": query,
        "chosen": form.chosen,
        "number": form.chosen.get("action"),
        "others": form.besides_action,
        "links_for_staff": request.user.is_staff and not request.as_at,
    }


@require_safe
@reads_settled
@of_any_day
def change_export_csv(request: PortalRequest) -> HttpResponse | StreamingHttpResponse:
    form = ChangesForm(request.GET, plan=request.plan)
    if not form.is_valid():
        return _refused(form)
    headings = [column.heading for column in COLUMNS]
    chunks = csv_chunks(headings, rows_of(ChangeLog(request.plan, form.chosen)))
    return _sent(request, chunks, "csv", "text/csv; charset=utf-8")


@require_safe
@reads_settled
@of_any_day
def change_export_xlsx(request: PortalRequest) -> HttpResponse | StreamingHttpResponse:
    form = ChangesForm(request.GET, plan=request.plan)
    if not form.is_valid():
        return _refused(form)
    query = request.META.get("QUERY_STRING", "")
    address = request.build_absolute_uri(reverse("change_list") + (f"?{query}" if query else ""))
    sheets = sheets_of(ChangeLog(request.plan, form.chosen), form, by=request.user, address=address)
    return _sent(request, workbook(sheets), "xlsx", XLSX)


def _refused(form: ChangesForm) -> HttpResponse:
    lines = [f"{name}: {error}" for name, errors in form.errors.items() for error in errors]
    text = "\n".join(["Nothing was exported.", *lines]) + "\n"
    return HttpResponse(text, status=400, content_type="text/plain; charset=utf-8")


def _sent(request: PortalRequest, chunks: Any, ending: str, content_type: str) -> StreamingHttpResponse:
    name = file_name("changes", request.plan, ending)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(chunks, content_type=content_type, headers=headers)

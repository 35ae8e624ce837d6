"""Where the plan is thin, and the status of each vital few; as a page, a workbook and CSV."""

from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from actions.filter_panel import panel_html, panel_of
from actions.filter_words import parts_of, query_without
from actions.filters import NOT_FILTERS, ActionFilter, filter_of
from actions.listing import ACTIONS
from actions.pages import content, of_the_plan, with_saved_views
from actions.requests import PortalRequest
from actions.views.exports import refusal_of, sent
from actions.views.listed import without_empty
from reporting.coverage import Coverage
from reporting.coverage_files import csv_sheet, sheets_of, weighting
from reporting.coverage_gaps import FEW, gaps_of, in_doubt
from web.requests import of_any_day, reads_settled
from web.spreadsheets import csv_of, workbook

Written = HttpResponse | StreamingHttpResponse


@require_safe
@with_saved_views
@of_the_plan
def coverage(request: PortalRequest) -> HttpResponse:
    if shorter := without_empty(request):
        return shorter
    filterset = filter_of(ActionFilter, request.GET, request.plan)
    context = {"listing": ACTIONS, "url": request.path}
    if not filterset.is_valid():
        panel = panel_of(filterset, request.GET) | {"noun": ACTIONS.noun, "total": request.plan.size}
        return render(request, "reporting/coverage.html", context | panel)
    main = content(request, "reporting/coverage_main.html", lambda: context | _covered(request, filterset))
    return render(request, "reporting/coverage.html", context | {"main": main, "parts": parts_of(filterset)})


def _covered(request: PortalRequest, filterset: ActionFilter) -> dict[str, Any]:
    found = Coverage(filterset)
    doubts = in_doubt(found)
    return {
        "panel": panel_html(request, filterset, ACTIONS.noun),
        "coverage": found,
        "gaps": gaps_of(found),
        "in_doubt": doubts,
        "doubtful": [cell for one in doubts for cell in one.cells],
        "few": FEW,
        "weighting": weighting(),
        "total": filterset.plan.size,
        "parts": parts_of(filterset),
        "query": query_without(filterset.data, NOT_FILTERS),
    }


@require_safe
@reads_settled
@of_any_day
def coverage_export_csv(request: PortalRequest) -> Written:
    filterset = ActionFilter(request.GET, request.plan)
    if refused := refusal_of(filterset):
        return refused
    return sent(request.plan, "coverage", csv_of(csv_sheet(Coverage(filterset))), "csv")


@require_safe
@reads_settled
@of_any_day
def coverage_export_xlsx(request: PortalRequest) -> Written:
    filterset = ActionFilter(request.GET, request.plan)
    if refused := refusal_of(filterset):
        return refused
    query = request.META.get("QUERY_STRING", "")
    address = request.build_absolute_uri(reverse("coverage") + (f"?{query}" if query else ""))
    sheets = sheets_of(Coverage(filterset), by=request.user, address=address)
    return sent(request.plan, "coverage", workbook(sheets), "xlsx")

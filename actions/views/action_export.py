"""Exactly the view of the action list as a file: all its pages, in its order."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from actions.filter_words import parts_of
from actions.filters import ActionFilter
from actions.plan import Plan
from actions.requests import PortalRequest
from actions.tables import columns_of, order_of, ordered
from web.requests import reads_settled
from web.spreadsheets import A3, XLSX, Sheet, SheetColumn, csv_chunks, workbook

NOTES_COLUMNS = [SheetColumn("What", 28), SheetColumn("Says", 100)]
Written = HttpResponse | StreamingHttpResponse


@require_safe
@reads_settled
def action_export_csv(request: PortalRequest) -> Written:
    filterset, refused = _filtered(request)
    if refused:
        return refused
    headings = [column.heading for column in columns_of(request.plan)]
    return _sent(request, csv_chunks(headings, _values(filterset, request)), "csv", "text/csv; charset=utf-8")


@require_safe
@reads_settled
def action_export_xlsx(request: PortalRequest) -> Written:
    filterset, refused = _filtered(request)
    if refused:
        return refused
    columns = [column.for_sheet for column in columns_of(request.plan)]
    actions = Sheet("Actions", columns, _values(filterset, request), paper=A3)
    notes = Sheet("Notes", NOTES_COLUMNS, _notes(request, filterset))
    return _sent(request, workbook([actions, notes]), "xlsx", XLSX)


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


def _values(filterset: ActionFilter, request: PortalRequest) -> Iterable[Sequence[Any]]:
    """The cells of each row, read a few hundred at a time as the file is sent."""
    plan = request.plan
    columns = columns_of(plan)
    rows = ordered(plan, filterset.qs, order_of(request.GET.get("sort", ""), []))
    return ([column.value(row) for column in columns] for row in plan.in_chunks(rows))


def _sent(
    request: PortalRequest, chunks: Iterable[bytes], ending: str, content_type: str
) -> StreamingHttpResponse:
    response = StreamingHttpResponse(chunks, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{_file_name(request.plan, ending)}"'
    return response


def _file_name(plan: Plan, ending: str) -> str:
    """Names the day; and where progress is invented says so, as a CSV has no other place for it."""
    invented = "demonstration-" if plan.has_demonstration_progress else ""
    return f"{invented}actions-{plan.today:%Y-%m-%d}.{ending}"


def _notes(request: PortalRequest, filterset: ActionFilter) -> list[tuple[str, str]]:
    """What a reader of the file needs to defend its figures."""
    plan = request.plan
    parts = [part.words for part in parts_of(filterset)]
    notes = [
        ("Actions in this file", f"{filterset.qs.order_by().count()} of {plan.size}"),
        ("Filter", ", ".join(parts) if parts else "none: the whole plan"),
        ("As at", f"{date_format(timezone.localtime(plan.moment), 'j F Y H:i')}, Europe/London"),
        ("Exported by", f"{request.user} ({request.user.get_role_display()})"),
        ("Opens this view again", request.build_absolute_uri().replace("/export.xlsx", "/")),
        (
            "Counting",
            "An action shows the worst of its outcome measures. A joint lead counts under each lead.",
        ),
        ("Blank", "An empty cell is not known or does not apply. It is never zero."),
    ]
    if plan.has_demonstration_progress:
        notes.insert(0, ("Demonstration", "The progress in this file is invented."))
    return notes + [(column.heading, column.meaning) for column in columns_of(plan)]

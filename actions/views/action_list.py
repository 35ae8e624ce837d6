"""The filtered table, and exactly that view as a file."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from actions.filters import ActionFilter, found_in, hints_for, parts_of, query_without, words_of
from actions.plan import Plan
from actions.requests import PortalRequest
from actions.rows import ActionRow
from actions.tables import ActionTable, columns_of
from web.spreadsheets import A3, XLSX, Sheet, SheetColumn, csv_chunks, workbook

PER_PAGE, PER_PAGE_AT_MOST = 50, 100
SORTS = [("", "Number"), ("-number", "Number, backwards")] + [
    (f"{sign}{name}", f"{column.verbose_name}{words}")
    for name, column in ActionTable.base_columns.items()
    if column.orderable is not False and name != "number"
    for sign, words in (("", ""), ("-", ", backwards"))
]
NOTES_COLUMNS = [SheetColumn("What", 28), SheetColumn("Says", 100)]


@require_safe
def action_list(request: PortalRequest) -> HttpResponse:
    plan = request.plan
    filterset = ActionFilter(request.GET, plan)
    context: dict[str, Any] = {
        "form": filterset.form,
        "total": plan.size,
        "sorts": SORTS,
        "sort": request.GET.get("sort", ""),
    }
    if not filterset.is_valid():
        return render(request, "actions/action_list.html", context | {"invalid": True})
    remarks: list[str] = []
    table = ActionTable(filterset.qs, order_by=_order(request, remarks))
    per_page = _whole(request, "per_page", PER_PAGE, PER_PAGE_AT_MOST, remarks)
    pages = Paginator(table.rows, per_page)
    number = _whole(request, "page", 1, pages.num_pages, remarks)
    table.paginate(page=number, per_page=per_page)
    rows = plan.rows(row.record for row in table.page.object_list)
    chosen = filterset.form.cleaned_data
    if chosen["cross_cluster"] and not chosen["cluster"]:
        remarks.append(
            "“Also the cross-cluster actions” adds to those of a cluster, and no cluster is chosen."
        )
    q = chosen["q"] or ""
    context |= {
        "table": table,
        "page": table.page,
        "page_url": "?" + "".join(f"{part}&" for part in [query_without(request.GET, ("page",))] if part),
        "rows": [(row, found_in(row, words_of(q)) if q else "") for row in rows],
        "count": pages.count,
        "parts": parts_of(filterset),
        "remarks": remarks,
        "hints": hints_for(q, plan),
        "query": query_without(request.GET, ("page", "per_page")),
        "vital_fews": plan.vital_fews,
    }
    return render(request, "actions/action_list.html", context)


def _order(request: PortalRequest, remarks: list[str]) -> tuple[str, ...]:
    """The column to sort by, from `sort`; one that cannot be sorted by is said, and the number is used."""
    wanted = request.GET.get("sort", "")
    sortable = [name for name, column in ActionTable.base_columns.items() if column.orderable is not False]
    if wanted.removeprefix("-") in sortable:
        return (wanted,)
    if wanted:
        remarks.append(
            f"The list cannot be sorted by “{wanted}”; it stands in number order. Try {', '.join(sortable)}."
        )
    return ("number",)


def _whole(request: PortalRequest, name: str, default: int, most: int, remarks: list[str]) -> int:
    """A whole number from 1 to `most` of the address; what is outside is brought inside, and said."""
    given = request.GET.get(name, "")
    if not given:
        return default
    try:
        wanted = int(given)
    except ValueError:
        wanted = 0
    taken = min(max(wanted, 1), most) if wanted else default
    if str(taken) != given.strip().lstrip("+"):
        words = {"page": "There is no page", "per_page": "No page has as many rows as"}[name]
        remarks.append(f"{words} “{given}”: it goes from 1 to {most}. Shown: {taken}.")
    return taken


def _refused(filterset: ActionFilter, remarks: Iterable[str] = ()) -> HttpResponse:
    """An impossible filter or order makes no file: the reasons, one a line."""
    lines = [f"{name}: {error}" for name, errors in filterset.form.errors.items() for error in errors]
    lines += remarks
    return HttpResponse(
        "\n".join(["Nothing was exported.", *lines]) + "\n",
        status=400,
        content_type="text/plain; charset=utf-8",
    )


Written = HttpResponse | StreamingHttpResponse


def _export(request: PortalRequest, write: Callable[[ActionFilter, list[ActionRow]], Written]) -> Written:
    """All pages of the view, in the order of the view, as `write` makes a file of them."""
    filterset = ActionFilter(request.GET, request.plan)
    remarks: list[str] = []
    order = _order(request, remarks)
    if not filterset.is_valid() or remarks:
        return _refused(filterset, remarks)
    table = ActionTable(filterset.qs, order_by=order)
    return write(filterset, request.plan.rows(row.record for row in table.rows))


def _values(plan: Plan, rows: Iterable[ActionRow]) -> Iterable[Sequence[Any]]:
    columns = columns_of(plan)
    return ([column.value(row) for column in columns] for row in rows)


@require_safe
def action_export_csv(request: PortalRequest) -> Written:
    def write(filterset: ActionFilter, rows: list[ActionRow]) -> Written:
        headings = [column.heading for column in columns_of(request.plan)]
        chunks = csv_chunks(headings, _values(request.plan, rows))
        response = StreamingHttpResponse(chunks, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{_file_name(request, "csv")}"'
        return response

    return _export(request, write)


@require_safe
def action_export_xlsx(request: PortalRequest) -> Written:
    def write(filterset: ActionFilter, rows: list[ActionRow]) -> Written:
        columns = [column.for_sheet for column in columns_of(request.plan)]
        actions = Sheet("Actions", columns, _values(request.plan, rows), paper=A3)
        notes = Sheet("Notes", NOTES_COLUMNS, _notes(request, filterset, len(rows)))
        response = StreamingHttpResponse(workbook([actions, notes]), content_type=XLSX)
        response["Content-Disposition"] = f'attachment; filename="{_file_name(request, "xlsx")}"'
        return response

    return _export(request, write)


def _file_name(request: PortalRequest, ending: str) -> str:
    """Names the day; and where progress is invented says so, as a CSV has no other place for it."""
    invented = "demonstration-" if _is_invented(request) else ""
    return f"{invented}actions-{timezone.localdate():%Y-%m-%d}.{ending}"


def _is_invented(request: PortalRequest) -> bool:
    return request.plan.updates().filter(is_demonstration=True).exists()


def _notes(request: PortalRequest, filterset: ActionFilter, count: int) -> list[tuple[str, str]]:
    """What a reader of the file needs to defend its figures."""
    plan = request.plan
    parts = [part.words for part in parts_of(filterset)]
    view = request.build_absolute_uri().replace("/export.xlsx", "/")
    now = timezone.localtime()
    notes = [
        ("Actions in this file", f"{count} of {plan.size}"),
        ("Filter", ", ".join(parts) if parts else "none: the whole plan"),
        ("As at", f"{date_format(now, 'j F Y H:i')}, Europe/London"),
        ("Exported by", f"{request.user} ({request.user.get_role_display()})"),
        ("Opens this view again", view),
        (
            "Counting",
            "An action shows the worst of its outcome measures. A joint lead counts under each lead.",
        ),
        ("Blank", "An empty cell is not known or does not apply. It is never zero."),
    ]
    if _is_invented(request):
        notes.insert(0, ("Demonstration", "The progress in this file is invented."))
    return notes + [(column.heading, column.meaning) for column in columns_of(plan)]

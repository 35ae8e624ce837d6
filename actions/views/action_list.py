"""The filtered table, and exactly that view as a file."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions.filters import ActionFilter, found_in, hints_for, parts_of, query_without, words_of
from actions.models.known import KnownActionQuerySet
from actions.plan import Plan
from actions.requests import PortalRequest
from actions.tables import ActionTable, order_of, ordered
from web.spreadsheets import SheetColumn

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
    order = order_of(request.GET.get("sort", ""), remarks)
    table = ActionTable([], order_by=order)
    per_page = _whole(request, "per_page", PER_PAGE, PER_PAGE_AT_MOST, remarks)
    pages = CountedPages(plan, filterset, ordered(plan, filterset.qs, order), per_page)
    page = pages.page(_whole(request, "page", 1, pages.num_pages, remarks))
    rows = plan.rows(page.object_list)
    chosen = filterset.form.cleaned_data
    if chosen["cross_cluster"] and not chosen["cluster"]:
        remarks.append(
            "“Also the cross-cluster actions” adds to those of a cluster, and no cluster is chosen."
        )
    q = chosen["q"] or ""
    context |= {
        "table": table,
        "page": page,
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


class CountedPages(Paginator):
    """Pages of the filtered actions; how many there are is counted once for each version of the plan."""

    def __init__(self, plan: Plan, filterset: ActionFilter, rows: KnownActionQuerySet, per_page: int) -> None:
        super().__init__(rows, per_page)
        self.plan, self.filter_key = plan, filterset.key

    @cached_property
    def count(self) -> int:  # type: ignore[override]  # a cached property there as well
        rows: KnownActionQuerySet = self.object_list  # type: ignore[assignment]  # made with one
        return self.plan.remember(("count", self.filter_key), rows.order_by().count)


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

"""The filtered table of actions."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions.filter_words import found_in, hints_for, parts_of, query_without
from actions.filters import ActionFilter, filter_of, words_of
from actions.fragments import shown
from actions.models.known import KnownActionQuerySet
from actions.pages import content, of_the_plan
from actions.plan import Plan
from actions.requests import PortalRequest
from actions.tables import ActionTable, order_of, ordered

PER_PAGE, PER_PAGE_AT_MOST = 50, 100
SORTS = [("", "Number"), ("-number", "Number (highest first)")] + [
    (f"{sign}{name}", f"{column.verbose_name}{words}")
    for name, column in ActionTable.base_columns.items()
    if column.orderable is not False and name != "number"
    for sign, words in (("", ""), ("-", " (best first)" if name == "status" else " (last first)"))
]


class CountedPages(Paginator):  # type: ignore[type-arg]  # not generic at run time
    """Pages of the filtered actions; how many there are is counted once for each version of the plan."""

    def __init__(self, plan: Plan, filterset: ActionFilter, rows: KnownActionQuerySet, per_page: int) -> None:
        super().__init__(rows, per_page)
        self.plan, self.filter_key = plan, filterset.key

    @cached_property
    def count(self) -> int:
        rows: KnownActionQuerySet = self.object_list  # type: ignore[assignment]  # made with one
        return self.plan.remember(("count", self.filter_key), rows.order_by().count)


@require_safe
@of_the_plan
def action_list(request: PortalRequest) -> HttpResponse:
    filterset = filter_of(request.GET, request.plan)
    if not filterset.is_valid():
        context = _panel(request, filterset) | {"invalid": True, "total": request.plan.size}
        return render(request, "actions/action_list.html", context)
    main = content(request, "actions/action_list_main.html", lambda: _listed(request, filterset))
    return render(request, "actions/action_list.html", {"main": main, "parts": parts_of(filterset)})


def _panel(request: PortalRequest, filterset: ActionFilter) -> dict[str, Any]:
    return {"form": filterset.form, "sorts": SORTS, "sort": request.GET.get("sort", "")}


def _listed(request: PortalRequest, filterset: ActionFilter) -> dict[str, Any]:
    """What the list shows of a valid filter."""
    plan = request.plan
    remarks: list[str] = []
    order = order_of(request.GET.get("sort", ""), remarks)
    per_page = _whole(request, "per_page", PER_PAGE, PER_PAGE_AT_MOST, remarks)
    pages = CountedPages(plan, filterset, ordered(plan, filterset.qs, order), per_page)
    page = pages.page(_whole(request, "page", 1, pages.num_pages, remarks))
    chosen = filterset.form.cleaned_data
    if chosen["cross_cluster"] and not chosen["cluster"]:
        remarks.append("“Also the cross-cluster actions” adds to a cluster. Choose a cluster as well.")
    q = chosen["q"] or ""
    words = words_of(q)
    rows = plan.rows(page.object_list)
    return _panel(request, filterset) | {
        "table": ActionTable([], order_by=(order,)),
        "page": page,
        "page_url": "?" + "".join(f"{part}&" for part in [query_without(request.GET, ("page",))] if part),
        "rows": [shown(plan, row, found_in(row, words) if q else "") for row in rows],
        "count": pages.count,
        "total": plan.size,
        "parts": parts_of(filterset),
        "remarks": remarks,
        "hints": hints_for(q, plan),
        "query": query_without(request.GET, ("page", "per_page")),
    }


def _whole(request: PortalRequest, name: str, default: int, most: int, remarks: list[str]) -> int:
    """A whole number from 1 to `most` of the address. Clamps to the range and adds a remark."""
    given = request.GET.get(name, "")
    if not given:
        return default
    try:
        wanted = int(given)
    except ValueError:
        wanted = 0
    clamped = min(max(wanted, 1), most) if wanted else default
    if str(clamped) != given.strip().lstrip("+"):
        words = {"page": "There is no page", "per_page": "A page can't have as many rows as"}[name]
        remarks.append(f"{words} “{given}”: choose 1 to {most}. This is {clamped}.")
    return clamped

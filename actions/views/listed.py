"""A page of a list: the rows of the filter, in order, and what was wrong with the address."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from actions.filter_counts import count_of, is_counted
from actions.filter_panel import panel_html, panel_of
from actions.filter_words import hints_for, parts_of, query_without
from actions.filters import ListFilter, filter_of, words_of
from actions.listing import Listing
from actions.pages import content
from actions.requests import PortalRequest
from actions.tables import ListTable, order_of, ordered, sorts_of
from actions.way_back import tail_of
from web.markup import without_indents

PER_PAGE, PER_PAGE_AT_MOST = 50, 100


class FoundPages(Paginator):  # type: ignore[type-arg]  # not generic at run time
    """Pages of what a search found: the keys of all rows, in order. `read` gets the rows of a page by their keys."""

    def __init__(self, keys: list[int], per_page: int, read: Callable[[list[int]], dict[int, Any]]) -> None:
        super().__init__(keys, per_page)
        self._read = read

    def page(self, number: Any) -> Page[Any]:
        found = super().page(number)
        rows = self._read(list(found.object_list))
        found.object_list = [rows[key] for key in found.object_list]
        return found


class CountedPages(Paginator):  # type: ignore[type-arg]  # likewise
    """Pages of the filtered rows; how many there are follows from the counts beside the choices."""

    def __init__(self, filterset: ListFilter, rows: Any, per_page: int) -> None:
        super().__init__(rows, per_page)
        self.filterset = filterset

    @cached_property
    def count(self) -> int:
        return count_of(self.filterset)


def without_empty(request: HttpRequest) -> HttpResponseRedirect | None:
    """The way to the same page without the empty parameters that a browser sends of a form; None without any."""
    given = [(name, value) for name, values in request.GET.lists() for value in values]
    if all(value for _, value in given):
        return None
    kept = urlencode([(name, value) for name, value in given if value])
    return HttpResponseRedirect(f"{request.path}?{kept}" if kept else request.path)


def list_page(request: PortalRequest, listing: Listing) -> HttpResponse:
    """The page; an address with empty parameters, as a browser sends a form, leads to the same without them."""
    if shorter := without_empty(request):
        return shorter
    filterset = filter_of(listing.filterset, request.GET, request.plan)
    template = f"actions/{listing.name}_list.html"
    context = {"listing": listing, "url": request.path}
    if not filterset.is_valid():
        panel = panel_of(filterset, request.GET, listing.table) | {"noun": listing.noun}
        return render(request, template, context | panel | {"total": listing.size(request.plan)})
    main = content(
        request, f"actions/{listing.name}_list_main.html", lambda: _listed(request, filterset, listing)
    )
    return render(request, template, context | {"main": main, "parts": parts_of(filterset)})


def _listed(request: PortalRequest, filterset: ListFilter, listing: Listing) -> dict[str, Any]:
    """What the list shows of a valid filter."""
    plan, table = request.plan, listing.table
    remarks: list[str] = []
    order = order_of(table, request.GET.get("sort", ""), remarks)
    per_page = _whole(request, "per_page", PER_PAGE, PER_PAGE_AT_MOST, remarks)
    pages = _pages(filterset, table, order, per_page)
    page = pages.page(_whole(request, "page", 1, pages.num_pages, remarks))
    chosen, sort = filterset.form.cleaned_data, request.GET.get("sort", "")
    if chosen["cross_cluster"] and not chosen["cluster"]:
        remarks.append("“Include cross-cluster actions” only works with a cluster: choose one as well.")
    q = chosen["q"] or ""
    return {
        "panel": panel_html(request, filterset, listing.noun, table),
        "headings": _headings(request, listing, order),
        "parts": parts_of(filterset),
        "sorted_by": dict(sorts_of(table, sort)).get(sort, "") if sort else "",
        "listing": listing,
        "url": request.path,
        "page": page,
        "page_numbers": pages.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "page_url": "?" + "".join(f"{part}&" for part in [query_without(request.GET, ("page",))] if part),
        "rows": listing.rows(plan, page.object_list, tuple(words_of(q)), tail_of(request.GET, listing.name)),
        "count": pages.count,
        "total": listing.size(plan),
        "remarks": remarks,
        "hints": hints_for(q, plan),
        "query": query_without(request.GET, ("page", "per_page")),
    }


def _pages(filterset: ListFilter, table: type[ListTable], order: str, per_page: int) -> "Paginator[Any]":
    """The pages of a valid filter. A search looks through the whole plan, so it does that once, for the keys."""
    plan, searches = filterset.plan, filterset.form.cleaned_data["q"] and not is_counted(filterset)
    if searches and order == "number" and (keys := filterset.keys_by_number()) is not None:
        return FoundPages(keys, per_page, plan.actions_of)
    rows = ordered(plan, table, filterset.qs, order)
    if searches:
        return FoundPages(list(rows.values_list("pk", flat=True)), per_page, rows.model.objects.in_bulk)
    return CountedPages(filterset, rows, per_page)


def _headings(request: PortalRequest, listing: Listing, order: str) -> SafeString:
    """The headings of the table, which lead to the same page in another order."""

    def made() -> SafeString:
        context = {"table": listing.table([], order_by=(order,)), "vital_fews": request.plan.vital_fews}
        return without_indents(render_to_string("partials/list_headings.html", context, request))

    return request.plan.remember_plan(("headings", listing.name, request.get_full_path()), made)


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
        words = {
            "page": f"There is no page “{given}”: this is page {clamped} of {most}.",
            "per_page": f"A page has 1 to {most} rows, not “{given}”: this one has up to {clamped}.",
        }
        remarks.append(words[name])
    return clamped

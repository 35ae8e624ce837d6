"""The way from an action back to the filtered list it was opened from, and on to the next action of that list.

The address of the action says it all: the parameters of the list, and `list` where that is not the list of actions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict
from django.urls import reverse

from actions.filter_words import parts_of
from actions.filters import ActionFilter, ListFilter, MeasureFilter, filter_of
from actions.models import KnownAction
from actions.plan import Plan
from actions.rows import ActionState
from actions.tables import ActionTable, order_of, ordered

LIST = "list"
OPENED_FROM = {"action": "", "measure": "measures", "home": "strategy"}
LISTS = {"": "action_list", "measures": "measure_list", "strategy": "home"}
KEPT = (*ListFilter.base_filters, "sort")  # `as_at` is in every link of its page
PAGE = ("per_page", "page")


@dataclass(frozen=True)
class WayBack:
    """The list's address and filter in words; the numbers of the actions before and after; `tail` of their links."""

    url: str
    words: str
    before: int | None
    after: int | None
    tail: str


def tail_of(data: QueryDict, opened_from: str) -> str:
    """What the links of a list add to the address of an action; empty for the whole list of actions."""
    return _tail(_kept(data), OPENED_FROM[opened_from])


def _tail(kept: QueryDict, opened_from: str) -> str:
    query = "&".join(
        part for part in (kept.urlencode(), f"{LIST}={opened_from}" if opened_from else "") if part
    )
    return f"?{query}" if query else ""


def way_back(data: QueryDict, plan: Plan, row: ActionState) -> WayBack | None:
    """From the parameters of the action's address; None without any, or with an invalid filter."""
    kept, opened_from = _kept(data), data.get(LIST, "")
    kind = MeasureFilter if opened_from == "measures" else ActionFilter
    if opened_from not in LISTS or not (kept or opened_from):
        return None
    filterset = filter_of(kind, kept, plan)
    if not filterset.is_valid():
        return None
    query = kept.urlencode()
    place = {"": f"#action-{row.number}", "measures": f"#measure-{row.number}-1"}.get(opened_from, "")
    before, after = plan.remember(
        ("beside", row.id, filterset.key, kept.get("sort", "")),
        lambda: _beside(filterset, row, kept.get("sort", "")),
    )
    return WayBack(
        url=f"{reverse(LISTS[opened_from])}{f'?{query}' if query else ''}{place}",
        words=", ".join(part.words for part in parts_of(filterset)),
        before=before,
        after=after,
        tail=_tail(kept, opened_from),
    )


def _kept(data: QueryDict) -> QueryDict:
    """Filter and order; from the second page on, the page and its size. Every row repeats it: no more than needed."""
    kept = QueryDict(mutable=True)
    for name in (*KEPT, *(PAGE if data.get("page") else ())):
        if values := [value for value in data.getlist(name) if value]:
            kept.setlist(name, values)
    return kept


def _beside(filterset: ListFilter, row: ActionState, sort: str) -> tuple[int | None, int | None]:
    """The numbers before and after `row` in the list's order; of measures, in the order of their actions."""
    plan, of_measures = filterset.plan, isinstance(filterset, MeasureFilter)
    rows: Any = filterset.qs
    if of_measures:
        rows = plan.actions().filter(Exists(rows.order_by().filter(action=OuterRef("action"))))
    order = "number" if of_measures else order_of(ActionTable, sort, [])
    rows = ordered(plan, ActionTable, rows, order)
    fields = rows.query.order_by
    here = (
        ordered(plan, ActionTable, plan.actions(), order)
        .filter(action=row.id)
        .values(*_names(fields))
        .first()
    )
    after = rows.filter(_beyond(fields, here)).first()
    back = [field[1:] if field.startswith("-") else f"-{field}" for field in fields]
    before = rows.order_by(*back).filter(_beyond(back, here)).first()
    return _number(before), _number(after)


def _number(known: KnownAction | None) -> int | None:
    return known.number if known else None


def _names(fields: Any) -> Iterator[str]:
    return (field.removeprefix("-") for field in fields)


def _beyond(fields: Any, here: dict[str, Any]) -> Q:
    """Rows that come after the values `here` in the order of `fields`."""
    beyond, equal = Q(pk__in=[]), Q()
    for field in fields:
        name, way = field.removeprefix("-"), "lt" if field.startswith("-") else "gt"
        beyond |= equal & Q(**{f"{name}__{way}": here[name]})
        equal &= Q(**{name: here[name]})
    return beyond

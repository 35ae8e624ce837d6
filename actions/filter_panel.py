"""The filter panel of a page: its menus, with the number of rows that each choice would give."""

from dataclasses import dataclass
from typing import Any

from django.forms import BoundField
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from actions.filter_counts import Counts, counts_of_choices
from actions.filter_fields import ON
from actions.filter_words import parts_of
from actions.filters import ListFilter
from actions.requests import PortalRequest
from actions.tables import ListTable, sorts_of
from web.markup import without_indents

MENUS = ("cluster", "status", "lead", "theme")
SELECTS = ("vital_few", "strength")
TICKS = ("cross_cluster", "awaited", "overdue")
MORE = ("theme", *TICKS, "changed_since", "not_reported_since")


@dataclass(frozen=True)
class Option:
    """A choice. `count` is how many rows it would give with the other filters as they are, where that is known."""

    value: str
    label: str
    chosen: bool
    count: int | None = None

    def __str__(self) -> str:
        return self.label if self.count is None else f"{self.label} ({self.count})"

    @property
    def checked(self) -> str:
        return " checked" if self.chosen else ""

    @property
    def selected(self) -> str:
        return " selected" if self.chosen else ""


@dataclass(frozen=True)
class Menu:
    """A choice of one or several. `summary` is what it shows while it is folded."""

    field: BoundField
    options: list[Option]

    @property
    def name(self) -> str:
        return str(self.field.name)

    @property
    def summary(self) -> str:
        chosen = [option.label for option in self.options if option.chosen]
        return "Any" if not chosen else chosen[0] if len(chosen) == 1 else f"{len(chosen)} chosen"


@dataclass(frozen=True)
class Tick:
    field: BoundField
    chosen: bool

    @property
    def checked(self) -> str:
        return " checked" if self.chosen else ""


def panel_of(filterset: ListFilter, data: QueryDict, table: type[ListTable] | None = None) -> dict[str, Any]:
    """What the panel's template reads; orders only with a table. An invalid filter has no counts."""
    form = filterset.form
    counts = counts_of_choices(filterset) if filterset.is_valid() else {}
    sort = data.get("sort", "")
    sorts = sorts_of(table, sort) if table else []
    return {
        "form": form,
        "menus": {name: _menu(form[name], counts.get(name)) for name in (*MENUS, *SELECTS)},
        "ticks": [Tick(form[name], str(form[name].value()).casefold() in ON) for name in TICKS],
        "more_chosen": sum(any(data.getlist(name)) for name in MORE),
        "more_errors": any(name in form.errors for name in MORE),
        "sorts": sorts,
        "sort": sort,
    }


def panel_html(
    request: PortalRequest, filterset: ListFilter, noun: str, table: type[ListTable] | None = None
) -> SafeString:
    """The panel of a valid filter, over a page of `noun`; remembered as long as its counts are the same."""
    counts = counts_of_choices(filterset)
    numbers = tuple((name, *sorted(found.items())) for name, found in counts.items())

    def made() -> SafeString:
        context = panel_of(filterset, request.GET, table) | {"noun": noun, "parts": parts_of(filterset)}
        context["url"] = request.path
        return without_indents(render_to_string("actions/action_filter.html", context, request))

    return request.plan.remember_plan(("panel", request.get_full_path(), numbers), made)


def _menu(field: BoundField, counts: Counts | None) -> Menu:
    given = field.value() or []
    chosen = given if isinstance(given, list) else [given]
    pairs = field.field.choices  # type: ignore[attr-defined]  # a field of choices
    options = [
        Option(str(value), str(label), value in chosen, None if counts is None else counts[value])
        for value, label in pairs
        if value
    ]
    if field.name in MENUS:  # which leave out what would give nothing
        options = [option for option in options if option.count != 0 or option.chosen]
    return Menu(field, options)

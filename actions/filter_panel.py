"""The filter panel of a list: its menus, and how many of the filters below “More filters” are in use."""

from dataclasses import dataclass
from typing import Any

from django.forms import BoundField
from django.http import QueryDict

from actions.filter_fields import ON
from actions.filters import ListFilter
from actions.tables import ListTable, sorts_of

MENUS = ("cluster", "status", "lead", "theme")
TICKS = ("cross_cluster", "awaited", "overdue")
MORE = ("theme", *TICKS, "changed_since", "not_reported_since")


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    chosen: bool

    def __str__(self) -> str:
        return self.label

    @property
    def checked(self) -> str:
        return " checked" if self.chosen else ""


@dataclass(frozen=True)
class Menu:
    """A choice of several. `summary` is what it shows while it is folded."""

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


def panel_of(filterset: ListFilter, table: type[ListTable], data: QueryDict) -> dict[str, Any]:
    """What the panel's template reads."""
    form = filterset.form
    return {
        "form": form,
        "menus": {name: _menu(form[name]) for name in MENUS},
        "ticks": [Tick(form[name], str(form[name].value()).casefold() in ON) for name in TICKS],
        "more_chosen": sum(any(data.getlist(name)) for name in MORE),
        "more_errors": any(name in form.errors for name in MORE),
        "sorts": sorts_of(table),
        "sort": data.get("sort", ""),
        "sorted_by": dict(sorts_of(table)).get(data.get("sort") or "number", ""),
    }


def _menu(field: BoundField) -> Menu:
    chosen = field.value() or []
    pairs = field.field.choices  # type: ignore[attr-defined]  # a field of choices
    return Menu(field, [Option(str(value), str(label), value in chosen) for value, label in pairs])

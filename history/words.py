"""The words of a change: what differs between two versions of a row, under the names that things had at the time.

One place for every page and file that describes a change. What a row and its fields are called is on its version.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils import timezone

from history.models import VERSIONS, PlanChange, Version
from web.numbers import as_number


@dataclass(frozen=True)
class Changed:
    """One thing that changed. `field` is empty where a whole row was added or removed; None is no value."""

    what: str
    old: str | None = None
    new: str | None = None
    field: str = ""
    deed: str = ""  # "added" or "removed", of a whole row

    @property
    def line(self) -> str:
        """“Measure 2, target date: none → “1 May 2008””."""
        if self.deed:
            return f"{self.what} {self.deed}: {_quoted(self.new if self.deed == 'added' else self.old)}"
        return f"{self.what}: {_quoted(self.old)} → {_quoted(self.new)}" if self.field else self.what


def _quoted(value: str | None) -> str:
    return "none" if value is None else f"“{value}”"


class Names:
    """What the rows that others refer to were called at a time: a rename leaves older lines alone."""

    def __init__(
        self, before: datetime, remember: Callable[[object, Callable[[], Any]], Any] | None = None
    ) -> None:
        """Knows what was recorded before `before`. `remember(what, make)` may keep what is read."""
        self._before = before
        self._remember = remember or (lambda what, make: make())
        self._read: dict[type[models.Model], dict[int, list[Any]]] = {}

    def of(self, model: type[models.Model], key: int, when: datetime) -> str:
        """The name of the row `key` at `when`, or its first one after that."""
        chain = self.chain(model, key)
        then = [version for version in chain if version.known_from <= when] or chain[:1]
        return str(then[-1].known_as)

    def chain(self, model: type[models.Model], key: int) -> list[Any]:
        """Every version of the row `key`, in order of time."""
        if model not in self._read:
            self._read[model] = self._remember(("names", model.__name__), lambda: self._chains(model))
        return self._read[model].get(key, [])

    def _chains(self, model: type[models.Model]) -> dict[int, list[Any]]:
        version = next(one for one in VERSIONS if one.live is model)
        return by_row(version.objects.filter(known_from__lt=self._before).select_related("change"))


def by_row(versions: Any) -> dict[int, list[Any]]:
    """The versions of each row, in order of time."""
    chains: dict[int, list[Any]] = defaultdict(list)
    for version in versions.order_by("known_from", "pk"):
        chains[version.row_id].append(version)
    return chains


def changes_of(before: Any, version: Any, names: Names) -> Iterator[Changed]:
    """What differs between two versions of a row; without `before`, that it was added.

    Rows that came with an import have no line, unless their version says `imported_as`.
    """
    if before is None:
        imported = version.change and version.change.kind != PlanChange.Kind.EDIT
        if not imported:
            yield _whole(version, "added", names, version.known_from)
        elif version.imported_as:
            yield Changed(version.imported_as)
        return
    for name in version.worded:
        if raw(before, name) != raw(version, name):
            yield Changed(
                version.what(name, names),
                shown(before, name, names, version.known_from),
                shown(version, name, names, version.known_from),
                name,
            )


def removal_of(version: Any, names: Names) -> Changed:
    """That the row was removed when its last version ended."""
    return _whole(version, "removed", names, version.known_until)


def _whole(version: Version, deed: str, names: Names, when: datetime) -> Changed:
    field = version.added_as or version.worded[0]
    value = version.in_short or shown(version, field, names, version.known_from)
    old, new = (None, value) if deed == "added" else (value, None)
    return Changed(version.heading(names, when), old, new, deed=deed)


def raw(version: Any, name: str) -> Any:
    return getattr(version, version._meta.get_field(name).attname)


def shown(version: Any, name: str, names: Names, when: datetime) -> str | None:
    """The field's value in words, with names as they were `when`."""
    field = version._meta.get_field(name)
    display = getattr(version, f"get_{name}_display", None)
    value = display() if display else raw(version, name)
    if value in (None, ""):
        return None
    if field.is_relation:
        return names.of(field.related_model, value, when)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%-d %B %Y at %H:%M}"
    if isinstance(value, date):
        return f"{value:%-d %B %Y}"
    return as_number(value) if isinstance(value, Decimal) else str(value)


def who_changed(change: PlanChange | None) -> str:
    """The author under the name of that time, or “Imported …”, or that nobody is recorded."""
    if change and change.by_name:
        return change.by_name
    if change and change.kind != PlanChange.Kind.EDIT:
        return str(change.get_kind_display())
    return "Changed outside the portal"

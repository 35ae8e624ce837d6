"""What changed since a form was opened, for the person saving it."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from history import clock
from history.clock import moment_of
from history.models import VERSIONS, Version
from history.words import Names, by_row, changes_of, removal_of, who_changed


def told_since(stamp: int, row: models.Model, inlines: Iterable[type[models.Model]] = ()) -> list[str]:
    """A line for everything that was changed in `row`, and in the rows of `inlines` that belong to it."""
    names = Names(clock.now())
    found: list[str] = []
    for version in VERSIONS:
        if isinstance(row, version.live):
            found += _told(version, {"row_id": row.pk}, stamp, names)
        elif version.live in inlines:
            found += _told(version, {_key_to(version.live, type(row)): row.pk}, stamp, names)
    return found


def _key_to(model: type[models.Model], parent: type[models.Model]) -> str:
    return next(one.attname for one in model._meta.local_fields if one.related_model is parent)


def _told(version: type[Version], own: dict[str, Any], stamp: int, names: Names) -> Iterator[str]:
    seen = moment_of(stamp)
    later = version.objects.filter(Q(known_from__gt=seen) | Q(known_until__gt=seen), **own)
    for chain in by_row(later.select_related("change", "end_change")).values():
        before: Any = None
        for one in chain:
            if one.known_from > seen:
                for changed in changes_of(before, one, names):
                    yield _line(one.known_from, one.change, changed.line)
            before = one
        if before.known_until:
            yield _line(before.known_until, before.end_change, removal_of(before, names).line)


def _line(when: Any, change: Any, line: str) -> str:
    why = f" ({change.reason})" if change and change.reason else ""
    return f"{timezone.localtime(when):%-d %B %Y at %H:%M}, {who_changed(change)}{why}: {line}"

"""Compares live rows with their history: row by row for `check_figures`, quickly for `/health/ready`."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.lookups import IsNull
from django.utils import timezone

from history.models import VERSIONS, Version

KEYS_AT_ONCE = 1_000
COMPARED_AT_MOST = 1_000  # rows of a model; in larger tables, health only compares counts
BEFORE_ALL_KEYS = -(2**63)


def key_ranges(rows: Iterable[tuple[QuerySet[Any], str]]) -> Iterator[tuple[int, int]]:
    """Yield ranges (exclusive, inclusive) that together cover every key in these querysets and columns.

    Each has about KEYS_AT_ONCE keys, so that reading range by range takes little memory.
    """
    sources, last = list(rows), BEFORE_ALL_KEYS
    while True:
        found: set[int] = set()
        for query, column in sources:
            keys = query.order_by(column).filter(**{f"{column}__gt": last}).values_list(column, flat=True)
            found.update(keys.distinct()[:KEYS_AT_ONCE])
        if not found:
            return
        until = sorted(found)[:KEYS_AT_ONCE][-1]
        yield last, until
        last = until


def between(query: QuerySet[Any], column: str, keys: tuple[int, int]) -> QuerySet[Any]:
    """The rows whose `column` lies in a range from `key_ranges`."""
    return query.filter(**{f"{column}__gt": keys[0], f"{column}__lte": keys[1]})


def in_words(value: object) -> str:
    """Format a value for a line about a difference."""
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%-d %B %Y %H:%M:%S.%f}"
    if isinstance(value, str):
        return f"“{value}”"
    return "nothing" if value is None else str(value)


class VersionCheck:
    """Compares every live row with its open version, and every version with the one before it."""

    def __init__(self) -> None:
        self.compared = 0

    def differences(self) -> Iterator[str]:
        """Yield one line for each difference."""
        for version in VERSIONS:
            for keys in key_ranges(
                [(version.live._default_manager.all(), "pk"), (version.objects.all(), "row_id")]
            ):
                yield from self._in_range(version, keys)

    def _in_range(self, version: type[Version], keys: tuple[int, int]) -> Iterator[str]:
        columns = [field.attname for field in version.kept_fields()]
        rows = between(version.live._default_manager.order_by(), "pk", keys).values_list("pk", *columns)
        live = {pk: values for pk, *values in rows}
        found = between(version.objects.order_by("row_id", "known_from", "pk"), "row_id", keys)
        versions = found.values_list("row_id", "known_from", "known_until", *columns)
        for pk, chain in groupby(versions.iterator(), key=lambda row: row[0]):
            name = f"{str(version.live._meta.verbose_name).capitalize()} with key {pk}"
            yield from self._of_row(name, columns, live.pop(pk, None), [row[1:] for row in chain])
        for pk in live:
            yield f"{str(version.live._meta.verbose_name).capitalize()} with key {pk}: its history has no open version."

    def _of_row(
        self, name: str, columns: list[str], live: list[Any] | None, chain: list[Any]
    ) -> Iterator[str]:
        ended: datetime | None = None
        for place, (since, until, *_) in enumerate(chain):
            if place and (ended is None or since < ended):
                yield f"{name}: the version of {in_words(since)} begins before the one before it ends."
            ended = until
        current = [values for _, until, *values in chain if until is None]
        if live is None:
            if current:
                yield f"{name}: its history has an open version, but there is no such row."
            return
        if not current:
            yield f"{name}: its history has no open version."
            return
        self.compared += len(columns)
        for column, here, there in zip(columns, live, current[-1], strict=True):
            if here != there:
                yield f"{name}: {column} is {in_words(here)}, its history has {in_words(there)}."


def faults() -> list[str]:
    """List where live rows and open versions differ: by count, and in small tables by value too."""
    return [line for version in VERSIONS for line in _faults_of(version)]


def _faults_of(version: type[Version]) -> Iterator[str]:
    names = version.live._meta.verbose_name_plural
    rows, kept = version.live._default_manager.count(), version.objects.open().count()
    if rows != kept:
        yield f"There are {rows} {names} and {kept} open versions."
    elif rows <= COMPARED_AT_MOST and (differing := _differing(version).count()):
        yield f"The history differs for {differing} of {rows} {names}."


def _differing(version: type[Version]) -> QuerySet[Any]:
    """The live rows that have no open version with the same values."""
    same = version.objects.open().order_by().filter(row_id=OuterRef("pk"))
    for field in version.kept_fields():
        alike = Q(**{field.attname: OuterRef(field.attname)})
        if field.null:
            alike |= Q(Q(**{f"{field.attname}__isnull": True}), IsNull(OuterRef(field.attname), True))
        same = same.filter(alike)
    return version.live._default_manager.order_by().filter(~Exists(same))

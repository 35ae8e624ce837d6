"""Compares what the portal says with what the oracle expects, and counts the values compared."""

from collections.abc import Mapping, Sequence, Set
from typing import Any

compared = {"values": 0}


def same(found: Any, wanted: Any, what: object = "") -> None:
    """Fail unless both are the same. Counts every value inside."""
    compared["values"] += values_in(wanted)
    assert found == wanted, what


def values_in(thing: Any) -> int:
    if isinstance(thing, Mapping):
        return sum(values_in(value) for value in thing.values())
    if isinstance(thing, (Sequence, Set)) and not isinstance(thing, str):
        return sum(values_in(one) for one in thing)
    return 1


def same_rows(found: Sequence[Any], wanted: Sequence[Any], what: object = "") -> None:
    """The same for rows, one by one, so that a failure shows the first row that differs."""
    for row, other in zip(found, wanted, strict=False):
        same(row, other, what)
    assert len(found) == len(wanted), what

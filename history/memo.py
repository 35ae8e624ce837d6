"""Remembers what was worked out from the plan alone, until the plan changes.

The last stamp and the date identify a state of the plan. Callers put both into the key, so nothing can be stale.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import TypeVar, cast

T = TypeVar("T")
ENTRIES_AT_MOST = 1_000
_kept: OrderedDict[Hashable, object] = OrderedDict()
_lock = Lock()


def remember(key: Hashable, make: Callable[[], T]) -> T:
    """Return what `make` returned for this key. Values are shared: never change one. Drops the least recently used."""
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return cast(T, _kept[key])
    made = make()
    with _lock:
        _kept[key] = made
        while len(_kept) > ENTRIES_AT_MOST:
            _kept.popitem(last=False)
    return made


def forget() -> None:
    """Forget everything. Tests need this: they roll back, and may then stamp the same time again."""
    with _lock:
        _kept.clear()

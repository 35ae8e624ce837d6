"""What follows from the present state of the plan alone, kept until the plan changes.

The last stamp and the day name a state of the plan: whatever is worked out from it stays right as long as both do.
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
    """What `make` gives, made once for each `key`. The least recently used is dropped; nothing kept may be changed."""
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
    """Drop everything. Tests undo what they stamped, and may stamp the same time again."""
    with _lock:
        _kept.clear()

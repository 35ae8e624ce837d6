"""Remembers what was worked out from the plan alone, until the plan changes.

The last stamp and the date identify a state of the plan. Callers put both into the key, so nothing can be stale.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from threading import Lock
from typing import TypeVar, cast

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
ENTRIES_AT_MOST = 1_000
PIECES_AT_MOST = 10_000  # of about a kilobyte each
_kept: OrderedDict[Hashable, object] = OrderedDict()
_pieces: OrderedDict[Hashable, object] = OrderedDict()
_latest: dict[Hashable, tuple[Hashable, object]] = {}
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


def remember_latest(what: Hashable, key: Hashable, make: Callable[[], T]) -> T:
    """The same for something large, of which only the value for the last key is kept."""
    with _lock:
        known, value = _latest.get(what, (None, None))
    if known == key:
        return cast(T, value)
    made = make()
    with _lock:
        _latest[what] = (key, made)
    return made


def remember_pieces(keys: Mapping[K, Hashable], make: Callable[[list[K]], Mapping[K, T]]) -> dict[K, T]:
    """The same for many small pieces of a page at once. `make` gets the names of those that are not remembered yet."""
    found: dict[K, T] = {}
    with _lock:
        for name, key in keys.items():
            if key in _pieces:
                _pieces.move_to_end(key)
                found[name] = cast(T, _pieces[key])
    if missing := [name for name in keys if name not in found]:
        made = make(missing)
        found.update(made)
        _keep((keys[name], piece) for name, piece in made.items())
    return found


def _keep(pieces: Iterable[tuple[Hashable, object]]) -> None:
    with _lock:
        _pieces.update(pieces)
        while len(_pieces) > PIECES_AT_MOST:
            _pieces.popitem(last=False)


def forget() -> None:
    """Forget everything. Tests need this: they roll back, and may then stamp the same time again."""
    with _lock:
        _kept.clear()
        _pieces.clear()
        _latest.clear()

"""Progress updates as pictures over time: how high a status or a value is drawn."""

from collections.abc import Sequence
from decimal import Decimal

from actions.models import ProgressUpdate, Status
from web.numbers import as_number
from web.pictures import Item, Picture, picture_of


def status_over_time(updates: Sequence[ProgressUpdate]) -> Picture | None:
    """Statuses, best on top. `updates` come newest first; None for fewer than two."""
    steps = len(Status) - 1
    return picture_of([_item(update, update.status_now.rank / steps) for update in reversed(updates)])


def value_over_time(updates: Sequence[ProgressUpdate], target: Decimal | None) -> Picture | None:
    """Values from zero (or the lowest, if negative), and the target as a line. `updates` come newest first.

    None without a target, or for fewer than two values.
    """
    valued = [(update, update.value) for update in reversed(updates) if update.value is not None]
    if not valued or target is None:
        return None
    values = [value for _, value in valued]
    low, high = min(Decimal(0), *values), max(target, *values, Decimal(1))

    def height(value: Decimal) -> float:
        return float((value - low) / (high - low))

    return picture_of([_item(update, height(value)) for update, value in valued], height(target))


def _item(update: ProgressUpdate, height: float) -> Item:
    label = update.status_now.label
    if update.value is not None:
        label += f", {as_number(update.value)}"
    return Item(update.recorded_at, height, label, f"fill--{update.status}")

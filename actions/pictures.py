"""Small pictures drawn on the server: points in a box, as numbers. The template makes them SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from actions.models import ProgressUpdate, Status

WIDTH, HEIGHT, MARGIN = 320, 120, 12


@dataclass(frozen=True)
class Point:
    """A report in the picture; `x` and `y` in the picture's own units, from the top left."""

    x: float
    y: float
    update: ProgressUpdate


@dataclass(frozen=True)
class Picture:
    """Reports over time. `target_y` is the height of the target line, where there is one."""

    points: tuple[Point, ...]
    target_y: float | None = None
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def line(self) -> str:
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in self.points)

    @property
    def right(self) -> int:
        return self.width - MARGIN


def status_over_time(updates: Sequence[ProgressUpdate]) -> Picture | None:
    """Each report at the height of its status, the best on top. None of fewer than two."""
    if len(updates) < 2:
        return None
    steps = len(Status) - 1
    heights = [
        MARGIN + (steps - update.status_now.rank) * (HEIGHT - 2 * MARGIN) / steps for update in updates
    ]
    return Picture(_along(updates, heights))


def value_over_time(updates: Sequence[ProgressUpdate], target: Decimal | None) -> Picture | None:
    """The values reported, from zero (or the lowest), with the target as a line. None of fewer than two values."""
    valued = [update for update in updates if update.value is not None]
    if len(valued) < 2 or target is None:
        return None
    values = [update.value for update in valued if update.value is not None]
    low, high = min(Decimal(0), *values), max(target, *values, Decimal(1))

    def height(value: Decimal) -> float:
        return HEIGHT - MARGIN - float((value - low) / (high - low)) * (HEIGHT - 2 * MARGIN)

    return Picture(_along(valued, [height(value) for value in values]), target_y=height(target))


def _along(updates: Sequence[ProgressUpdate], heights: Sequence[float]) -> tuple[Point, ...]:
    """Reports from left to right by their time, oldest first; `updates` come newest first."""
    pairs = list(zip(updates, heights, strict=True))[::-1]
    first, last = pairs[0][0].recorded_at, pairs[-1][0].recorded_at
    span = (last - first).total_seconds() or 1.0

    def across(when: datetime) -> float:
        return MARGIN + (when - first).total_seconds() / span * (WIDTH - 2 * MARGIN)

    return tuple(Point(across(update.recorded_at), height, update) for update, height in pairs)

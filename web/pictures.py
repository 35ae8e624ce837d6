"""The geometry of small line pictures: points in a box, in SVG units from the top left.

`partials/picture.html` draws them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

WIDTH, HEIGHT, MARGIN = 320, 120, 12


@dataclass(frozen=True)
class Item:
    """Something to draw: when it happened, its height from 0 (bottom) to 1 (top), its label and CSS class."""

    at: datetime
    height: float
    label: str
    css_class: str


@dataclass(frozen=True)
class Point:
    """An item in its place."""

    x: float
    y: float
    item: Item


@dataclass(frozen=True)
class Picture:
    """Items over time. `target_y` is where the target line goes, if there is one."""

    points: tuple[Point, ...]
    target_y: float | None = None
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def line(self) -> str:
        """The points as SVG's `polyline` takes them."""
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in self.points)

    @property
    def left(self) -> int:
        return MARGIN

    @property
    def right(self) -> int:
        return self.width - MARGIN


def picture_of(items: Sequence[Item], target_height: float | None = None) -> Picture | None:
    """The items from left to right by time, given oldest first. None for fewer than two: they make no line."""
    if len(items) < 2:
        return None
    first = items[0].at
    span = (items[-1].at - first).total_seconds() or 1.0

    def across(when: datetime) -> float:
        return MARGIN + (when - first).total_seconds() / span * (WIDTH - 2 * MARGIN)

    points = tuple(Point(across(item.at), _down(item.height), item) for item in items)
    return Picture(points, None if target_height is None else _down(target_height))


def _down(height: float) -> float:
    return HEIGHT - MARGIN - height * (HEIGHT - 2 * MARGIN)

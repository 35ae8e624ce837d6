"""The geometry of a picture over time; `partials/picture.html` draws it.

Across is in percent of the picture's width and down in pixels, so its text keeps its size on a phone. An SVG with a
viewBox would shrink it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

LEFT, RIGHT = 2.0, 98.0  # percent: room for a dot at either end
TARGET, MEETING = "trend__target", "trend__meeting"
LABEL_GAP = 34.0  # percent: half a date in the middle and a whole one at the edge, on a phone


@dataclass(frozen=True)
class Line:
    x1: float
    y1: float
    x2: float
    y2: float
    css_class: str
    title: str = ""


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    css_class: str
    title: str


@dataclass(frozen=True)
class Text:
    x: float
    y: float
    text: str
    css_class: str = ""

    @property
    def anchor(self) -> str:
        """Text near an edge grows away from it."""
        return "start" if self.x < 15 else "end" if self.x > 85 else "middle"


@dataclass(frozen=True)
class Picture:
    """Lines, dots and texts, drawn in this order."""

    height: float
    lines: tuple[Line, ...]
    points: tuple[Point, ...]
    texts: tuple[Text, ...]

    @property
    def has_values(self) -> bool:
        return any(line.css_class == TARGET for line in self.lines)

    @property
    def has_meetings(self) -> bool:
        return any(line.css_class == MEETING for line in self.lines)


@dataclass(frozen=True)
class TimeScale:
    """Places moments between `start` and `end` from left to right."""

    start: datetime
    end: datetime

    def across(self, when: datetime) -> float:
        """Percent of the width; a moment outside is drawn at the nearer end."""
        span = (self.end - self.start).total_seconds()
        share = (when - self.start).total_seconds() / span if span else 0.0
        return round(LEFT + min(max(share, 0.0), 1.0) * (RIGHT - LEFT), 2)


def labelled(places: Sequence[float], gap: float = LABEL_GAP) -> list[int]:
    """Which of `places`, in ascending order, get a label: the last, the first, and those that do not crowd another."""
    kept: list[int] = []
    for index in dict.fromkeys([len(places) - 1, 0, *range(len(places) - 2, 0, -1)] if places else []):
        if all(abs(places[index] - places[other]) >= gap for other in kept):
            kept.append(index)
    return sorted(kept)

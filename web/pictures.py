"""The geometry of a picture over time; `partials/picture.html` draws it.

Across is in percent of the picture's width and down in pixels, so its text keeps its size on a phone. An SVG with a
viewBox would shrink it. Labels are in a gutter left of zero, which the style sheet leaves free.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

LEFT, RIGHT = 2.0, 98.0  # percent: room for a dot at either end
TARGET, MEETING, SINCE = "trend__target", "trend__meeting", "trend__line trend__line--since"
LABEL_GAP = 65.0  # percent: half a text in the middle and a whole one at the edge, on a phone of 320 px
WIDE_GAP = 16.0  # percent: the same from 60em on
NEAR, WIDE_NEAR = 78.0, 93.0  # percent: from here on the right edge is too near for half a text, likewise
WIDE = "trend__text--wide"  # what a phone has no room for


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
        """In the middle; near the right edge, text grows away from it. The left has the gutter."""
        return "end" if self.x > NEAR else "middle"

    @property
    def is_centred_if_wide(self) -> bool:
        return NEAR < self.x <= WIDE_NEAR


@dataclass(frozen=True)
class Label:
    """The name of a level, in the gutter."""

    y: float
    text: str


@dataclass(frozen=True)
class Picture:
    """Lines, dots, labels and texts, drawn in this order."""

    height: float
    lines: tuple[Line, ...]
    points: tuple[Point, ...]
    labels: tuple[Label, ...]
    texts: tuple[Text, ...]

    @property
    def has_values(self) -> bool:
        return self._has(TARGET)

    @property
    def has_meetings(self) -> bool:
        return self._has(MEETING)

    @property
    def goes_on(self) -> bool:
        """Whether it ends after the last update."""
        return self._has(SINCE)

    def _has(self, css_class: str) -> bool:
        return any(line.css_class == css_class for line in self.lines)


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


def labelled(places: Sequence[float], gap: float = LABEL_GAP, kept: Sequence[int] = ()) -> list[int]:
    """Which of `places`, in ascending order, get a label: the last, the first, and those that do not crowd another.

    Those in `kept` have one already.
    """
    chosen = list(kept)
    for index in dict.fromkeys([len(places) - 1, 0, *range(len(places) - 2, 0, -1)] if places else []):
        if all(abs(places[index] - places[other]) >= gap for other in chosen):
            chosen.append(index)
    return sorted(chosen)


def labels(
    places: Sequence[float], narrow: float = LABEL_GAP, wide: float = WIDE_GAP
) -> list[tuple[int, str]]:
    """Which of `places` get a label, each with its CSS class: one that only a wide screen has room for is `WIDE`."""
    always = labelled(places, narrow)
    return [(index, "" if index in always else WIDE) for index in labelled(places, wide, always)]

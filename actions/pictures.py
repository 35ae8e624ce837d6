"""A measure's progress as a picture over time: its statuses, the best on top, and below them its values."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from actions.calendar import Meeting
from actions.models import ProgressUpdate, Status
from history.clock import day_of, end_of
from web.numbers import as_number
from web.pictures import (
    LABEL_GAP,
    MEETING,
    RIGHT,
    SINCE,
    TARGET,
    WIDE,
    WIDE_GAP,
    Label,
    Line,
    Picture,
    Point,
    Text,
    TimeScale,
    labels,
)
from web.templatetags.portal import day, short_day

# Best on top. Two more levels are drawn only where they occur.
ALWAYS = (Status.COMPLETE, Status.ON_TRACK, Status.NOT_STARTED, Status.AT_RISK, Status.OFF_TRACK)
ROW, VALUES = 32, 96  # px: the height of one status, and of all values
TOP, GAP, AXIS = 24, 44, 32  # px: for meetings above, between statuses and values, and for dates below
BASE, LEADING = 4.5, 16  # px: from the middle of a text to its foot; from one line of a label to the next


def progress_over_time(
    updates: Sequence[ProgressUpdate],
    target: Decimal | None,
    meetings: Sequence[Meeting] = (),
    until: datetime | None = None,
) -> Picture | None:
    """Draw `updates`, which come newest first; `until` is where the picture ends, if later than the last of them.

    None for fewer than two updates: they make no line. Values are drawn only against a target.
    """
    if len(updates) < 2:
        return None
    oldest_first = list(reversed(updates))
    last = oldest_first[-1].recorded_at
    scale = TimeScale(oldest_first[0].recorded_at, max(last, until or last))
    return _Progress(oldest_first, target, meetings, scale).picture()


class _Progress:
    """Collects what is drawn, from the top down."""

    def __init__(
        self,
        updates: list[ProgressUpdate],
        target: Decimal | None,
        meetings: Sequence[Meeting],
        scale: TimeScale,
    ) -> None:
        self.updates, self.target, self.scale = updates, target, scale
        self.meetings = [one for one in meetings if scale.start < end_of(one.held_on) <= scale.end]
        self.lines: list[Line] = []
        self.points: list[Point] = []
        self.labels: list[Label] = []
        self.texts: list[Text] = []

    def picture(self) -> Picture:
        bottom = self._values(self._statuses())
        self._dates(bottom)
        self._board_meetings(bottom)
        return Picture(
            bottom + AXIS, tuple(self.lines), tuple(self.points), tuple(self.labels), tuple(self.texts)
        )

    def _statuses(self) -> float:
        """Return how far down they reach."""
        used = {update.status_now for update in self.updates}
        levels = [status for status in reversed(Status) if status in used or status in ALWAYS]
        y = {status: float(TOP + ROW * (place + 1)) for place, status in enumerate(levels)}
        for status, height in y.items():
            self._level(height, "trend__level", f"{status.symbol} {status.short_label}")
        self._steps([(self.scale.across(one.recorded_at), y[one.status_now]) for one in self.updates])
        for update in self.updates:
            self._point(update, y[update.status_now], update.status_now.label)
        return float(TOP + ROW * len(levels))

    def _level(self, y: float, css_class: str, label: str = "") -> None:
        """A line across, with its label in the gutter, centred on it."""
        self.lines.append(Line(0.0, y, RIGHT, y, css_class))
        if label:
            self.labels.append(Label(y + BASE, label))

    def _steps(self, places: list[tuple[float, float]]) -> None:
        """A status holds until the next update; after the last one the line is dashed."""
        for (x, y), (next_x, next_y) in pairwise(places):
            self.lines.append(Line(x, y, next_x, y, "trend__line"))
            self.lines.append(Line(next_x, y, next_x, next_y, "trend__line"))
        x, y = places[-1]
        if x < RIGHT:
            self.lines.append(Line(x, y, RIGHT, y, SINCE))

    def _values(self, top: float) -> float:
        """From zero, or the lowest value, to the target or the highest value. Return how far down they reach."""
        valued = [(one, one.value) for one in self.updates if one.value is not None]
        if not valued or self.target is None:
            return top
        values = [value for _, value in valued]
        low, high = min(Decimal(0), *values), max(self.target, *values)
        bottom = top + GAP + VALUES

        def height(value: Decimal) -> float:
            return round(bottom - float((value - low) / ((high - low) or 1)) * VALUES, 1)

        self._level(height(low), "trend__level")
        self._target(height(self.target), as_number(self.target))
        places = [(self.scale.across(one.recorded_at), height(value)) for one, value in valued]
        for (x, y), (next_x, next_y) in pairwise(places):
            self.lines.append(Line(x, y, next_x, next_y, "trend__line"))
        for (update, value), (_, y) in zip(valued, places, strict=True):
            self._point(update, y, as_number(value))
        for index, css_class in labels([x for x, _ in places], narrow=25, wide=8):
            x, y = places[index]
            y += 21 if y < bottom - VALUES / 2 else -11
            self.texts.append(Text(x, y, as_number(values[index]), f"trend__value {css_class}".strip()))
        return bottom

    def _target(self, y: float, number: str) -> None:
        """A long number is below its word, so that both stay in the gutter."""
        words = [f"Target {number}"] if len(number) < 7 else ["Target", number]
        self._level(y, TARGET)
        for place, text in enumerate(words):
            self.labels.append(Label(y + BASE + LEADING * (place - (len(words) - 1) / 2), text))

    def _point(self, update: ProgressUpdate, y: float, what: str) -> None:
        x = self.scale.across(update.recorded_at)
        self.points.append(Point(x, y, f"fill--{update.status}", f"{day(update.recorded_at)}: {what}"))

    def _dates(self, bottom: float) -> None:
        """Below: as many dates as have room, that of the last update among them."""
        moments = [update.recorded_at for update in self.updates]
        words = [short_day(moment) for moment in moments]
        places = [self.scale.across(moment) for moment in moments]
        for index, css_class in labels(places):
            self.texts.append(Text(places[index], bottom + AXIS - 6, words[index], css_class))
        end = self.scale.across(self.scale.end)
        if (room := end - places[-1]) >= WIDE_GAP:
            css_class = "" if room >= LABEL_GAP else WIDE
            self.texts.append(Text(end, bottom + AXIS - 6, short_day(day_of(self.scale.end)), css_class))

    def _board_meetings(self, bottom: float) -> None:
        places = [self.scale.across(end_of(meeting.held_on)) for meeting in self.meetings]
        for x, meeting in zip(places, self.meetings, strict=True):
            title = f"{meeting.name}, {day(meeting.held_on)}"
            self.lines.append(Line(x, TOP - 4, x, bottom, MEETING, title))
        for index, css_class in labels(places):
            self.texts.append(
                Text(places[index], 14, f"Board {self.meetings[index].held_on:%-d %b}", css_class)
            )

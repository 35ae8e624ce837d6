"""Progress over time as a picture: everything in its place, labelled, and legible on a phone."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from actions.calendar import Meeting
from actions.models import ProgressUpdate, Status
from actions.pictures import AXIS, BASE, LEADING, ROW, TOP, progress_over_time
from history.clock import end_of
from web.pictures import (
    LABEL_GAP,
    LEFT,
    MEETING,
    RIGHT,
    TARGET,
    WIDE,
    Picture,
    Text,
    TimeScale,
    labelled,
    labels,
)

pytestmark = pytest.mark.once

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


def said(*values: tuple[int, str, int | None]) -> list[ProgressUpdate]:
    """Updates on these days with these statuses and values, newest first."""
    return [
        ProgressUpdate(
            recorded_at=START + timedelta(days=day), status=status, value=None if v is None else Decimal(v)
        )
        for day, status, v in reversed(values)
    ]


def drawn(*values: tuple[int, str, int | None], target: int | None = None, until: int = 0) -> Picture:
    picture = progress_over_time(
        said(*values), None if target is None else Decimal(target), (), START + timedelta(days=until)
    )
    assert picture is not None
    return picture


def texts(picture: Picture) -> dict[str, Text]:
    return {text.text: text for text in picture.texts}


def levels(picture: Picture) -> dict[str, float]:
    """Where the labels in the gutter are centred."""
    return {label.text: label.y - BASE for label in picture.labels}


def test_fewer_than_two_updates_make_no_picture() -> None:
    assert progress_over_time([], Decimal(10)) is None
    assert progress_over_time(said((0, "on-track", 1)), Decimal(10)) is None


def test_updates_are_placed_by_time_and_the_best_status_is_at_the_top() -> None:
    picture = drawn((0, "off-track", None), (30, "on-track", None), (90, "complete", None))
    assert [point.x for point in picture.points] == [LEFT, round(LEFT + (RIGHT - LEFT) / 3, 2), RIGHT]
    assert [point.y for point in picture.points] == [TOP + 5 * ROW, TOP + 2 * ROW, TOP + ROW]
    assert [point.css_class for point in picture.points] == [
        "fill--off-track",
        "fill--on-track",
        "fill--complete",
    ]
    assert picture.points[1].title == "31 January 2026: On track"


def test_every_status_has_its_word_beside_its_line() -> None:
    words = levels(drawn((0, "on-track", None), (30, "on-track", None)))
    for row, label in enumerate(("■ Complete", "✓ On track", "○ Not started", "▲ At risk", "✕ Off track")):
        assert words[label] == TOP + (row + 1) * ROW
    assert "⁄ Closed" not in words
    assert "⁄ Closed" in levels(drawn((0, "on-track", None), (30, "closed", None)))


def test_a_status_holds_until_the_next_update_and_is_dashed_up_to_now() -> None:
    picture = drawn((0, "on-track", None), (50, "at-risk", None), until=100)
    steps = [line for line in picture.lines if line.css_class.startswith("trend__line")]
    good, bad = TOP + 2 * ROW, TOP + 4 * ROW
    assert [(line.x1, line.y1, line.x2, line.y2) for line in steps] == [
        (LEFT, good, 50.0, good),
        (50.0, good, 50.0, bad),
        (50.0, bad, RIGHT, bad),
    ]
    assert steps[-1].css_class == "trend__line trend__line--since"
    assert picture.goes_on
    assert texts(picture)["11 Apr 2026"].x == RIGHT
    assert not drawn((0, "on-track", None), (50, "complete", None)).goes_on


def test_a_picture_up_to_a_midnight_ends_on_the_day_before() -> None:
    updates = said((0, "on-track", None), (50, "at-risk", None))
    picture = progress_over_time(updates, None, (), end_of(date(2026, 6, 30)))
    assert picture is not None
    assert texts(picture)["30 Jun 2026"].x == RIGHT


def test_values_are_labelled_and_measured_from_zero_against_the_target() -> None:
    picture = drawn((0, "on-track", 0), (10, "on-track", 50), (20, "on-track", None), target=100)
    assert picture.has_values
    (line,) = [line for line in picture.lines if line.css_class == TARGET]
    zero, half = (point.y for point in picture.points[-2:])
    assert (zero - half) * 2 == zero - line.y1
    assert levels(picture)["Target 100"] == line.y1
    assert {"0", "50"} <= set(texts(picture))
    assert [point.title for point in picture.points[-2:]] == ["1 January 2026: 0", "11 January 2026: 50"]


def test_a_long_target_is_below_its_word() -> None:
    picture = drawn((0, "on-track", 0), (10, "on-track", 50), target=12_500_000)
    (line,) = [line for line in picture.lines if line.css_class == TARGET]
    assert levels(picture)["Target"] == line.y1 - LEADING / 2
    assert levels(picture)["12,500,000"] == line.y1 + LEADING / 2


def test_values_without_a_target_or_a_target_without_values_draw_no_line() -> None:
    assert not drawn((0, "on-track", 1), (10, "on-track", 2)).has_values
    assert not drawn((0, "on-track", None), (10, "on-track", None), target=100).has_values


def test_values_below_zero_and_beyond_the_target_stay_inside() -> None:
    picture = drawn((0, "on-track", -20), (10, "on-track", 300), target=100)
    assert all(TOP < point.y < picture.height - AXIS + 1 for point in picture.points)


def test_board_meetings_within_the_picture_are_marked() -> None:
    meetings = [
        Meeting(name, name.lower(), day)
        for name, day in (
            ("Before", date(2025, 12, 1)),
            ("Winter", date(2026, 2, 1)),
            ("After", date(2026, 9, 1)),
        )
    ]
    picture = progress_over_time(said((0, "on-track", None), (60, "on-track", None)), None, meetings)
    assert picture is not None
    assert picture.has_meetings
    (line,) = [line for line in picture.lines if line.css_class == MEETING]
    assert line.title == "Winter, 1 February 2026"
    assert texts(picture)["Board 1 Feb"].x == line.x1
    assert not drawn((0, "on-track", None), (60, "on-track", None)).has_meetings


def test_dates_never_crowd_each_other_on_a_phone() -> None:
    """The first and the last are always there; between them, as many as have room; more on a wide screen."""
    assert labelled([]) == []
    assert labelled([2.0]) == [0]
    assert labelled([2.0, 10.0]) == [1]
    assert labelled([2.0, 30.0, 37.0, 60.0, 70.0, 98.0], gap=34) == [0, 3, 5]
    assert labelled([2.0, 30.0, 37.0, 98.0], gap=20, kept=[2]) == [0, 2, 3]
    assert labels([2.0, 25.0, 30.0, 50.0, 98.0], narrow=50, wide=10) == [
        (0, ""),
        (2, WIDE),
        (3, WIDE),
        (4, ""),
    ]
    dense = drawn(*[(day, "on-track", None) for day in range(40)])
    dates = [text for text in dense.texts if text.text.endswith("2026")]
    assert len(dates) >= 5
    always = [text.x for text in dates if text.css_class != WIDE]
    assert always == [LEFT, RIGHT]
    assert all(after - before >= LABEL_GAP for before, after in pairwise(always))


def test_text_near_the_right_edge_grows_away_from_it() -> None:
    placed = [Text(x, 0, "words") for x in (LEFT, 50, 90, RIGHT)]
    assert [text.anchor for text in placed] == ["middle", "middle", "end", "end"]
    assert [text.is_centred_if_wide for text in placed] == [False, False, True, False]


def test_two_updates_of_one_moment_make_no_error() -> None:
    assert TimeScale(START, START).across(START) == LEFT
    assert progress_over_time(said((0, "on-track", None), (0, "at-risk", None)), None) is not None


def test_a_short_label_has_no_comma() -> None:
    assert [status.short_label for status in Status if status.short_label != status.label] == ["Closed"]

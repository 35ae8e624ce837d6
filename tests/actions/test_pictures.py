"""Small pictures: points where they belong, and none where there is nothing to see."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from actions.models import ProgressUpdate
from actions.pictures import status_over_time, value_over_time
from web.pictures import HEIGHT, MARGIN, WIDTH

START = datetime(2026, 1, 1, tzinfo=UTC)


def said(*values: tuple[int, str, int | None]) -> list[ProgressUpdate]:
    """Reports on these days with these statuses and values, newest first."""
    return [
        ProgressUpdate(
            recorded_at=START + timedelta(days=day), status=status, value=None if v is None else Decimal(v)
        )
        for day, status, v in reversed(values)
    ]


def test_one_report_makes_no_picture() -> None:
    assert status_over_time(said((0, "on-track", 1))) is None
    assert value_over_time(said((0, "on-track", 1), (9, "on-track", None)), Decimal(10)) is None
    assert value_over_time(said((0, "on-track", 1), (9, "on-track", 2)), None) is None


def test_reports_stand_from_left_to_right_by_time_and_the_best_on_top() -> None:
    picture = status_over_time(said((0, "off-track", None), (30, "on-track", None), (90, "complete", None)))
    assert picture is not None
    xs = [round(point.x, 6) for point in picture.points]
    ys = [point.y for point in picture.points]
    assert xs == [MARGIN, round(MARGIN + (WIDTH - 2 * MARGIN) / 3, 6), WIDTH - MARGIN]
    assert ys == sorted(ys, reverse=True)
    assert ys[0] == HEIGHT - MARGIN


def test_values_are_measured_from_zero_against_the_target() -> None:
    picture = value_over_time(said((0, "on-track", 0), (10, "on-track", 50)), Decimal(100))
    assert picture is not None
    assert [point.y for point in picture.points] == [HEIGHT - MARGIN, HEIGHT / 2]
    assert picture.target_y == MARGIN


def test_two_reports_of_one_moment_make_no_error() -> None:
    assert status_over_time(said((0, "on-track", None), (0, "at-risk", None))) is not None

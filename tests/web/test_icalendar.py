"""Calendars as RFC 5545 has them: line ends, folding, escaping, whole days."""

from datetime import UTC, date, datetime

import pytest

from web.icalendar import AllDay, escaped, folded, icalendar

pytestmark = pytest.mark.once
STAMP = datetime(2008, 12, 17, 9, 30, tzinfo=UTC)


def test_a_calendar_to_the_letter() -> None:
    event = AllDay(
        "meeting-1@portal", date(2008, 12, 31), "Board; winter", "One,\ntwo", "https://p.example/b/"
    )
    assert icalendar("Plan", [event], STAMP).decode() == "\r\n".join(
        [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Strategy Action Framework//Portal//EN",
            "CALSCALE:GREGORIAN", "X-WR-CALNAME:Plan", "BEGIN:VEVENT", "UID:meeting-1@portal",
            "DTSTAMP:20081217T093000Z", "DTSTART;VALUE=DATE:20081231", "DTEND;VALUE=DATE:20090101",
            "SUMMARY:Board\\; winter", "DESCRIPTION:One\\,\\ntwo", "URL:https://p.example/b/", "TRANSP:TRANSPARENT",
            "END:VEVENT", "END:VCALENDAR", "",
        ]
    )  # fmt: skip


@pytest.mark.parametrize("text", ["", "x" * 75, "x" * 76, "x" * 500, "é" * 200, "x" + "é" * 200, "☂🌂" * 60])
def test_long_lines_are_folded_between_letters(text: str) -> None:
    parts = list(folded(text))
    assert all(len(part) <= 75 for part in parts)
    assert all(part.startswith(b" ") for part in parts[1:])
    assert parts[0].decode() + "".join(part.decode()[1:] for part in parts[1:]) == text
    assert (len(parts) == 1) == (len(text.encode()) <= 75)


@pytest.mark.parametrize(
    ("text", "value"),
    [("a\\b", "a\\\\b"), ("a\r\nb\rc", "a\\nb\\nc"), ("a\x00\x1b\x7fb", "ab"), ("a\u2028b", "a\\nb")],
)
def test_no_text_can_end_its_line(text: str, value: str) -> None:
    assert escaped(text) == value

"""Days as an iCalendar file (RFC 5545): what a calendar program subscribes to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

ICS = "text/calendar; charset=utf-8"
OCTETS = 75  # of a line, at most
ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


@dataclass(frozen=True)
class AllDay:
    """Something on a whole day. `uid` stays the same when the day moves, so that the calendar moves it too."""

    uid: str
    day: date
    summary: str
    description: str = ""
    url: str = ""


def icalendar(name: str, events: Iterable[AllDay], stamp: datetime) -> bytes:
    """The calendar `name`. `stamp` is when what it says was read."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Strategy Action Framework//Portal//EN",
        "CALSCALE:GREGORIAN",
    ]
    lines.append(f"X-WR-CALNAME:{escaped(name)}")
    for event in events:
        lines += _event(event, stamp)
    lines.append("END:VCALENDAR")
    return b"".join(part + b"\r\n" for line in lines for part in folded(line))


def _event(event: AllDay, stamp: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{event.uid}"
    yield f"DTSTAMP:{stamp.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{event.day + timedelta(days=1):%Y%m%d}"  # the first day after it
    yield f"SUMMARY:{escaped(event.summary)}"
    if event.description:
        yield f"DESCRIPTION:{escaped(event.description)}"
    if event.url:
        yield f"URL:{event.url}"
    yield "TRANSP:TRANSPARENT"  # nobody is busy that day
    yield "END:VEVENT"


def escaped(text: str) -> str:
    """Text as a value: one line, without control characters."""
    lines = "\n".join(text.splitlines())
    kept = "".join(letter for letter in lines if letter in "\n\t" or (letter >= " " and letter != "\x7f"))
    return kept.translate(ESCAPED)


def folded(line: str) -> Iterator[bytes]:
    """The line in parts of at most 75 octets, each after the first with a space before it; letters stay whole."""
    part, room = b"", OCTETS
    for letter in line:
        octets = letter.encode()
        if len(part) + len(octets) > room:
            yield part
            part = b" "
        part += octets
    yield part

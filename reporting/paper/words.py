"""How the paper words days, what it is compared with, and long texts."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format

from actions.calendar import Meeting

CUT = " …"
NOT_PUBLISHED = "This is not a published paper: a paper is published only when a reporting period is closed."
SENTENCE_ENDS = (". ", "! ", "? ")


def day(value: date | datetime | None) -> str:
    """3 October 2026, in Europe/London; empty for None."""
    if value is None:
        return ""
    return date_format(timezone.localtime(value) if isinstance(value, datetime) else value, "j F Y")


def short_day(value: date | datetime | None) -> str:
    """3 Oct 2026, in Europe/London; empty for None."""
    if value is None:
        return ""
    return date_format(timezone.localtime(value) if isinstance(value, datetime) else value, "j M Y")


def moment(value: datetime) -> str:
    """3 October 2026 at 14:05, in Europe/London."""
    return date_format(timezone.localtime(value), "j F Y \\a\\t H:i")


def compared_with(meeting: Meeting | None) -> str:
    """Which figures a paper is compared with: names their day where it is not that of the meeting."""
    if meeting is None:
        return "There was no board meeting before it, so nothing is compared."
    held_on = day(meeting.held_on)
    what = f"the {meeting.name}, {held_on}" if meeting.name else held_on
    if meeting.paper_at:
        what = f"the paper for {what}"
    if meeting.known_on != meeting.held_on:
        what += f" (figures as at {day(meeting.known_on)})"
    return f"Compared with {what}."


def cut(text: str, at_most: int) -> str:
    """`text` on one line, ended with “…” at the end of a sentence or a word where it is longer than `at_most`."""
    line = " ".join(text.split())
    if len(line) <= at_most:
        return line
    room = line[: at_most - len(CUT) + 1]
    ends = [room.rfind(end) + 1 for end in SENTENCE_ENDS]
    if max(ends) >= at_most // 2:
        return room[: max(ends)] + CUT
    words, _, _ = room.rpartition(" ")
    return (words or room[:-1]).rstrip(" ,;:–-") + CUT

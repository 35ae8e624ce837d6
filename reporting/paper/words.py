"""How the paper words days, lengths of time and long texts."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format

CUT = " …"
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


def how_long(days: int) -> str:
    """“5 days”, “3 weeks”, “6 months”: rounded down."""
    for unit, length, least in (("month", 30.4375, 61), ("week", 7, 14)):
        if days >= least:
            return _counted(int(days / length), unit)
    return _counted(days, "day")


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


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

"""What the plan needs to know of periods and meetings. `reporting.calendar` fills it in."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Period:
    """A reporting period, in whole days."""

    name: str
    opens: date
    due: date
    closes: date


@dataclass(frozen=True)
class Meeting:
    """A board meeting; what the board knew is the plan as at the end of `held_on`."""

    name: str
    slug: str
    held_on: date


@dataclass(frozen=True)
class Calendar:
    """What gives “awaited”, “overdue” and “since the last meeting” their meaning at the plan's moment."""

    period: Period | None = None
    next_period: Period | None = None
    last_meeting: Meeting | None = None
    meetings: tuple[Meeting, ...] = ()  # all that were held, oldest first

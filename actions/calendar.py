"""What the plan needs to know of periods and meetings. `reporting.calendar` fills it in."""

from dataclasses import dataclass
from datetime import date, datetime

from history.clock import day_of, end_of


@dataclass(frozen=True)
class Period:
    """A reporting period, in whole days."""

    name: str
    opens: date
    due: date
    closes: date
    slug: str = ""


@dataclass(frozen=True)
class Meeting:
    """A board meeting, or a day to compare with.

    What the board knew is what its paper said (`paper_at`, when the paper's period was closed); without a paper, the
    plan as at the end of `held_on`.
    """

    name: str
    slug: str
    held_on: date
    paper_at: datetime | None = None

    @property
    def known_at(self) -> datetime:
        """The moment before which everything recorded was known to the board."""
        return self.paper_at or end_of(self.held_on)

    @property
    def known_on(self) -> date:
        """The day (Europe/London) of the figures that the board had: that of its paper, or of the meeting."""
        return day_of(self.known_at)


@dataclass(frozen=True)
class Calendar:
    """What gives “awaited”, “overdue” and “since the last meeting” their meaning at the plan's moment."""

    period: Period | None = None
    next_period: Period | None = None
    last_meeting: Meeting | None = None
    meetings: tuple[Meeting, ...] = ()  # all that were held, oldest first

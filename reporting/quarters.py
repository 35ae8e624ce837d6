"""The next reporting period as the quarter suggests it: from 14 days before the quarter's end to 14 days after."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from reporting.models import ReportingPeriod

BEFORE, AFTER = timedelta(days=14), timedelta(days=14)
DUE_AFTER = timedelta(days=7)  # half of the time after the quarter is for staff, to read and to ask


@dataclass(frozen=True)
class Proposal:
    """What the form of a new period is filled in with."""

    name: str
    opens: date
    due: date
    closes: date

    def overlaps(self, other: ReportingPeriod) -> bool:
        return other.opens <= self.closes and other.closes >= self.opens


def proposed_period(today: date, others: Iterable[ReportingPeriod]) -> Proposal:
    """The first quarter's period that is not over and overlaps no other."""
    taken, end = list(others), quarter_end(today - AFTER)
    while True:
        found = period_of_quarter(end)
        if found.closes >= today and not any(found.overlaps(other) for other in taken):
            return found
        end = quarter_end(end + timedelta(days=1))


def period_of_quarter(end: date) -> Proposal:
    """The period of the quarter that ends on `end`: “October to December 2008”."""
    first = date(end.year, end.month - 2, 1)
    return Proposal(f"{first:%B} to {end:%B %Y}", end - BEFORE, end + DUE_AFTER, end + AFTER)


def quarter_end(day: date) -> date:
    """The last day of the quarter that `day` is in."""
    month = (day.month + 2) // 3 * 3
    following = date(day.year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1)

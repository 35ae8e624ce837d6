"""The status of each vital few: its actions, strong and supporting apart, and the weighted share that is on course."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings

from actions.counts import NOTHING, StatusCounts
from actions.models import Status
from strategy.models import VitalFewVersion

ON_COURSE = (Status.ON_TRACK, Status.COMPLETE)
LEFT_OUT = (
    Status.NOT_REPORTED,
    Status.CLOSED,
)  # no update yet; no longer expected


@dataclass(frozen=True)
class WeightedShare:
    """Points of the actions On track or Complete, out of those of all actions that were reported on."""

    points: int
    of: int

    @property
    def percent(self) -> int | None:
        """None where nobody has reported: blank is not zero. Halves go up."""
        return (self.points * 200 + self.of) // (self.of * 2) if self.of else None

    @property
    def in_words(self) -> str:
        return f"{self.percent}% ({self.points} of {self.of} points)" if self.of else "No updates yet"


@dataclass(frozen=True)
class VitalFewStanding:
    """A vital few and its actions by status."""

    vital_few: VitalFewVersion
    strong: StatusCounts
    supporting: StatusCounts

    @cached_property
    def together(self) -> StatusCounts:
        return self.strong + self.supporting

    @cached_property
    def share(self) -> WeightedShare:
        """Each action counts the weight of its strength. Not yet reported and Closed count neither way."""
        strong, supporting = settings.STRONG_WEIGHT, settings.SUPPORTING_WEIGHT
        reported = [status for status in Status if status not in LEFT_OUT]
        return WeightedShare(
            strong * _having(self.strong, ON_COURSE) + supporting * _having(self.supporting, ON_COURSE),
            strong * _having(self.strong, reported) + supporting * _having(self.supporting, reported),
        )

    @property
    def not_reported(self) -> int:
        return _having(self.together, [Status.NOT_REPORTED])


def _having(counts: StatusCounts, statuses: Iterable[Status]) -> int:
    return sum(counts.by_rank.get(status.rank, 0) for status in statuses)


def standings_of(
    vital_fews: Iterable[VitalFewVersion], by_mark: Mapping[str, StatusCounts]
) -> list[VitalFewStanding]:
    """`by_mark` as `Plan.counts_by("marks")` has it."""
    return [
        VitalFewStanding(one, by_mark.get(f"{one.row_id}X", NOTHING), by_mark.get(f"{one.row_id}O", NOTHING))
        for one in vital_fews
    ]

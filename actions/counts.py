"""Counts by status: one calculation for page, file and e-mail."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from actions.models import Status
from actions.models.status import WORST_FIRST


@dataclass(frozen=True)
class Share:
    """How many of `total` actions have a status. `percent` is None if `total` is 0: blank is not zero."""

    status: Status
    count: int
    total: int

    @property
    def percent(self) -> int | None:
        return (self.count * 200 + self.total) // (self.total * 2) if self.total else None  # halves go up


@dataclass(frozen=True)
class Counted:
    """A group of actions with the same rank, as counted by the database."""

    rank: int
    actions: int
    awaited: int = 0
    overdue: int = 0
    past_target: int = 0


@dataclass(frozen=True)
class StatusCounts:
    """A set of actions by status, and how many are late. Each action counts once, by its worst measure."""

    by_rank: Mapping[int, int]
    awaited: int = 0
    overdue: int = 0
    past_target: int = 0

    @classmethod
    def of(cls, groups: Iterable[Counted]) -> "StatusCounts":
        """Add up the groups."""
        by_rank: Counter[int] = Counter()
        awaited = overdue = past_target = 0
        for group in groups:
            by_rank[group.rank] += group.actions
            awaited += group.awaited
            overdue += group.overdue
            past_target += group.past_target
        return cls(by_rank, awaited, overdue, past_target)

    def __add__(self, other: "StatusCounts") -> "StatusCounts":
        """Both together. An action in both counts twice."""
        return StatusCounts(
            {
                rank: self.by_rank.get(rank, 0) + other.by_rank.get(rank, 0)
                for rank in range(len(WORST_FIRST))
            },
            self.awaited + other.awaited,
            self.overdue + other.overdue,
            self.past_target + other.past_target,
        )

    @cached_property
    def total(self) -> int:
        return sum(self.by_rank.values())

    @cached_property
    def shares(self) -> tuple[Share, ...]:
        """Every status, including those that no action has."""
        return tuple(
            Share(status, self.by_rank.get(rank, 0), self.total) for rank, status in enumerate(WORST_FIRST)
        )

    @property
    def present(self) -> list[Share]:
        """Only the statuses that some action has."""
        return [share for share in self.shares if share.count]

    @property
    def in_words(self) -> str:
        """“4 Off track, 28 On track”."""
        return ", ".join(f"{share.count} {share.status.label}" for share in self.present)

    @property
    def none_of(self) -> list[str]:
        """What no action is, in words: statuses, and “Update overdue”."""
        absent = [share.status.short_label for share in self.shares if not share.count]
        return absent if self.overdue else [*absent, "Update overdue"]

    @property
    def segments(self) -> list[dict[str, object]]:
        """The parts of a status bar, each with its start and share in percent."""
        before, segments = 0, []
        for share in self.present:
            start, width = before * 100 / self.total, share.count * 100 / self.total
            segments.append({"status": share.status, "count": share.count, "start": start, "share": width})
            before += share.count
        return segments


NOTHING = StatusCounts({})

"""Counts by status: one calculation for page, file and e-mail."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from actions.models import Status
from actions.rows import ActionRow


@dataclass(frozen=True)
class Share:
    """How many of `total` actions have a status. `percent` is None of nothing: blank is not zero."""

    status: Status
    count: int
    total: int

    @property
    def percent(self) -> int | None:
        return (self.count * 200 + self.total) // (self.total * 2) if self.total else None  # halves go up


@dataclass(frozen=True)
class Standing:
    """How a set of actions stands: its counts by status, worst first, and what is late."""

    total: int
    shares: tuple[Share, ...]
    overdue: int
    past_target: int

    @property
    def segments(self) -> list[dict[str, object]]:
        """The bar of the statuses that some action has: each with its start and share in percent."""
        before, segments = 0, []
        for share in self.present:
            start, width = before * 100 / self.total, share.count * 100 / self.total
            segments.append({"status": share.status, "count": share.count, "start": start, "share": width})
            before += share.count
        return segments

    @property
    def present(self) -> list[Share]:
        """Only the statuses that some action has."""
        return [share for share in self.shares if share.count]


def standing_of(rows: Iterable[ActionRow]) -> Standing:
    """Count each action once, by the worst of its measures."""
    chosen = list(rows)
    counts = Counter(row.status for row in chosen)
    return Standing(
        total=len(chosen),
        shares=tuple(Share(status, counts[status], len(chosen)) for status in Status),
        overdue=sum(row.overdue for row in chosen),
        past_target=sum(row.past_target for row in chosen),
    )

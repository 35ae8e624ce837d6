"""The statuses: word, symbol, meaning, and the fields that each requires."""

from django.db import models


class Status(models.TextChoices):
    """The values are those used in addresses. Members are listed worst first."""

    OFF_TRACK = "off-track", "Off track"
    AT_RISK = "at-risk", "At risk"
    NOT_REPORTED = "not-reported", "Not yet reported"
    NOT_STARTED = "not-started", "Not started"
    ON_TRACK = "on-track", "On track"
    COMPLETE = "complete", "Complete"
    CLOSED = "closed", "Closed, not completed"

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return WORST_FIRST.index(self)

    @property
    def symbol(self) -> str:
        return SYMBOLS[self]

    @property
    def short_label(self) -> str:
        """“Closed” for “Closed, not completed”: where a comma would read as the next status."""
        return self.label.partition(",")[0]

    @property
    def meaning(self) -> str:
        return MEANINGS[self]

    @property
    def asks_for(self) -> tuple[str, ...]:
        """The fields that a progress update must fill in with this status."""
        return ASKS_FOR[self]

    @property
    def is_final(self) -> bool:
        """Complete or Closed: no more updates are due."""
        return self in FINAL

    @property
    def needs_the_board(self) -> bool:
        """Off track or At risk: always an exception, and always needs a comment."""
        return self in TROUBLED


WORST_FIRST = tuple(Status)
FINAL = (Status.COMPLETE, Status.CLOSED)
TROUBLED = (Status.OFF_TRACK, Status.AT_RISK)
REPEATABLE = (Status.ON_TRACK, Status.NOT_STARTED)
CHOOSABLE = tuple(status for status in Status if status != Status.NOT_REPORTED)

SYMBOLS = {
    Status.NOT_REPORTED: "–",
    Status.NOT_STARTED: "○",
    Status.ON_TRACK: "✓",
    Status.AT_RISK: "▲",
    Status.OFF_TRACK: "✕",
    Status.COMPLETE: "■",
    Status.CLOSED: "⁄",
}
MEANINGS = {
    Status.NOT_REPORTED: "No update has been submitted yet.",
    Status.NOT_STARTED: "No work begun, and not late yet.",
    Status.ON_TRACK: "Under way; the outcome is expected by its target date.",
    Status.AT_RISK: "A problem or a slip of up to three months; the lead has a way back.",
    Status.OFF_TRACK: "Will miss by more than three months, or cannot be met without help.",
    Status.COMPLETE: "The outcome measure is met, and evidence is given.",
    Status.CLOSED: "Withdrawn, merged or superseded by a board decision; staff only.",
}
ASKS_FOR = {
    Status.NOT_REPORTED: (),
    Status.NOT_STARTED: ("comment",),
    Status.ON_TRACK: ("comment",),
    Status.AT_RISK: ("comment", "next_step"),
    Status.OFF_TRACK: ("comment", "next_step"),
    Status.COMPLETE: ("evidence", "completed_on"),
    Status.CLOSED: ("comment", "decided_on"),
}


class Direction(models.TextChoices):
    """How a status has changed since the last board meeting."""

    BETTER = "better", "Better"
    SAME = "same", "Same"
    WORSE = "worse", "Worse"
    NEW = "new", "New"

    @property
    def symbol(self) -> str:
        return {"better": "↗", "same": "→", "worse": "↘", "new": "★"}[self.value]

    @classmethod
    def between(cls, before: Status, now: Status) -> "Direction":
        """Compare the status at the last meeting with the one now. Closing is neither better nor worse."""
        if before == Status.NOT_REPORTED:
            return cls.SAME if now == Status.NOT_REPORTED else cls.NEW
        if now == before or Status.CLOSED in (before, now):
            return cls.SAME
        return cls.BETTER if now.rank > before.rank else cls.WORSE

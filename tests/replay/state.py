"""What is known at a moment, what happens to it, and how a measure is doing: plain Python, without models."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
WORST_FIRST = ("off-track", "at-risk", "not-reported", "not-started", "on-track", "complete", "closed")
LABELS = {
    "off-track": "Off track", "at-risk": "At risk", "not-reported": "Not yet reported", "not-started": "Not started",
    "on-track": "On track", "complete": "Complete", "closed": "Closed, not completed",
}  # fmt: skip
SYMBOLS = dict(zip(WORST_FIRST, "✕▲–○✓■⁄", strict=True))
TROUBLED, FINAL = ("off-track", "at-risk"), ("complete", "closed")


@dataclass
class State:
    """Everything known at a moment. Keys are those of the database."""

    actions: dict[int, dict[str, Any]] = field(default_factory=dict)
    leads: dict[int, dict[str, Any]] = field(default_factory=dict)
    marks: dict[int, dict[str, Any]] = field(default_factory=dict)
    measures: dict[int, dict[str, Any]] = field(default_factory=dict)
    updates: dict[int, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    names: dict[str, dict[int, str]] = field(default_factory=dict)
    periods: dict[int, dict[str, Any]] = field(default_factory=dict)
    meetings: dict[int, dict[str, Any]] = field(default_factory=dict)
    closings: list[dict[str, Any]] = field(default_factory=list)  # each with its period, meeting and moment


@dataclass(frozen=True)
class Happened:
    """An event recorded at `at`, and what it does to the state. An edit of the plan has an author, and may say why."""

    at: datetime
    what: str
    apply: Callable[[State], None]
    who: str = ""
    why: str = ""


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


def end_of(day: date) -> datetime:
    return midnight(day + timedelta(days=1))


def london_day(moment: datetime) -> date:
    return moment.astimezone(LONDON).date()


@dataclass(frozen=True)
class OfMeasure:
    """How a measure is doing: its last update, and what still holds from earlier ones."""

    status: str = "not-reported"
    last: dict[str, Any] | None = None
    words: dict[str, Any] | None = None
    value: Decimal | None = None
    valued_at: datetime | None = None
    troubled_since: datetime | None = None

    @property
    def rank(self) -> int:
        return WORST_FIRST.index(self.status)


def slots_of(updates: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """A slot is an update with its corrections."""
    slots: list[list[dict[str, Any]]] = []
    for update in updates:
        if update["corrects"] and slots:
            slots[-1].append(update)
        else:
            slots.append([update])
    return slots


def of_measure(updates: list[dict[str, Any]]) -> OfMeasure:
    """Only the last of each slot counts."""
    slots = slots_of(updates)
    if not slots:
        return OfMeasure()
    counting = [slot[-1] for slot in slots]
    words = next((one for one in reversed(counting) if not one["no_change"]), None)
    valued = next((one for one in reversed(counting) if one["value"] is not None), None)
    value, valued_at = (valued["value"], valued["at"]) if valued else (None, None)
    return OfMeasure(counting[-1]["status"], counting[-1], words, value, valued_at, _trouble(slots))


def signed(update: dict[str, Any]) -> str:
    """Who submitted it and for whom, with the names of the time."""
    if update["staff"]:
        partner = "all partners" if update["partner"] == "All" else update["partner"]
        return f"{update['author']} (City Growth staff), for {partner}"
    return f"{update['author']}, {update['partner']}"


def in_words(day: date | None) -> str:
    """3 October 2026."""
    return f"{day.day} {day:%B %Y}" if day else ""


def short(when: date | datetime | None, month: str = "b") -> str:
    """3 Oct 2026; with month “B”, 3 October 2026. A moment is a day in London."""
    day = london_day(when) if isinstance(when, datetime) else when
    return f"{day.day} {day.strftime(f'%{month} %Y')}" if day else ""


def quoted(updates: list[dict[str, Any]]) -> str:
    """The comment that stands for the last of `updates`; “no change” repeats the last words, and says when."""
    known = of_measure(updates)
    if not known.last or not known.last["no_change"]:
        return known.last["comment"] if known.last else ""
    words = known.words["comment"] if known.words else ""
    return f"{words} (confirmed unchanged {in_words(london_day(known.last['at']))})"


def _trouble(slots: list[list[dict[str, Any]]]) -> datetime | None:
    """When the current trouble began, if there is any."""
    began = None
    for slot in reversed(slots):
        if slot[-1]["status"] not in TROUBLED:
            break
        for update in reversed(slot):  # one that corrects another in trouble goes on from there
            if update["status"] not in TROUBLED:
                break
            began = update["at"]
    return began

"""What every figure should be, worked out from a list of events in plain Python, without models.

It shares no code with `actions.plan`, `actions.known` or `actions.worked_out`. To know the past, it replays the events
before a moment from the beginning.
"""

import copy
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
WORST_FIRST = ("off-track", "at-risk", "not-reported", "not-started", "on-track", "complete", "closed")
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


@dataclass(frozen=True)
class Happened:
    """An event recorded at `at`, and what it does to the state."""

    at: datetime
    what: str
    apply: Callable[[State], None]


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
    troubled_since: datetime | None = None

    @property
    def rank(self) -> int:
        return WORST_FIRST.index(self.status)


def of_measure(updates: list[dict[str, Any]]) -> OfMeasure:
    """A slot is an update with its corrections; only the last of each counts."""
    slots: list[list[dict[str, Any]]] = []
    for update in updates:
        if update["corrects"] and slots:
            slots[-1].append(update)
        else:
            slots.append([update])
    if not slots:
        return OfMeasure()
    counting = [slot[-1] for slot in slots]
    words = next((one for one in reversed(counting) if not one["no_change"]), None)
    value = next((one["value"] for one in reversed(counting) if one["value"] is not None), None)
    return OfMeasure(counting[-1]["status"], counting[-1], words, value, _trouble(slots))


def quoted(updates: list[dict[str, Any]]) -> str:
    """The comment that stands for the last of `updates`; “no change” repeats the last words, and says when."""
    known = of_measure(updates)
    if not known.last or not known.last["no_change"]:
        return known.last["comment"] if known.last else ""
    words = known.words["comment"] if known.words else ""
    day = london_day(known.last["at"])
    return f"{words} (confirmed unchanged {day.day} {day:%B %Y})"


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


@dataclass(frozen=True)
class OfAction:
    status: str
    shown_by: int
    measures: int
    last: dict[str, Any] | None
    words: dict[str, Any] | None
    worst: int | None
    awaited: bool
    overdue: bool
    past_target: bool
    before: str | None
    direction: str | None

    @property
    def rank(self) -> int:
        return WORST_FIRST.index(self.status)


class Replay:
    """What was known just before `moment`, replayed from everything that `happened`."""

    def __init__(self, happened: list[Happened], moment: datetime) -> None:
        self.happened, self.moment = happened, moment
        self.state = State()
        self.times: list[datetime] = []
        for one in happened:
            if one.at < moment:
                one.apply(self.state)
                self.times.append(one.at)
        self.today = london_day(moment - timedelta(microseconds=1))
        opened = [one for one in self.state.periods.values() if one["opened_at"] and not one["closed_at"]]
        self.period = opened[0] if opened else None
        held = [one for one in self.state.meetings.values() if one["held_on"] < self.today]
        self.meeting = max(held, key=lambda one: one["held_on"], default=None)
        self._then: Replay | None = None

    @property
    def then(self) -> "Replay | None":
        """What was known at the end of the day of the last meeting."""
        if self.meeting and self._then is None:
            self._then = Replay(self.happened, end_of(self.meeting["held_on"]))
        return self._then

    # Measures and actions

    def measures_of(self, action: int) -> list[tuple[int, dict[str, Any], OfMeasure]]:
        """Key, wording and condition of each measure, in order."""
        of_action = [(key, one) for key, one in self.state.measures.items() if one["action"] == action]
        of_action.sort(key=lambda pair: (pair[1]["order"], pair[0]))
        return [(key, one, of_measure(self.state.updates[key])) for key, one in of_action]

    def status_of(self, action: int) -> str:
        ranks = [known.rank for _, _, known in self.measures_of(action)]
        return WORST_FIRST[min(ranks, default=2)]

    def is_awaited(self, known: OfMeasure) -> bool:
        if self.period is None or known.status in FINAL:
            return False
        return known.last is None or bool(known.last["at"] < midnight(self.period["opens"]))

    @property
    def is_past_due(self) -> bool:
        return self.period is not None and self.today > self.period["due"]

    def is_past_target(self, measure: dict[str, Any], known: OfMeasure) -> bool:
        return bool(
            measure["target_date"] and measure["target_date"] < self.today and known.status not in FINAL
        )

    def action(self, key: int) -> OfAction:
        measures = self.measures_of(key)
        status = self.status_of(key)
        worst = next(((one, known) for one, _, known in measures if known.status == status), None)
        awaited = any(self.is_awaited(known) for _, _, known in measures)
        before = self.then.status_of(key) if self.then and measures else None
        return OfAction(
            status=status,
            shown_by=sum(known.status == status for _, _, known in measures),
            measures=len(measures),
            last=worst[1].last if worst else None,
            words=worst[1].words if worst else None,
            worst=worst[0] if worst else None,
            awaited=awaited,
            overdue=awaited and self.is_past_due,
            past_target=any(self.is_past_target(measure, known) for _, measure, known in measures),
            before=before,
            direction=direction(before, status) if before else None,
        )

    def leads_of(self, action: int) -> list[tuple[str, str]]:
        """Name and acceptance, in order."""
        rows = [one for one in self.state.leads.items() if one[1]["action"] == action]
        rows.sort(key=lambda pair: (pair[1]["order"], pair[0]))
        return [
            (self.state.names["partner"][one["partner"]], one["acceptance"])
            for _, one in rows
            if one["acceptance"] != "declined"
        ]

    def marks_of(self, action: int) -> dict[str, str]:
        return {
            self.state.names["vital_few"][one["vital_few"]]: one["strength"]
            for one in self.state.marks.values()
            if one["action"] == action
        }

    # Counts

    def counts(self, keys: list[int]) -> dict[str, int]:
        return dict(Counter(self.status_of(key) for key in keys))

    def counts_by_mark(self) -> dict[tuple[str, str], dict[str, int]]:
        """Actions by status for each vital few and strength."""
        found: dict[tuple[str, str], list[int]] = defaultdict(list)
        for key in self.state.actions:
            for code, strength in self.marks_of(key).items():
                found[code, strength].append(key)
        return {pair: self.counts(keys) for pair, keys in found.items()}

    def counts_by(self, column: str) -> dict[int, dict[str, int]]:
        """For each theme or cluster."""
        found: dict[int, list[int]] = defaultdict(list)
        for key, action in self.state.actions.items():
            found[action[column]].append(key)
        return {place: self.counts(keys) for place, keys in found.items()}

    def counts_by_lead(self) -> dict[int, dict[str, int]]:
        found: dict[int, set[int]] = defaultdict(set)
        for lead in self.state.leads.values():
            if lead["acceptance"] != "declined":
                found[lead["partner"]].add(lead["action"])
        return {partner: self.counts(sorted(keys)) for partner, keys in found.items()}

    # Exceptions

    def exceptions(self) -> list[tuple[int, set[str], date | None]]:
        """Number, kinds of reason and first day of each exception: Off track first, then the longest-running."""
        found = []
        for key, action in self.state.actions.items():
            one = self.action(key)
            kinds, days = self._reasons(key, one)
            if kinds:
                found.append((action["number"], kinds, min(days, default=None)))
        return sorted(found, key=lambda row: ("off-track" not in row[1], row[2] or date.max, row[0]))

    def _reasons(self, key: int, one: OfAction) -> tuple[set[str], list[date]]:
        kinds, days = set(), []
        if one.status in TROUBLED:
            kinds.add(one.status)
            began = [known.troubled_since for _, _, known in self.measures_of(key)]
            days.append(london_day(min(moment for moment in began if moment)))
        if one.direction == "worse":
            kinds.add("worse")
            days.append(london_day(self._worse_since(key, one)))
        if one.overdue and self.period:
            kinds.add("overdue")
            days.append(self.period["due"])
        for _, measure, known in self.measures_of(key):
            if self.is_past_target(measure, known):
                kinds.add("past-target")
                days.append(measure["target_date"])
        return kinds, days

    def _worse_since(self, key: int, one: OfAction) -> datetime:
        """The moment since which it has been worse than at the meeting, without a break."""
        before = WORST_FIRST.index(str(one.before))
        since = self.moment
        for at in reversed(self.times):
            earlier = Replay(self.happened, at + timedelta(microseconds=1))
            if WORST_FIRST.index(earlier.status_of(key)) >= before:
                return since
            since = at
        return since


def direction(before: str, now: str) -> str:
    if before == "not-reported":
        return "same" if now == "not-reported" else "new"
    if now == before or "closed" in (before, now):
        return "same"
    return "better" if WORST_FIRST.index(now) > WORST_FIRST.index(before) else "worse"


def a_copy(values: dict[str, Any]) -> dict[str, Any]:
    return copy.copy(values)

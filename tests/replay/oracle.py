"""What every figure should be, worked out from a list of events in plain Python, without models.

It shares no code with `actions.plan`, `actions.known` or `actions.worked_out`. To know the past, it replays the events
before a moment from the beginning.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from tests.replay.state import (
    FINAL,
    TROUBLED,
    WORST_FIRST,
    Happened,
    OfMeasure,
    State,
    end_of,
    london_day,
    midnight,
    of_measure,
)

UNREPORTED = WORST_FIRST.index("not-reported")


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


class History(list[Happened]):
    """Everything that happened, in order of time."""

    _statuses: tuple[int, list[tuple[datetime, dict[int, str]]]] = (0, [])
    worked_out: tuple[int, Any] = (0, None)  # by tests.replay.diff, for this length

    def statuses(self) -> list[tuple[datetime, dict[int, str]]]:
        """The status of every action right after each moment at which something happened."""
        if self._statuses[0] != len(self):
            self._statuses = (len(self), list(self._replayed()))
        return self._statuses[1]

    def _replayed(self) -> Iterator[tuple[datetime, dict[int, str]]]:
        state = State()
        for at, together in groupby(self, key=lambda one: one.at):
            for one in together:
                one.apply(state)
            ranks: dict[int, list[int]] = defaultdict(list)
            for key, measure in state.measures.items():
                ranks[measure["action"]].append(of_measure(state.updates[key]).rank)
            yield at, {key: WORST_FIRST[min(ranks[key], default=UNREPORTED)] for key in state.actions}


class Replay:
    """What was known just before `moment`, replayed from everything that `happened`."""

    def __init__(self, happened: "History", moment: datetime, since: date | None = None) -> None:
        """With `since`, what is known is compared with that day instead of the last meeting."""
        self.happened, self.moment, self.since = happened, moment, since
        self.state = State()
        for one in happened:
            if one.at < moment:
                one.apply(self.state)
        self.today = london_day(moment - timedelta(microseconds=1))
        opened = [one for one in self.state.periods.values() if one["opened_at"] and not one["closed_at"]]
        self.period = opened[0] if opened else None
        self.meeting = self._compared_with()
        self._then: Replay | None = None
        self._actions: dict[int, OfAction] = {}
        self._measures: dict[int, list[tuple[int, dict[str, Any], OfMeasure]]] = {}
        self._exceptions: list[tuple[int, set[str], date | None]] | None = None

    @property
    def held(self) -> list[dict[str, Any]]:
        """The meetings held before today, oldest first."""
        held = [one for one in self.state.meetings.values() if one["held_on"] < self.today]
        return sorted(held, key=lambda one: one["held_on"])

    def _compared_with(self) -> dict[str, Any] | None:
        if self.since is None:
            return self.held[-1] if self.held else None
        named = [one for one in self.state.meetings.values() if one["held_on"] == self.since]
        return named[0] if named else {"key": 0, "name": "", "held_on": self.since}

    def known_at(self, meeting: dict[str, Any]) -> datetime:
        """The moment of the meeting's paper; without one, the end of its day."""
        end = end_of(meeting["held_on"])
        papers = [one["at"] for one in self.state.closings if one["meeting"] == meeting["key"]]
        return max((at for at in papers if at < end), default=end)

    @property
    def then(self) -> "Replay | None":
        """What the board knew at the last meeting."""
        if self.meeting and self._then is None:
            self._then = Replay(self.happened, self.known_at(self.meeting))
        return self._then

    # Measures and actions

    def measures_of(self, action: int) -> list[tuple[int, dict[str, Any], OfMeasure]]:
        """Key, wording and condition of each measure, in order."""
        if action not in self._measures:
            of_action = [(key, one) for key, one in self.state.measures.items() if one["action"] == action]
            of_action.sort(key=lambda pair: (pair[1]["order"], pair[0]))
            self._measures[action] = [
                (key, one, of_measure(self.state.updates[key])) for key, one in of_action
            ]
        return self._measures[action]

    def measures(self) -> dict[int, tuple[dict[str, Any], OfMeasure]]:
        """Wording and condition of every measure, by key."""
        return {
            key: (one, known) for action in self.state.actions for key, one, known in self.measures_of(action)
        }

    def status_of(self, action: int) -> str:
        ranks = [known.rank for _, _, known in self.measures_of(action)]
        return WORST_FIRST[min(ranks, default=UNREPORTED)]

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
        if key not in self._actions:
            self._actions[key] = self._of_action(key)
        return self._actions[key]

    def _of_action(self, key: int) -> OfAction:
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

    def measure_before(self, measure: int) -> str | None:
        """The status of a measure at the last meeting."""
        return of_measure(self.then.state.updates[measure]).status if self.then else None

    def direction_of(self, measure: int, known: OfMeasure) -> str | None:
        before = self.measure_before(measure)
        return direction(before, known.status) if before else None

    def by_number(self) -> list[int]:
        """The keys of all actions, in the order of their numbers."""
        return sorted(self.state.actions, key=lambda key: self.state.actions[key]["number"])

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
        return dict(Counter(self.action(key).status for key in keys))

    def late(self, keys: list[int]) -> tuple[int, int, int]:
        """How many are awaited, overdue, and past their target date."""
        found = [self.action(key) for key in keys]
        awaited, overdue = sum(one.awaited for one in found), sum(one.overdue for one in found)
        return awaited, overdue, sum(one.past_target for one in found)

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
        if self._exceptions is None:
            self._exceptions = self._found()
        return self._exceptions

    def _found(self) -> list[tuple[int, set[str], date | None]]:
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
            days.append(self.period["due"] + timedelta(days=1))
        for _, measure, known in self.measures_of(key):
            if self.is_past_target(measure, known):
                kinds.add("past-target")
                days.append(measure["target_date"] + timedelta(days=1))
        return kinds, days

    def _worse_since(self, key: int, one: OfAction) -> datetime:
        """The moment since which it has been worse than at the meeting, without a break."""
        before = WORST_FIRST.index(str(one.before))
        return self._since(key, lambda status: WORST_FIRST.index(status) < before)

    def status_since(self, key: int) -> datetime:
        """The moment since which it has had its status, without a break."""
        now = self.action(key).status
        return self._since(key, lambda status: status == now)

    def _since(self, key: int, holds: Callable[[str], bool]) -> datetime:
        since = self.moment
        for at, statuses in reversed(self.happened.statuses()):
            if at < self.moment:
                if key not in statuses or not holds(statuses[key]):
                    return since
                since = at
        return since


def direction(before: str, now: str) -> str:
    if before == "not-reported":
        return "same" if now == "not-reported" else "new"
    if now == before or "closed" in (before, now):
        return "same"
    return "better" if WORST_FIRST.index(now) > WORST_FIRST.index(before) else "worse"

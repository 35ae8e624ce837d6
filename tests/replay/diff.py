"""The exact diff of two moments, replayed: which statuses moved, and what people edited, in the portal's words."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from tests.replay.oracle import History, Replay
from tests.replay.state import WORST_FIRST, Happened, State, in_words

KINDS = {
    "actions": "Action",
    "leads": "Lead",
    "marks": "Relationship",
    "measures": "Outcome measure",
}
# What is named when it changes, with the words for it.
FIELDS = {
    "actions": {
        "number": "Action number", "title": "Wording", "theme": "Theme", "cluster": "Cluster",
        "outcome_text": "Outcome measure",
    },
    "leads": {"acceptance": ""},
    "marks": {"strength": ""},
    "measures": {
        "text": "wording", "year": "year", "baseline": "baseline", "target": "target", "unit": "unit",
        "target_date": "target date", "revised_date": "revised date",
    },
}  # fmt: skip
DISPLAYED = {
    "suggested": "Suggested",
    "accepted": "Accepted",
    "declined": "Declined",
    "X": "strong",
    "O": "supporting",
}
ABSENT = -1
LISTED = ("worse", "better", "new", "closed", "reopened")
Row = dict[str, Any]


@dataclass(frozen=True)
class Edit:
    when: datetime
    number: int
    kind: str
    line: str
    who: str
    why: str
    dates: tuple[date | None, date | None, date | None] | None = None
    key: int = 0  # of the action, whose number another may have had before

    @property
    def place(self) -> tuple[Any, ...]:
        return (-self.when.timestamp(), self.number, self.kind, self.line)


class Line(NamedTuple):
    """What an edit did to one row, before it is known who made it."""

    kind: str
    action: int
    words: str
    dates: tuple[date | None, date | None, date | None] | None = None


def way_of(before: int, now: int) -> str:
    """How an action went from one place in WORST_FIRST to another."""
    closed, unreported = WORST_FIRST.index("closed"), WORST_FIRST.index("not-reported")
    if ABSENT in (before, now):
        return "added" if before == ABSENT else "removed"
    if before == now:
        return "same"
    if before == unreported:
        return "new"
    if closed in (before, now):
        return "closed" if now == closed else "reopened"
    return "worse" if now < before else "better"


def flow_of(replay: Replay, then: Replay) -> Counter[tuple[int, int]]:
    """How many actions went from which place to which."""
    flow: Counter[tuple[int, int]] = Counter()
    for key in {*replay.state.actions, *then.state.actions}:
        flow[_place(then, key), _place(replay, key)] += 1
    return flow


def moves_of(replay: Replay, then: Replay) -> list[tuple[int, str, str, str]]:
    """Key, way, status before and now of each action whose status moved: by way, then number."""
    found = []
    for key, action in replay.state.actions.items():
        way = way_of(_place(then, key), _place(replay, key))
        if way in LISTED:
            row = (key, way, then.action(key).status, replay.action(key).status)
            found.append(((LISTED.index(way), action["number"]), row))
    return [row for _, row in sorted(found)]


def _place(replay: Replay, key: int) -> int:
    return WORST_FIRST.index(replay.action(key).status) if key in replay.state.actions else ABSENT


def edits_of(happened: History, since: datetime, until: datetime) -> list[Edit]:
    """What was edited from `since` to just before `until`, newest first; loading the plan is no edit."""
    if happened.worked_out[0] != len(happened):
        happened.worked_out = (len(happened), list(_replayed(happened)))
    numbers: dict[int, int] = {}
    found: list[Done] = []
    for done in happened.worked_out[1]:
        if done.at < until:
            numbers |= done.numbers
            found += [done] if done.at >= since else []
    edits = [
        Edit(
            done.at,
            numbers[line.action],
            line.kind,
            line.words,
            done.by.who,
            done.by.why,
            line.dates,
            line.action,
        )
        for done in found
        for line in done.lines
    ]
    return sorted(edits, key=lambda edit: edit.place)


class Done(NamedTuple):
    """What was recorded at one moment: its lines, and the numbers that all actions have after it."""

    at: datetime
    by: Happened
    lines: list[Line]
    numbers: dict[int, int]


def _replayed(happened: History) -> Iterator[Done]:
    state = State()
    for at, group in groupby(happened, key=lambda one: one.at):
        together = list(group)
        before = {kind: {key: dict(row) for key, row in getattr(state, kind).items()} for kind in KINDS}
        for one in together:
            one.apply(state)
        lines = [] if together[0].what == "as seeded" else list(_lines(before, state))
        yield Done(at, together[0], lines, {key: one["number"] for key, one in state.actions.items()})


def _lines(before: dict[str, dict[int, Row]], state: State) -> Iterator[Line]:
    for kind, label in KINDS.items():
        now: dict[int, Row] = getattr(state, kind)
        for key in sorted({*before[kind], *now}):
            old, new = before[kind].get(key), now.get(key)
            if old and new and _owner(kind, key, old) == _owner(kind, key, new):
                yield from _changed(kind, key, old, new, state)
                continue
            for row, done in ((old, "removed"), (new, "added")):
                if row:
                    words = f"{_name(kind, row, state)} {done}: {_value(kind, row, state)}"
                    yield Line(label, _owner(kind, key, row), words)


def _owner(kind: str, key: int, row: Row) -> int:
    return key if kind == "actions" else int(row["action"])


def _changed(kind: str, key: int, old: Row, new: Row, state: State) -> Iterator[Line]:
    for field, label in FIELDS[kind].items():
        if old[field] != new[field]:
            name = _name(kind, new, state)
            whose = label if kind == "actions" else f"{name}, {label}" if label else name
            words = f"{whose}: {_shown(field, old[field], state)} → {_shown(field, new[field], state)}"
            dates = None
            if field.endswith("_date"):
                previous = old["revised_date"] or old["target_date"]
                dates = (new["target_date"], previous, new["revised_date"] or new["target_date"])
            yield Line(KINDS[kind], _owner(kind, key, new), words, dates)


def _name(kind: str, row: Row, state: State) -> str:
    if kind == "leads":
        return f"Lead {state.names['partner'][row['partner']]}"
    if kind == "marks":
        return f"Relationship to {state.names['vital_few'][row['vital_few']]}"
    return f"Measure {row['order']}" if kind == "measures" else "Action"


def _value(kind: str, row: Row, state: State) -> str:
    field = {"actions": "number", "leads": "acceptance", "marks": "strength", "measures": "text"}[kind]
    return _shown(field, row[field], state)


def _shown(field: str, value: Any, state: State) -> str:
    if field in ("theme", "cluster"):
        value = state.names[field][value]
    elif field in ("acceptance", "strength"):
        value = DISPLAYED[value]
    elif isinstance(value, date):
        value = in_words(value)
    elif isinstance(value, Decimal):
        value = plain(value)
    return "none" if value in (None, "") else f"“{value}”"


def plain(value: Decimal | None) -> str:
    """1,250.5, without noughts at the end; empty for None."""
    return "" if value is None else f"{value:,.2f}".rstrip("0").rstrip(".")

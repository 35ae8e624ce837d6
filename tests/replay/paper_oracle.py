"""What the board's paper should say, worked out from the replay alone."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from tests.replay.diff import flow_of, way_of
from tests.replay.oracle import Replay
from tests.replay.state import LABELS, WORST_FIRST, end_of, in_words, london_day

TREND_MEETINGS = 7  # before the paper itself
OVERDUE, PAST = "With an update overdue", "Past their target date"
WAYS = {
    "worse": "worse",
    "better": "better",
    "new": "reported for the first time",
    "closed": "closed by a board decision",
    "reopened": "reopened",
    "same": "unchanged",
    "added": "added to the plan",
    "removed": "removed from the plan",
}
Counts = dict[str, int]


def count_lines(replay: Replay) -> dict[str, tuple[int | None, int | None]]:
    """Each line of the counts: now, and at the meeting before."""
    now, then = _counted(replay), _counted(replay.then) if replay.then else None
    return {label: (count, then[label] if then else None) for label, count in now.items()}


def _counted(replay: Replay) -> dict[str, int | None]:
    """None where there is nothing to count: no update is due without a period, nothing is late without a date."""
    state = replay.state
    keys = list(state.actions)
    counts, (_, overdue, past) = replay.counts(keys), replay.late(keys)
    dated = [one for one in state.measures.values() if one["target_date"] and one["action"] in state.actions]
    found: dict[str, int | None] = {LABELS[name]: counts.get(name, 0) for name in WORST_FIRST}
    return found | {
        "Actions": len(keys),
        OVERDUE: overdue if replay.period else None,
        PAST: past if dated else None,
    }


def in_cell(count: int | None) -> int | str:
    return "–" if count is None else count


def change_in_words(now: int | None, then: int | None) -> str:
    if now is None or then is None:
        return ""
    return f"+{now - then}" if now > then else f"−{then - now}" if now < then else "0"


def known_on(replay: Replay) -> date:
    """The day of the figures that the board had at the meeting before."""
    assert replay.meeting
    return figures_of(replay, replay.meeting)


def figures_of(replay: Replay, meeting: dict[str, Any]) -> date:
    """The day of the figures that the board had at that meeting."""
    return london_day(replay.known_at(meeting) - timedelta(microseconds=1))


def compared_in_words(replay: Replay) -> str:
    meeting = replay.meeting
    if not meeting:
        return "There was no board meeting before it, so nothing is compared."
    held_on, known = meeting["held_on"], known_on(replay)
    name = f"the {meeting['name']}, " if meeting["name"] else ""
    paper = "the paper for " if replay.known_at(meeting) < end_of(held_on) else ""
    figures = "" if known == held_on else f" (figures as at {in_words(known)})"
    return f"Compared with {paper}{name}{in_words(held_on)}{figures}."


def moved_in_words(replay: Replay, then: Replay) -> str:
    """How many actions went which way."""
    ways, complete = ways_of(replay, then), WORST_FIRST.index("complete")
    sums = ", ".join(f"{ways[way]} {words}" for way, words in WAYS.items() if ways.get(way))
    done = sum(n for (before, now), n in flow_of(replay, then).items() if before != now == complete)
    before = f"{len(then.state.actions)} action{_s(len(then.state.actions))}"
    said = f"Of {before} then and {len(replay.state.actions)} now: {sums or 'none'}."
    said += " Every action in either paper is counted once."
    return said + (
        f" {done} action{_s(done)} {'has' if done == 1 else 'have'} become Complete." if done else ""
    )


def requests_of(replay: Replay) -> list[tuple[str, str, date]]:
    """Name of the measure, what is needed from the board and when, in the order of the exceptions."""
    keys = {action["number"]: key for key, action in replay.state.actions.items()}
    found = []
    for number, kinds, _ in replay.exceptions():
        if "off-track" not in kinds:
            continue
        measures = replay.measures_of(keys[number])
        for _, one, known in measures:
            said = known.words or known.last
            if known.status == "off-track" and said:
                place = f", measure {one['order']}" if len(measures) > 1 else ""
                found.append((f"Action {number}{place}", said["next_step"], london_day(said["at"])))
    return found


def silent_of(replay: Replay) -> dict[str, list[int]]:
    """The numbers of the overdue actions of each lead partner."""
    found: dict[str, list[int]] = {}
    for key in replay.by_number():
        if replay.action(key).overdue:
            for name, _ in replay.leads_of(key):
                found.setdefault(name, []).append(replay.state.actions[key]["number"])
    return found


def ways_of(replay: Replay, then: Replay) -> Counts:
    return Counter(way_of(*pair) for pair in flow_of(replay, then).elements())


def headline_of(replay: Replay) -> str:
    keys = list(replay.state.actions)
    counts, (_, overdue, _) = replay.counts(keys), replay.late(keys)
    parts = [_troubled(counts, len(keys)), _moved(replay)]
    asked = len(requests_of(replay))
    parts.append(
        f"{asked} decision{_s(asked)} {_be(asked)} asked of the board"
        if asked
        else "no decision is asked of the board"
    )
    parts.append(_overdue(replay, overdue))
    said = "; ".join(part for part in parts if part)
    return f"{said[0].upper()}{said[1:]}."


def _troubled(counts: Counts, total: int) -> str:
    off, risk = counts.get("off-track", 0), counts.get("at-risk", 0)
    if off == risk == 0:
        return f"{f'none of the {total} actions' if total > 1 else 'no action'} is off track or at risk"
    if off == 0:
        return f"no action is off track and {risk} of {total} {_be(risk)} at risk"
    return f"{off} of {total} action{_s(total)} {_be(off)} off track and {_second(off, risk)} at risk"


def _second(one: int, other: int) -> str:
    """The other number, with a verb of its own where only that one is plural."""
    if other == 0:
        return "none"
    return f"{other} are" if other > 1 and one < 2 else f"{other}"


def _moved(replay: Replay) -> str:
    if not replay.then or not replay.meeting:
        return ""
    ways = ways_of(replay, replay.then)
    worse, better, new = ways["worse"], ways["better"], ways["new"]
    day = in_words(known_on(replay))
    first = f", and {new} reported for the first time" if new else ""
    if not worse and not better:
        return f"none is worse or better than on {day}{first}"
    return f"{worse or 'none'} {_be(worse)} worse and {_second(worse, better)} better than on {day}{first}"


def _overdue(replay: Replay, overdue: int) -> str:
    if replay.period is None:
        return "no reporting period is open, so no update is due"
    if not overdue:
        return "no update is overdue"
    said = f"{overdue} action{_s(overdue)} {'has' if overdue == 1 else 'have'} an update overdue"
    silent = silent_of(replay)
    most = max(map(len, silent.values()), default=0)
    first = sorted((name for name, numbers in silent.items() if len(numbers) == most), key=str.casefold)
    if len(first) not in (1, 2):
        return said
    led = f"led by {' and '.join(first)}"
    both = " and ".join(first)
    if most == overdue:
        return f"{said}, {led}" if most == 1 else f"{said}, all of them {led}"
    return f"{said}, {most} of them {led}" if len(first) == 1 else f"{said}: {both} lead {most} each"


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _be(count: int) -> str:
    return "is" if count <= 1 else "are"


def standings_of(replay: Replay) -> list[tuple[str, str, list[int], list[int]]]:
    """Code and name of each vital few, and the actions that are strong and supporting for it."""
    found = []
    for key, code in replay.state.names["vital_few"].items():
        marked = [
            [action for action in replay.by_number() if replay.marks_of(action).get(code) == mark]
            for mark in "XO"
        ]
        found.append((code, replay.state.names["vital_few_name"][key], *marked))
    return found


def trend_of(replay: Replay) -> list[tuple[dict[str, Any] | None, Counts]]:
    """The counts at each of the last meetings that knew of a plan, then those of the paper itself."""
    found: list[tuple[dict[str, Any] | None, Counts]] = []
    for meeting in replay.held[-TREND_MEETINGS:]:
        then = Replay(replay.happened, replay.known_at(meeting))
        if then.state.actions:
            found.append((meeting, then.counts(list(then.state.actions))))
    return [*found, (None, replay.counts(list(replay.state.actions)))]


def breakdowns_of(replay: Replay) -> dict[tuple[str, str, str], dict[str, str]]:
    """The rows of the sheet of breakdowns, by what they are grouped by, name and relationship."""
    return {place: _shares(replay, keys) for place, keys in _groups(replay)}


def _groups(replay: Replay) -> Iterator[tuple[tuple[str, str, str], list[int]]]:
    names, actions = replay.state.names, replay.state.actions
    yield ("All", "All actions", ""), list(actions)
    for code, name, strong, supporting in standings_of(replay):
        both = [*strong, *supporting]
        for relationship, keys in (("strong", strong), ("supporting", supporting), ("together", both)):
            yield ("Vital few", f"{code} {name}", relationship), keys
    for label, kind in (("Theme", "theme"), ("Cluster", "cluster")):
        for key, name in names[kind].items():
            yield (label, name, ""), [one for one, action in actions.items() if action[kind] == key]
    for name in names["partner"].values():
        yield ("Lead", name, ""), [key for key in actions if name in dict(replay.leads_of(key))]


def _shares(replay: Replay, keys: list[int]) -> dict[str, str]:
    counts, (awaited, overdue, past) = replay.counts(keys), replay.late(keys)
    found = {"Actions": str(len(keys))}
    for name in WORST_FIRST:
        count = counts.get(name, 0)
        found[LABELS[name]] = str(count)
        found[f"{LABELS[name]} %"] = str((count * 200 + len(keys)) // (len(keys) * 2)) if keys else ""
    return found | {
        "Update awaited": str(awaited),
        "Update overdue": str(overdue),
        "Past target date": str(past),
    }

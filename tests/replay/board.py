"""Holds the board page against the oracle, part by part."""

from typing import Any

from tests.pages import Element
from tests.replay.cells import BY_EDIT, moved_by, reasons_in_words
from tests.replay.diff import Edit, edits_of, moves_of
from tests.replay.oracle import Replay
from tests.replay.pages import in_numbers
from tests.replay.paper_oracle import (
    change_in_words,
    compared_in_words,
    count_lines,
    figures_of,
    headline_of,
    in_cell,
    known_on,
    moved_in_words,
    requests_of,
    silent_of,
    standings_of,
    trend_of,
)
from tests.replay.state import LABELS, SYMBOLS, in_words, short, signed
from tests.replay.tally import same

LISTED_AT_MOST = 100  # edits on the page; the workbook has all


def compare_board(main: Element, replay: Replay) -> None:
    same(main.one("p", css="headline").text, headline_of(replay))
    assert compared_in_words(replay) in main.one("p", css="lede").text
    _compare_counts(main, replay)
    _compare_requests(main, replay)
    _compare_silent(main, replay)
    _compare_standings(main, replay)
    _compare_exceptions(main, replay)
    if replay.then:
        _compare_moved(main, replay, replay.then)


def table_of(main: Element, caption: str) -> list[list[str]]:
    """The cells of the table with this caption; none where the page has no such table."""
    for table in main.all("table"):
        if table.one("caption").text.startswith(caption):
            rows = table.one("tbody").all("tr")
            return [[cell.text for cell in row.children if isinstance(cell, Element)] for row in rows]
    return []


def _compare_counts(main: Element, replay: Replay) -> None:
    symbols = {LABELS[name]: f"{symbol} " for name, symbol in SYMBOLS.items()}
    wanted = [
        [f"{symbols.get(label, '')}{label}", str(in_cell(now))]
        + ([str(in_cell(then)), change_in_words(now, then)] if replay.then else [])
        for label, (now, then) in count_lines(replay).items()
    ]
    same(table_of(main, "Actions by status, in this paper"), wanted)


def _compare_requests(main: Element, replay: Replay) -> None:
    found = [
        (one.one("a").text, one.text)
        for part in main.all("ol", css="paper-requests")
        for one in part.all("li")
    ]
    wanted = requests_of(replay)
    same([name for name, _ in found], [name for name, _, _ in wanted])
    for (_, text), (_, words, _) in zip(found, wanted, strict=True):
        assert text.endswith(words), text


def _compare_silent(main: Element, replay: Replay) -> None:
    found = {}
    for one in [line for part in main.all("ul", css="paper-silent") for line in part.all("li")]:
        name, _, count = one.text.partition(" (")[0].rpartition(": ")
        found[name] = (int(count.split()[0]), [int(link.text) for link in one.all("a")])
    wanted = silent_of(replay)
    same(found, {name: (len(numbers), numbers[:12]) for name, numbers in wanted.items()})


def _share(replay: Replay, keys: list[int]) -> str:
    return shared(replay.counts(keys)) if keys else "No actions"


def shared(counts: dict[str, int]) -> str:
    """“12 actions: 2 Off track, 10 On track”."""
    total = sum(counts.values())
    return f"{total} action{'' if total == 1 else 's'}: {in_numbers(counts)}"


def _compare_standings(main: Element, replay: Replay) -> None:
    wanted = [
        [f"{code} {name}", _share(replay, strong), _share(replay, supporting)]
        for code, name, strong, supporting in standings_of(replay)
    ]
    same(table_of(main, "Actions by vital few"), wanted)
    points = [[_name(meeting, replay), shared(counts)] for meeting, counts in trend_of(replay)]
    same(table_of(main, "Status at recent meetings"), points if len(points) > 1 else [])


def _name(meeting: dict[str, Any] | None, replay: Replay) -> str:
    if meeting is None:
        return "This paper"
    return f"{meeting['name']} figures as at {short(figures_of(replay, meeting))}"


def _compare_exceptions(main: Element, replay: Replay) -> None:
    wanted = replay.exceptions()
    assert f"Exceptions: {len(wanted)} of {len(replay.state.actions)} actions" in main.text
    keys = {action["number"]: key for key, action in replay.state.actions.items()}
    rows = table_of(main, "Exceptions, Off track first")
    same([int(row[0].split()[0]) for row in rows], [number for number, _, _ in wanted])
    for row, (number, _, _) in zip(rows, wanted, strict=True):
        one, key = replay.action(keys[number]), keys[number]
        assert row[0].startswith(f"{number} {replay.state.actions[key]['title']}")
        assert row[1].startswith(f"{SYMBOLS[one.status]} {LABELS[one.status]}")
        assert row[2].startswith(reasons_in_words(replay, key, with_status=False)), row[2]
        assert one.last is None or one.last["comment"] in row[3], row[3]


def _compare_moved(main: Element, replay: Replay, then: Replay) -> None:
    assert moved_in_words(replay, then) in main.text
    assert f"What has changed since {in_words(known_on(replay))}" in main.text
    moves = []
    for key, _, before, now in moves_of(replay, then):
        action, (last, when) = replay.state.actions[key], moved_by(replay, key)
        who = f"{signed(last) if last else BY_EDIT}, {short(when, 'B')}"
        name = f"{action['number']} {action['title']}"
        moves.append([name, LABELS[before], f"{SYMBOLS[now]} {LABELS[now]}", who])
    same([row[:4] for row in table_of(main, "Actions whose status has changed")], moves)
    shown = edits_of(replay.happened, then.moment, replay.moment)[:LISTED_AT_MOST]
    dated = [_dated(edit) for edit in shown if edit.dates]
    same(table_of(main, "Target dates revised"), dated)
    listed = [one.text for part in main.all("ul", css="paper-edits") for one in part.all("li")]
    same(listed, [f"Action {edit.number}: {edit.line} {_who(edit)}" for edit in shown if not edit.dates])


def _dated(edit: Edit) -> list[str]:
    days = [in_words(day) or "–" for day in edit.dates or ()]
    return [f"Action {edit.number}", *days, _who(edit)]


def _who(edit: Edit) -> str:
    return f"{edit.who}, {short(edit.when, 'B')}" + (f": {edit.why}" if edit.why else "")

"""Holds the text of the board's PDF against the oracle: every row that it must print."""

import re
from collections.abc import Iterator

from pypdf import PdfReader

from tests.replay.cells import BY_EDIT, leads_in_words, local, moved_by, percent_of
from tests.replay.diff import ABSENT, Edit, edits_of, flow_of, moves_of, plain
from tests.replay.oracle import Replay
from tests.replay.pages import in_numbers
from tests.replay.paper_oracle import (
    WAYS,
    change_in_words,
    compared_in_words,
    count_lines,
    figures_of,
    headline_of,
    in_cell,
    known_on,
    moved_in_words,
    standings_of,
    trend_of,
)
from tests.replay.state import LABELS, WORST_FIRST, in_words, quoted, short, signed
from tests.replay.tally import compared

BROKEN = re.compile(r"[\s\-\u00ad\u2010\u2011]+")  # where a line may end, hyphens included


def compare_pdf(pdf: PdfReader, replay: Replay) -> None:
    text = squeezed(" ".join(page.extract_text() for page in pdf.pages))
    for part in _printed(replay):
        compared["values"] += 1
        assert squeezed(part) in text, part


def squeezed(text: str) -> str:
    return BROKEN.sub("", text)


def _printed(replay: Replay) -> Iterator[str]:
    yield headline_of(replay)
    for label, (now, then) in count_lines(replay).items():
        compared = f" {in_cell(then)} {change_in_words(now, then)}" if replay.then else ""
        yield f"{label} {in_cell(now)}{compared}"
    for meeting, counts in trend_of(replay):
        label = short(figures_of(replay, meeting)) if meeting else "This paper"
        yield f"{label} {' '.join(str(counts.get(name, 0)) for name in WORST_FIRST)}"
    for code, name, *marked in standings_of(replay):
        yield f"{code} {name} {' '.join(_share(replay, keys) for keys in marked)}"
    yield from _exceptions(replay)
    if replay.then:
        yield from _moved(replay, replay.then)
    yield from _measures(replay)


def _share(replay: Replay, keys: list[int]) -> str:
    words = in_numbers(replay.counts(keys))
    for label in LABELS.values():
        words = words.replace(label, f"{label[0].lower()}{label[1:]}")
    return f"{len(keys)} action{'' if len(keys) == 1 else 's'}: {words}" if keys else ""


def _name(replay: Replay, key: int) -> str:
    action = replay.state.actions[key]
    return f"{action['number']} {action['title']} · {leads_in_words(replay, key)}"


def _exceptions(replay: Replay) -> Iterator[str]:
    found = replay.exceptions()
    yield f"Exceptions in full: {len(found)} of {len(replay.state.actions)} action"
    keys = {action["number"]: key for key, action in replay.state.actions.items()}
    for number, _, since in found:
        key = keys[number]
        one = replay.action(key)
        yield f"{_name(replay, key)} {LABELS[one.status]}"
        if since:
            yield f"Exception since {short(since)}"
        if one.last:
            assert one.worst is not None
            said = quoted(replay.state.updates[one.worst])
            yield f"{said} {signed(one.last)}, {short(one.last['at'], 'B')}"


def _moved(replay: Replay, then: Replay) -> Iterator[str]:
    flow = flow_of(replay, then)
    yield compared_in_words(replay)
    yield f"What has changed since {in_words(known_on(replay))}"
    yield f"{moved_in_words(replay, then)} The table adds up to the counts of both papers."
    ranks = [rank for rank in (*range(len(WORST_FIRST)), ABSENT) if any(rank in pair for pair in flow)]
    for before in ranks:
        cells = [flow[before, now] for now in ranks]
        label = LABELS[WORST_FIRST[before]] if before != ABSENT else "Added since"
        if sum(cells):
            yield f"{label} {' '.join(str(cell) for cell in cells if cell)} {sum(cells)}"
    for key, way, before_status, now in moves_of(replay, then):
        last, when = moved_by(replay, key)
        who = f"{signed(last) if last else BY_EDIT}, {short(when)}"
        yield f"{_name(replay, key)} {LABELS[before_status]} {LABELS[now]} {WAYS[way]} {who}"
    for edit in edits_of(replay.happened, then.moment, replay.moment):
        yield _edit(edit)


def _edit(edit: Edit) -> str:
    who = f"{edit.who}, {short(edit.when, 'B')} at {local(edit.when)[-5:]}"
    if edit.dates:
        return f"{edit.number} {' '.join(map(short, edit.dates))} {edit.why} {who}"
    return f"{edit.number} {edit.kind}: {edit.line} {edit.why} {who}"


def _measures(replay: Replay) -> Iterator[str]:
    for key in replay.by_number():
        measures = replay.measures_of(key)
        for _, one, known in measures:
            percent = percent_of(known.value, one["target"])
            unit = f" {one['unit']}" if one["unit"] and one["target"] is not None else ""
            revised = f" revised {short(one['revised_date'])}" if one["revised_date"] else ""
            cells = (
                f"{replay.state.actions[key]['number']}" + (f".{one['order']}" if len(measures) > 1 else ""),
                one["text"],
                leads_in_words(replay, key),
                plain(one["baseline"]),
                f"{plain(one['target'])}{unit}",
                plain(known.value),
                "" if percent is None else f"{percent}%",
                LABELS[known.status],
                short(known.last["at"]) if known.last else "",
                f"{short(one['target_date'])}{revised}",
            )
            yield " ".join(cells)

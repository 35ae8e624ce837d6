"""Holds the board's paper against the oracle: the figures, and board page, PDF, and every sheet as CSV and workbook."""

import io
from typing import Any

from django.test import Client
from pypdf import PdfReader

from actions.plan import Plan
from reporting.calendar import plan_at
from reporting.paper.figures import paper_of
from reporting.paper.moved import movement_of
from tests.pages import page
from tests.replay.board import compare_board
from tests.replay.cells import (
    Cells,
    all_action_cells,
    all_measure_cells,
    change_cells,
    exception_cells,
    reasons_in_words,
    rows_of_csv,
    rows_of_sheet,
    sheets_of,
)
from tests.replay.diff import edits_of, flow_of, moves_of
from tests.replay.oracle import Replay
from tests.replay.paper_oracle import (
    breakdowns_of,
    compared_in_words,
    count_lines,
    figures_of,
    headline_of,
    in_cell,
    known_on,
    requests_of,
    silent_of,
    standings_of,
    trend_of,
    ways_of,
)
from tests.replay.printed import compare_pdf
from tests.replay.state import WORST_FIRST, short
from tests.replay.tally import same, same_rows

FULL = 2_000
LISTS = ("exceptions", "actions", "outcome-measures", "breakdowns", "changes")


def compare_paper(plan: Plan, replay: Replay) -> None:
    """Every figure of the paper at the plan's moment, and what moved since the last meeting."""
    paper = paper_of(plan, FULL)
    same(paper.headline, headline_of(replay))
    same(paper.compared_with, compared_in_words(replay))
    same({line.label: (line.now, line.then) for line in paper.count_lines}, count_lines(replay))
    same([(one.measure.name, one.words, one.asked_on) for one in paper.requests], requests_of(replay))
    same(paper.request_count, len(requests_of(replay)))
    silent = {one.partner.name: (one.count, one.numbers) for one in paper.silent}
    wanted = silent_of(replay)
    same(silent, {name: (len(numbers), numbers[:12]) for name, numbers in wanted.items()})
    points = [(point.meeting and point.meeting.held_on, _by_status(point.counts)) for point in paper.trend]
    same(points, [(meeting and meeting["held_on"], counts) for meeting, counts in trend_of(replay)])
    same(
        [
            (one.vital_few.code, _by_status(one.strong), _by_status(one.supporting))
            for one in paper.vital_fews
        ],
        [(code, *map(replay.counts, marked)) for code, _, *marked in standings_of(replay)],
    )
    assert (paper.moved is None) == (replay.then is None)
    if replay.then and paper.before:
        assert paper.before.moment == replay.then.moment
        assert paper.since
        assert paper.since.known_on == known_on(replay)
        compare_movement(plan, plan_at(paper.before.moment), replay, replay.then)


def _by_status(counts: Any) -> dict[str, int]:
    return {share.status.value: share.count for share in counts.present}


def compare_movement(plan: Plan, before: Plan, replay: Replay, then: Replay) -> None:
    """The diff of two moments: the flow of statuses, every status that moved, and every edit, word for word."""
    moved = movement_of(plan, before, FULL)
    same({pair: count for pair, count in moved.flow.items() if count}, dict(flow_of(replay, then)))
    assert moved.adds_up
    for place, one in ((0, then), (1, replay)):
        sums = dict.fromkeys(WORST_FIRST, 0)
        for pair, count in moved.flow.items():
            if pair[place] >= 0:
                sums[WORST_FIRST[pair[place]]] += count
        counts = one.counts(list(one.state.actions))
        same({name: count for name, count in sums.items() if count}, counts)
    ways = dict(ways_of(replay, then))
    same({way: count for way, count in moved.counts.items() if count}, ways)
    found = [(one.row.id, one.way, one.before.value, one.row.status.value) for one in moved.moves]
    same(found, moves_of(replay, then))
    edits = [(one.when, one.number, one.kind, one.line, one.who, one.why, _dates(one)) for one in moved.edits]
    wanted = edits_of(replay.happened, then.moment, replay.moment)
    same_rows(
        edits, [(one.when, one.number, one.kind, one.line, one.who, one.why, one.dates) for one in wanted]
    )
    assert moved.edit_count == len(wanted)


def _dates(edit: Any) -> Any:
    return edit.dates and (edit.dates.original, edit.dates.previous, edit.dates.new)


def compare_shown(client: Client, query: str, replay: Replay, ending: str) -> None:
    """Board page, PDF, and every sheet for `query`: as “csv”, or as the workbook that the PDF carries."""
    compare_board(page(client, f"/board/?{query}").one("main"), replay)
    pdf = PdfReader(io.BytesIO(_file(client, f"paper.pdf?{query}")))
    compare_pdf(pdf, replay)
    if ending == "csv":
        for slug in LISTS:
            _compare_sheet(slug, rows_of_csv(_file(client, f"export.csv?sheet={slug}&{query}")), replay)
        summary, notes = (
            [list(row.values()) for row in rows_of_csv(_file(client, f"export.csv?sheet={slug}&{query}"))]
            for slug in ("summary", "notes")
        )
        _compare_records(summary, replay)
    else:
        [[content]] = pdf.attachments.values()
        sheets = sheets_of(content)
        for title in ("Exceptions", "Actions", "Outcome measures", "Breakdowns", "Changes"):
            _compare_sheet(title.lower().replace(" ", "-"), rows_of_sheet(sheets[title]), replay)
        notes = sheets["Notes"]
        _compare_summary(sheets["Summary"], replay)
        if query.startswith("meeting=") and query != "meeting=now":  # published once, in both ways
            assert _file(client, f"export.xlsx?{query}") == content
    _compare_notes({str(row[0]): str(row[1]) for row in notes}, replay)


def _file(client: Client, address: str) -> bytes:
    answer: Any = client.get(f"/board/{address}")
    assert answer.status_code == 200, address
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def _compare_sheet(slug: str, rows: list[Cells], replay: Replay) -> None:
    if slug == "exceptions":
        reasons = [row.pop("Reasons") for row in rows]
        keys = {action["number"]: key for key, action in replay.state.actions.items()}
        same(
            reasons, [reasons_in_words(replay, keys[int(row["Action No"])], with_status=True) for row in rows]
        )
        same_rows(rows, exception_cells(replay), slug)
    elif slug == "breakdowns":
        found = {(row.pop("By"), row.pop("Name"), row.pop("Relationship")): row for row in rows}
        same(found, breakdowns_of(replay), slug)
    else:
        wanted = {"actions": all_action_cells, "outcome-measures": all_measure_cells, "changes": change_cells}
        same_rows(rows, wanted[slug](replay), slug)


def _summary_rows(replay: Replay) -> list[list[Any]]:
    """The tables of the summary: counts, requests, vital fews, meetings."""
    rows: list[list[Any]] = []
    for label, (now, then) in count_lines(replay).items():
        change = [] if now is None or then is None else [now - then]
        rows.append([label, in_cell(now), *([in_cell(then), *change] if replay.then else [])])
    for code, name, strong, supporting in standings_of(replay):
        rows.append([f"{code} {name}", *_numbers(replay.counts([*strong, *supporting]))])
    for meeting, counts in trend_of(replay):
        rows.append([_point(meeting, replay), *_numbers(counts)])
    return rows


def _point(meeting: dict[str, Any] | None, replay: Replay) -> str:
    if meeting is None:
        return f"{replay.today.day} {replay.today:%b %Y} (this paper)"
    day = figures_of(replay, meeting)
    alike = [one for one, _ in trend_of(replay) if one and figures_of(replay, one) == day]
    return short(day) + (f" (meeting of {short(meeting['held_on'])})" if len(alike) > 1 else "")


def _numbers(counts: dict[str, int]) -> list[int]:
    return [sum(counts.values()), *(counts.get(name, 0) for name in WORST_FIRST)]


def _compare_summary(rows: list[list[Any]], replay: Replay) -> None:
    said = [[cell for cell in row if cell is not None] for row in rows]
    for wanted in _summary_rows(replay):
        assert wanted in said, wanted
    headline = " ".join(str(row[0]) for row in said if row)
    assert headline_of(replay) in headline


def _compare_records(records: list[list[str]], replay: Replay) -> None:
    """The same tables, where each record is a part, a line, a figure and a value."""
    same(records[0][3], headline_of(replay))
    lines: dict[str, list[str]] = {}
    for _, line, _, value in records:
        lines.setdefault(line, []).append(value)
    for label, *numbers in _summary_rows(replay):
        said = [value for value in lines[label] if value]  # nothing where nothing is compared
        same(said, [str(number) for number in numbers], label)


def _compare_notes(notes: dict[str, str], replay: Replay) -> None:
    wanted = {
        "Exceptions": len(replay.exceptions()),
        "Actions": len(replay.state.actions),
        "Outcome measures": sum(
            one["action"] in replay.state.actions for one in replay.state.measures.values()
        ),
        "Breakdowns": len(breakdowns_of(replay)),
        "Changes": len(change_cells(replay)),
    }
    same({title: notes[f"Rows: {title}"] for title in wanted}, {title: str(n) for title, n in wanted.items()})
    same(notes["Headline"], headline_of(replay))

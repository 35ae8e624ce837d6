"""Holds the board paper against the oracle, and its page, sheets and PDF against the paper."""

import csv
import io
from collections import Counter
from datetime import date, datetime
from typing import Any

from django.test import Client
from pypdf import PdfReader

from actions.models import Status
from actions.plan import Plan
from reporting.calendar import plan_at
from reporting.paper.figures import paper_of
from reporting.paper.moved import ABSENT, movement_of, way_of
from tests.conftest import LOADED
from tests.pages import Element, page
from tests.replay.oracle import WORST_FIRST, OfAction, Replay

FULL = 2_000
EDITED = {
    "actions": ("number", "title", "theme", "cluster"),
    "measures": ("text", "target_date", "revised_date"),
}


def compare_paper(plan: Plan, replay: Replay) -> None:
    """Counts, requests, silence and vital fews at the plan's moment; what moved since the last meeting."""
    paper = paper_of(plan, FULL)
    expected = {key: replay.action(key) for key in replay.state.actions}
    lines = {line.label: (line.now, line.then) for line in paper.count_lines}
    now, then = Counter(one.status for one in expected.values()), None
    had_plan = (
        replay.then is not None and replay.then.moment > LOADED
    )  # the world may meet before there is a plan
    if replay.then and had_plan:
        then = Counter(replay.then.status_of(key) for key in replay.then.state.actions)
    for status in Status:
        assert lines[status.label][0] == now[status.value]
        assert then is None or lines[status.label][1] == then[status.value]
    late = [one for one in expected.values() if one.overdue]
    assert lines["of which with an update overdue"][0] == len(late)
    assert paper.request_count == sum(
        known.status == "off-track" for key in expected for _, _, known in replay.measures_of(key)
    )
    assert {one.partner.row_id: one.count for one in paper.silent} == _silent(replay, expected)
    assert (paper.moved is None) == (replay.then is None)
    if replay.then and had_plan:
        compare_movement(plan, plan_at(paper.before.moment if paper.before else None), replay, replay.then)


def _silent(replay: Replay, expected: dict[int, OfAction]) -> dict[int, int]:
    leads = [one for one in replay.state.leads.values() if one["acceptance"] != "declined"]
    return dict(Counter(one["partner"] for one in leads if expected[one["action"]].overdue))


def compare_movement(plan: Plan, before: Plan, replay: Replay, then: Replay) -> None:
    """The flow of statuses between two moments, and the fields of the plan that differ between them."""
    moved = movement_of(plan, before, FULL)
    flow: Counter[tuple[int, int]] = Counter()
    for key in {*replay.state.actions, *then.state.actions}:
        ranks = [
            WORST_FIRST.index(one.status_of(key)) if key in one.state.actions else ABSENT
            for one in (then, replay)
        ]
        flow[ranks[0], ranks[1]] += 1
    assert {pair: count for pair, count in moved.flow.items() if count} == dict(flow)
    assert moved.adds_up
    ways = Counter(way_of(*pair) for pair in flow.elements())
    assert {way: count for way, count in moved.counts.items() if count} == dict(ways)
    edited = {edit.number for edit in moved.edits}
    assert moved.edit_count == len(moved.edits)
    for kind, fields in EDITED.items():
        rows, earlier = getattr(replay.state, kind), getattr(then.state, kind)
        for key in rows.keys() & earlier.keys():
            if any(rows[key].get(field) != earlier[key].get(field) for field in fields):
                action = key if kind == "actions" else rows[key]["action"]
                assert replay.state.actions[action]["number"] in edited, (kind, key)


def compare_shown(client: Client, day: date, moment: datetime) -> None:
    """Board page, workbook's sheets as CSV, and PDF as at `day`: their figures are the paper's."""
    paper = paper_of(plan_at(moment), FULL)
    found = page(client, f"/board/?as_at={day}").one("main")
    assert found.one("p", css="headline").text == paper.headline
    shown = {
        row.one("th").text.removeprefix(f"{line.status.symbol} " if line.status else ""): _numbers(row)
        for row, line in zip(_rows(found, "paper-counts"), paper.count_lines, strict=True)
    }
    figures = {
        line.label: [line.now] if line.then is None else [line.now, line.then] for line in paper.count_lines
    }
    assert {label: numbers[: len(figures[label])] for label, numbers in shown.items()} == figures
    assert f"Exceptions: {paper.exceptions.count} of {paper.counts.total} actions" in found.text
    exceptions = _sheet(client, day, "exceptions")
    assert [int(row["Action No"]) for row in exceptions] == [one.row.number for one in paper.exceptions.first]
    listed = _sheet(client, day, "actions")
    assert Counter(row["Status"] for row in listed) == Counter(
        {share.status.label: share.count for share in paper.counts.present}
    )
    answer: Any = client.get(f"/board/paper.pdf?as_at={day}")
    assert answer.status_code == 200
    text = " ".join(
        " ".join(one.extract_text().split()) for one in PdfReader(io.BytesIO(answer.content)).pages
    )
    assert paper.headline in text
    for line in paper.count_lines:
        then = "" if line.then is None else f" {line.then} {line.change_in_words}"
        assert f"{line.label} {line.now}{then}" in text, line.label


def _rows(found: Element, css: str) -> list[Element]:
    return found.one("table", css=css).one("tbody").all("tr")


def _numbers(row: Element) -> list[int]:
    return [int(cell.text.replace("−", "-")) for cell in row.all("td")]


def _sheet(client: Client, day: date, sheet: str) -> list[dict[str, str]]:
    answer: Any = client.get(f"/board/export.csv?sheet={sheet}&as_at={day}")
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content, newline="")))

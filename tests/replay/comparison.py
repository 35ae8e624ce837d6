"""Compares every figure of a plan with the oracle's."""

import csv
import io
from datetime import date
from typing import Any

from django.test import RequestFactory
from django.utils import timezone

from actions.filters import ActionFilter
from actions.models import Status
from actions.plan import Plan
from actions.rows import ActionState
from actions.tables import columns_of
from reporting.exceptions import exceptions_of
from tests.replay.oracle import WORST_FIRST, OfAction, Replay, of_measure, quoted
from web.spreadsheets import csv_chunks


def compare(plan: Plan, replay: Replay) -> None:
    rows = plan.with_measures(plan.rows(plan.actions()))
    by_key = {row.id: row for row in rows}
    assert set(by_key) == set(replay.state.actions)
    expected = {key: replay.action(key) for key in by_key}
    for key, row in by_key.items():
        assert _of_row(row) == _of_oracle(key, expected[key], replay)
        _compare_measures(row, replay)
    _compare_histories(plan, replay)
    _compare_counts(plan, replay, expected)
    _compare_filters(plan, replay, expected)
    _compare_exceptions(plan, replay)
    _compare_file(plan, replay, expected)


def _of_row(row: ActionState) -> dict[str, Any]:
    return {
        "number": row.number,
        "title": row.title,
        "theme": row.theme.name,
        "cluster": row.cluster.name,
        "leads": [(lead.partner.name, lead.acceptance) for lead in row.leads],
        "marks": row.marks,
        "status": row.status.value,
        "shown by": (row.shown_by, row.measure_count),
        "awaited": row.awaited,
        "overdue": row.overdue,
        "past target": row.past_target,
        "before": row.meeting_status.value if row.meeting_status else None,
        "direction": row.direction.value if row.direction else None,
        "said": (row.update.comment, row.update.submitted_by, row.reported_at) if row.update else None,
        "words": row.words.comment if row.words else None,
        "worst": row.worst_measure.id if row.worst_measure else None,
    }


def _of_oracle(key: int, one: OfAction, replay: Replay) -> dict[str, Any]:
    action, names = replay.state.actions[key], replay.state.names
    return {
        "number": action["number"],
        "title": action["title"],
        "theme": names["theme"][action["theme"]],
        "cluster": names["cluster"][action["cluster"]],
        "leads": replay.leads_of(key),
        "marks": replay.marks_of(key),
        "status": one.status,
        "shown by": (one.shown_by, one.measures),
        "awaited": one.awaited,
        "overdue": one.overdue,
        "past target": one.past_target,
        "before": one.before,
        "direction": one.direction,
        "said": (one.last["comment"], signed(one.last), one.last["at"]) if one.last else None,
        "words": one.words["comment"] if one.words else None,
        "worst": one.worst,
    }


def signed(update: dict[str, Any]) -> str:
    """Who submitted it and for whom, with the names of the time."""
    if update["staff"]:
        return f"{update['author']} (City Growth staff), for {update['partner']}"
    return f"{update['author']}, {update['partner']}"


def _compare_measures(row: ActionState, replay: Replay) -> None:
    expected = replay.measures_of(row.id)
    found = [
        (one.id, one.measure.text, one.measure.target_date, one.measure.revised_date) for one in row.measures
    ]
    assert found == [(key, one["text"], one["target_date"], one["revised_date"]) for key, one, _ in expected]
    for measure, (key, wording, known) in zip(row.measures, expected, strict=True):
        then = of_measure(replay.then.state.updates[key]) if replay.then else None
        assert (measure.status.value, measure.known.value) == (known.status, known.value)
        assert (measure.update and measure.update.comment) == (known.last and known.last["comment"])
        assert (measure.words and measure.words.comment) == (known.words and known.words["comment"])
        updates = replay.state.updates[key]
        assert (measure.update.comment_in_full if measure.update else "") == quoted(updates)
        assert measure.awaited == replay.is_awaited(known)
        assert measure.past_target == replay.is_past_target(wording, known)
        assert (measure.meeting_status and measure.meeting_status.value) == (then and then.status)


def _compare_histories(plan: Plan, replay: Replay) -> None:
    """What the history of each measure quotes for each of its updates, newest first."""
    for row in plan.with_measures(plan.rows(plan.actions()), all_updates=True):
        for measure in row.measures:
            updates = replay.state.updates[measure.id]
            wanted = [quoted(updates[:count]) for count in range(len(updates), 0, -1)]
            assert [update.comment_in_full for update in measure.updates] == wanted


def _by_status(counts: Any) -> dict[str, int]:
    return {share.status.value: share.count for share in counts.shares if share.count}


def _compare_counts(plan: Plan, replay: Replay, expected: dict[int, OfAction]) -> None:
    assert _by_status(plan.counts()) == replay.counts(list(expected))
    assert (plan.counts().awaited, plan.counts().overdue, plan.counts().past_target) == tuple(
        sum(getattr(one, name) for one in expected.values()) for name in ("awaited", "overdue", "past_target")
    )
    for column, kind in (("theme", plan.themes), ("cluster", plan.clusters)):
        wanted = {str(key): counts for key, counts in replay.counts_by(column).items()}
        assert {key: _by_status(one) for key, one in plan.counts_by(column).items()} == wanted, kind
    of_leads = {str(key): counts for key, counts in replay.counts_by_lead().items()}
    assert {key: _by_status(one) for key, one in plan.counts_by("leads").items()} == of_leads
    by_mark = replay.counts_by_mark()
    for vital_few in plan.vital_fews:
        both = plan.counts_of_vital_few(vital_few)
        wanted_both = [by_mark.get((vital_few.code, mark), {}) for mark in "XO"]
        total = {name: sum(one.get(name, 0) for one in wanted_both) for name in WORST_FIRST}
        assert _by_status(both) == {name: count for name, count in total.items() if count}
    for way in ("better", "worse", "new"):
        moved = set(plan.moved(way).values_list("action", flat=True))
        assert moved == {key for key, one in expected.items() if one.direction == way}


def _compare_filters(plan: Plan, replay: Replay, expected: dict[int, OfAction]) -> None:
    wanted = {
        "status=at-risk&status=off-track": lambda key: expected[key].status in ("at-risk", "off-track"),
        "awaited=on": lambda key: expected[key].awaited,
        "overdue=on": lambda key: expected[key].overdue,
        "vital_few=VF3&strength=strong": lambda key: replay.marks_of(key).get("VF3") == "X",
        "strength=supporting": lambda key: "O" in replay.marks_of(key).values(),
        "q=said": lambda key: "said" in _searched(key, replay),
    }
    for query, fits in wanted.items():
        filterset = ActionFilter(RequestFactory().get(f"/?{query}").GET, plan)
        assert filterset.is_valid()
        found = set(filterset.qs.values_list("action", flat=True))
        assert found == {key for key in expected if fits(key)}, query


def _searched(key: int, replay: Replay) -> str:
    leads = " ".join(name for name, _ in replay.leads_of(key))
    return f"{replay.state.actions[key]['title']} {leads}".casefold()


def _compare_exceptions(plan: Plan, replay: Replay) -> None:
    found = exceptions_of(plan)
    wanted = replay.exceptions()
    assert [(one.row.number, one.since) for one in found.first] == [
        (number, since) for number, _, since in wanted
    ]
    assert found.count == len(wanted)
    for one, (_, kinds, _) in zip(found.first, wanted, strict=True):
        assert {_kind(reason) for reason in one.reasons} == kinds


def _kind(reason: str) -> str:
    for start, kind in (("worse", "worse"), ("update overdue", "overdue"), ("past its", "past-target")):
        if reason.startswith(start):
            return kind
    return next(status.value for status in Status if status.label == reason)


def _compare_file(plan: Plan, replay: Replay, expected: dict[int, OfAction]) -> None:
    """Compare the CSV file, as written, with the oracle."""
    columns = columns_of(plan)
    rows = ([column.value(row) for column in columns] for row in plan.in_chunks(plan.actions()))
    compare_csv(b"".join(csv_chunks([column.heading for column in columns], rows)), replay, expected)


def compare_csv(content: bytes, replay: Replay, expected: dict[int, OfAction]) -> None:
    """What a CSV of the whole plan says of each action."""
    text = content.decode("utf-8-sig")
    read = {int(row["Action No"]): row for row in csv.DictReader(io.StringIO(text, newline=""))}
    assert len(read) == len(expected)
    for key, one in expected.items():
        action, row = replay.state.actions[key], read[replay.state.actions[key]["number"]]
        dates = _dates(one, replay)
        last = one.last or {}
        assert {name: row[name] for name in CELLS} == {
            "Theme": replay.state.names["theme"][action["theme"]],
            "Action": action["title"],
            "Suggested Lead": "/".join(
                name if acceptance == "suggested" else f"{name} ({acceptance})"
                for name, acceptance in replay.leads_of(key)
            ),
            "VF2": replay.marks_of(key).get("VF2", ""),
            "Status": Status(one.status).label,
            "Last meeting": Status(one.before).label if one.before else "",
            "Direction": one.direction.capitalize() if one.direction else "",
            "Comment": _comment(one, replay),
            "Target date": dates[0],
            "Revised date": dates[1],
            "Last updated": f"{timezone.localtime(last['at']):%Y-%m-%d %H:%M}" if last else "",
            "Updated by": signed(last) if last else "",
            "Update overdue": "Yes" if one.overdue else "No",
        }


CELLS = (
    "Theme", "Action", "Suggested Lead", "VF2", "Status", "Last meeting", "Direction", "Comment", "Target date",
    "Revised date", "Last updated", "Updated by", "Update overdue",
)  # fmt: skip


def _comment(one: OfAction, replay: Replay) -> str:
    if one.worst is None or not one.last:
        return ""
    text = quoted(replay.state.updates[one.worst])
    key = replay.state.measures[one.worst]
    return f"Measure {key['order']} of {one.measures}: {text}" if text and one.measures > 1 else text


def _dates(one: OfAction, replay: Replay) -> tuple[str, str]:
    if one.worst is None:
        return "", ""
    measure = replay.state.measures[one.worst]

    def shown(day: date | None) -> str:
        return day.isoformat() if day else ""

    return shown(measure["target_date"]), shown(measure["revised_date"])

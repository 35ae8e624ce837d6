"""Compares every figure of a plan with the oracle's."""

from datetime import timedelta
from typing import Any

from django.test import RequestFactory

from actions.filters import ActionFilter, MeasureFilter
from actions.measure_table import MeasureTable, measure_columns_of
from actions.models import Status
from actions.plan import Plan
from actions.rows import ActionState
from actions.tables import columns_of, ordered
from reporting.exceptions import exceptions_of
from tests.replay.cells import all_action_cells, all_measure_cells, rows_of_csv
from tests.replay.oracle import OfAction, Replay
from tests.replay.state import FINAL, TROUBLED, WORST_FIRST, midnight, of_measure, quoted, signed
from tests.replay.tally import same, same_rows
from web.spreadsheets import csv_chunks


def compare(plan: Plan, replay: Replay) -> None:
    rows = plan.with_measures(plan.rows(plan.actions()))
    by_key = {row.id: row for row in rows}
    assert set(by_key) == set(replay.state.actions)
    expected = {key: replay.action(key) for key in by_key}
    for key, row in by_key.items():
        same(_of_row(row), _of_oracle(key, expected[key], replay))
        _compare_measures(row, replay)
    _compare_histories(plan, replay)
    _compare_counts(plan, replay, expected)
    _compare_filters(plan, replay, expected)
    _compare_measure_filters(plan, replay)
    _compare_exceptions(plan, replay)
    _compare_files(plan, replay)


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


def _compare_measures(row: ActionState, replay: Replay) -> None:
    expected = replay.measures_of(row.id)
    found = [
        (one.id, one.measure.text, one.measure.target_date, one.measure.revised_date) for one in row.measures
    ]
    same(found, [(key, one["text"], one["target_date"], one["revised_date"]) for key, one, _ in expected])
    for measure, (key, wording, known) in zip(row.measures, expected, strict=True):
        then = of_measure(replay.then.state.updates[key]) if replay.then else None
        said, words = measure.update, measure.words
        same(
            (
                measure.status.value, measure.known.value, said and said.comment, words and words.comment,
                said.comment_in_full if said else "", measure.awaited, measure.past_target,
                measure.meeting_status and measure.meeting_status.value,
            ),
            (
                known.status, known.value, known.last and known.last["comment"], known.words and known.words["comment"],
                quoted(replay.state.updates[key]), replay.is_awaited(known), replay.is_past_target(wording, known),
                then and then.status,
            ),
        )  # fmt: skip


def _compare_histories(plan: Plan, replay: Replay) -> None:
    """What the history of each measure quotes for each of its updates, newest first."""
    for row in plan.with_measures(plan.rows(plan.actions()), all_updates=True):
        for measure in row.measures:
            updates = replay.state.updates[measure.id]
            wanted = [quoted(updates[:count]) for count in range(len(updates), 0, -1)]
            same([update.comment_in_full for update in measure.updates], wanted)


def _by_status(counts: Any) -> dict[str, int]:
    return {share.status.value: share.count for share in counts.shares if share.count}


def _compare_counts(plan: Plan, replay: Replay, expected: dict[int, OfAction]) -> None:
    same(_by_status(plan.counts()), replay.counts(list(expected)))
    same(
        (plan.counts().awaited, plan.counts().overdue, plan.counts().past_target), replay.late(list(expected))
    )
    for column in ("theme", "cluster"):
        wanted = {str(key): counts for key, counts in replay.counts_by(column).items()}
        same({key: _by_status(one) for key, one in plan.counts_by(column).items()}, wanted, column)
    of_leads = {str(key): counts for key, counts in replay.counts_by_lead().items()}
    same({key: _by_status(one) for key, one in plan.counts_by("leads").items()}, of_leads)
    by_mark = replay.counts_by_mark()
    for vital_few in plan.vital_fews:
        both = plan.counts_of_vital_few(vital_few)
        wanted_both = [by_mark.get((vital_few.code, mark), {}) for mark in "XO"]
        total = {name: sum(one.get(name, 0) for one in wanted_both) for name in WORST_FIRST}
        same(_by_status(both), {name: count for name, count in total.items() if count})
    for way in ("better", "worse", "new"):
        moved = set(plan.moved(way).values_list("action", flat=True))
        same(moved, {key for key, one in expected.items() if one.direction == way})


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
        same(found, {key for key in expected if fits(key)}, query)


def _compare_measure_filters(plan: Plan, replay: Replay) -> None:
    day = replay.today - timedelta(days=9)
    unfinished = {key: known for key, (_, known) in replay.measures().items() if known.status not in FINAL}
    wanted = {
        "status=at-risk&status=off-track": {
            key for key, (_, known) in replay.measures().items() if known.status in TROUBLED
        },
        "awaited=on": {key for key, known in unfinished.items() if replay.is_awaited(known)},
        f"not_reported_since={day}": {
            key for key, known in unfinished.items() if known.last is None or known.last["at"] < midnight(day)
        },
    }
    for query, keys in wanted.items():
        filterset = MeasureFilter(RequestFactory().get(f"/?{query}").GET, plan)
        assert filterset.is_valid()
        same(set(filterset.qs.values_list("measure", flat=True)), keys, query)


def _searched(key: int, replay: Replay) -> str:
    leads = " ".join(name for name, _ in replay.leads_of(key))
    action = replay.state.actions[key]
    return f"{action['title']} {action['outcome_text']} {leads}".casefold()


def _compare_exceptions(plan: Plan, replay: Replay) -> None:
    found = exceptions_of(plan)
    wanted = replay.exceptions()
    same(
        [(one.row.number, one.since) for one in found.first], [(number, since) for number, _, since in wanted]
    )
    same(found.count, len(wanted))
    for one, (_, kinds, _) in zip(found.first, wanted, strict=True):
        same({_kind(reason) for reason in one.reasons}, kinds)


def _kind(reason: str) -> str:
    for start, kind in (("worse", "worse"), ("update overdue", "overdue"), ("past its", "past-target")):
        if reason.startswith(start):
            return kind
    return next(status.value for status in Status if status.label == reason)


def _compare_files(plan: Plan, replay: Replay) -> None:
    """The rows that the CSV files of actions and outcome measures are written from, as written."""
    actions, measures = plan.in_chunks(plan.actions()), plan.measures_in_chunks(_in_order(plan))
    for columns, rows, wanted in (
        (columns_of(plan), actions, all_action_cells(replay)),
        (measure_columns_of(plan), measures, all_measure_cells(replay)),
    ):
        cells: Any = ([column.value(row) for column in columns] for row in rows)
        content = b"".join(csv_chunks([column.heading for column in columns], cells))
        same_rows(rows_of_csv(content), wanted)


def _in_order(plan: Plan) -> Any:
    return ordered(plan, MeasureTable, plan.measures(), "number")

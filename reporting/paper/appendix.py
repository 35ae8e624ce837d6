"""The pages behind the first, in words: exceptions in full, what has changed, all measures, the key and the rules."""

from typing import Any

from actions.models import ProgressUpdate, Status, as_number, percent_of_target
from actions.models.status import WORST_FIRST
from actions.plan_edits import PlanEdit
from actions.rows import ActionState, MeasureState
from reporting.exceptions import ActionException
from reporting.paper.figures import BoardPaper
from reporting.paper.front_page import name_of
from reporting.paper.list_sheets import latest_words
from reporting.paper.moved import ABSENT, WAYS, Movement, StatusMove
from reporting.paper.words import day, moment, short_day
from web.days import how_long

LISTED = ("worse", "better", "new", "closed", "reopened")
RULES = (
    ("Status", "Belongs to an outcome measure. An action shows the worst status of its measures."),
    (
        "Worst first",
        "Off track, At risk, Not yet reported, Not started, On track, Complete, Closed.",
    ),
    (
        "Exception",
        "An action that is Off track or At risk, or worse than at the last meeting, or overdue, or past its target "
        "date and neither Complete nor Closed. It is listed once, with all its reasons: Off track first, then the "
        "longest-running.",
    ),
    (
        "Update overdue",
        "An unfinished measure has no update in the open reporting period, and the due date has passed. The last "
        "status stays.",
    ),
    (
        "No change",
        "“No change since last time” is an update. The comment it confirms is printed, with the day of the update.",
    ),
    (
        "Target date",
        "The original date stays for good. A revised date is printed beside it, with the reason.",
    ),
    (
        "Since the last meeting",
        "Compared with the paper for that meeting, which gives the figures when its reporting period was closed. If "
        "there was no paper, compared with the figures at the end of the day of the meeting.",
    ),
    (
        "Joint leads",
        "An action counts under each partner that leads it, so the counts of partners can add up to more than the "
        "number of actions.",
    ),
    (
        "Vital fews",
        "An action counts under each vital few that it is related to, strong and supporting separately. "
        "No weights are used.",
    ),
    ("Blank", "An empty cell means not known or not applicable. It never means zero."),
    ("% of target", "The latest value divided by the target."),
    ("Progress updates", "A submitted update is never changed. A mistake is corrected by another update."),
)


def data_of(paper: BoardPaper) -> dict[str, Any]:
    rows = paper.all_rows()
    return {
        "action_count": paper.counts.total,
        "exception_count": paper.exceptions.count,
        "exceptions": [_exception(paper, one) for one in paper.exceptions.first],
        "moved": _movement(paper.moved) if paper.moved else None,
        "measures": [_measure(one) for row in rows for one in row.measures],
        "second": next((f"{row.number}.2" for row in rows if row.measure_count > 1), ""),
        "measure_heading": paper.plan.outcome_heading,
    }


def layout_of() -> dict[str, Any]:
    """The key and the rules, which follow from no plan."""
    return {"key": [_key(status) for status in WORST_FIRST], "rules": [list(rule) for rule in RULES]}


def _exception(paper: BoardPaper, one: ActionException) -> dict[str, Any]:
    row = one.row
    return name_of(row) | {
        "status": row.status.value,
        "label": row.status.label,
        "shown_by": _shown_by(row),
        "reasons": one.other_reasons,
        "since": short_day(one.since),
        "for": how_long(one.since, paper.plan.today) if one.since else "",
        "comment": latest_words(row) or "Nobody has submitted an update yet.",
        "by": _by(row.update),
        "need": _need(row),
    }


def _shown_by(row: ActionState) -> str:
    """How many of several measures have the status."""
    return f"{row.shown_by} of {row.measure_count} measures" if row.measure_count > 1 else ""


def _by(update: ProgressUpdate | None) -> str:
    return f"{update.submitted_by}, {day(update.recorded_at)}" if update else ""


def _need(row: ActionState) -> dict[str, str]:
    """What the lead does about it, or asks of the board."""
    words = row.words or row.update
    if not words or not words.next_step:
        return {"label": "", "words": ""}
    label = "Request to the board" if row.status == Status.OFF_TRACK else "Recovery step"
    return {"label": label, "words": words.next_step}


def _movement(moved: Movement) -> dict[str, Any]:
    return {
        "in_words": moved.in_words,
        "adds_up": moved.adds_up,
        "flow": _flow(moved),
        "move_count": moved.move_count,
        "moves": [_move(one) for way in LISTED for one in moved.by_way(way)],
        "dates": [_date_edit(one) for one in moved.date_edits],
        "edits": [_edit(one) for one in moved.other_edits],
        "edit_count": moved.edit_count,
        "edits_listed": len(moved.edits),
    }


def _flow(moved: Movement) -> dict[str, Any]:
    """From each status to each: a table whose sums are the counts of both dates. Only the statuses that occur."""
    ranks = [rank for rank in (*range(len(WORST_FIRST)), ABSENT) if any(rank in key for key in moved.flow)]
    rows = [_flow_row(moved, before, ranks) for before in ranks]
    totals = [sum(moved.flow.get((before, now), 0) for before in ranks) for now in ranks]
    return {
        "headings": [_flow_name(rank, "Removed") for rank in ranks],
        "rows": [row for row in rows if row["total"] != "0"],
        "totals": [str(total) for total in totals],
        "all": str(sum(totals)),
    }


def _flow_row(moved: Movement, before: int, ranks: list[int]) -> dict[str, Any]:
    cells = [moved.flow.get((before, now), 0) for now in ranks]
    return _flow_name(before, "Added since") | {
        "cells": [str(cell) if cell else "" for cell in cells],
        "total": str(sum(cells)),
    }


def _flow_name(rank: int, absent: str) -> dict[str, str]:
    if rank == ABSENT:
        return {"status": "", "label": absent}
    return {"status": WORST_FIRST[rank].value, "label": WORST_FIRST[rank].label}


def _move(one: StatusMove) -> dict[str, str]:
    return name_of(one.row) | {
        "way": WAYS[one.way],
        "before": one.before.value,
        "before_label": one.before.label,
        "now": one.row.status.value,
        "now_label": one.row.status.label,
        "when": short_day(one.when),
        "by": one.by,
        "comment": one.words,
    }


def _date_edit(one: PlanEdit) -> dict[str, str]:
    dates = one.dates
    assert dates is not None  # noqa: S101  a date edit has them
    return _edit(one) | {
        "original": short_day(dates.original),
        "previous": short_day(dates.previous),
        "new": short_day(dates.new),
    }


def _edit(one: PlanEdit) -> dict[str, str]:
    return {
        "when": moment(one.when),
        "day": short_day(one.when),
        "number": str(one.number),
        "kind": one.kind,
        "line": one.line,
        "who": one.who,
        "why": one.why,
    }


def _measure(one: MeasureState) -> dict[str, str]:
    measure, latest = one.measure, one.known.value
    percent = percent_of_target(latest, measure.target)
    unit = f" {measure.unit}" if measure.unit else ""
    return {
        "number": str(one.action.number),
        "order": str(measure.order) if one.action.measure_count > 1 else "",
        "text": measure.text,
        "leads": one.action.leads_in_words,
        "baseline": as_number(measure.baseline),
        "target": as_number(measure.target) + (unit if measure.target is not None else ""),
        "latest": as_number(latest),
        "percent": "" if percent is None else f"{percent:.0f}%",
        "status": one.status.value,
        "label": one.status.label,
        "target_date": short_day(measure.target_date),
        "revised": short_day(measure.revised_date),
        "updated": short_day(one.update.recorded_at) if one.update else "",
    }


def _key(status: Status) -> dict[str, str]:
    return {"status": status.value, "label": status.label, "meaning": status.meaning}

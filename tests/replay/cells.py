"""What each cell of the files says: expected of the oracle, and as read from a CSV or a workbook."""

import csv
import io
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from openpyxl import load_workbook

from tests.replay.diff import edits_of, moves_of
from tests.replay.oracle import OfAction, Replay
from tests.replay.paper_oracle import known_on
from tests.replay.state import LABELS, LONDON, OfMeasure, in_words, quoted, signed, slots_of

Cells = dict[str, str]
NUMBERS = frozenset(("Action No", "Measure", "Baseline", "Target", "Latest value", "% of target", "Actions"))
DAYS = frozenset(("Target date", "Revised date", "Since", "Original date", "Previous date", "New date"))
TIMES = frozenset(("Last updated", "Value reported", "When"))
BY_EDIT = "Change to the plan"
WAYS = {"worse": "Worse", "better": "Better", "new": "New", "closed": "Closed", "reopened": "Reopened"}


# Read


def rows_of_csv(content: bytes) -> list[Cells]:
    text = content.decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return [{heading: _said(heading, value) for heading, value in row.items()} for row in rows]


def sheets_of(content: bytes) -> dict[str, list[list[Any]]]:
    book = load_workbook(io.BytesIO(content), read_only=True)
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


def rows_of_sheet(rows: list[list[Any]]) -> list[Cells]:
    """The rows under the headings; none where the sheet says so in its first cell alone."""
    headings, *others = rows
    return [
        {str(name): _said(str(name), value) for name, value in zip(headings, row, strict=True)}
        for row in others
        if any(cell not in (None, "") for cell in row[1:])
    ]


def _said(heading: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if heading in NUMBERS:
        return plain(Decimal(str(value)))
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if heading in DAYS else f"{value:%Y-%m-%d %H:%M}"
    return str(value)


# Expected


def plain(value: Decimal | int | None) -> str:
    return "" if value is None else f"{Decimal(value):.2f}".rstrip("0").rstrip(".")


def local(moment: datetime | None) -> str:
    return f"{moment.astimezone(LONDON):%Y-%m-%d %H:%M}" if moment else ""


def iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def percent_of(value: Decimal | None, target: Decimal | None) -> int | None:
    """In whole percent of the target; empty without a target, or if the target is 0."""
    if value is None or not target:
        return None
    return int((value * 100 / target).quantize(Decimal(1), ROUND_HALF_EVEN))


def outcome_heading(replay: Replay) -> str:
    years = {one["year"] for one in replay.state.measures.values()}
    return f"Outcome Measure {years.pop()}" if len(years) == 1 else "Outcome Measure"


def leads_in_words(replay: Replay, key: int) -> str:
    return "/".join(
        name if acceptance == "suggested" else f"{name} ({acceptance})"
        for name, acceptance in replay.leads_of(key)
    )


def of_worst(replay: Replay, key: int, text: str) -> str:
    """`text` of the worst measure, named where the action has several."""
    one = replay.action(key)
    if not text or one.worst is None or one.measures < 2:
        return text
    return f"Measure {replay.state.measures[one.worst]['order']} of {one.measures}: {text}"


def action_cells(replay: Replay, key: int) -> Cells:
    """A row of the files of actions."""
    action, one, names = replay.state.actions[key], replay.action(key), replay.state.names
    last: dict[str, Any] = one.last or {}
    words = (one.words if last.get("no_change") else last) or {}
    worst = replay.state.measures[one.worst] if one.worst else {}
    comment = quoted(replay.state.updates[one.worst]) if one.worst else ""
    return {
        "Action No": str(action["number"]),
        "Theme": names["theme"][action["theme"]],
        "Cluster": names["cluster"][action["cluster"]],
        "Action": action["title"],
        "Suggested Lead": leads_in_words(replay, key),
        **{code: replay.marks_of(key).get(code, "") for code in names["vital_few"].values()},
        outcome_heading(replay): action["outcome_text"],
        **_how(one.status, one.before, one.direction),
        "Comment": of_worst(replay, key, comment),
        "Recovery step or ask": of_worst(replay, key, last.get("next_step", "")),
        "Evidence": of_worst(replay, key, words.get("evidence", "")),
        "Target date": iso(worst.get("target_date")),
        "Revised date": iso(worst.get("revised_date")),
        **_submitted(one.last, overdue=one.overdue),
    }


def measure_cells(replay: Replay, key: int, measure: int, known: OfMeasure) -> Cells:
    """A row of the files of outcome measures."""
    action, wording, names = replay.state.actions[key], replay.state.measures[measure], replay.state.names
    before = replay.measure_before(measure)
    return {
        "Action No": str(action["number"]),
        "Measure": str(wording["order"]),
        outcome_heading(replay): wording["text"],
        "Action": action["title"],
        "Theme": names["theme"][action["theme"]],
        "Cluster": names["cluster"][action["cluster"]],
        "Suggested Lead": leads_in_words(replay, key),
        "Baseline": plain(wording["baseline"]),
        "Target": plain(wording["target"]),
        "Unit": wording["unit"],
        "Latest value": plain(known.value),
        "Value reported": local(known.valued_at),
        "% of target": plain(percent_of(known.value, wording["target"])),
        **_how(known.status, before, replay.direction_of(measure, known)),
        "Target date": iso(wording["target_date"]),
        "Revised date": iso(wording["revised_date"]),
        **_submitted(known.last, overdue=replay.is_awaited(known) and replay.is_past_due),
    }


def _how(status: str, before: str | None, direction: str | None) -> Cells:
    return {
        "Status": LABELS[status],
        "Last meeting": LABELS[before] if before else "",
        "Direction": direction.capitalize() if direction else "",
    }


def _submitted(last: dict[str, Any] | None, *, overdue: bool) -> Cells:
    return {
        "Last updated": local(last["at"]) if last else "",
        "Updated by": signed(last) if last else "",
        "Update overdue": "Yes" if overdue else "No",
    }


def all_action_cells(replay: Replay) -> list[Cells]:
    return [action_cells(replay, key) for key in replay.by_number()]


def all_measure_cells(replay: Replay) -> list[Cells]:
    return [
        measure_cells(replay, key, measure, known)
        for key in replay.by_number()
        for measure, _, known in replay.measures_of(key)
    ]


def exception_cells(replay: Replay) -> list[Cells]:
    """The rows of the sheet of exceptions, but for the reasons in words."""
    keys = {action["number"]: key for key, action in replay.state.actions.items()}
    found = []
    for number, _, since in replay.exceptions():
        key = keys[number]
        one = replay.action(key)
        said = one.words or one.last or {}
        found.append(
            {
                "Action No": str(number),
                "Action": replay.state.actions[key]["title"],
                "Lead": leads_in_words(replay, key),
                "Status": LABELS[one.status],
                "Direction": one.direction.capitalize() if one.direction else "",
                "Since": iso(since),
                "Latest update": latest_words(replay, key, one),
                "Recovery step or request to the board": of_worst(
                    replay, key, said.get("next_step", "") if one.status in ("off-track", "at-risk") else ""
                ),
            }
        )
    return found


def latest_words(replay: Replay, key: int, one: OfAction) -> str:
    if one.last is None:
        return ""
    assert one.worst is not None
    return of_worst(replay, key, quoted(replay.state.updates[one.worst]))


def reasons_in_words(replay: Replay, key: int, *, with_status: bool) -> str:
    one, found = replay.action(key), []
    if with_status and one.status in ("off-track", "at-risk"):
        found.append(LABELS[one.status])
    if one.direction == "worse":
        found.append(f"worse than on {in_words(known_on(replay))} ({LABELS[str(one.before)]})")
    if one.overdue and replay.period:
        found.append(f"update overdue: due by {in_words(replay.period['due'])}")
    for _, measure, known in replay.measures_of(key):
        if replay.is_past_target(measure, known):
            revised = f", revised to {in_words(measure['revised_date'])}" if measure["revised_date"] else ""
            found.append(f"past its target date of {in_words(measure['target_date'])}{revised}")
    said = "; ".join(found)
    return said[:1].upper() + said[1:]


def change_cells(replay: Replay) -> list[Cells]:
    """The rows of the sheet of changes: statuses, then target dates, then other edits."""
    then = replay.then
    if then is None:
        return []
    edits = edits_of(replay.happened, then.moment, replay.moment)
    dated = [edit for edit in edits if edit.dates]
    moved = [_move_cells(replay, then, *move) for move in moves_of(replay, then)]
    return moved + [_edit_cells(edit) for edit in (*dated, *(edit for edit in edits if not edit.dates))]


def _move_cells(replay: Replay, then: Replay, key: int, way: str, before: str, now: str) -> Cells:
    last, when = moved_by(replay, key)
    return _change(
        {
            "When": local(when),
            "Action No": str(replay.state.actions[key]["number"]),
            "What": "Status",
            "Direction": WAYS[way],
            "From": LABELS[before],
            "To": LABELS[now],
            "By": signed(last) if last else BY_EDIT,
            "Comment or change": of_its_measure(replay, key, last) if last else "",
        }
    )


def moved_by(replay: Replay, key: int) -> tuple[dict[str, Any] | None, datetime]:
    """The update that gave an action its status, as last corrected, and when; no update where an edit did."""
    when = replay.status_since(key)
    for measure, _, _ in replay.measures_of(key):
        for slot in slots_of(replay.state.updates[measure]):
            if any(update["at"] == when for update in slot):
                return slot[-1] | {"measure": measure}, when
    return None, when


def of_its_measure(replay: Replay, key: int, update: dict[str, Any]) -> str:
    """Its comment, with the place of its measure where the action has several."""
    measures = replay.measures_of(key)
    if len(measures) == 1 or not update["comment"]:
        return str(update["comment"])
    order = replay.state.measures[update["measure"]]["order"]
    return f"Measure {order} of {len(measures)}: {update['comment']}"


def _edit_cells(edit: Any) -> Cells:
    original, previous, new = edit.dates or (None, None, None)
    return _change(
        {
            "When": local(edit.when),
            "Action No": str(edit.number),
            "What": "Target date" if edit.dates else edit.kind,
            "By": edit.who,
            "Comment or change": edit.line,
            "Original date": iso(original),
            "Previous date": iso(previous),
            "New date": iso(new),
            "Why": edit.why,
        }
    )


CHANGE_HEADINGS = (
    "When", "Action No", "What", "Direction", "From", "To", "By", "Comment or change", "Original date",
    "Previous date", "New date", "Why",
)  # fmt: skip


def _change(cells: Cells) -> Cells:
    return {heading: cells.get(heading, "") for heading in CHANGE_HEADINGS}

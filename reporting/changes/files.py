"""The log as a file: the same lines as its page, all of them."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils import timezone

from actions.exports import NOTES_COLUMNS
from actions.tables import Column
from partners.models import User
from reporting.changes.forms import ChangesForm
from reporting.changes.log import ChangeLog, LogLine
from web.spreadsheets import Sheet

COLUMNS = (
    Column(
        "When",
        lambda line: timezone.localtime(line.when).replace(tzinfo=None),
        "When the change was recorded, Europe/London.",
        17,
    ),
    Column("Who", lambda line: line.who, "Who made the change, under the name they had then.", 22),
    Column("Why", lambda line: line.why or None, "The reason that they gave.", 36),
    Column("Kind", lambda line: line.kind, "What kind of row was changed.", 16),
    Column(
        "Action No", lambda line: line.number, "The action that the change is about, if it is about one.", 10
    ),
    Column("What", lambda line: line.what, "What was changed.", 36),
    Column("Old", lambda line: line.changed.old, "What it said before; empty where there was nothing.", 44),
    Column("New", lambda line: line.changed.new, "What it says after; empty where there is nothing.", 44),
)


def rows_of(log: ChangeLog) -> Iterator[Sequence[Any]]:
    return (_cells(line) for line in log.every_line())


def _cells(line: LogLine) -> list[Any]:
    return [column.value(line) for column in COLUMNS]


def sheets_of(log: ChangeLog, form: ChangesForm, *, by: User, address: str) -> list[Sheet]:
    """The sheets of the workbook; `address` opens the same view again."""
    notes = [
        (
            "Changes in this file",
            "One row for each thing that changed, newest first. Progress updates are not in it.",
        ),
        ("Filter", ", ".join(form.in_words) or "None: every change of the plan"),
        ("As at", f"{log.plan.as_at}, Europe/London"),
        ("Downloaded by", f"{by} ({by.get_role_display()})"),
        ("Open this view again", address),
        *((column.heading, column.meaning) for column in COLUMNS),
    ]
    if log.plan.has_demonstration_progress:
        notes.insert(0, ("Demonstration", "The progress in this plan is invented."))
    return [
        Sheet("Changes", [column.for_sheet for column in COLUMNS], rows_of(log)),
        Sheet("Notes", NOTES_COLUMNS, notes),
    ]

"""What a file of the action list holds: its rows, its name, and the notes that let a reader defend its figures."""

from collections.abc import Iterable, Sequence
from typing import Any

from actions.filter_words import parts_of
from actions.filters import ActionFilter
from actions.plan import Plan
from actions.tables import columns_of, order_of, ordered
from partners.models import User
from web.spreadsheets import A3, Sheet, SheetColumn

NOTES_COLUMNS = [SheetColumn("What", 28), SheetColumn("Says", 100)]


def rows_of(filterset: ActionFilter, sort: str) -> Iterable[Sequence[Any]]:
    """The cells of each row of a valid filter, in the order `sort`, read a few hundred at a time."""
    plan = filterset.plan
    columns = columns_of(plan)
    rows = ordered(plan, filterset.qs, order_of(sort, []))
    return ([column.value(row) for column in columns] for row in plan.in_chunks(rows))


def sheets_of(filterset: ActionFilter, sort: str, *, by: User, address: str) -> list[Sheet]:
    """The sheets of the workbook; `address` opens the same view again."""
    columns = [column.for_sheet for column in columns_of(filterset.plan)]
    actions = Sheet("Actions", columns, rows_of(filterset, sort), paper=A3)
    return [actions, Sheet("Notes", NOTES_COLUMNS, notes_on(filterset, by=by, address=address))]


def file_name(plan: Plan, ending: str) -> str:
    """Names the day, and says “as at” for one that is over and “demonstration” where progress is invented.

    A CSV has no other place for it.
    """
    invented = "demonstration-" if plan.has_demonstration_progress else ""
    as_at = "as-at-" if plan.is_end_of_day else ""
    return f"{invented}actions-{as_at}{plan.today:%Y-%m-%d}.{ending}"


def notes_on(filterset: ActionFilter, *, by: User, address: str) -> list[tuple[str, str]]:
    """Filter in words, moment, author, counting rules and the meaning of each column."""
    plan = filterset.plan
    parts = [part.words for part in parts_of(filterset)]
    notes = [
        ("Actions in this file", f"{filterset.qs.order_by().count()} of {plan.size}"),
        ("Filter", ", ".join(parts) if parts else "none: the whole plan"),
        ("As at", f"{plan.as_at}, Europe/London"),
        ("Exported by", f"{by} ({by.get_role_display()})"),
        ("Opens this view again", address),
        (
            "Counting",
            "An action shows the worst of its outcome measures. A joint lead counts under each lead.",
        ),
        ("Blank", "An empty cell is not known or does not apply. It is never zero."),
    ]
    if plan.has_demonstration_progress:
        notes.insert(0, ("Demonstration", "The progress in this file is invented."))
    return notes + [(column.heading, column.meaning) for column in columns_of(plan)]

"""What a file of a list holds: its rows, its name, and notes that let a reader check its figures."""

from collections.abc import Iterable, Sequence
from typing import Any

from actions.filter_words import parts_of
from actions.filters import ListFilter
from actions.listing import Listing
from actions.plan import Plan
from actions.tables import order_of, ordered
from partners.models import User
from web.spreadsheets import A3, Sheet, SheetColumn

NOTES_COLUMNS = [SheetColumn("Item", 28), SheetColumn("Note", 100)]


def rows_of(listing: Listing, filterset: ListFilter, sort: str) -> Iterable[Sequence[Any]]:
    """The cells of each row of a valid filter, in the order `sort`, read a few hundred at a time."""
    plan = filterset.plan
    columns = listing.columns(plan)
    rows = ordered(plan, listing.table, filterset.qs, order_of(listing.table, sort, []))
    return ([column.value(row) for column in columns] for row in listing.in_chunks(plan, rows))


def sheets_of(listing: Listing, filterset: ListFilter, sort: str, *, by: User, address: str) -> list[Sheet]:
    """The sheets of the workbook; `address` opens the same view again."""
    columns = [column.for_sheet for column in listing.columns(filterset.plan)]
    rows = Sheet(listing.title, columns, rows_of(listing, filterset, sort), paper=A3)
    return [rows, Sheet("Notes", NOTES_COLUMNS, notes_on(listing, filterset, by=by, address=address))]


def file_name(noun: str, plan: Plan, ending: str) -> str:
    """“actions-2008-09-01.csv”; “actions-as-at-…” for a day that is over.

    It begins with “demonstration-” where progress is invented, for a CSV has no notes.
    """
    invented = "demonstration-" if plan.has_demonstration_progress else ""
    as_at = "as-at-" if plan.is_end_of_day else ""
    return f"{invented}{noun.replace(' ', '-')}-{as_at}{plan.today:%Y-%m-%d}.{ending}"


def notes_on(listing: Listing, filterset: ListFilter, *, by: User, address: str) -> list[tuple[str, str]]:
    """Filter in words, moment, author, counting rules and the meaning of each column."""
    plan = filterset.plan
    what = f"{listing.title} in this file", f"{filterset.qs.order_by().count()} of {listing.size(plan)}"
    notes = [what, *notes_of(filterset, by=by, address=address)]
    notes.insert(-1, ("Counting", listing.counting))
    return [
        *invented(plan),
        *notes,
        *((column.heading, column.meaning) for column in listing.columns(plan)),
    ]


def notes_of(filterset: ListFilter, *, by: User, address: str) -> list[tuple[str, str]]:
    """What the notes of every file say."""
    parts = [part.words for part in parts_of(filterset)]
    return [
        ("Filter", ", ".join(parts) if parts else "None: the whole plan"),
        ("As at", f"{filterset.plan.as_at}, Europe/London"),
        ("Downloaded by", f"{by} ({by.get_role_display()})"),
        ("Open this view again", address),
        ("Blank", "An empty cell means not known or not applicable. It never means zero."),
    ]


def invented(plan: Plan) -> list[tuple[str, str]]:
    """The note that the progress is invented, where it is."""
    words = ("Demonstration", "The progress in this file is invented.")
    return [words] if plan.has_demonstration_progress else []

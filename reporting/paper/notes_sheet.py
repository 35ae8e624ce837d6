"""The last sheet of the progress workbook: what a reader needs to check its figures."""

from collections.abc import Sequence

from actions.models import Status
from actions.plan_edits import ROWS_AT_MOST
from actions.tables import Column
from partners.models import User
from reporting.paper.figures import BoardPaper
from reporting.paper.sheets import PaperSheet
from reporting.paper.summary_sheet import occasion_of

TITLE = "Notes"
BY_ITSELF = "The portal, after the reporting period was closed"
REOPENS = "Open this view again"
COLUMNS = [
    Column("Item", lambda note: note[0], "The subject of the note.", 30),
    Column("Note", lambda note: note[1], "The note.", 110),
]
COUNTING = (
    (
        "Action’s status",
        "An action shows the worst status of its outcome measures. Worst first: "
        f"{', '.join(status.label for status in Status)}.",
    ),
    (
        "Exception",
        "An action that is Off track or At risk, or worse than at the last meeting, or has an update overdue, or is "
        "past its target date and neither Complete nor Closed. Each is listed once, with all its reasons: Off track "
        "first, then the longest-running.",
    ),
    (
        "Joint leads",
        "An action counts under each of its leads, so the counts for lead partners can total more than the number of "
        "actions.",
    ),
    (
        "Vital fews",
        "An action counts under each vital few that it is related to, strong (X) or supporting (O).",
    ),
    ("Direction", "Since the last board meeting: Better, Same, Worse, or New (reported for the first time)."),
    ("Awaited", "An update is asked for in the open reporting period and none is submitted yet."),
    ("Update overdue", "Awaited, and the due date has passed. The last status stays."),
    ("Target dates", "The original target date never changes. A revised date is shown beside it."),
    (
        "Changes",
        "All status changes, worse first; then changes to the plan, newest first, "
        f"{ROWS_AT_MOST:,} of each kind at most.",
    ),
    ("Percentages", "Rounded to whole numbers. The count is always beside them."),
    ("Blank", "An empty cell means not known or not applicable. It never means zero."),
    ("Times", "All dates and times are in Europe/London."),
)


def notes_of(
    paper: BoardPaper, sheets: Sequence[PaperSheet], *, by: User | None, address: str
) -> list[tuple[str, str | int]]:
    """Moment, author, row counts, counting rules, and the meaning of each status and column."""
    plan = paper.plan
    notes: list[tuple[str, str | int]] = [
        ("Headline", paper.headline),
        ("Board meeting", occasion_of(paper)),
        *([("Covering note", paper.occasion.note)] if paper.occasion.note else []),
        ("As at", f"{paper.as_at[:1].upper()}{paper.as_at[1:]}"),
        ("Compared with", paper.compared_with),
        ("Filter", "None: the whole plan"),
        (paper.made_by, f"{by} ({by.get_role_display()})" if by else BY_ITSELF),
        (REOPENS, address),
        *((f"Rows: {sheet.title}", sheet.count) for sheet in sheets),
        *COUNTING,
        *((f"Status: {status.label}", f"{status.symbol} {status.meaning}") for status in Status),
    ]
    if plan.has_demonstration_progress:
        notes.insert(0, ("Demonstration", "The progress in this file is invented."))
    return notes + [
        (f"{sheet.title}: {column.heading}", column.meaning) for sheet in sheets for column in sheet.columns
    ]


def notes_sheet(
    paper: BoardPaper, sheets: Sequence[PaperSheet], *, by: User | None, address: str
) -> PaperSheet:
    notes = notes_of(paper, sheets, by=by, address=address)
    row = [what for what, _ in notes].index(REOPENS) + 2
    links = {f"B{row}": address} if "://" in address else {}
    return PaperSheet(TITLE, COLUMNS, notes, len(notes), "", links=links)

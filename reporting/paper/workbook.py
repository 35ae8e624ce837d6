"""The progress workbook: the figures of the board's paper as sheets, and each of its sheets as CSV."""

from collections.abc import Callable, Iterator

from partners.models import User
from reporting.paper.figure_sheets import breakdowns_sheet, changes_sheet
from reporting.paper.figures import BoardPaper
from reporting.paper.list_sheets import actions_sheet, exceptions_sheet, measures_sheet
from reporting.paper.notes_sheet import TITLE as NOTES
from reporting.paper.notes_sheet import notes_sheet
from reporting.paper.sheets import PaperSheet, slug_of
from reporting.paper.summary_sheet import DAY, summary_layout, summary_records
from reporting.paper.summary_sheet import TITLE as SUMMARY
from web.spreadsheets import Document, Page, csv_chunks, csv_of, workbook

SHEETS: dict[str, Callable[[BoardPaper], PaperSheet]] = {
    "exceptions": exceptions_sheet,
    "actions": actions_sheet,
    "outcome-measures": measures_sheet,
    "breakdowns": breakdowns_sheet,
    "changes": changes_sheet,
}
SLUGS = (slug_of(SUMMARY), *SHEETS, slug_of(NOTES))
SUMMARY_HEADINGS = ("Part", "Line", "Figure", "Value")


class NoSuchSheet(Exception):
    """The workbook has no sheet of this name; the message names those that it has."""


def workbook_of(paper: BoardPaper, *, by: User | None, address: str) -> bytes:
    """The workbook as bytes: the same for the same plan, person and address. `address` opens the same view again."""
    return b"".join(workbook_chunks(paper, by=by, address=address))


def workbook_chunks(paper: BoardPaper, *, by: User | None, address: str) -> Iterator[bytes]:
    """The workbook a chunk at a time. It is written before the first: what fails, fails here."""
    lists = [make(paper) for make in SHEETS.values()]
    notes = notes_sheet(paper, lists, by=by, address=address)
    pages: list[Page] = [summary_layout(paper), *(sheet.made() for sheet in (*lists, notes))]
    day = f"{paper.plan.today:{DAY}}"
    subject = f"Progress as at {day}"
    if paper.since:
        subject += f", compared with {paper.since.known_on:{DAY}}"
    title = f"Strategy action framework: progress workbook, {day}"
    return workbook(pages, Document(title, subject, str(by) if by else "City Growth", paper.plan.moment))


def csv_of_sheet(paper: BoardPaper, slug: str, *, by: User | None, address: str) -> Iterator[bytes]:
    """One sheet as CSV. Raises NoSuchSheet."""
    if slug not in SLUGS:
        said = f"There is no sheet “{slug}”." if slug else "No sheet is chosen."
        raise NoSuchSheet(f"{said} Choose one with sheet=: {', '.join(SLUGS)}.")
    if slug == slug_of(SUMMARY):
        return csv_chunks(SUMMARY_HEADINGS, summary_records(paper))
    if slug == slug_of(NOTES):
        lists = [make(paper) for make in SHEETS.values()]
        return csv_of(notes_sheet(paper, lists, by=by, address=address).made())
    return csv_of(SHEETS[slug](paper).made())


def file_name(paper: BoardPaper, ending: str, sheet: str = "") -> str:
    """“progress-2008-09-01.xlsx”; begins with “demonstration-” where progress is invented: a CSV has no notes."""
    invented = "demonstration-" if paper.plan.has_demonstration_progress else ""
    part = f"-{sheet}" if sheet else ""
    return f"{invented}progress-{paper.plan.today:%Y-%m-%d}{part}.{ending}"

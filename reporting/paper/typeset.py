"""The board's paper as a PDF: its figures in words, typeset, with its workbook inside."""

from typing import Any

from partners.models import User
from reporting.paper import appendix, front_page
from reporting.paper.figures import BoardPaper
from reporting.paper.words import NOT_PUBLISHED, day, moment
from web.spreadsheets import XLSX
from web.typeset import Attachment, typeset

TEMPLATE = "reporting/paper.typ"
NAME = "Strategy Action Framework"
PUBLISHER = "City Growth"


def pdf_of(paper: BoardPaper, workbook: bytes, *, by: User | None = None, address: str = "") -> bytes:
    """The paper with `workbook` (xlsx) inside: the same bytes for the same figures, workbook, person and address.

    `address` opens the same view again. Raises web.typeset.TypesettingError.
    """
    stem = paper_stem(paper)
    attached = Attachment(
        name=f"{stem}.xlsx",
        content=workbook,
        mime_type=XLSX,
        description="The progress workbook of this paper, with the same figures.",
    )
    printed = data_of(paper) | front_page.layout_of(paper) | appendix.layout_of() | _cover(paper, by, address)
    return typeset(TEMPLATE, printed, moment=paper.plan.moment, attached=[attached])


def data_of(paper: BoardPaper) -> dict[str, Any]:
    """Every figure that the paper prints, in words and in full: the same for as long as the history is the same."""
    return front_page.data_of(paper) | appendix.data_of(paper)


def paper_stem(paper: BoardPaper) -> str:
    """The file name of a paper without its ending; says where the progress is invented."""
    invented = "demonstration-" if paper.plan.has_demonstration_progress else ""
    return f"{invented}board-paper-{paper.plan.today:%Y-%m-%d}"


def _cover(paper: BoardPaper, by: User | None, address: str) -> dict[str, Any]:
    meeting = paper.occasion.meeting
    occasion = f"{meeting.name}, {day(meeting.held_on)}" if meeting else day(paper.plan.today)
    return {
        "title": f"Board paper: {occasion}",
        "name": NAME,
        "publisher": PUBLISHER,
        "as_at": paper.as_at,
        "made_by": f"{paper.made_by} {by} ({by.get_role_display()})" if by else "",
        "address": address,
        "is_draft": paper.is_draft,
        "state": _state(paper),
        "is_demonstration": paper.plan.has_demonstration_progress,
        "workbook": f"{paper_stem(paper)}.xlsx",
    }


def _state(paper: BoardPaper) -> str:
    """Whether the figures can still change, and since when they cannot."""
    period, closing = paper.occasion.period, paper.occasion.closing
    if closing and period:
        version = f" This is version {closing.version}." if closing.version > 1 else ""
        return f"Final: {period.name} was closed on {moment(closing.moment)}.{version}"
    if not paper.is_draft:
        return NOT_PUBLISHED
    if period:
        return f"Draft: {period.name} is still open, so these figures can change."
    return "Draft: these figures can still change."

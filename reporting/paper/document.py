"""The board's paper as a PDF: its figures in words, typeset, with its workbook inside."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reporting.paper import appendix, front_page
from reporting.paper.figures import BoardPaper
from reporting.paper.words import day, moment
from web.spreadsheets import XLSX
from web.typeset import Attachment, typeset

TEMPLATE = "reporting/paper.typ"
ACTIONS_AT_MOST = 2_000  # more than that is no paper: the workbook has them
NAME = "Strategy Action Framework"
PUBLISHER = "City Growth"


@dataclass(frozen=True)
class Cover:
    """What the cover line says that the figures do not.

    `closed` says when the figures became final; a paper without it is a draft. `address` opens the same view again.
    """

    made_by: str
    address: str
    meeting: str = ""
    closed: str = ""
    note: str = ""

    @property
    def is_draft(self) -> bool:
        return not self.closed


def pdf_of(paper: BoardPaper, workbook: bytes, cover: Cover) -> bytes:
    """The paper, with `workbook` (xlsx) attached. The same bytes for the same figures, workbook and cover."""
    attached = Attachment(
        name=workbook_name(paper),
        content=workbook,
        mime_type=XLSX,
        description="The progress workbook of this paper: the same figures, as a spreadsheet.",
    )
    return typeset(TEMPLATE, data_of(paper, cover), moment=paper.plan.moment, attached=[attached])


def data_of(paper: BoardPaper, cover: Cover) -> dict[str, Any]:
    """Everything the template prints, in words: it lays out and works nothing out."""
    return {
        "title": f"Board paper: {cover.meeting or day(paper.plan.today)}",
        "name": NAME,
        "publisher": PUBLISHER,
        "as_at": f"{moment(paper.plan.moment)}, Europe/London",
        "made_by": cover.made_by,
        "address": cover.address,
        "is_draft": cover.is_draft,
        "state": f"Final: {cover.closed}" if cover.closed else _draft(paper),
        "note": cover.note,
        "is_demonstration": paper.plan.has_demonstration_progress,
        "workbook": workbook_name(paper),
        **front_page.data_of(paper),
        **appendix.data_of(paper),
    }


def _draft(paper: BoardPaper) -> str:
    period = paper.plan.calendar.period
    if period is None:
        return "Draft: these figures can still change."
    return f"Draft: {period.name} is still open, so these figures can change."


def file_name(paper: BoardPaper) -> str:
    """Names the day, and says where progress is invented."""
    return _named(paper, ("board-paper", "pdf"))


def workbook_name(paper: BoardPaper) -> str:
    return _named(paper, ("progress-workbook", "xlsx"))


def _named(paper: BoardPaper, parts: Sequence[str]) -> str:
    stem, ending = parts
    invented = "demonstration-" if paper.plan.has_demonstration_progress else ""
    return f"{invented}{stem}-{paper.plan.today:%Y-%m-%d}.{ending}"

"""The files of a paper, and the e-mail that carries them."""

from collections.abc import Mapping

from actions.plan import Plan
from outbox.models import Kind
from outbox.posting import post
from partners.models import User
from reporting.calendar import plan_at
from reporting.models import PublishedPaper
from reporting.paper.choice import chosen_paper
from reporting.paper.figures import BoardPaper
from reporting.paper.typeset import paper_stem, pdf_of
from reporting.paper.workbook import workbook_of
from reporting.papers import IN_FULL, published_at
from web.files import PDF
from web.spreadsheets import XLSX


def paper_for_files(present: Plan, params: Mapping[str, str]) -> BoardPaper:
    """The paper that `params` ask for, in full. Raises ChoiceRefused."""
    return chosen_paper(present, params, at_most=IN_FULL)


def kept_paper(paper: BoardPaper, params: Mapping[str, str]) -> PublishedPaper | None:
    """The published version of this paper; None for a draft, for any other day, or if compared with another."""
    return None if paper.is_draft or params.get("since") else published_at(paper.plan.moment)


def workbook_bytes(paper: BoardPaper, params: Mapping[str, str], *, by: User, address: str) -> bytes:
    """The workbook of the paper: as published, if it was."""
    kept = kept_paper(paper, params)
    return bytes(kept.workbook) if kept else workbook_of(paper, by=by, address=address)


def pdf_bytes(paper: BoardPaper, params: Mapping[str, str], *, by: User, address: str) -> bytes:
    """The PDF of the paper, its workbook inside: as published, if it was."""
    kept = kept_paper(paper, params)
    if kept:
        return bytes(kept.pdf)
    return pdf_of(paper, workbook_of(paper, by=by, address=address), by=by, address=address)


def email_paper(params: Mapping[str, str], *, to: User, address: str) -> None:
    """Put the paper that `params` ask for in the outbox for a person, as PDF and workbook. Raises ChoiceRefused."""
    paper = paper_for_files(plan_at(), params)
    stem = paper_stem(paper)
    attachments = [
        (f"{stem}.pdf", pdf_bytes(paper, params, by=to, address=address), PDF),
        (f"{stem}.xlsx", workbook_bytes(paper, params, by=to, address=address), XLSX),
    ]
    text = f"{paper.headline}\n\nThe paper and its workbook are attached. On the portal:\n{address}\n"
    post(
        kind=Kind.PAPER,
        to=to.email,
        person=to,
        subject=f"Board paper, {paper.plan.today:%-d %B %Y}",
        text=text,
        attachments=attachments,
    )

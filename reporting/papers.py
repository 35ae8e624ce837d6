"""Published papers: made once for each closing of a period, kept as they are, and checked against the history."""

from datetime import datetime
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.db.models import QuerySet
from django.urls import reverse

from history import clock
from partners.models import User
from reporting.calendar import plan_at
from reporting.models import PublishedPaper
from reporting.paper.figures import BoardPaper, paper_of
from reporting.paper.typeset import data_of, pdf_of
from reporting.paper.workbook import workbook_of
from reporting.periods import Closing, closings

IN_FULL = 2_000  # actions: the PDF takes no more
WITHOUT_BYTES = ("pdf", "workbook", "figures")


def published() -> "QuerySet[PublishedPaper]":
    """All published papers, newest first, without their bytes."""
    return PublishedPaper.objects.select_related("period__meeting").defer(*WITHOUT_BYTES)


def published_before(moment: datetime) -> list[PublishedPaper]:
    """The papers of the periods closed before `moment`, newest first, without their bytes."""
    return list(published().filter(moment__lt=moment))


def published_at(moment: datetime) -> PublishedPaper | None:
    """The published paper of the closing at `moment`, with its bytes."""
    return PublishedPaper.objects.select_related("period").filter(moment=moment).first()


def publish_missing(*, by: User | None = None) -> list[PublishedPaper]:
    """Publish the paper of every closing that has none: of one just made, or one that a crash interrupted."""
    done = set(PublishedPaper.objects.values_list("period", "moment"))
    return [
        paper
        for one in closings()
        if (one.period_id, one.moment) not in done and (paper := _publish(one, by))
    ]


def _publish(closing: Closing, by: User | None) -> PublishedPaper | None:
    """Publish the paper of a closing.

    None if the plan has more than IN_FULL actions, or somebody else has published it meanwhile.
    """
    paper = paper_at(closing)
    if paper.counts.total > IN_FULL:
        return None
    address = _address(paper)
    workbook = workbook_of(paper, by=by, address=address)
    pdf = pdf_of(paper, workbook, by=by, address=address)
    try:
        with clock.writing():
            return PublishedPaper.objects.create(
                period_id=closing.period_id,
                version=closing.version,
                moment=closing.moment,
                published_by=by,
                figures=data_of(paper),
                pdf=pdf,
                pdf_sha256=sha256(pdf).hexdigest(),
                workbook=workbook,
                workbook_sha256=sha256(workbook).hexdigest(),
            )
    except IntegrityError:
        return None


def _address(paper: BoardPaper) -> str:
    """The board page that shows the paper: of its meeting, or of the day on which the period was closed."""
    meeting = paper.occasion.meeting
    query = f"meeting={meeting.slug}" if meeting else f"as_at={paper.plan.today:%Y-%m-%d}"
    return f"{settings.PORTAL_ADDRESS}{reverse('board')}?{query}"


def paper_at(closing: Closing) -> BoardPaper:
    """The paper of a closing, worked out from the history."""
    return paper_of(plan_at(closing.moment), at_most=IN_FULL, is_published=True)


def differences(paper: PublishedPaper) -> list[str]:
    """How a published paper differs from its checksums and from the recalculated figures."""
    found = [
        f"{paper}: the {what} is not the one that was published"
        for what, content, digest in (
            ("PDF", paper.pdf, paper.pdf_sha256),
            ("workbook", paper.workbook, paper.workbook_sha256),
        )
        if sha256(bytes(content)).hexdigest() != digest
    ]
    again = data_of(paper_at(Closing(paper.period_id, paper.moment, paper.version)))
    return found + [f"{paper}: {line}" for line in _compared(paper.figures, again, "")]


def _compared(kept: Any, again: Any, place: str) -> list[str]:
    if isinstance(kept, dict) and isinstance(again, dict):
        keys = [*kept, *(key for key in again if key not in kept)]
        return [
            line
            for key in keys
            for line in _compared(kept.get(key), again.get(key), f"{place}.{key}" if place else key)
        ]
    if isinstance(kept, list) and isinstance(again, list) and len(kept) == len(again):
        pairs = enumerate(zip(kept, again, strict=True))
        return [line for n, (one, other) in pairs for line in _compared(one, other, f"{place}[{n}]")]
    return [] if kept == again else [f"{place} was {kept!r} and is now {again!r}"]

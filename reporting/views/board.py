"""The board page, and the published papers as files."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from actions.pages import of_the_plan
from actions.requests import PortalRequest
from reporting.models import PublishedPaper
from reporting.paper.choice import ChoiceRefused, Option, chosen_paper, options
from reporting.paper.figures import BoardPaper
from reporting.paper.typeset import paper_stem
from reporting.paper.workbook import SLUGS
from reporting.papers import IN_FULL, published_before
from reporting.sending import (
    email_paper,
    paper_for_files,
    pdf_bytes,
)
from web.files import PDF, attachment
from web.markup import without_indents
from web.requests import of_any_day, reads_settled
from web.spreadsheets import XLSX

PARAMETERS = ("meeting", "as_at", "since")
FILES = {"pdf": ("pdf", PDF), "workbook": ("xlsx", XLSX)}


@require_safe
@of_the_plan
def board(request: PortalRequest) -> HttpResponse:
    try:
        paper = chosen_paper(request.plan, request.GET)
    except ChoiceRefused as refused:
        context = {"refused": str(refused), "options": options(), "asked": request.GET}
        return render(request, "reporting/board.html", context, status=400)
    return render(request, "reporting/board.html", _context(request, paper))


def _context(request: PortalRequest, paper: BoardPaper) -> dict[str, Any]:
    """What the page needs beside the paper itself."""
    asked = {name: request.GET[name] for name in PARAMETERS if request.GET.get(name)}
    plan = request.plan
    choices = plan.remember_plan("papers to choose", options)
    return {
        "paper": paper,
        "main": paper.plan.remember(
            ("board page", paper.at_most), lambda: _rendered(request, {"paper": paper})
        ),
        "options": choices,
        "chosen": _chosen(paper, choices, asked),
        "query": f"?{urlencode(asked)}" if asked else "",
        "in_full": paper.counts.total <= IN_FULL,
        "asked": asked,
        "sheets": [(slug, slug.replace("-", " ").capitalize()) for slug in SLUGS],
        "published": plan.remember_plan("published papers", lambda: published_before(plan.moment)),
    }


def _rendered(request: PortalRequest, context: dict[str, Any]) -> str:
    return without_indents(render_to_string("reporting/board_main.html", context, request))


def _chosen(paper: BoardPaper, choices: list[Option], asked: dict[str, str]) -> str:
    """The value of the option that the page shows; empty where it is a day."""
    if asked.get("as_at"):
        return ""
    if asked.get("meeting"):
        return asked["meeting"]
    meeting = paper.occasion.meeting
    return meeting.slug if meeting and not paper.is_draft else choices[0].value if paper.is_draft else ""


@require_safe
@reads_settled
@of_any_day
def board_paper_pdf(request: PortalRequest) -> HttpResponse:
    """The paper that the board page shows, as PDF with its workbook inside; as published, if it was."""
    try:
        paper = paper_for_files(request.plan, request.GET)
    except ChoiceRefused as refused:
        return file_refused(request, str(refused))
    if paper.counts.total > IN_FULL:
        refused_words = f"The PDF takes up to {IN_FULL:,} actions; this plan has {paper.counts.total:,}."
        return file_refused(request, refused_words, status=422)
    content = pdf_bytes(paper, request.GET, by=request.user, address=page_of(request))
    return attachment(content, f"{paper_stem(paper)}.pdf", PDF)


def file_refused(request: PortalRequest, words: str, status: int = 400) -> HttpResponse:
    return render(request, "reporting/file_refused.html", {"refused": words}, status=status)


def page_of(request: PortalRequest) -> str:
    """The board page that shows the same paper as a file."""
    asked = {name: request.GET[name] for name in PARAMETERS if request.GET.get(name)}
    return request.build_absolute_uri(reverse("board") + (f"?{urlencode(asked)}" if asked else ""))


@require_safe
def published_file(request: PortalRequest, pk: int, kind: str) -> HttpResponse:
    """A published paper or workbook, byte for byte as published."""
    if kind not in FILES:
        raise Http404(f"A published paper has no file “{kind}”.")
    name, content_type = FILES[kind]
    paper = get_object_or_404(PublishedPaper.objects.select_related("period").defer("figures"), pk=pk)
    content = bytes(paper.pdf if kind == "pdf" else paper.workbook)
    stem = f"board-paper-{paper.period.slug}" + (f"-version-{paper.version}" if paper.version > 1 else "")
    return attachment(content, f"{stem}.{name}", content_type)


@require_POST
def board_paper_email(request: PortalRequest) -> HttpResponse:
    """E-mail the paper that the page shows, PDF and workbook, to the person who asks."""
    asked = {name: request.POST[name] for name in PARAMETERS if request.POST.get(name)}
    address = reverse("board") + (f"?{urlencode(asked)}" if asked else "")
    try:
        email_paper(asked, to=request.user, address=request.build_absolute_uri(address))
    except ChoiceRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"The paper is on its way to {request.user.email}.")
    return HttpResponseRedirect(address)

"""The board's paper as a PDF: the figures of the board, tagged, with its workbook inside, whatever people typed."""

import json
import os
from collections.abc import Callable
from datetime import date, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from actions.models import OutcomeMeasure
from history.clock import end_of, plan_change
from partners.models import User
from reporting.calendar import plan_at
from reporting.models import BoardMeeting, ReportingPeriod
from reporting.paper import words
from reporting.paper.figures import BoardPaper, paper_of
from reporting.paper.typeset import data_of, pdf_of
from reporting.periods import close_period
from tests.clock import days_ago, recorded_at
from tests.pages import Element, page, queries_of
from tests.pdfs import Pdf

pytestmark = [pytest.mark.once, pytest.mark.untraced]

ADDRESS = "/board/paper.pdf"
VIEW = "https://portal.example.org/board/"
WORKBOOK = b"PK\x03\x04 not really a workbook \xff\x00"
HEADINGS = [
    "Actions by status", "Status at recent meetings", "Decisions asked of the board", "Off track and At risk",
    "Updates overdue", "Status of each vital few", "Exceptions in full", "What has changed", "All outcome measures",
    "Key to the statuses", "Definitions and counting rules", "About this file",
]  # fmt: skip
MARKUP = '#import "x.typ": * $ x $ *bold* _so_ \\ </script> <label> @ref // [x]'


@pytest.fixture
def client(client_of: Callable[[User], Client], board: User) -> Client:
    return client_of(board)


@pytest.fixture
def meeting(framework: None) -> BoardMeeting:
    with recorded_at(days_ago(200)):
        held_on = timezone.localdate() - timedelta(days=20)
        return BoardMeeting.objects.create(name="Summer meeting", slug="summer", held_on=held_on)


def whole_paper() -> BoardPaper:
    return paper_of(plan_at(), 2_000)


def opened(paper: BoardPaper, by: User | None = None) -> Pdf:
    return Pdf(pdf_of(paper, WORKBOOK, by=by, address=VIEW))


def closed(period: ReportingPeriod, by: User) -> BoardPaper:
    """The paper of the period, closed now."""
    return paper_of(plan_at(close_period(period=period, reason="Over", by=by)), 2_000)


def test_the_address_answers_the_draft_with_its_workbook(client: Client) -> None:
    response = client.get(ADDRESS)
    assert response["Content-Type"] == "application/pdf"
    stem = f"board-paper-{timezone.localdate():%Y-%m-%d}"
    assert response["Content-Disposition"] == f'attachment; filename="{stem}.pdf"'
    made = Pdf(response.content)
    assert "Downloaded by Bo Board (Board member)." in made.text
    assert "http://testserver/board/" in made.text
    assert "DRAFT" in made.pages[0]
    [(name, workbook)] = made.files.items()
    assert name == f"{stem}.xlsx"
    assert workbook.startswith(b"PK")


def test_the_same_paper_gives_the_same_bytes_and_the_same_figures(report: Any, meeting: BoardMeeting) -> None:
    report(1, status="off-track")
    paper = whole_paper()
    again = paper_of(plan_at(paper.plan.moment), 2_000)
    assert pdf_of(paper, WORKBOOK) == pdf_of(again, WORKBOOK)
    assert data_of(paper) == data_of(again)
    assert json.loads(json.dumps(data_of(paper))) == data_of(paper)  # as the database keeps it


def test_the_workbook_taken_out_again_is_the_one_given(framework: None) -> None:
    made = opened(whole_paper())
    assert list(made.files.values()) == [WORKBOOK]
    [file] = [each.get_object() for each in made.root["/AF"]]
    assert file["/AFRelationship"] == "/Data"
    assert "the same figures" in file["/Desc"]


def test_a_date_that_was_revised_has_all_three_days_and_the_reason(
    meeting: BoardMeeting, staff: User, report: Any
) -> None:
    measure = OutcomeMeasure.objects.get(action__number=7)
    for field, day in (("target_date", date(2027, 3, 31)), ("revised_date", date(2027, 6, 30))):
        with plan_change(by=staff, reason=f"Agreed: {field}"):
            setattr(measure, field, day)
            measure.save()
    text = opened(whole_paper()).text
    assert "7 31 Mar 2027 31 Mar 2027 30 Jun 2027 Agreed: revised_date Sam Staff" in text


def test_without_a_meeting_nothing_is_compared(framework: None) -> None:
    text = opened(whole_paper()).text
    assert "Actions by status Status This paper Off track 0 At risk 0 Not yet reported 32" in text
    assert "No board meeting is recorded before this paper, so nothing is compared." in text
    assert "No action is Off track or At risk." in text
    assert "Decisions asked of the board None." in text
    assert "Updates overdue No reporting period is open, so no update is due." in text
    assert "With an update overdue – Past their target date –" in text


def test_what_a_person_typed_is_never_markup(report: Any, board: User) -> None:
    report(1, status="off-track", comment=MARKUP, next_step=f"Ask: {MARKUP}")
    board.name = MARKUP
    text = "".join(opened(whole_paper(), board).text.split())  # wherever its lines end
    assert text.count("".join(MARKUP.split())) >= 5


def test_any_script_is_printed_or_replaced_and_it_says_so(report: Any, board: User) -> None:
    strange = "ગુજરાતી سلام 😀 👩‍👧 \u202eRTL\u200f \ufffe tab\tend"
    paper = whole_paper()
    assert "is printed for each character" not in opened(paper).text
    report(1, status="at-risk", comment=strange, next_step="x")
    text = opened(whole_paper()).text
    assert "□ is printed for each character that this paper’s typefaces do not have" in text
    assert "□□□□" in text
    assert "RTL" in text
    board.name = f"{strange}\x00\ud800"  # what no database holds; nor may it stop a paper
    assert "Downloaded by □□□□" in opened(paper, board).text


@pytest.mark.skipif("SOAK" not in os.environ, reason="takes a quarter of a minute: part of make soak")
def test_however_much_was_written_page_one_is_one_page_and_the_appendix_has_it_all(
    report: Any, meeting: BoardMeeting, period: ReportingPeriod
) -> None:
    ReportingPeriod.objects.update(due=timezone.localdate() - timedelta(days=1))
    long = "This is a sentence that says rather little, but says it at some length. " * 20 + "End of it."
    for number in range(1, 31):
        report(number, status="off-track" if number % 2 else "at-risk", comment=long, next_step=long)
    made = opened(whole_paper())
    assert made.pages[1].startswith("Exceptions in full: 32 of 32 actions")
    assert "Status of each vital few" in made.pages[0]
    assert "more, under “Exceptions in full”." in made.pages[0]
    assert "…" in made.pages[0]
    assert made.text.count("End of it.") >= 60


def test_a_draft_says_so_on_every_page_and_a_closed_one_when_it_became_final(
    meeting: BoardMeeting, period: ReportingPeriod, staff: User
) -> None:
    draft = opened(whole_paper())
    assert all("· draft" in text for text in draft.pages)
    assert "Draft: Autumn round is still open, so these figures can change." in draft.pages[0]
    final = closed(period, staff)
    made = opened(final)
    assert "draft" not in made.text.lower()
    assert f"Final: Autumn round was closed on {words.moment(final.plan.moment)}." in made.pages[0]


def test_the_paper_of_a_meeting_has_its_name_and_its_covering_note(
    period: ReportingPeriod, staff: User
) -> None:
    note = f"Read the first decision. {'It is the one that matters. ' * 60}That is all."
    with plan_change(by=staff, reason="Meeting"):
        held_on = timezone.localdate() + timedelta(days=9)
        winter = BoardMeeting.objects.create(name="Winter", slug="winter", held_on=held_on, note=note)
        ReportingPeriod.objects.update(meeting=winter)
    made = opened(closed(period, staff))
    assert f"Board paper: Winter, {words.day(held_on)}" in made.pages[0]
    assert "Read the first decision." in made.pages[0]
    assert "That is all." not in made.pages[0]
    assert made.pages[1].startswith("Covering note in full Read the first decision.")
    assert "That is all." in made.text


def test_a_past_day_is_neither_a_draft_nor_final(framework: None) -> None:
    made = opened(paper_of(plan_at(end_of(timezone.localdate() - timedelta(days=9))), 2_000))
    said = "This is not a published paper: a paper is published only when a reporting period is closed."
    assert said in made.pages[0]
    assert "draft" not in made.text.lower()


def test_a_plan_that_is_too_large_for_paper_is_refused_in_words(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = import_module("reporting.views.board")  # the package has a view of that name
    monkeypatch.setattr(module, "IN_FULL", 31)
    found: Element = page(client, ADDRESS, 422)
    assert "The PDF takes up to 31 actions; this plan has 32." in found.text
    assert "/board/export.xlsx" in [link["href"] for link in found.all("a")]


def test_it_takes_a_fixed_number_of_queries(client: Client, report: Any, meeting: BoardMeeting) -> None:
    report(1, status="off-track")
    few = queries_of(client, ADDRESS)
    for number in range(2, 12):
        report(number, status="at-risk" if number % 2 else "off-track")
    assert queries_of(client, ADDRESS) == few


@pytest.mark.parametrize(
    ("text", "at_most", "cut"),
    [
        ("Short.", 20, "Short."),
        ("Two\nlines  here", 20, "Two lines here"),
        ("One sentence ends. Another one goes on and on.", 30, "One sentence ends. …"),
        ("A. Another one that goes on and on.", 20, "A. Another one …"),
        ("Some words, that go on", 14, "Some words …"),
        ("x" * 30, 10, "x" * 8 + " …"),
    ],
)
def test_a_text_is_cut_at_a_sentence_or_a_word(text: str, at_most: int, cut: str) -> None:
    assert words.cut(text, at_most) == cut
    assert len(cut) <= at_most

"""Published papers never change, come back byte for byte, and agree with the history."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from actions.models import Action, KnownAction
from history.clock import plan_change
from outbox.models import Mail
from partners.models import Partner, User
from reporting.models import BoardMeeting, PublishedPaper, ReportingPeriod
from reporting.papers import differences, publish_missing
from reporting.periods import close_period
from tests.clock import days_ago, recorded_at
from tests.pages import page
from tests.pdfs import Pdf

pytestmark = pytest.mark.once


@pytest.fixture
def client(client_of: Callable[[User], Client], board: User) -> Client:
    return client_of(board)


@pytest.fixture
def meeting(framework: None) -> BoardMeeting:
    with recorded_at(days_ago(50)):
        return BoardMeeting.objects.create(
            name="Winter meeting", slug="winter", held_on=timezone.localdate() + timedelta(days=21)
        )


@pytest.fixture
def paper(period: ReportingPeriod, meeting: BoardMeeting, staff: User, report: Any) -> PublishedPaper:
    """Of a period with one red action, closed for the meeting."""
    with plan_change(by=staff, reason="Meeting"):
        ReportingPeriod.objects.update(meeting=meeting)
    report(9, 1, "off-track", comment="Stuck", next_step="Money")
    close_period(period=period, reason="Over", by=staff)
    [made] = publish_missing(by=staff)
    return PublishedPaper.objects.select_related("period").get(pk=made.pk)


def test_the_published_files_come_back_byte_for_byte_whatever_is_edited_later(
    client: Client, paper: PublishedPaper, report: Any, staff: User
) -> None:
    report(9, 1, "on-track")
    with plan_change(by=staff, reason="Other words"):
        Action.objects.filter(number=9).update(title="Renamed")
        Partner.objects.filter(slug="universities").update(name="The universities")
    for kind, content, digest in (
        ("pdf", paper.pdf, paper.pdf_sha256),
        ("workbook", paper.workbook, paper.workbook_sha256),
    ):
        response = client.get(f"/board/published/{paper.pk}/{kind}/")
        assert response.content == bytes(content)
        assert sha256(response.content).hexdigest() == digest
    assert client.get("/board/paper.pdf?meeting=winter").content == bytes(paper.pdf)
    assert client.get("/board/export.xlsx?meeting=winter").content == bytes(paper.workbook)
    assert client.get("/board/paper.pdf").content == bytes(paper.pdf)
    assert client.get("/board/paper.pdf?meeting=now").content != bytes(paper.pdf)
    assert differences(paper) == []
    assert f"Published by {staff} (City Growth staff)." in Pdf(bytes(paper.pdf)).text


def test_the_board_page_shows_the_last_closed_period_and_lists_its_files(
    client: Client, paper: PublishedPaper, report: Any
) -> None:
    report(9, 1, "on-track")
    found = page(client, "/board/")
    assert found.one("p", css="headline").text.startswith("1 of 32 actions is off track and none at risk")
    assert "For the Winter meeting" in found.one("p", css="lede").text
    assert "Draft" not in found.one("p", css="lede").text
    [row] = [row for row in found.all("tr") if "workbook of" in row.text]
    assert row.one("th").text == f"Winter meeting, {paper.period.meeting.held_on:%-d %B %Y} Autumn round"
    for link in row.all("a"):
        assert client.get(link["href"]).status_code == 200
    draft = page(client, "/board/?meeting=now")
    assert "Draft" in draft.one("p", css="lede").text
    assert draft.one("p", css="headline").text.startswith("None of the 32 actions is off track or at risk")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("meeting=never", "There is no board meeting “never”."),
        ("since=soon", "“soon” is not a date."),
        ("since=2999-01-01", "Compare with a day before"),
    ],
)
def test_a_paper_that_cannot_be_is_refused_in_words(
    client: Client, paper: Any, query: str, words: str
) -> None:
    for address in ("/board/", "/board/paper.pdf", "/board/export.xlsx"):
        response = client.get(f"{address}?{query}")
        assert response.status_code == 400
        assert words in response.content.decode()


def test_a_meeting_whose_period_is_open_has_no_paper_yet(client: Client, meeting: BoardMeeting) -> None:
    response = client.get("/board/?meeting=winter")
    assert response.status_code == 400
    assert "Winter meeting has no paper yet" in response.content.decode()


@pytest.mark.parametrize("deed", ["change", "delete"])
def test_the_database_refuses_to_change_or_delete_a_published_paper(paper: PublishedPaper, deed: str) -> None:
    rows = PublishedPaper.objects.filter(pk=paper.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(pdf=b"other") if deed == "change" else rows.delete()
    assert bytes(PublishedPaper.objects.get().pdf) == bytes(paper.pdf)


def test_check_papers_agrees_and_says_each_figure_that_differs(paper: PublishedPaper) -> None:
    out = StringIO()
    call_command("check_papers", stdout=out)
    assert out.getvalue() == "1 published paper agrees with the history.\n"
    paper.figures["headline"] = "All is well."
    paper.pdf = b"%PDF of another"
    found = differences(paper)
    assert found[0] == "Autumn round, version 1: the PDF is not the one that was published"
    assert found[1].startswith("Autumn round, version 1: headline was 'All is well.' and is now '1 of 32")
    assert len(found) == 2


def test_a_figure_of_the_history_that_was_changed_behind_its_back_is_found(paper: PublishedPaper) -> None:
    with recorded_at(timezone.now()):
        KnownAction.objects.filter(number=9, rank=0).update(rank=1)
    err = StringIO()
    with pytest.raises(CommandError, match="in 1 published paper"):
        call_command("check_papers", stderr=err)
    assert "headline was" in err.getvalue()


def test_a_paper_that_an_interruption_left_out_is_published_once(
    period: ReportingPeriod, staff: User, report: Any
) -> None:
    report(9, 1, "off-track")
    close_period(period=period, reason="Over", by=staff)
    report(9, 1, "on-track")  # the process was killed after closing; the paper still says what was known then
    call_command("check_papers", stdout=StringIO())
    paper = PublishedPaper.objects.get()
    assert paper.figures["headline"].startswith("1 of 32 actions is off track")
    assert publish_missing() == []


def test_somebody_gets_the_paper_they_look_at_by_e_mail(
    client: Client, paper: PublishedPaper, board: User
) -> None:
    response = client.post("/board/email/", {"meeting": "winter"})
    assert (response.status_code, response["Location"]) == (302, "/board/?meeting=winter")
    [message] = mail.outbox
    assert message.to == [board.email]
    pdf, workbook = message.attachments
    assert (pdf[0][-4:], bytes(pdf[1])) == (".pdf", bytes(paper.pdf))
    assert (workbook[0][-5:], bytes(workbook[1])) == (".xlsx", bytes(paper.workbook))
    assert "http://testserver/board/?meeting=winter" in message.body


def test_a_mail_server_that_is_down_breaks_nothing_and_the_paper_waits_in_the_outbox(
    client: Client, paper: PublishedPaper, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nobody listens there
    response = client.post("/board/email/", {"meeting": "winter"}, follow=True)
    assert "The paper is on its way to" in response.content.decode()
    waiting = Mail.objects.get()
    assert (waiting.state, waiting.attachments.count()) == ("waiting", 2)
    assert "refused" in waiting.why

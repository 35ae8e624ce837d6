"""The demonstration, made once: its pages, its paper as a PDF and its workbook."""

import io
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client, override_settings
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader
from pytest_django import Settings

from actions.counts import StatusCounts
from actions.models import ProgressUpdate, Status
from config.management.commands.demonstration_progress import meeting_day
from history.clock import end_of
from partners.models import User
from reporting.calendar import plan_at
from reporting.models import BoardMeeting, PublishedPaper, ReportingPeriod
from reporting.paper import words
from reporting.paper.figures import BoardPaper, paper_of
from reporting.paper.typeset import paper_stem, pdf_of
from reporting.paper.workbook import workbook_of
from tests.pdfs import Pdf

pytestmark = pytest.mark.once

XLSX, CSV, BOARD = "/board/export.xlsx", "/board/export.csv", "http://testserver/board/"
TITLES = ["Summary", "Exceptions", "Actions", "Outcome measures", "Breakdowns", "Changes", "Notes"]
WORKBOOK = b"PK\x03\x04 not really a workbook \xff\x00"
HEADINGS = [
    "Actions by status", "Status at recent meetings", "Decisions asked of the board", "Off track and At risk",
    "Updates overdue", "Status of each vital few", "Exceptions in full", "What has changed", "All outcome measures",
    "Key to the statuses", "Definitions and counting rules", "About this file",
]  # fmt: skip


@pytest.fixture(scope="module")
def made_once(kept: None) -> tuple[BoardPaper, Pdf]:
    """The draft of the demonstration, and its PDF."""
    with override_settings(DEMONSTRATION=True):
        call_command("prepare", verbosity=0)
        call_command("demonstration_progress", verbosity=0)
        paper = paper_of(plan_at(), 2_000)
        return paper, Pdf(pdf_of(paper, WORKBOOK, address=BOARD))


@pytest.fixture
def demonstration(made_once: tuple[BoardPaper, Pdf], db: None, settings: Settings) -> BoardPaper:
    settings.DEMONSTRATION = True
    return made_once[0]


@pytest.fixture
def made(made_once: tuple[BoardPaper, Pdf]) -> Pdf:
    return made_once[1]


def test_what_has_not_started_has_no_value(demonstration: BoardPaper) -> None:
    of_numbers = ProgressUpdate.objects.exclude(measure__target=None)
    assert of_numbers.exclude(value=None).exists()
    assert not of_numbers.filter(status=Status.NOT_STARTED).exclude(value=None).exists()


def test_it_has_what_a_screen_reader_needs(demonstration: BoardPaper, made: Pdf) -> None:
    assert (made.says("pdfaid:part"), made.says("pdfaid:conformance"), made.says("pdfuaid:part")) == (
        "3",
        "A",
        "1",
    )
    assert made.root["/Lang"] == "en-GB"
    assert made.root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert made.reader.metadata is not None
    meeting = demonstration.occasion.meeting
    assert meeting is not None
    assert made.reader.metadata.title == f"Board paper: {meeting.name}, {words.day(meeting.held_on)}"
    assert [tag.alt for tag in made.all("Figure") if not tag.alt] == []
    assert f"This paper: {trend_in_words(demonstration)}" in [tag.alt for tag in made.all("Figure")]
    for row in made.all("TR"):
        kinds = [(cell.kind, cell.attribute("/Scope")) for cell in row.children]
        assert kinds[0] in (("/TH", "/Column"), ("/TH", "/Row")), kinds
        assert len(set(kinds[1:])) <= 1, kinds
    assert len(made.root["/Outlines"]) > 0


def trend_in_words(paper: BoardPaper) -> str:
    shares = paper.trend[-1].counts.present
    return ", ".join(
        f"{share.count} {share.status.label[0].lower()}{share.status.label[1:]}" for share in shares
    )


def test_page_one_says_all_that_the_board_must_know_on_one_page(demonstration: BoardPaper, made: Pdf) -> None:
    first = made.pages[0]
    places = [first.index(heading) for heading in HEADINGS[:6]]
    assert places == sorted(places)
    assert demonstration.headline in first
    assert "DRAFT" in first
    assert "Demonstration: invented progress." in first
    assert demonstration.in_trouble
    for one in demonstration.in_trouble:
        assert f"{one.row.number} {one.row.title[:30]}" in first
        assert one.row.leads_in_words in first
    for request in demonstration.requests:
        assert request.words in first
    for silent in demonstration.silent:
        assert f"{silent.partner.name}: {silent.count} (action" in first
    assert f"page 1 of {len(made.pages)}" in first
    assert made.pages[1].startswith(f"Exceptions in full: {demonstration.exceptions.count} of 32 actions")


def test_what_follows_is_in_order_and_in_full(demonstration: BoardPaper, made: Pdf) -> None:
    text = made.text
    places = [text.index(heading, text.index("Exceptions in full")) for heading in HEADINGS[6:]]
    assert places == sorted(places)
    for one in demonstration.exceptions.first:
        assert one.row.title in text
        assert "; ".join(one.reasons[1:]).lower() in text.lower()
    for row in demonstration.all_rows():
        for measure in row.measures:
            assert " ".join(measure.measure.text.split()) in text
    for status in Status:
        assert f"{status.label} {status.meaning}" in text
    assert "An action shows the worst status of its measures." in text


def test_its_figures_are_those_of_the_board(demonstration: BoardPaper, made: Pdf) -> None:
    text = made.pages[0]
    for line in demonstration.count_lines:
        shown = f"{line.label} {line.now_shown} {line.then_shown} {line.change_in_words}"
        assert shown.strip() in text, line.label
    for point in demonstration.trend:
        label = words.short_day(point.meeting.known_on) if point.meeting else "This paper"
        numbers = " ".join(str(share.count) for share in point.counts.shares)
        assert f"{label} {numbers}" in text
    for one in demonstration.vital_fews:
        assert (
            f"{one.vital_few.code} {one.vital_few.name} {actions(one.strong)}: {one.strong.present[0].count} "
            in text
        )
        assert f"{actions(one.supporting)}: {one.supporting.present[0].count} " in text


def actions(counts: StatusCounts) -> str:
    return f"{counts.total} action{'' if counts.total == 1 else 's'}"


def test_what_has_changed_adds_up_and_says_so(demonstration: BoardPaper, made: Pdf) -> None:
    text = made.text
    moved = demonstration.moved
    assert moved is not None
    worse, better, same = (moved.counts[way] for way in ("worse", "better", "same"))
    assert worse
    assert better
    assert f"Of 32 actions then and 32 now: {worse} worse, {better} better, {same} unchanged." in text
    assert "The table adds up to the counts of both papers." in text
    for move in moved.moves:
        assert move.update is not None
        assert f"{move.before.label} {move.row.status.label} {move.way} {move.by}" in text


def test_invented_progress_is_said_in_the_name_of_the_file(demonstration: BoardPaper, made: Pdf) -> None:
    assert paper_stem(demonstration).startswith("demonstration-board-paper-")
    assert all("demonstration: invented progress" in text for text in made.pages)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not on this machine")
def test_summary_and_exceptions_print_on_one_page_each(demonstration: BoardPaper, tmp_path: Path) -> None:
    file = tmp_path / "progress.xlsx"
    file.write_bytes(workbook_of(demonstration, by=None, address=BOARD))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", str(tmp_path), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    pages = [page.extract_text() for page in PdfReader(tmp_path / "progress.pdf").pages]
    titles = [
        next(title for title in TITLES if re.search(rf"^{title}\s*(page|$)", text, re.M)) for text in pages
    ]
    assert (titles.count("Summary"), titles.count("Exceptions")) == (1, 1)
    assert list(dict.fromkeys(titles)) == TITLES
    assert f"page 1 of {len(pages)}" in pages[0]


def test_invented_progress_is_named_in_file_and_name(
    demonstration: BoardPaper, client_of: Callable[[User], Client]
) -> None:
    client = client_of(User.objects.get(email="board@demo.example"))
    response = client.get(XLSX)
    assert 'filename="demonstration-progress-' in response["Content-Disposition"]
    book = load_workbook(io.BytesIO(response.content))
    said = "Demonstration: the progress in this file is invented."
    assert said in [row[0] for row in book["Summary"].iter_rows(values_only=True)]
    assert book["Notes"]["B2"].value == "The progress in this file is invented."
    assert 'filename="demonstration-progress-' in client.get(f"{CSV}?sheet=changes")["Content-Disposition"]


def test_progress_over_five_quarters_is_marked_and_every_page_and_file_says_so(
    demonstration: BoardPaper, client_of: Callable[[User], Client]
) -> None:
    client = client_of(User.objects.get(email="staff@demo.example"))
    updates = ProgressUpdate.objects.all()
    assert updates.count() > 60
    assert all(update.is_demonstration for update in updates)
    assert ReportingPeriod.objects.count() == 5
    assert BoardMeeting.objects.count() == 5
    assert PublishedPaper.objects.count() == 4
    assert max(update.recorded_at for update in updates) <= timezone.now()
    for address in ("/", "/actions/", "/board/", "/actions/18/", "/updates/"):
        assert "the people and the progress shown are invented" in client.get(address).content.decode()
    with pytest.raises(CommandError, match="progress already"):
        call_command("demonstration_progress")


def test_the_demonstration_can_be_read_as_at_an_earlier_day(demonstration: BoardPaper) -> None:
    then = plan_at(end_of(timezone.localdate() - timedelta(days=200)))
    rows = then.rows(then.actions())
    assert len(rows) == 32
    assert all(row.update is None or row.update.recorded_at < end_of(then.today) for row in rows)
    assert {row.status for row in rows} != {row.status for row in plan_at().rows(plan_at().actions())}


def test_its_calendar_was_kept_by_staff_who_closed_each_period_in_the_evening(
    demonstration: BoardPaper, client_of: Callable[[User], Client]
) -> None:
    closed = ReportingPeriod.objects.filter(closed_at__isnull=False)
    assert {f"{timezone.localtime(one.closed_at):%H:%M}" for one in closed} == {"17:00"}
    client = client_of(User.objects.get(email="staff@demo.example"))
    for kind in ("period", "meeting"):
        changes = client.get(f"/changes/?kind={kind}").content.decode()
        assert "Demonstration quarter 1 opened" in changes
        assert changes.count("Changed outside the portal") == 1  # a choice of the filter


def test_no_board_meets_from_christmas_eve_to_new_years_day() -> None:
    for days in range(366):
        opens = date(2026, 1, 1) + timedelta(days=days)
        day = meeting_day(opens)
        assert not (day.month, day.day) >= (12, 24)
        assert (day.month, day.day) != (1, 1)
        assert day.weekday() == opens.weekday()

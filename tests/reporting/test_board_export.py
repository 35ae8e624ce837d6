"""The progress workbook and its sheets as CSV: opened again, and every cell compared with the paper's figures."""

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings as portal
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from actions.looks import LOOKS
from actions.models import Action, OutcomeMeasure, Status
from actions.models.status import WORST_FIRST
from history import memo
from history.clock import end_of, plan_change
from partners.models import User
from reporting.calendar import plan_at
from reporting.models import BoardMeeting, ReportingPeriod
from reporting.paper import moved
from reporting.paper.figures import BoardPaper, paper_of
from reporting.paper.workbook import SLUGS, NoSuchSheet, csv_of_sheet, workbook_of
from reporting.periods import close_period
from tests.clock import recorded_at
from tests.conftest import open_period, person, submitted
from tests.pages import more_actions, queries_of, source

pytestmark = [pytest.mark.once, pytest.mark.untraced]

XLSX, CSV, BOARD = "/board/export.xlsx", "/board/export.csv", "http://testserver/board/"
TITLES = ["Summary", "Exceptions", "Actions", "Outcome measures", "Breakdowns", "Changes", "Notes"]
EVIL = "=1+1\ufffe\uffff\x07 and _x0041_"


@pytest.fixture(scope="module")
def staff(kept: None) -> User:
    return person("sam@city.example", "Sam Staff", User.Role.STAFF)


@pytest.fixture(scope="module")
def lead(kept: None) -> User:
    return person("lena@skills.example", "Lena Lead", User.Role.LEAD, "learning-skills-council")


@pytest.fixture(scope="module")
def board(kept: None) -> User:
    return person("bo@board.example", "Bo Board", User.Role.BOARD)


@pytest.fixture(scope="module")
def period(kept: None) -> ReportingPeriod:
    return open_period()


@pytest.fixture
def client(client_of: Callable[[User], Client], board: User, db: None) -> Client:
    return client_of(board)


@pytest.fixture(scope="module")
def a_life(staff: User, lead: User, period: ReportingPeriod) -> None:
    """Every status, before and after a meeting; a date revised and an action reworded since; the period past due."""
    now, report = timezone.now(), partial(submitted, by=staff)
    with recorded_at(now - timedelta(days=99)):
        BoardMeeting.objects.create(
            name="Summer", slug="summer", held_on=timezone.localdate() - timedelta(days=5)
        )
    with recorded_at(now - timedelta(days=98)), plan_change(by=None, reason="Dates"):
        OutcomeMeasure.objects.filter(action__number__in=(6, 18)).update(target_date=date(2008, 3, 31))
    with recorded_at(now - timedelta(days=2)), plan_change(by=lead, reason="The board agreed"):
        OutcomeMeasure.objects.filter(action__number=18).update(revised_date=date(2008, 12, 31))
        Action.objects.filter(number=9).update(title="=New words")
    ReportingPeriod.objects.update(due=timezone.localdate() - timedelta(days=1))
    before, long_before = now - timedelta(days=7), now - timedelta(days=60)
    report(1, 1, "on-track", by=lead, recorded_at=before)
    report(1, 1, "at-risk", by=lead, comment=EVIL, next_step="@Ask the colleges")
    report(2, 1, "off-track", recorded_at=long_before, next_step="-Money")
    report(5, 1, "off-track", recorded_at=before)
    report(5, 1, "on-track", comment="Back again")
    report(6, 1, "on-track", recorded_at=before, comment="All is well")
    report(6, 1, "on-track", comment="", no_change=True)
    report(8, 1, "on-track", recorded_at=before, comment="Said before")
    report(8, 1, "on-track", comment="", no_change=True)
    report(8, 1, "not-started", comment="Stopped")
    report(18, 1, "on-track", value=Decimal("26.5"))
    report(22, 1, "closed", recorded_at=before)
    report(23, 1, "on-track", recorded_at=before)
    report(23, 2, "off-track", comment="No links yet", next_step="An officer")
    report(20, 1, "complete", value=Decimal(10))


@pytest.fixture
def lively(a_life: None, db: None) -> None:
    """As `a_life` has it."""


@pytest.fixture(scope="module")
def book(a_life: None, board: User) -> Workbook:
    """The workbook of a plan that has lived, for tests that change nothing before they read it."""
    client = Client()
    client.force_login(board)
    return book_at(client)


def paper() -> BoardPaper:
    memo.forget()
    return paper_of(plan_at(), at_most=1000)


def book_at(client: Client) -> Workbook:
    response = client.get(XLSX)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    day = f"{timezone.localdate():%Y-%m-%d}"
    assert response["Content-Disposition"] == f'attachment; filename="progress-{day}.xlsx"'
    return load_workbook(io.BytesIO(response.content))


def records(found: Worksheet) -> list[dict[str, Any]]:
    head, *rows = found.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def block(page: Worksheet, table: str) -> list[list[Any]]:
    """The rows of a table below its header."""
    return [[cell.value for cell in row] for row in page[page.tables[table].ref]][1:]


def cells(values: Any) -> list[Any]:
    """As a sheet gives them back: days at midnight, numbers as they are, nothing for an empty text."""
    return [
        datetime(value.year, value.month, value.day) if type(value) is date else value or (value if value == 0 else None)  # noqa: DTZ001, E501
        for value in values
    ]  # fmt: skip


def table_of(client: Client, slug: str, more: str = "") -> list[list[str]]:
    response = client.get(f"{CSV}?sheet={slug}{more}")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    day = f"{timezone.localdate():%Y-%m-%d}"
    assert response["Content-Disposition"] == f'attachment; filename="progress-{day}-{slug}.csv"'
    content = b"".join(response.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")
    text = content.decode("utf-8-sig")
    assert "\ufffe" not in text
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


# What the workbook is


def test_it_has_the_sheets_in_their_order_and_nothing_merged(lively: None, book: Workbook) -> None:
    assert book.sheetnames == TITLES
    for page in book:
        assert page.merged_cells.ranges == set()
        assert page.page_setup.orientation == "landscape"
        assert page.page_setup.fitToWidth == 1
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert page.oddFooter.right.text == "page &P of &N"
        assert page.page_setup.paperSize == (8 if page.title == "Actions" else 9)
    for page in book.worksheets[1:]:
        assert (page.freeze_panes, page.print_title_rows) == ("A2", "$1:$1")
        assert all(row.height for number, row in page.row_dimensions.items())
    fitted = [page.title for page in book if page.page_setup.fitToHeight == 1]
    assert fitted == ["Summary"]  # 29 exceptions take a second page


def test_each_range_is_a_table_and_has_a_name(lively: None, book: Workbook) -> None:
    tables = {name: (page, page.tables[name]) for page in book for name in page.tables}
    assert list(tables) == [
        "Status_counts", "Decisions", "By_vital_few", "Trend", "Exceptions", "Actions", "Outcome_measures",
        "Breakdowns", "Changes", "Notes",
    ]  # fmt: skip
    assert set(book.defined_names) == {f"{name}_range" for name in tables}
    for name, (page, table) in tables.items():
        named = book.defined_names[f"{name}_range"].attr_text
        assert named.replace("$", "").replace("'", "") == f"{page.title}!{table.ref}"
        heading_cells = next(iter(page[table.ref]))
        assert [cell.value for cell in heading_cells] == table.column_names
        if page.title != "Summary":
            assert table.ref == page.dimensions
            assert table.autoFilter.ref == table.ref


def test_the_document_says_what_it_is(lively: None, book: Workbook, board: User) -> None:
    about = book.properties
    today, held = timezone.localdate(), timezone.localdate() - timedelta(days=5)
    assert about.title == f"Strategy action framework: progress workbook, {today:%-d %B %Y}"
    assert about.subject == f"Progress as at {today:%-d %B %Y}, compared with {held:%-d %B %Y}"
    assert about.creator == str(board)


def test_the_same_plan_gives_the_same_bytes(lively: None, board: User, monkeypatch: Any) -> None:
    plan = plan_at(end_of(timezone.localdate()))
    first = workbook_of(paper_of(plan), by=board, address=BOARD)
    memo.forget()
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    monkeypatch.setattr("time.localtime", lambda *_: (2033, 5, 18, 3, 33, 20, 2, 138, 0))
    assert workbook_of(paper_of(plan), by=board, address=BOARD) == first


def test_text_is_never_a_formula_and_unreadable_characters_are_dropped(
    client: Client, lively: None, book: Workbook
) -> None:
    assert {cell.data_type for page in book for row in page.iter_rows() for cell in row} <= set("snd")
    said = {row["Action No"]: row for row in records(book["Exceptions"])}
    assert said[1]["Latest update"] == "=1+1 and _x005F_x0041_"  # as Excel reads “_x0041_”
    assert said[1]["Recovery step or request to the board"] == "@Ask the colleges"
    assert {row["Action No"]: row["Action"] for row in records(book["Actions"])}[9] == "=New words"
    listed = {row[0]: row for row in table_of(client, "exceptions")}
    assert listed["1"][7:] == ["'=1+1 and _x0041_", "'@Ask the colleges"]
    assert listed["2"][8] == "'-Money"


# Its figures


def test_the_summary_is_the_paper(lively: None, book: Workbook) -> None:
    page, figures = book["Summary"], paper()
    lines = [row[0] for row in page.iter_rows(values_only=True)]
    assert lines[0] == f"Strategy action framework: progress as at {timezone.localdate():%-d %B %Y}"
    assert " ".join(lines[1:5]) == figures.headline
    assert block(page, "Status_counts") == [
        [line.label, line.now_shown, line.then_shown, line.change] for line in figures.count_lines
    ]
    assert block(page, "Decisions") == [
        cells([one.words, one.measure.action.number, one.asked_on, one.measure.action.leads_in_words])
        for one in figures.requests
    ]
    assert [row[0] for row in block(page, "Decisions")] == ["-Money", "An officer"]
    assert block(page, "By_vital_few") == [
        [f"{one.vital_few.code} {one.vital_few.name}", one.together.total]
        + [one.together.by_rank.get(rank, 0) for rank in range(7)]
        for one in figures.vital_fews
    ]
    trend = block(page, "Trend")
    held = timezone.localdate() - timedelta(days=5)
    names = [f"{held:%-d %b %Y}", f"{timezone.localdate():%-d %b %Y} (this paper)"]
    assert [row[0] for row in trend] == names
    assert [row[1:] for row in trend] == [
        [point.counts.total] + [point.counts.by_rank.get(rank, 0) for rank in range(7)]
        for point in figures.trend
    ]


def test_the_counts_are_those_of_the_other_sheets(lively: None, book: Workbook) -> None:
    """Counted again from the rows, so that no sheet can say anything else than another."""
    rows = records(book["Actions"])
    assert [row["Action No"] for row in rows] == list(range(1, 33))
    by_status = Counter(row["Status"] for row in rows)
    counts = {row[0]: row[1:] for row in block(book["Summary"], "Status_counts")}
    assert {status.label: counts[status.label][0] for status in WORST_FIRST} == {
        status.label: by_status[status.label] for status in WORST_FIRST
    }
    overdue = sum(row["Update overdue"] == "Yes" for row in rows)
    assert counts["With an update overdue"][0] == overdue > 0
    assert all(now - then == change for now, then, change in counts.values())
    for one in records(book["Breakdowns"]):
        chosen = [row for row in rows if belongs(row, one)]
        assert one["Actions"] == len(chosen), one
        statuses = Counter(row["Status"] for row in chosen)
        for status in WORST_FIRST:
            count = statuses[status.label]
            assert one[status.label] == count
            percent = (count * 200 + len(chosen)) // (len(chosen) * 2) if chosen else None
            assert one[f"{status.label} %"] == percent
        assert one["Update overdue"] == sum(row["Update overdue"] == "Yes" for row in chosen)


def belongs(row: dict[str, Any], group: dict[str, Any]) -> bool:
    """Whether an action belongs to a row of the breakdowns."""
    if group["By"] == "Vital few":
        marks = {"strong": "X", "supporting": "O", "together": "XO"}[group["Relationship"]]
        return (row[group["Name"].split()[0]] or " ") in marks
    if group["By"] in ("Theme", "Cluster"):
        return bool(row[group["By"]] == group["Name"])
    if group["By"] == "Lead":
        leads = re.split(r"/", row["Suggested Lead"])
        return group["Name"] in [lead.partition(" (")[0] for lead in leads]
    return True


def test_the_breakdowns_name_everything(lively: None, book: Workbook) -> None:
    found = records(book["Breakdowns"])
    plan = plan_at()
    assert Counter(row["By"] for row in found) == {
        "All": 1,
        "Vital few": 15,
        "Theme": len(plan.themes),
        "Cluster": len(plan.clusters),
        "Lead": len(plan.partners),
    }
    assert sum(row["Actions"] for row in found if row["By"] == "Lead") == 34


def test_the_exceptions_are_those_of_the_board_page(lively: None, book: Workbook) -> None:
    found, figures = records(book["Exceptions"]), paper()
    assert [row["Action No"] for row in found] == [one.row.number for one in figures.exceptions.first]
    assert len(found) == figures.exceptions.count == 29
    for row, one in zip(found, figures.exceptions.first, strict=True):
        assert row["Reasons"].lower() == "; ".join(one.reasons).lower()
        assert row["Status"] == one.row.status.label
        assert [row["Since"]] == cells([one.since])
        assert row["Lead"] == one.row.leads_in_words
    by_number = {row["Action No"]: row for row in found}
    assert by_number[23]["Latest update"] == "Measure 2 of 2: No links yet"
    assert by_number[23]["Recovery step or request to the board"] == "Measure 2 of 2: An officer"
    assert by_number[8]["Latest update"] == "Stopped"


def test_no_change_is_shown_with_the_last_words(lively: None, book: Workbook) -> None:
    found = {row["Action No"]: row for row in records(book["Exceptions"])}
    today = f"{timezone.localdate():%-d %B %Y}"
    assert found[6]["Latest update"] == f"All is well (confirmed unchanged {today})"


def test_the_outcome_measures_have_their_numbers(lively: None, book: Workbook) -> None:
    found = records(book["Outcome measures"])
    assert len(found) == 33
    assert [(row["Action No"], row["Measure"]) for row in found] == [
        (action.number, order) for action in source().actions for order in range(1, len(action.measures) + 1)
    ]
    by_number = {row["Action No"]: row for row in found if row["Measure"] == 1}
    eighteen, today = by_number[18], timezone.localdate()
    assert [eighteen[name] for name in ("Target", "Latest value", "% of target")] == [100, 26.5, 26]
    assert eighteen["Value reported"].date() == today
    assert [eighteen["Target date"], eighteen["Revised date"]] == cells(
        [date(2008, 3, 31), date(2008, 12, 31)]
    )
    twenty = by_number[20]
    assert [twenty[name] for name in ("Target", "Latest value", "% of target", "Status")] == [
        10,
        10,
        100,
        "Complete",
    ]
    assert [by_number[1][name] for name in ("Baseline", "Target", "Latest value", "% of target")] == [
        None
    ] * 4


def test_the_changes_are_what_moved_and_add_up(lively: None, book: Workbook, lead: User) -> None:
    found = records(book["Changes"])
    figures = paper().moved
    assert figures is not None
    moves = [row for row in found if row["What"] == "Status"]
    assert Counter(row["Direction"].lower() for row in moves) == {
        way: figures.counts[way] for way in ("worse", "better", "new") if figures.counts[way]
    }
    assert len(found) == figures.move_count + figures.edit_count
    assert [(row["Action No"], row["Direction"], row["From"], row["To"]) for row in moves] == [
        (1, "Worse", "On track", "At risk"),
        (8, "Worse", "On track", "Not started"),
        (5, "Better", "Off track", "On track"),
        (18, "New", "Not yet reported", "On track"),
        (20, "New", "Not yet reported", "Complete"),
        (23, "New", "Not yet reported", "Off track"),
    ]
    assert moves[2]["Comment or change"] == "Back again"
    assert "City Growth staff" in moves[2]["By"]
    [revised] = [row for row in found if row["What"] == "Target date"]
    dates = [revised[name] for name in ("Original date", "Previous date", "New date")]
    assert dates == cells([date(2008, 3, 31), date(2008, 3, 31), date(2008, 12, 31)])
    assert (revised["By"], revised["Why"]) == (str(lead), "The board agreed")
    [reworded] = [row for row in found if row["What"] == "Action"]
    assert (reworded["Action No"], reworded["Why"]) == (9, "The board agreed")
    assert reworded["Comment or change"].endswith("→ “=New words”")


def test_a_status_that_an_edit_moved_is_not_laid_to_an_old_update(
    client: Client, lively: None, report: Any
) -> None:
    """A measure that nobody reported on is added: the action shows it now, and no update has moved it."""
    with plan_change(by=None, reason="Two targets"):
        OutcomeMeasure.objects.create(action=Action.objects.get(number=22), order=2, text="More", year=2008)
    [found] = [
        row
        for row in records(book_at(client)["Changes"])
        if (row["Action No"], row["What"]) == (22, "Status")
    ]
    assert (found["From"], found["To"]) == ("Closed, not completed", "Not yet reported")
    assert (found["Direction"], found["By"], found["Comment or change"]) == (
        "Reopened",
        "Change to the plan",
        None,
    )
    assert found["When"].date() == timezone.localdate()


def test_everything_is_there_where_lists_are_read_in_parts(
    lively: None, board: User, monkeypatch: Any
) -> None:
    plan = plan_at(end_of(timezone.localdate()))
    whole = workbook_of(paper_of(plan), by=board, address=BOARD)
    for module in (
        "reporting.exceptions",
        "reporting.paper.moved",
        "actions.plan.reading",
    ):
        monkeypatch.setattr(f"{module}.CHUNK", 4)
    assert workbook_of(paper_of(plan, at_most=1), by=board, address=BOARD) != b""
    assert workbook_of(paper_of(plan), by=board, address=BOARD) == whole


def test_a_paper_of_which_only_the_first_are_listed_has_all_in_its_workbook(
    client: Client, lively: None
) -> None:
    few = load_workbook(io.BytesIO(workbook_of(paper_of(plan_at(), at_most=1), by=None, address="/board/")))
    assert len(records(few["Exceptions"])) == 29
    assert len(records(few["Changes"])) == 8
    lines = [row[0] for row in few["Summary"].iter_rows(values_only=True)]
    assert "1 more: see the sheet “Exceptions”, Off track." in lines
    notes = {row["Item"]: row["Note"] for row in records(few["Notes"])}
    assert (notes["Downloaded by"], notes["Open this view again"]) == (
        "The portal, after the reporting period was closed",
        "/board/",
    )


def test_the_notes_let_a_reader_check_the_figures(lively: None, book: Workbook, board: User) -> None:
    notes = {row["Item"]: row["Note"] for row in records(book["Notes"])}
    assert notes["Headline"] == paper().headline
    assert re.fullmatch(r"\d+ \w+ \d{4} at \d\d:\d\d \(Europe/London\)", notes["As at"])
    assert notes["Filter"] == "None: the whole plan"
    assert notes["Downloaded by"] == f"{board} (Board member)"
    assert notes["Open this view again"] == BOARD
    [link] = [cell for row in book["Notes"].iter_rows() for cell in row if cell.hyperlink]
    assert (link.value, link.hyperlink.target) == (BOARD, BOARD)
    for page in book.worksheets[1:-1]:
        assert notes[f"Rows: {page.title}"] == page.max_row - 1
        for cell in page[1]:
            assert notes[f"{page.title}: {cell.value}"]
    for status in Status:
        assert notes[f"Status: {status.label}"] == f"{status.symbol} {status.meaning}"


def test_the_workbook_of_a_meeting_says_which_and_carries_its_note(
    client: Client, lively: None, staff: User, period: ReportingPeriod
) -> None:
    with plan_change(by=staff, reason="Meeting"):
        winter = BoardMeeting.objects.create(
            name="Winter meeting",
            slug="winter",
            held_on=timezone.localdate() + timedelta(days=21),
            note="=Read this first",
        )
        ReportingPeriod.objects.update(meeting=winter)
    meeting = f"For the Winter meeting, {winter.held_on:%-d %B %Y}."
    notes = {row["Item"]: row["Note"] for row in records(book_at(client)["Notes"])}
    assert notes["Board meeting"] == f"{meeting} Draft: Autumn round is still open."
    assert notes["Covering note"] == "=Read this first"
    period.refresh_from_db()
    close_period(period=period, reason="Over", by=staff)
    rows = {row[0]: row[1] for row in table_of(client, "notes", "&meeting=winter")}
    assert re.fullmatch(
        rf"{meeting} Autumn round was closed on \d+ \w+ \d{{4}} at \d\d:\d\d\.", rows["Board meeting"]
    )
    assert rows["Covering note"] == "'=Read this first"
    assert rows["Open this view again"] == f"{BOARD}?meeting=winter"
    refused = client.get(f"{CSV}?sheet=notes&meeting=never")
    assert refused.status_code == 400
    assert "There is no board meeting “never”." in refused.content.decode()


# How it looks


def test_a_status_is_filled_as_on_the_page_and_said_in_words(lively: None, book: Workbook) -> None:
    css = (portal.BASE_DIR / "static" / "portal.css").read_text(encoding="utf-8")
    for status in Status:
        fill, ink = (re.search(rf"--{status.value}{end}: (#\w+);", css)[1] for end in ("", "-ink"))  # type: ignore[index]
        look = LOOKS[status.label]
        assert [look.fill.lower(), look.ink.lower()] == [_six(fill), _six(ink)], status
        assert look.symbol == status.symbol
    for title, heading in (("Exceptions", "Status"), ("Actions", "Last meeting"), ("Changes", "To")):
        page = book[title]
        column = [cell.value for cell in page[1]].index(heading)
        for row in page.iter_rows(min_row=2):
            cell = row[column]
            if cell.value:
                assert cell.fill.fgColor.rgb == f"00{LOOKS[cell.value].fill}"
                assert cell.number_format == f'"{LOOKS[cell.value].symbol} "@'


def _six(colour: str) -> str:
    """“#fff” as “ffffff”."""
    digits = colour.removeprefix("#")
    return digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)


def test_the_actions_print_twelve_columns_and_have_all(client: Client, lively: None, book: Workbook) -> None:
    page = book["Actions"]
    with_outline = [
        name
        for name, dimension in page.column_dimensions.items()
        if dimension.hidden and dimension.outlineLevel == 1
    ]
    headings = {cell.column_letter: cell.value for cell in page[1]}
    assert len(headings) == 22
    assert len(headings) - len(with_outline) == 12
    assert [headings[name] for name in with_outline] == [
        "Theme", "VF1", "VF2", "VF3", "VF4", "VF5", "Last meeting", "Evidence", "Last updated", "Updated by",
    ]  # fmt: skip
    export = load_workbook(io.BytesIO(b"".join(client.get("/actions/export.xlsx").streaming_content)))[
        "Actions"
    ]
    assert list(page.iter_rows(values_only=True)) == list(export.iter_rows(values_only=True))


def test_the_charts_are_native_and_say_in_words_what_they_show(client: Client, lively: None) -> None:
    content = client.get(XLSX).content
    archive = zipfile.ZipFile(io.BytesIO(content))
    drawing = ElementTree.fromstring(archive.read("xl/drawings/drawing1.xml").decode())
    alts = [frame.get("descr") or "" for frame in drawing.iterfind(".//{*}cNvPr")]
    figures = paper()
    assert len(alts) == 2
    for one in figures.vital_fews:
        words = ", ".join(f"{share.count} {share.status.label}" for share in one.together.present)
        assert f"{one.vital_few.code} {one.vital_few.name}: {words}." in alts[0]
    assert f"(this paper): {figures.counts.present[0].count} Off track" in alts[1]
    page = load_workbook(io.BytesIO(content))["Summary"]
    for number, table in ((1, "By_vital_few"), (2, "Trend")):
        chart = ElementTree.fromstring(archive.read(f"xl/charts/chart{number}.xml").decode())
        series = chart.findall(".//{*}ser")
        assert len(series) == 7
        first, last = re.findall(r"\d+", page.tables[table].ref)
        values = [one.findtext("{*}val//{*}f") for one in series]
        assert values == [f"'Summary'!${c}${int(first) + 1}:${c}${last}" for c in "CDEFGHI"]


# CSV, and what it costs


def test_each_sheet_is_a_csv_with_the_same_cells(client: Client, lively: None, book: Workbook) -> None:
    for title in TITLES[1:-1]:
        head, *rows = table_of(client, title.lower().replace(" ", "-"))
        page = book[title]
        assert head == [cell.value for cell in page[1]]
        assert len(rows) == page.max_row - 1
        for row, found in zip(rows, page.iter_rows(min_row=2, values_only=True), strict=True):
            assert [_as_csv(value) for value in found] == [value.removeprefix("'") for value in row]
    head, *rows = table_of(client, "notes")
    assert head == ["Item", "Note"]
    assert len(rows) == book["Notes"].max_row - 1


def _as_csv(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return (
            f"{value:%Y-%m-%d}"
            if (value.hour, value.minute, value.second) == (0, 0, 0)
            else f"{value:%Y-%m-%d %H:%M}"
        )
    if isinstance(value, float):
        return f"{value:.2f}"
    return str(value).replace("_x005F_", "_")


def test_the_summary_as_csv_has_a_record_for_each_figure(client: Client, lively: None) -> None:
    head, *rows = table_of(client, "summary")
    assert head == ["Part", "Line", "Figure", "Value"]
    assert {len(row) for row in rows} == {4}
    figures = paper()
    assert rows[0] == ["Headline", "", "", figures.headline]
    for line in figures.count_lines:
        assert ["Counts", line.label, "This paper", str(line.now_shown)] in rows
    assert ["By vital few", f"{figures.vital_fews[0].vital_few.code} {figures.vital_fews[0].vital_few.name}",
            "Actions", str(figures.vital_fews[0].together.total)] in rows  # fmt: skip


@pytest.mark.parametrize("asked", ["?sheet=nonsense", "", "?sheet=", "?sheet=Summary"])
def test_an_unknown_sheet_is_answered_in_words_with_the_list(client: Client, asked: str) -> None:
    response = client.get(f"{CSV}{asked}")
    assert response.status_code == 400
    assert f"Choose one with sheet=: {', '.join(SLUGS)}." in response.content.decode()


def test_an_unknown_sheet_is_refused_before_anything_is_read(framework: None) -> None:
    with pytest.raises(NoSuchSheet, match="There is no sheet “x”"):
        csv_of_sheet(paper(), "x", by=None, address=BOARD)


def test_a_longer_plan_takes_the_same_queries(client: Client, lively: None) -> None:
    assert moved.CHUNK > 132
    more_actions(2, first=201)
    few = queries_of(client, XLSX)
    more_actions(100)
    assert queries_of(client, XLSX) == few

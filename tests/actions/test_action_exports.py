"""The view as a file: what comes out is opened again and compared."""

import csv
import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from actions.models import Action, Lead, OutcomeMeasure, ProgressUpdate, Relationship, Status
from actions.rows import ActionState
from history.clock import plan_change
from partners.models import User
from reporting.calendar import plan_at
from reporting.models import BoardMeeting, ReportingPeriod
from strategy.models import VitalFew
from tests.clock import recorded_at
from tests.pages import more_actions, numbers, page, queries_of, source

pytestmark = pytest.mark.once

XLSX, CSV = "/actions/export.xlsx", "/actions/export.csv"
HEADINGS = [
    "Action No", "Theme", "Cluster", "Action", "Suggested Lead", "VF1", "VF2", "VF3", "VF4", "VF5",
    "Outcome Measure 2008", "Status", "Last meeting", "Direction", "Comment", "Recovery step or ask", "Evidence",
    "Target date", "Revised date", "Last updated", "Updated by", "Update overdue",
]  # fmt: skip
A3, A4 = "8", "9"
VIEWS = [
    "",
    "sort=-number",
    "sort=-status&cluster=food-drink",
    "cluster=construction&cross_cluster=on&per_page=5&page=2",
    "vital_few=VF5&strength=strong&sort=action",
    "q=international",
    "status=off-track&status=complete",
    "overdue=on&sort=-updated",
    "theme=image-identity&cluster=retail",
]


@pytest.fixture
def client(client_of: Callable[[User], Client], board: User) -> Client:
    return client_of(board)


@pytest.fixture
def lively(report: Any, lead: User, period: ReportingPeriod) -> None:
    """Reports of every status, before and after a board meeting, in a period that is past its due date."""
    now = timezone.now()
    with recorded_at(now - timedelta(days=99)):
        BoardMeeting.objects.create(
            name="Summer", slug="summer", held_on=timezone.localdate() - timedelta(days=5)
        )
    with recorded_at(now - timedelta(days=98)), plan_change(by=None, reason="Dates"):
        OutcomeMeasure.objects.filter(action__number=18).update(
            target_date=date(2008, 3, 31), revised_date=date(2008, 12, 31)
        )
    ReportingPeriod.objects.update(due=timezone.localdate() - timedelta(days=1))
    before, long_before = now - timedelta(days=7), now - timedelta(days=60)
    report(1, 1, "on-track", by=lead, recorded_at=before, comment="Two lines:\r\nfirst and second")
    report(1, 1, "at-risk", by=lead, comment="Slipped", next_step="Ask the colleges")
    report(2, 1, "off-track", recorded_at=long_before)
    report(5, 1, "on-track", recorded_at=before)
    report(5, 1, "on-track", comment="", no_change=True)
    report(
        18, 1, "complete", evidence="Counted", evidence_url="https://example.org/count", value=Decimal(104)
    )
    report(22, 1, "closed")
    report(23, 1, "on-track", recorded_at=before)
    report(
        23,
        2,
        "off-track",
        recorded_at=now - timedelta(days=2),
        comment="No links yet",
        next_step="An officer",
    )
    report(23, 1, "on-track", by=lead)


def named(ending: str) -> str:
    """What the file is called; invented progress is to be seen in its name too."""
    invented = "demonstration-" if ProgressUpdate.objects.filter(is_demonstration=True).exists() else ""
    return f'attachment; filename="{invented}actions-{timezone.localdate():%Y-%m-%d}.{ending}"'


def book(client: Client, query: str = "") -> Workbook:
    response = client.get(f"{XLSX}?{query}")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert response["Content-Disposition"] == named("xlsx")
    return load_workbook(io.BytesIO(b"".join(response.streaming_content)))


def sheet(client: Client, query: str = "") -> Worksheet:
    return book(client, query)["Actions"]


def records(found: Worksheet) -> list[dict[str, Any]]:
    head, *rows = found.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def table(client: Client, query: str = "") -> list[list[str]]:
    response = client.get(f"{CSV}?{query}")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == named("csv")
    content = b"".join(response.streaming_content).decode()
    assert content.startswith("\ufeff")
    return list(csv.reader(io.StringIO(content[1:], newline=""), strict=True))


def notes(client: Client, query: str = "") -> dict[str, str]:
    return {record["Item"]: record["Note"] for record in records(book(client, query)["Notes"])}


def figures(row: ActionState) -> dict[str, Any]:
    """What the page's row says, as the export has to: worked out from the measures, not from the columns.

    All of the update is from one: the last on the worst measure.
    """
    measure = min(row.measures, key=lambda one: (one.status.rank, one.measure.order))
    updates = list(ProgressUpdate.objects.filter(measure=measure.id).newest_first())
    update = updates[0] if updates else None
    comment = next((one.comment for one in updates if not one.no_change), "")
    if update and update.no_change:
        comment += f" (confirmed unchanged {timezone.localtime(update.recorded_at):%-d %B %Y})"
    name = f"Measure {measure.measure.order} of {len(row.measures)}: " if len(row.measures) > 1 else ""

    def told(text: str | None) -> str | None:
        return f"{name}{text}".replace("\r\n", "\n") if text else None

    return {
        "Action No": row.number,
        "Theme": row.theme.name,
        "Cluster": row.cluster.name,
        "Action": row.title,
        "Suggested Lead": "/".join(lead.partner.name for lead in row.leads),
        **{code: row.marks.get(code) for code in ("VF1", "VF2", "VF3", "VF4", "VF5")},
        "Outcome Measure 2008": row.outcome_text,
        "Status": row.status.label,
        "Last meeting": row.meeting_status.label if row.meeting_status else None,
        "Direction": row.direction.label if row.direction else None,
        "Comment": told(comment),
        "Recovery step or ask": told(update and update.next_step),
        "Evidence": told(
            update and " · ".join(text for text in (update.evidence, update.evidence_url) if text)
        ),
        "Target date": measure.measure.target_date,
        "Revised date": measure.measure.revised_date,
        "Last updated": update and timezone.localtime(update.recorded_at).replace(tzinfo=None),
        "Updated by": update and update.submitted_by,
        "Update overdue": "Yes" if row.overdue else "No",
    }


def without_seconds(record: dict[str, Any]) -> dict[str, Any]:
    """Sheets keep a moment to a part of a second, and a day as its midnight."""
    moment = record["Last updated"]
    days = {
        name: record[name].date()
        for name in ("Target date", "Revised date")
        if isinstance(record[name], datetime)
    }
    rounded = moment and (moment + timedelta(milliseconds=1)).replace(microsecond=0)
    return record | days | {"Last updated": rounded}


# The plan


def test_all_32_rows_have_the_marks_and_words_of_the_framework(client: Client) -> None:
    in_source = [
        [action.number, action.theme, action.cluster, action.title, "/".join(action.leads)]
        + [action.marks.get(code) for code in ("VF1", "VF2", "VF3", "VF4", "VF5")]
        + [action.outcome_text, "Not yet reported"]
        for action in source().actions
    ]
    assert [list(record.values())[:12] for record in records(sheet(client))] == in_source
    head, *rows = table(client)
    assert head == HEADINGS
    assert [row[:12] for row in rows] == [
        ["" if cell is None else str(cell) for cell in row] for row in in_source
    ]


@pytest.mark.once
def test_the_columns_are_those_of_the_product_in_both_files(client: Client) -> None:
    assert [cell.value for cell in sheet(client)[1]] == HEADINGS == table(client)[0]


def test_there_is_a_column_for_each_vital_few_however_many(client: Client) -> None:
    sixth = VitalFew.objects.create(code="VF6", name="A sixth", order=6)
    Relationship.objects.create(action=Action.objects.get(number=7), vital_few=sixth, strength="O")
    six = [*HEADINGS[:10], "VF6", *HEADINGS[10:]]
    found = sheet(client)
    assert [cell.value for cell in found[1]] == six == table(client)[0]
    assert {record["Action No"]: record["VF6"] for record in records(found) if record["VF6"]} == {7: "O"}
    assert "A sixth" in notes(client)["VF6"]


def test_the_outcome_column_names_no_year_where_there_are_several(client: Client) -> None:
    OutcomeMeasure.objects.filter(action__number=3).update(year=2009)
    assert table(client)[0][10] == "Outcome Measure"


def test_a_lead_that_has_accepted_is_no_longer_only_suggested(client: Client, framework: None) -> None:
    Lead.objects.filter(action__number=9, partner__slug="universities").update(acceptance="accepted")
    Lead.objects.filter(action__number=18, partner__slug="legi").update(acceptance="declined")
    leads = {record["Action No"]: record["Suggested Lead"] for record in records(sheet(client))}
    assert (leads[9], leads[18]) == ("Universities (accepted)/Leicester City Growth", "Leicester City Growth")


# Exactly the view


@pytest.mark.parametrize("query", VIEWS)
@pytest.mark.usefixtures("lively")
@pytest.mark.untraced
def test_both_files_hold_exactly_the_rows_of_the_view_in_its_order(client: Client, query: str) -> None:
    whole = "&".join(part for part in query.split("&") if not part.startswith(("page", "per_page")))
    shown = numbers(page(client, f"/actions/?{whole}&per_page=100"))
    assert [record["Action No"] for record in records(sheet(client, query))] == shown
    assert [row[0] for row in table(client, query)[1:]] == [str(number) for number in shown]


@pytest.mark.usefixtures("lively")
def test_every_figure_of_the_workbook_is_that_of_the_page(client: Client) -> None:
    plan = plan_at()
    expected = [figures(row) for row in plan.with_measures(plan.rows(plan.actions()))]
    assert {record["Status"] for record in expected} == {s.label for s in Status} - {"Not started"}
    assert {record["Direction"] for record in expected} == {"New", "Worse", "Same"}
    assert [without_seconds(record) for record in records(sheet(client))] == [
        without_seconds(one) for one in expected
    ]


@pytest.mark.usefixtures("lively")
def test_every_figure_of_the_csv_is_that_of_the_page(client: Client) -> None:
    plan = plan_at()

    def written(value: Any) -> str:
        if isinstance(value, datetime):
            return f"{value:%Y-%m-%d %H:%M}"
        return "" if value is None else str(value)

    rows = plan.with_measures(plan.rows(plan.actions()))
    expected = [[written(value) for value in figures(row).values()] for row in rows]
    assert table(client)[1:] == expected


@pytest.mark.usefixtures("lively")
def test_an_action_of_two_measures_shows_its_worse_one_and_names_it(client: Client) -> None:
    record = records(sheet(client, "q=multi-ethnic"))[0]
    assert record["Status"] == "Off track"
    assert record["Comment"] == "Measure 2 of 2: No links yet"
    assert record["Recovery step or ask"] == "Measure 2 of 2: An officer"
    assert (record["Last meeting"], record["Direction"]) == ("Not yet reported", "New")


@pytest.mark.usefixtures("lively")
def test_words_author_and_date_are_all_of_the_update_behind_the_status(client: Client) -> None:
    """Of two measures the better one was reported on last, by somebody else."""
    worst = ProgressUpdate.objects.get(measure__action__number=23, measure__order=2)
    newest = ProgressUpdate.objects.filter(measure__action__number=23).newest_first()[0]
    assert newest.measure.order == 1
    assert newest.author != worst.author
    record = without_seconds(records(sheet(client, "q=multi-ethnic"))[0])
    row = dict(zip(HEADINGS, table(client, "q=multi-ethnic")[1], strict=True))
    assert record["Comment"] == row["Comment"] == "Measure 2 of 2: No links yet"
    assert record["Updated by"] == row["Updated by"] == worst.submitted_by
    when = timezone.localtime(worst.recorded_at).replace(tzinfo=None)
    assert abs(record["Last updated"] - when) <= timedelta(seconds=1)
    assert row["Last updated"] == f"{when:%Y-%m-%d %H:%M}"


@pytest.mark.usefixtures("lively")
def test_the_list_says_the_day_of_the_update_that_the_file_has(client: Client) -> None:
    worst = ProgressUpdate.objects.get(measure__action__number=23, measure__order=2)
    cells = page(client, "/actions/?q=multi-ethnic").one("tbody").one("tr").all("td")
    assert cells[-2].text == f"{timezone.localtime(worst.recorded_at):%-d %b %Y}"


# Types, and what people type


@pytest.mark.usefixtures("lively")
def test_numbers_days_and_moments_are_real_ones(client: Client) -> None:
    found = sheet(client, "q=micro-enterprises")
    cells = dict(zip(HEADINGS, found[2], strict=True))
    assert cells["Action No"].data_type == "n"
    assert cells["Target date"].value == datetime(2008, 3, 31)  # noqa: DTZ001  as a sheet has it
    assert cells["Revised date"].value == datetime(2008, 12, 31)  # noqa: DTZ001
    assert {cells[name].number_format for name in ("Target date", "Revised date")} == {"d mmm yyyy"}
    assert cells["Last updated"].is_date
    assert cells["Last updated"].number_format == "d mmm yyyy hh:mm"
    row = dict(zip(HEADINGS, table(client, "q=micro-enterprises")[1], strict=True))
    assert (row["Target date"], row["Revised date"]) == ("2008-03-31", "2008-12-31")


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("http://evil.example","press")',
        "+44 116 000 0000",
        "-5 jobs, net",
        "@SUM(A1)",
        "\tbehind a tab",
        "＝1+1",
        " =1+1",
        "\n=1+1",
    ],
)
@pytest.mark.once
@pytest.mark.untraced
def test_what_begins_like_a_formula_stays_text(client: Client, report: Any, text: str) -> None:
    report(1, 1, "at-risk", comment=text, next_step=text)
    found = sheet(client)
    for heading in ("Comment", "Recovery step or ask"):
        cell = found.cell(2, HEADINGS.index(heading) + 1)
        assert (cell.data_type, cell.value) == ("s", text)
        assert table(client)[1][HEADINGS.index(heading)] == f"'{text}"


@pytest.mark.parametrize(
    "text", ["#N/A", "#REF!", "TRUE", "007", "1e5", "2008-03-31", "£2 “and” ✓", 'a "b", c\nd']
)
@pytest.mark.once
@pytest.mark.untraced
def test_what_looks_like_something_else_stays_text(client: Client, report: Any, text: str) -> None:
    report(1, 1, "on-track", comment=text)
    cell = sheet(client).cell(2, HEADINGS.index("Comment") + 1)
    assert (cell.data_type, cell.value) == ("s", text)
    assert table(client)[1][HEADINGS.index("Comment")] == text


@pytest.mark.once
def test_control_characters_are_dropped_and_line_ends_are_one(client: Client, report: Any) -> None:
    report(1, 1, "on-track", comment="a\x0bb\x1fc\r\nd\re\x07")
    assert sheet(client).cell(2, HEADINGS.index("Comment") + 1).value == "abc\nd\ne"
    assert table(client)[1][HEADINGS.index("Comment")] == "abc\nd\ne"


@pytest.mark.once
def test_what_would_begin_a_formula_behind_a_control_character_is_guarded_too(
    client: Client, report: Any
) -> None:
    report(1, 1, "on-track", comment="\x07=1+1")
    assert table(client)[1][HEADINGS.index("Comment")] == "'=1+1"


# Ready to print


@pytest.mark.parametrize(("title", "paper", "columns"), [("Actions", A3, "V"), ("Notes", A4, "B")])
@pytest.mark.usefixtures("lively")
@pytest.mark.once
@pytest.mark.untraced
def test_a_sheet_is_ready_to_read_and_to_print(client: Client, title: str, paper: str, columns: str) -> None:
    found = book(client)[title]
    assert not found.merged_cells.ranges
    assert found.freeze_panes == "A2"
    assert found.auto_filter.ref == f"A1:{columns}{found.max_row}"
    assert found.print_title_rows == "$1:$1"
    assert found.page_setup.orientation == "landscape"
    assert str(found.page_setup.paperSize) == paper
    assert found.sheet_properties.pageSetUpPr.fitToPage
    assert (found.page_setup.fitToWidth, found.page_setup.fitToHeight) == (1, 0)
    assert (found.oddFooter.left.text, found.oddFooter.right.text) == (title, "page &P of &N")
    assert {cell.font.name for row in found for cell in row} == {"Calibri"}
    assert all(cell.alignment.wrap_text for row in found for cell in row)
    assert all(found.row_dimensions[number].height >= 15 for number in range(1, found.max_row + 1))
    assert all(cell.font.bold for cell in found[1])


@pytest.mark.usefixtures("lively")
@pytest.mark.once
@pytest.mark.untraced
def test_a_row_is_as_high_as_its_longest_text_needs(client: Client) -> None:
    found = sheet(client)
    for row in found.iter_rows(min_row=2):
        needed = max(
            len(str(cell.value or "")) / found.column_dimensions[cell.column_letter].width
            for cell in row
            if cell.data_type == "s"
        )
        assert found.row_dimensions[row[0].row].height >= min(13 * needed, 400)


@pytest.mark.once
def test_a_workbook_has_actions_then_notes(client: Client) -> None:
    assert book(client).sheetnames == ["Actions", "Notes"]


@pytest.mark.once
def test_an_empty_view_is_a_file_with_a_header_row(client: Client) -> None:
    query = "theme=image-identity&cluster=retail"
    found = sheet(client, query)
    assert [cell.value for cell in found[1]] == HEADINGS
    assert (found.max_row, found.auto_filter.ref) == (1, "A1:V1")
    assert table(client, query) == [HEADINGS]
    assert notes(client, query)["Actions in this file"] == "0 of 32"


# What the reader of the file needs


@pytest.mark.once
def test_the_notes_say_what_was_exported_when_and_by_whom(client: Client) -> None:
    query = "cluster=food-drink&vital_few=VF3&strength=strong&sort=-number"
    found = notes(client, query)
    assert found["Actions in this file"] == "2 of 32"
    assert found["Filter"] == "Food & Drink, strong for VF3"
    assert found["Downloaded by"] == "Bo Board (Board member)"
    now = timezone.localtime()
    assert found["As at"].startswith(f"{now:%-d %B %Y} ")
    assert found["As at"].endswith(", Europe/London")
    link = urlsplit(found["Open this view again"])
    assert (link.scheme, link.netloc) == ("http", "testserver")
    again = numbers(page(client, f"{link.path}?{link.query}"))
    assert again == [32, 8] == [record["Action No"] for record in records(sheet(client, query))]


@pytest.mark.once
def test_the_notes_explain_every_column_in_order(client: Client) -> None:
    found = notes(client)
    assert list(found)[-len(HEADINGS) :] == HEADINGS
    assert all(found[heading] for heading in HEADINGS)
    assert found["Filter"] == "None: the whole plan"
    assert "never means zero" in found["Blank"]
    assert "An action with joint leads counts under each of them." in found["Counting"]


@pytest.mark.parametrize("invented", [True, False])
@pytest.mark.once
def test_the_notes_say_first_where_progress_is_invented(client: Client, report: Any, invented: bool) -> None:
    report(1, 1, "on-track", is_demonstration=invented)
    first = next(iter(notes(client).items()))
    assert (first == ("Demonstration", "The progress in this file is invented.")) == invented


@pytest.mark.parametrize("address", [XLSX, CSV])
@pytest.mark.parametrize(
    ("query", "reasons"),
    [
        ("vital_few=VF9", ["vital_few: The plan has no vital few “VF9”."]),
        (
            "overdue=x&theme=y",
            ["theme: The plan has no theme “y”.", "overdue: “x” is neither “on” nor “off”."],
        ),
        ("q=retail&q=food", ["q: Only one value is allowed here; the address has 2."]),
    ],
)
@pytest.mark.once
@pytest.mark.untraced
def test_an_impossible_filter_makes_no_file_but_reasons(
    client: Client, address: str, query: str, reasons: list[str]
) -> None:
    response = client.get(f"{address}?{query}")
    assert response.status_code == 400
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert "Content-Disposition" not in response
    assert response.content.decode().splitlines() == ["Nothing was exported.", *reasons]


@pytest.mark.parametrize("address", [XLSX, CSV])
@pytest.mark.usefixtures("lively")
@pytest.mark.untraced
def test_a_file_asks_as_little_for_hundreds_of_actions_as_for_32(client: Client, address: str) -> None:
    assert ProgressUpdate.objects.count() == 10
    few = queries_of(client, address)
    more_actions(300)
    assert queries_of(client, address) == few
    assert few <= 25


@pytest.mark.parametrize("address", [XLSX, CSV])
@pytest.mark.usefixtures("lively")
@pytest.mark.untraced
def test_a_file_is_of_one_moment_whatever_is_submitted_while_it_is_sent(
    client: Client, report: Any, address: str
) -> None:
    response = client.get(address)
    assert response.streaming
    report(2, 1, "complete", comment="Meanwhile")
    report(32, 1, "off-track", comment="Meanwhile")
    content = b"".join(response.streaming_content)
    if address == XLSX:
        found = records(load_workbook(io.BytesIO(content))["Actions"])
    else:
        rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        found = [dict(zip(HEADINGS, row, strict=True)) for row in [*rows][1:]]
    by_number = {int(record["Action No"]): record for record in found}
    assert (by_number[2]["Status"], by_number[32]["Status"]) == ("Off track", "Not yet reported")


@pytest.mark.untraced
def test_a_plan_of_several_chunks_is_in_the_file_whole_and_in_order(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actions.plan.reading.CHUNK", 7)
    more_actions(40)
    expected = [*range(1, 33), *range(101, 141)]
    assert [record["Action No"] for record in records(sheet(client))] == expected
    assert [int(row[0]) for row in table(client)[1:]] == expected


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
@pytest.mark.once
def test_an_impossible_order_makes_no_file(
    staff: User, client_of: Callable[[User], Client], ending: str
) -> None:
    response = client_of(staff).get(f"/actions/export.{ending}?sort=colour")
    assert response.status_code == 400
    assert "can't be sorted by “colour”" in response.content.decode()

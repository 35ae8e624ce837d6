"""The outcome measures, by which the plan is judged: page and files say the same as the action list and the board."""

import csv
import io
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from actions.models import Direction, Lead, OutcomeMeasure, ProgressUpdate, Status
from history.clock import plan_change
from partners.models import User
from reporting.calendar import plan_at
from reporting.models import BoardMeeting, ReportingPeriod
from tests.clock import days_ago, recorded_at
from tests.pages import Element, more_actions, numbers, page, queries_of, source

pytestmark = pytest.mark.once

ADDRESS = "/measures/"
HEADINGS = [
    "Action No", "Measure", "Outcome Measure 2008", "Action", "Theme", "Cluster", "Suggested Lead",
    "Baseline", "Target", "Unit", "Latest value", "Value reported", "% of target",
    "Status", "Last meeting", "Direction", "Target date", "Revised date", "Last updated", "Updated by",
    "Update overdue",
]  # fmt: skip
SORTABLE = ("number", "measure", "action", "theme", "cluster", "status", "updated")
VIEWS = [
    "",
    "sort=-number",
    "sort=-status&cluster=food-drink",
    "cluster=construction&cross_cluster=on&per_page=5&page=2",
    "vital_few=VF5&strength=strong&sort=action",
    "q=international",
    "status=off-track&status=complete",
    "overdue=on&sort=-updated",
    "lead=universities&lead=legi&sort=measure",
    "theme=image-identity&cluster=retail",
]


@pytest.fixture
def client(client_of: Callable[[User], Client], board: User) -> Client:
    return client_of(board)


@pytest.fixture
def lively(report: Any, lead: User, period: ReportingPeriod) -> None:
    """Updates of every status, before and after a board meeting, in a period that is past its due date."""
    with recorded_at(days_ago(99)):
        BoardMeeting.objects.create(
            name="Summer", slug="summer", held_on=timezone.localdate() - timedelta(days=5)
        )
    with recorded_at(days_ago(98)), plan_change(by=None, reason="Figures"):
        OutcomeMeasure.objects.filter(action__number=18).update(
            baseline=20, unit="businesses", target_date=date(2008, 3, 31), revised_date=date(2008, 12, 31)
        )
    ReportingPeriod.objects.update(due=timezone.localdate() - timedelta(days=1))
    before = days_ago(7)
    report(1, 1, "on-track", by=lead, recorded_at=before)
    report(1, 1, "at-risk", by=lead)
    report(2, 1, "off-track", recorded_at=days_ago(60))
    report(18, 1, "on-track", recorded_at=before, value=Decimal("45.5"))
    report(18, 1, "on-track", comment="", no_change=True)
    report(20, 1, "complete", value=Decimal(0))
    report(22, 1, "closed")
    report(23, 1, "on-track", recorded_at=before)
    report(23, 2, "off-track", recorded_at=days_ago(2))
    report(23, 1, "on-track", by=lead)


def said(found: Element) -> str:
    return found.one("p", role="status").text


def cells(found: Element, number: int, order: int = 1) -> list[str]:
    return [cell.text for cell in found.by_id(f"measure-{number}-{order}").all("td")]


def shown(found: Element) -> list[tuple[int, int]]:
    """Action and place of the measures on the page, in its order."""
    return [
        (int(number), int(order))
        for body in found.all("tbody")
        for row in body.all("tr")
        for _, number, order in [row["id"].split("-")]
    ]


def book(client: Client, query: str = "") -> Any:
    response = client.get(f"{ADDRESS}export.xlsx?{query}")
    invented = "demonstration-" if ProgressUpdate.objects.filter(is_demonstration=True).exists() else ""
    name = f"{invented}outcome-measures-{timezone.localdate():%Y-%m-%d}.xlsx"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    return load_workbook(io.BytesIO(b"".join(response.streaming_content)))


def records(sheet: Any) -> list[dict[str, Any]]:
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def table(client: Client, query: str = "") -> list[dict[str, str]]:
    response = client.get(f"{ADDRESS}export.csv?{query}")
    assert response.status_code == 200
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content, newline=""), strict=True))


# What is shown


def test_all_33_measures_in_the_words_of_the_framework(client: Client) -> None:
    found = page(client, ADDRESS)
    assert said(found) == "33 of 33 outcome measures"
    in_plan = list(OutcomeMeasure.objects.order_by("action__number", "order").select_related("action"))
    assert shown(found) == [(one.action.number, one.order) for one in in_plan]
    texts = [row.all("td")[0].one("a").text for row in found.one("tbody").all("tr")]
    assert texts == [" ".join(one.text.split()) for one in in_plan]
    of_action = {action.number: action for action in source().actions}
    for number, order in shown(found):
        action = of_action[number]
        words = cells(found, number, order)
        assert words[0].endswith(f"Action {number}: {' '.join(action.title.split())}")
        assert words[1] == " / ".join(action.leads)
        assert (words[6], words[8]) == ("Not yet reported", "")
    assert "Measure 2 of 2." in cells(found, 23, 2)[0]
    assert found.by_id("measure-23-2").one("a", href="/actions/23/?list=measures#measure-2")


@pytest.mark.usefixtures("lively")
def test_numbers_stand_where_there_are_any_and_blank_is_not_zero(client: Client) -> None:
    found = page(client, ADDRESS)
    today = f"{timezone.localdate():%-d %b %Y}"
    assert cells(found, 18)[2:] == [
        "20",
        "100 businesses",
        "45.5",
        "46%",
        "On track Past target date",
        "",
        today,
    ]
    assert cells(found, 20)[2:6] == ["", "10", "0", "0%"]
    assert cells(found, 23, 2)[2:6] == ["", "4", "", ""]
    assert cells(found, 1)[2:6] == ["", "", "", ""]


@pytest.mark.usefixtures("lively")
def test_each_measure_has_its_own_status_direction_and_lateness(client: Client) -> None:
    found = page(client, ADDRESS)
    assert cells(found, 1)[6:8] == ["At risk", "Worse"]
    assert cells(found, 23, 1)[6:8] == ["On track", ""]
    assert cells(found, 23, 2)[6:8] == ["Off track", "New"]
    assert cells(found, 2)[6:8] == ["Off track Update overdue", ""]
    assert cells(found, 3)[6:] == ["Not yet reported Update overdue", "", ""]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=off-track", [(2, 1), (23, 2)]),
        ("q=multi-ethnic&status=on-track", [(23, 1)]),
        ("overdue=on&cluster=retail", [(7, 1), (25, 1)]),
        ("awaited=on&lead=learning-skills-council", []),
        ("lead=learning-skills-council", [(1, 1), (20, 1)]),
        ("vital_few=VF5&strength=strong", [(10, 1), (11, 1), (12, 1), (13, 1), (23, 1), (23, 2)]),
        ("q=international students", [(23, 2)]),
        ("q=legi", [(18, 1), (30, 1)]),
    ],
)
@pytest.mark.usefixtures("lively")
@pytest.mark.once
@pytest.mark.untraced
def test_the_filters_are_those_of_the_action_list(
    client: Client, query: str, expected: list[tuple[int, int]]
) -> None:
    found = page(client, f"{ADDRESS}?{query}")
    assert shown(found) == expected
    assert said(found).startswith(f"{len(expected)} of 33 outcome measures: ")


def test_a_search_looks_in_the_measures_own_words_and_says_where(client: Client) -> None:
    """Not in those of its action's other measure."""
    both = page(client, "/actions/?q=international links").one("tbody")
    assert "Found in: action, outcome measure" in both.text
    found = page(client, f"{ADDRESS}?q=international links")
    assert shown(found) == [(23, 2)]
    assert "Found in: action, outcome measure" in cells(found, 23, 2)[0]


@pytest.mark.once
def test_an_impossible_value_is_an_error_on_its_field_and_no_table(client: Client) -> None:
    found = page(client, f"{ADDRESS}?vital_few=VF9&lead=nobody")
    links = found.one("div", css="govuk-error-summary").all("a")
    assert [link.text for link in links] == [
        "The plan has no vital few “VF9”.", "The plan has no lead partner “nobody”.",
    ]  # fmt: skip
    assert not found.all("table")
    assert shown(page(client, found.one("p", css="lede").one("a")["href"]))[-1] == (32, 1)
    for ending in ("xlsx", "csv"):
        assert client.get(f"{ADDRESS}export.{ending}?vital_few=VF9").status_code == 400


@pytest.mark.once
def test_none_is_said_with_a_way_on(client: Client) -> None:
    found = page(client, f"{ADDRESS}?theme=image-identity&cluster=retail")
    words = "No outcome measures match these filters. Remove a filter, or show all 33 outcome measures."
    assert words in found.one("main").text


@pytest.mark.once
def test_chips_pages_and_downloads_stay_with_the_measures(client: Client) -> None:
    found = page(
        client, f"{ADDRESS}?theme=access-to-labour&status=not-reported&sort=-number&per_page=5&page=2"
    )
    chips = [chip["href"] for chip in found.one("ul", css="chips").all("a")]
    assert {urlsplit(address).path for address in chips} == {ADDRESS}
    rest = found.one("nav", aria_label="Pages").one("a", rel="next")["href"]
    assert dict(parse_qsl(urlsplit(rest).query))["page"] == "3"
    assert found.one("main").one("form", method="get")["action"] == ADDRESS
    downloads = [a["href"] for a in found.all("a") if "/measures/export." in a["href"]]
    assert [urlsplit(address).path for address in downloads] == [
        "/measures/export.xlsx", "/measures/export.csv",
    ]  # fmt: skip
    asked = [("theme", "access-to-labour"), ("status", "not-reported"), ("sort", "-number")]
    assert all(sorted(parse_qsl(urlsplit(address).query)) == sorted(asked) for address in downloads)


@pytest.mark.parametrize("column", SORTABLE)
@pytest.mark.usefixtures("lively")
@pytest.mark.untraced
def test_an_order_is_total_so_that_pages_together_hold_every_measure_once(
    client: Client, column: str
) -> None:
    up, down = (
        [
            one
            for place in (1, 2, 3)
            for one in shown(page(client, f"{ADDRESS}?sort={turn}{column}&per_page=11&page={place}"))
        ]
        for turn in ("", "-")
    )
    assert len(set(up)) == 33
    assert sorted(up) == sorted(down)
    if column != "updated":  # the two measures of action 23 stand in their order where nothing else differs
        assert [one[0] for one in up] == [one[0] for one in down][::-1]
    plan = plan_at()
    rows = {(row.action.number, row.measure.order): row for row in plan.measure_rows(plan.measures())}
    keys: dict[str, Any] = {
        "number": lambda row: 0,
        "theme": lambda row: row.action.theme.order,
        "cluster": lambda row: row.action.cluster.order,
        "status": lambda row: row.status.rank,
        "updated": lambda row: row.known.reported_at,
    }
    if column in keys:
        found = [keys[column](rows[one]) for one in up]
        assert found == sorted(found)


# Agreement


@pytest.mark.usefixtures("lively")
@pytest.mark.untraced
def test_an_action_shows_the_worst_of_its_measures_here_as_in_its_own_list_and_on_the_board(
    client: Client,
) -> None:
    plan = plan_at()
    measures = plan.measure_rows(plan.measures())
    worst = {
        number: min((row.status for row in measures if row.action.number == number), key=lambda s: s.rank)
        for number in range(1, 33)
    }
    for status in Status:
        listed = numbers(page(client, f"/actions/?status={status.value}"))
        assert listed == [number for number, one in worst.items() if one == status]
        rows = shown(page(client, f"{ADDRESS}?status={status.value}"))
        assert rows == [
            (row.action.number, row.measure.order)
            for row in sorted(measures, key=lambda row: (row.action.number, row.measure.order))
            if row.status == status
        ]
        assert set(listed) <= {number for number, _ in rows}
    lines = page(client, "/board/").one("table", css="paper-counts").one("tbody").all("tr")
    counted = {line.one("th").text[2:]: int(line.all("td")[0].text) for line in lines}
    assert {one.label: counted[one.label] for one in Status} == {
        one.label: Counter(worst.values())[one] for one in Status
    }


@pytest.mark.parametrize(
    "query",
    [
        "cluster=construction&cross_cluster=on", "vital_few=VF3&strength=supporting", "theme=spatial-issues",
        "lead=universities&lead=legi", "q=leicester", "q=1in2", "strength=strong&cluster=retail",
    ],
)  # fmt: skip
@pytest.mark.untraced
def test_what_the_plan_says_lets_through_the_measures_of_the_listed_actions(
    client: Client, query: str
) -> None:
    listed = numbers(page(client, f"/actions/?{query}"))
    assert sorted({number for number, _ in shown(page(client, f"{ADDRESS}?{query}"))}) == listed


@pytest.mark.parametrize("query", VIEWS)
@pytest.mark.usefixtures("lively")
@pytest.mark.untraced
def test_both_files_hold_exactly_the_rows_of_the_view_in_its_order(client: Client, query: str) -> None:
    whole = "&".join(part for part in query.split("&") if not part.startswith(("page", "per_page")))
    found = page(client, f"{ADDRESS}?{whole}&per_page=100" if whole else f"{ADDRESS}?per_page=100")
    in_book = records(book(client, query)["Outcome measures"])
    assert [(row["Action No"], row["Measure"]) for row in in_book] == shown(found)
    assert [(int(row["Action No"]), int(row["Measure"])) for row in table(client, query)] == shown(found)


@pytest.mark.usefixtures("lively")
def test_the_files_say_what_the_page_says_with_real_numbers_and_dates(client: Client) -> None:
    found = page(client, ADDRESS)
    in_csv = {(int(row["Action No"]), int(row["Measure"])): row for row in table(client)}
    for record in records(book(client)["Outcome measures"]):
        key = (record["Action No"], record["Measure"])
        words = cells(found, *key)
        assert record["Status"] in words[6]
        assert ("Update overdue" in words[6]) == (record["Update overdue"] == "Yes")
        assert words[7].rpartition(" ")[2] == (record["Direction"] or "").replace("Same", "")
        assert words[5] == (f"{record['% of target']}%" if record["% of target"] is not None else "")
        assert words[8] == (f"{record['Last updated']:%-d %b %Y}" if record["Last updated"] else "")
        for heading in ("Baseline", "Target", "Latest value", "% of target"):
            value = in_csv[key][heading]
            assert (Decimal(value) if value else None) == record[heading]
        assert in_csv[key]["Outcome Measure 2008"] == record["Outcome Measure 2008"]
    of_18 = next(row for row in records(book(client, "q=micro")["Outcome measures"]))
    valued = ProgressUpdate.objects.get(value=Decimal("45.5"))
    when = timezone.localtime(valued.recorded_at).replace(tzinfo=None)
    assert abs(of_18["Value reported"] - when) <= timedelta(seconds=1)
    assert of_18["Last updated"] > of_18["Value reported"]
    assert (of_18["Unit"], of_18["Target date"], of_18["Revised date"]) == (
        "businesses", datetime(2008, 3, 31), datetime(2008, 12, 31),  # noqa: DTZ001  as a sheet has it
    )  # fmt: skip


def test_a_value_that_a_correction_takes_back_is_not_the_latest(client: Client, report: Any) -> None:
    report(18, 1, "on-track", recorded_at=days_ago(9), value=10)
    wrong = report(18, 1, "on-track", recorded_at=days_ago(3), value=10)
    report(18, 1, "on-track", corrects=wrong)
    record = records(book(client, "q=micro")["Outcome measures"])[0]
    assert (record["Latest value"], record["% of target"]) == (10, 10)
    assert record["Value reported"].date() == timezone.localdate() - timedelta(days=9)


def test_accepted_leads_are_marked_here_as_in_the_list(client: Client, framework: None) -> None:
    Lead.objects.filter(action__number=9, partner__slug="universities").update(acceptance="accepted")
    words = cells(page(client, ADDRESS), 9)[1]
    assert words == "Universities ✓ accepted / Leicester City Growth"
    assert "unless marked ✓ accepted" in page(client, ADDRESS).one("caption").text


@pytest.mark.once
def test_the_notes_define_the_percentage_and_reopen_the_view(client: Client) -> None:
    sheets = book(client, "cluster=food-drink&sort=-number")
    assert sheets.sheetnames == ["Outcome measures", "Notes"]
    notes = {record["Item"]: record["Note"] for record in records(sheets["Notes"])}
    assert notes["Outcome measures in this file"] == "4 of 33"
    assert notes["Filter"] == "Food & Drink"
    assert "÷ target" in notes["% of target"]
    assert list(notes)[-len(HEADINGS) :] == HEADINGS == list(table(client)[0])
    link = urlsplit(notes["Open this view again"])
    assert [number for number, _ in shown(page(client, f"{link.path}?{link.query}"))] == [32, 26, 15, 8]


@pytest.mark.once
def test_the_style_sheet_has_the_symbols_of_statuses_and_directions_for_the_rows_of_lists() -> None:
    """Rows leave it out: it would be a thirtieth of the page."""
    css = (settings.BASE_DIR / "static" / "portal.css").read_text(encoding="utf-8")
    for status in Status:
        assert f'.rows .status--{status.value}::before {{\n  content: "{status.symbol}" / "";\n}}' in css
    for direction in (Direction.BETTER, Direction.WORSE, Direction.NEW):
        assert (
            f'.rows .direction--{direction.value}::before {{\n  content: "{direction.symbol} " / "";\n}}'
            in css
        )


# What it costs


@pytest.mark.parametrize(
    ("address", "at_most"),
    [
        (ADDRESS, 24),
        (f"{ADDRESS}?cluster=construction&vital_few=VF2&strength=strong&sort=-status&q=a", 22),
        (f"{ADDRESS}?sort=theme&awaited=on&changed_since=2020-01-01&lead=universities", 21),
        (f"{ADDRESS}export.csv", 27),
        (f"{ADDRESS}export.xlsx", 29),
    ],
)
@pytest.mark.usefixtures("lively")
@pytest.mark.untraced
def test_the_page_and_files_ask_as_little_for_hundreds_as_for_33(
    client: Client, address: str, at_most: int
) -> None:
    few = queries_of(client, address)
    more_actions(300)
    assert queries_of(client, address) == few
    assert few <= at_most


@pytest.mark.parametrize("address", [ADDRESS, "/actions/"])
def test_a_page_that_is_still_the_same_is_not_sent_again(client: Client, report: Any, address: str) -> None:
    client.get(address)  # brings the cookie that the form to sign out needs
    first = client.get(address)
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    report(1, 1, "on-track")
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 200

"""Where the plan is thin, and the status of each vital few, beside the framework's own table."""

import csv
import io
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from pytest_django import Settings

from actions.counts import NOTHING
from partners.models import User
from reporting.calendar import plan_at
from reporting.models import ReportingPeriod
from reporting.paper.figures import paper_of
from reporting.standing import WeightedShare, standings_of
from tests.pages import Element, more_actions, page, queries_of, source

pytestmark = pytest.mark.once

PLANNED = [
    "Technology has no action for VF1 or VF5.",
    "VF5 has only 5 strong actions, 4 of them cross-cluster.",
    "Spatial Issues has no action in Retail.",
    "Access to Labour has no action in Creative or Technology.",
    "Image & Identity has no action in Construction, Retail or Technology.",
]
MARKS = {"X": "strong", "O": "supporting"}


@pytest.fixture
def client(client_of: Callable[[User], Client], board: User) -> Client:
    return client_of(board)


def lists(found: Element) -> tuple[list[str], list[str]]:
    """The gaps as planned, and the only strong actions in doubt; without a list, none."""
    headings = [
        element for element in found.one("main").walk() if element.tag == "h2" or "gaps" in element.classes
    ]
    after = dict(zip([one.text for one in headings], headings[1:], strict=False))
    return tuple(  # type: ignore[return-value]  # two
        [item.text for item in after[name].all("li")] if "gaps" in after[name].classes else []
        for name in ("Gaps in the plan", "Only strong action in doubt")
    )


def test_each_cell_counts_the_letters_of_the_framework(client: Client) -> None:
    vital_fews, themes = page(client, "/coverage/").all("table", css="coverage")
    expected: Counter[tuple[str, str, str]] = Counter()
    in_theme: Counter[tuple[str, str, str]] = Counter()
    for action in source().actions:
        for code, mark in action.marks.items():
            expected[code, action.cluster, mark] += 1
        for mark in set(action.marks.values()):
            in_theme[action.theme, action.cluster, mark] += 1
    for table, counted in ((vital_fews, expected), (themes, in_theme)):
        seen: Counter[tuple[str, str, str]] = Counter()
        head = [cell.text for cell in table.one("thead").all("th")][1:-1]
        for row in table.one("tbody").all("tr"):
            name = row.one("th").text.split()[0] if table is vital_fews else row.one("th").text
            for cluster, cell in zip(head, row.all("td"), strict=False):
                for link in cell.all("a"):
                    mark, number, word = link.text.split()[:3]
                    assert word == f"{MARKS[mark]}:"
                    seen[name, cluster, mark] = int(number)
                assert (cell.text == "None") == ("shade-0" in cell.classes)
        assert seen == counted


def test_the_gaps_are_said_in_words_by_rule(client: Client) -> None:
    gaps, doubts = lists(page(client, "/coverage/"))
    assert gaps == PLANNED
    assert any(
        words.startswith("VF4 in Technology and Leicester Connections in Technology: Action 9: ")
        for words in doubts
    )
    assert all(words.endswith("Not yet reported") for words in doubts)  # silent, as all are


def test_a_cell_is_named_with_its_only_strong_action_while_that_is_in_doubt(
    client: Client, report: Any, period: ReportingPeriod
) -> None:
    for number in range(1, 33):
        report(number, 1, "on-track")
    report(23, 2, "on-track")
    assert lists(page(client, "/coverage/"))[1] == []
    report(9, 1, "off-track")
    report(25, 1, "at-risk")
    found = page(client, "/coverage/")
    assert [words.partition(":")[0] for words in lists(found)[1]] == [
        "VF4 in Technology and Leicester Connections in Technology",
        "VF2 in Retail and Access to Labour in Retail",
    ]
    assert [words.rpartition(" ")[2] for words in lists(found)[1]] == ["track", "risk"]
    assert len(found.all("td", css="shade-thin")) == 4
    ReportingPeriod.objects.update(due=timezone.localdate() - timedelta(days=1))
    assert not [words for words in lists(page(client, "/coverage/"))[1] if "Update overdue" in words]


def test_the_filter_is_that_of_the_list(client: Client) -> None:
    found = page(client, "/coverage/?cluster=technology&cluster=retail&vital_few=VF2")
    assert found.one("p", role="status").text.startswith("4 of 32 actions")
    vital_fews, themes = found.all("table", css="coverage")
    assert [cell.text for cell in vital_fews.one("thead").all("th")] == [
        "Vital few",
        "Retail",
        "Technology",
        "All",
    ]
    assert len(vital_fews.one("tbody").all("tr")) == 1
    assert len(themes.one("tbody").all("tr")) == 4
    strong = page(client, "/coverage/?strength=strong")
    assert "Creative has no strong action for VF1, VF2 or VF5." in lists(strong)[0]
    assert not [
        link
        for table in strong.all("table", css="coverage")
        for link in table.all("a", href="")
        if "O" in link.text
    ]
    refused = page(client, "/coverage/?vital_few=VF9&status=late")
    assert {link["href"] for link in refused.one("div", css="govuk-error-summary").all("a")} == {
        "#id_vital_few",
        "#id_status_0",
    }
    assert not refused.all("table")
    assert client.get("/coverage/?cluster=&q=")["Location"] == "/coverage/"


def test_the_files_have_what_the_page_has(client: Client) -> None:
    response = client.get("/coverage/export.xlsx?cluster=technology")
    assert response["Content-Disposition"].startswith('attachment; filename="coverage-2')
    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    assert book.sheetnames == [
        "Vital few by cluster", "Theme by cluster", "Status of each vital few", "Gaps", "Notes",
    ]  # fmt: skip
    crossed = list(book["Vital few by cluster"].iter_rows(min_row=2, values_only=True))
    assert [(row[0], *row[2:]) for row in crossed] == [
        ("VF1", "Technology", 0, 0, 0), ("VF2", "Technology", 2, 0, 2), ("VF3", "Technology", 2, 2, 0),
        ("VF4", "Technology", 2, 1, 1), ("VF5", "Technology", 0, 0, 0),
    ]  # fmt: skip
    gaps = [row[0] for row in book["Gaps"].iter_rows(min_row=2, values_only=True)]
    assert gaps[0] == PLANNED[0]
    notes = dict(book["Notes"].iter_rows(min_row=2, max_col=2, values_only=True))
    assert (notes["Actions in this file"], notes["Filter"]) == ("2 of 32", "Technology")
    assert "A strong action counts 2 points, a supporting action 1." in notes["Weighted %"]
    text = b"".join(client.get("/coverage/export.csv").streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == 54
    assert rows[0] == {
        "Table": "Vital few", "Row": "VF1", "Cluster": "Cross-cluster", "Actions": "12",
        "Strong (X)": "9", "Supporting (O)": "3",
    }  # fmt: skip
    for kind in ("csv", "xlsx"):
        refused = client.get(f"/coverage/export.{kind}?theme=x&status=y")
        assert (refused.status_code, len(refused.content.splitlines())) == (400, 3)


def test_the_status_of_each_vital_few_is_the_boards_own_figure(
    client: Client, report: Any, settings: Settings
) -> None:
    for number, status in ((1, "complete"), (5, "off-track"), (8, "on-track"), (6, "closed")):
        report(number, 1, status)
    plan = plan_at()
    paper = paper_of(plan)
    assert paper.vital_fews == standings_of(plan.vital_fews, plan.counts_by("marks"))
    shown = page(client, "/coverage/").all("table")[-1].one("tbody").all("tr")
    marks = {action.number: action.marks for action in source().actions}
    weight = {"X": 2, "O": 1}
    for standing, row in zip(paper.vital_fews, shown, strict=True):
        points = {n: weight.get(marks[n].get(standing.vital_few.code, ""), 0) for n in (1, 5, 8)}
        of = sum(points.values())
        on_course = points[1] + points[8]
        words = (
            f"{round(on_course / of * 100 + 1e-9)}% ({on_course} of {of} points)" if of else "No updates yet"
        )
        assert row.all("td")[-1].text.startswith(words)
    before = [one.share.points for one in standings_of(plan.vital_fews, plan.counts_by("marks"))]
    settings.STRONG_WEIGHT = 3
    assert [one.share.points for one in standings_of(plan.vital_fews, plan.counts_by("marks"))] != before


def test_blank_is_not_zero() -> None:
    assert (WeightedShare(0, 0).percent, WeightedShare(0, 0).in_words) == (None, "No updates yet")
    assert WeightedShare(1, 8).in_words == "13% (1 of 8 points)"
    assert NOTHING.total == 0


def test_the_page_and_files_ask_as_little_for_hundreds_of_actions_as_for_32(
    client: Client, report: Any
) -> None:
    report(9, 1, "off-track")
    addresses = {
        "/coverage/": 22,
        "/coverage/?theme=spatial-issues&cross_cluster=on&cluster=retail": 22,
        "/coverage/export.xlsx": 22,
    }
    few = {address: queries_of(client, address) for address in addresses}
    more_actions(300)
    for address, at_most in addresses.items():
        assert queries_of(client, address) <= few[address] <= at_most, address

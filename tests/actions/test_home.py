"""The X/O grid, cell by cell as the framework has it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from partners.models import User
from reporting.models import ReportingPeriod
from tests.pages import Element, more_actions, numbers, only_actions, page, queries_of, source

pytestmark = pytest.mark.once

STRONG = [12, 10, 7, 13, 5]
SUPPORTING = [7, 10, 16, 10, 11]


@pytest.fixture
def client(client_of: Callable[[User], Client], board: User) -> Client:
    return client_of(board)


def grid(home: Element) -> Element:
    return home.one("table", css="xo-grid")


def rows(home: Element) -> dict[int, Element]:
    """The row of each action, by its number, in the order of the page."""
    found = {}
    for row in (row for body in grid(home).all("tbody") for row in body.all("tr")):
        if marked := row.all("span", css="xo-grid__number"):
            found[int(marked[0].text)] = row
    return found


def tiles(home: Element) -> dict[str, int]:
    """The counts on top by status, and the address of each."""
    counts = home.one("ul", css="counts")
    return {tile["href"]: int(tile.one("span", css="counts__number").text) for tile in counts.all("a")}


def test_each_of_the_160_cells_has_the_mark_of_the_framework(client: Client) -> None:
    found = {
        number: [cell.all("span")[0].text if cell.all("a") else cell.text for cell in row.all("td")]
        for number, row in rows(page(client, "/")).items()
    }
    plan = source()
    codes = [vital_few.code for vital_few in plan.vital_fews]
    assert found == {action.number: [action.marks.get(code, "") for code in codes] for action in plan.actions}
    assert len(found) == 32


def test_actions_stand_under_their_theme_and_cluster_in_the_order_of_the_source(client: Client) -> None:
    found, theme, cluster = [], "", ""
    for row in (row for body in grid(page(client, "/")).all("tbody") for row in body.all("tr")):
        if heading := row.all("th", css="xo-grid__theme"):
            theme = heading[0].text
        elif heading := row.all("th", css="xo-grid__cluster"):
            cluster = heading[0].text
        else:
            title = row.one("th", scope="row").one("a")
            number = int(row.one("span", css="xo-grid__number").text)
            found.append((theme, cluster, number, title.text, title["href"]))
    assert found == [
        (action.theme, action.cluster, action.number, action.title, f"/actions/{action.number}/")
        for action in source().actions
    ]


def test_a_column_names_its_vital_few_and_leads_to_all_its_actions(client: Client) -> None:
    head = grid(page(client, "/")).one("thead").all("th", scope="col")[1:]
    plan = source()
    assert [(cell.one("a").text, cell.one("span").text) for cell in head] == [
        (vital_few.code, vital_few.name) for vital_few in plan.vital_fews
    ]
    for cell in head:
        related = [action.number for action in plan.actions if cell.one("a").text in action.marks]
        assert numbers(page(client, cell.one("a")["href"])) == related


@pytest.mark.parametrize(
    ("position", "counts", "mark", "word"), [(0, STRONG, "X", "strong"), (1, SUPPORTING, "O", "supporting")]
)
def test_the_strengths_of_a_column_are_counted_and_lead_to_what_they_count(
    client: Client, position: int, counts: list[int], mark: str, word: str
) -> None:
    links = grid(page(client, "/")).one("tfoot").all("tr")[position].all("a")
    plan = source()
    codes = [vital_few.code for vital_few in plan.vital_fews]
    said = [f"{count} {word} for {code}" for count, code in zip(counts, codes, strict=True)]
    assert [link.text for link in links] == said
    for code, link in zip(codes, links, strict=True):
        assert numbers(page(client, link["href"])) == [
            a.number for a in plan.actions if a.marks.get(code) == mark
        ]


def test_a_cell_opens_its_action(client: Client) -> None:
    links = {
        (number, link["href"])
        for number, row in rows(page(client, "/")).items()
        for cell in row.all("td")
        for link in cell.all("a")
    }
    assert links == {(number, f"/actions/{number}/") for number in range(1, 33)}


def test_the_outcome_measure_stands_below_its_action(client: Client) -> None:
    shown = {number: row.one("span", css="one-line").text for number, row in rows(page(client, "/")).items()}
    assert shown == {action.number: action.outcome_text for action in source().actions}


def test_a_fresh_portal_shows_32_not_yet_reported_and_nothing_else(client: Client) -> None:
    home = page(client, "/")
    counts = tiles(home)
    assert counts == {"/actions/?status=not-reported": 32}
    folded = home.one("p", css="counts__none").text
    assert folded == (
        "No actions are marked Off track, At risk, Not started, On track, Complete, Closed or Update overdue. "
        "What the statuses mean"
    )
    assert {link.classes[1] for row in rows(home).values() for link in row.all("a", css="xo")} == {
        "xo--not-reported"
    }
    assert home.one("svg", css="status-bar")["aria-label"] == "All actions: 32 Not yet reported"


def test_the_counts_on_top_are_of_the_actions_that_their_links_show(
    client: Client, report: Any, period: ReportingPeriod
) -> None:
    ReportingPeriod.objects.update(due=timezone.localdate() - timedelta(days=1))
    for number, status in (
        (1, "off-track"),
        (2, "at-risk"),
        (3, "complete"),
        (4, "closed"),
        (5, "not-started"),
    ):
        report(number, 1, status)
    report(23, 1, "on-track")  # its second measure is not reported: that is the worse
    home = page(client, "/")
    counts = tiles(home)
    assert {address.partition("=")[2]: count for address, count in counts.items()} == {
        "off-track": 1, "at-risk": 1, "not-reported": 27, "not-started": 1, "complete": 1, "closed": 1, "on": 27,
    }  # fmt: skip
    assert home.one("p", css="counts__none").text == "No actions are marked On track. What the statuses mean"
    for address, count in counts.items():
        assert len(numbers(page(client, address))) == count
    assert "Off track" in rows(home)[1].all("td")[1].text
    assert {number for number, row in rows(home).items() if row.all("span", css="flag")} == set(range(6, 33))


def test_a_mark_says_its_strength_and_status_in_words(client: Client, report: Any) -> None:
    report(1, 1, "at-risk")
    link = rows(page(client, "/"))[1].all("td")[1].one("a")
    assert link.text == "X ▲ strong for VF2, At risk: action 1"
    assert "xo--strong" in link.classes
    assert "xo--at-risk" in link.classes


def test_the_page_asks_as_little_for_32_actions_as_for_3(
    client: Client, report: Any, period: ReportingPeriod
) -> None:
    report(1)
    report(23, 2, "off-track")
    page(client, "/")
    many = queries_of(client, "/")
    only_actions(1, 20, 23)
    assert set(rows(page(client, "/"))) == {1, 20, 23}
    assert queries_of(client, "/") == many <= 18


def test_a_page_of_hundreds_asks_as_little_as_one_of_32(
    client: Client, report: Any, period: ReportingPeriod
) -> None:
    """With more than 200 actions the grid has a row for each theme and cluster; it asks no more for 400."""
    report(1)
    of_32 = queries_of(client, "/")
    more_actions(160)
    assert queries_of(client, "/") == of_32
    more_actions(100, first=1001)
    large = queries_of(client, "/")
    more_actions(200, first=2001)
    assert queries_of(client, "/") == large <= of_32

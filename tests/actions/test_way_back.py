"""From a filtered list to an action, on to the next one of the list, and back."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from partners.models import User
from tests.pages import Element, numbers, page, queries_of

pytestmark = pytest.mark.once


@pytest.fixture
def client(client_of: Callable[[User], Client], board: User) -> Client:
    return client_of(board)


def beside(found: Element) -> dict[str, Element]:
    nav = found.one("nav", aria_label="Actions before and after")
    return {link["rel"]: link for link in nav.all("a")}


@pytest.mark.parametrize(
    "query",
    ["cluster=food-drink&vital_few=VF3", "theme=access-to-labour&sort=-status&per_page=5", "sort=-action"],
)
def test_the_actions_of_a_list_are_reached_one_after_the_other(
    client: Client, report: Any, query: str
) -> None:
    for number, status in ((17, "off-track"), (18, "on-track"), (20, "on-track"), (22, "complete")):
        report(number, 1, status)
    found = page(client, f"/actions/?{query}")
    expected = numbers(page(client, f"/actions/?{query}&per_page=100".replace("per_page=5&", "")))
    address = found.one("table", css="rows").one("tbody").all("tr")[0].all("a")[0]["href"]
    seen = []
    while address and len(seen) < 8:
        action = page(client, address)
        seen.append(int(action.one("h1").text.split()[1]))
        back = action.one("p", css="way-back").one("a")
        assert back["href"].startswith("/actions/?")
        assert back["href"].endswith(f"#action-{seen[-1]}")
        ways = beside(action)
        assert ("prev" in ways) == (len(seen) > 1)
        if len(seen) > 1:
            assert ways["prev"].text == f"‹ Action {seen[-2]}"
        address = ways["next"]["href"] if "next" in ways else ""
    assert seen == expected[:8]
    assert numbers(page(client, back["href"].partition("#")[0]))[:5] == expected[:5]


def test_the_way_back_says_the_filter_in_words(client: Client) -> None:
    rows = page(client, "/actions/?cluster=retail&per_page=1&page=2").one("table", css="rows")
    assert rows.one("th", scope="row").text == "25"
    assert rows.one("tbody").all("a")[0]["href"] == "/actions/25/?cluster=retail&per_page=1&page=2"
    way = page(client, "/actions/8/?cluster=food-drink&vital_few=VF3&strength=strong&page=1").one(
        "p", css="way-back"
    )
    assert way.text == "Back to the list: Food & Drink, strong for VF3"
    assert (
        way.one("a")["href"] == "/actions/?vital_few=VF3&strength=strong&cluster=food-drink&page=1#action-8"
    )


def test_measures_and_the_grid_have_a_way_back_of_their_own(client: Client) -> None:
    measure = page(client, "/measures/?cluster=retail").one("table").one("tbody").all("a")[0]
    assert measure["href"] == "/actions/7/?cluster=retail&list=measures#measure-1"
    found = page(client, measure["href"].partition("#")[0])
    assert found.one("p", css="way-back").one("a")["href"] == "/measures/?cluster=retail#measure-7-1"
    assert beside(found)["next"]["href"] == "/actions/25/?cluster=retail&list=measures"
    mark = page(client, "/?cluster=retail").one("table", css="xo-grid").all("a", css="xo")[0]
    assert page(client, mark["href"]).one("p", css="way-back").one("a")["href"] == "/?cluster=retail"


@pytest.mark.parametrize(
    "query", ["", "?list=elsewhere", "?cluster=nowhere", "?list=elsewhere&cluster=retail", "?x=1"]
)
def test_without_a_list_an_action_is_among_all_of_them(client: Client, query: str) -> None:
    found = page(client, f"/actions/7/{query}")
    assert not found.all("p", css="way-back")
    assert {rel: link["href"] for rel, link in beside(found).items()} == {
        "prev": "/actions/6/",
        "next": "/actions/8/",
    }


def test_an_action_that_left_the_list_still_stands_between_its_neighbours(client: Client) -> None:
    found = page(client, "/actions/8/?cluster=retail")
    assert {rel: link.text for rel, link in beside(found).items()} == {
        "prev": "‹ Action 7",
        "next": "Action 25 ›",
    }


def test_the_way_back_takes_a_fixed_number_of_queries(client: Client) -> None:
    plain = queries_of(client, "/actions/8/")
    assert queries_of(client, "/actions/8/?cluster=retail&sort=status") <= plain + 4

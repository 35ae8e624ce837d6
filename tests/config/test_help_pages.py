"""The help page and the user guide, for everybody who is signed in."""

from collections.abc import Callable

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from actions.models import Status
from partners.models import User
from tests.pages import page

pytestmark = [pytest.mark.once, pytest.mark.untraced]

ClientOf = Callable[[User], Client]


def test_the_help_page_defines_every_status(client_of: ClientOf, board: User) -> None:
    rows = page(client_of(board), "/help/").one("table").one("tbody").all("tr")
    shown = [(row.one("strong", css="status").text, row.all("td")[0].text) for row in rows]
    assert shown == [(f"{status.symbol} {status.label}", status.meaning) for status in Status]
    assert all(row.all("td")[1].text for row in rows)


@pytest.mark.parametrize("role", ["lead", "staff", "board"])
def test_it_says_what_each_role_does_and_links_only_to_what_one_may_open(
    request: pytest.FixtureRequest, client_of: ClientOf, role: str
) -> None:
    client = client_of(request.getfixturevalue(role))
    main = page(client, "/help/").one("main")
    assert [heading.text for heading in main.all("h3")] == [
        "Partner leads",
        "City Growth staff",
        "Board members",
    ]
    for link in main.all("a"):
        if link["href"].startswith("/"):
            assert client.get(link["href"]).status_code == 200, link["href"]


@pytest.mark.parametrize("role", ["lead", "staff", "board"])
@pytest.mark.parametrize("address", ["/", "/actions/", "/actions/1/", "/board/", "/partners/", "/updates/"])
def test_the_definitions_are_one_click_from_every_page(
    request: pytest.FixtureRequest, client_of: ClientOf, role: str, address: str
) -> None:
    client = client_of(request.getfixturevalue(role))
    links = {link.text: link["href"] for link in page(client, address).one("footer").all("a")}
    assert links["Help"] == "/help/"
    assert links["What the statuses mean"] == "/help/#statuses"
    assert page(client, "/help/").by_id("statuses").text == "What the statuses mean"


@pytest.mark.django_db
def test_those_signed_out_get_the_accessibility_statement_and_no_help(client: Client) -> None:
    found = page(client, "/accessibility/")
    assert [link.text for link in found.one("footer").all("a")] == ["Accessibility statement"]
    assert client.get("/help/")["Location"] == "/accounts/login/?next=/help/"
    assert client.get("/help/guide/")["Location"] == "/accounts/login/?next=/help/guide/"


def test_the_guide_is_the_one_in_docs_with_its_pictures(client_of: ClientOf, lead: User) -> None:
    guide = page(client_of(lead), "/help/guide/").one("div", css="guide")
    anchors = {element["id"] for element in guide.walk() if "id" in element.attrs}
    assert {"partner-lead", "city-growth-staff", "board-member", "glossary"} <= anchors
    for link in guide.all("a"):
        assert link["href"].removeprefix("#") in anchors
    pictures = guide.all("img")
    assert pictures
    for picture in pictures:
        assert finders.find(picture["src"].removeprefix("/static/")), picture["src"]
    for mark in ("**", "](", "|--", "!["):
        assert mark not in guide.text

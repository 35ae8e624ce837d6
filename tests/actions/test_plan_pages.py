"""Vital fews, themes, clusters and partners: how each stands, and sums that are explained."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from actions.models import Lead
from partners.models import Partner, User
from reporting.models import ReportingPeriod
from strategy.framework_table import ParsedAction
from tests.pages import Element, more_actions, numbers, only_actions, page, queries_of, source

pytestmark = [pytest.mark.once, pytest.mark.untraced]

TABLE = source()
LISTS = ("/vital-fews/", "/themes/", "/clusters/", "/partners/")


def belonging() -> list[tuple[str, str, list[ParsedAction]]]:
    """Address, name and actions of every vital few, theme, cluster and lead partner of the framework."""

    def those(fits: Callable[[ParsedAction], bool]) -> list[ParsedAction]:
        return [action for action in TABLE.actions if fits(action)]

    return [
        *(
            (f"/vital-fews/{v.code}/", v.name, those(lambda a, v=v: v.code in a.marks))
            for v in TABLE.vital_fews
        ),
        *((f"/themes/{t.slug}/", t.name, those(lambda a, t=t: a.theme == t.name)) for t in TABLE.themes),
        *(
            (f"/clusters/{c.slug}/", c.name, those(lambda a, c=c: a.cluster == c.name))
            for c in TABLE.clusters
        ),
        *((f"/partners/{p.slug}/", p.name, those(lambda a, p=p: p.name in a.leads)) for p in TABLE.leads),
    ]


PAGES = belonging()


@pytest.fixture
def client(client_of: Callable[[User], Client], board: User) -> Client:
    return client_of(board)


def entries(found: Element) -> dict[str, list[str]]:
    """The lines of a list page: address to the other cells."""
    rows = found.one("table").one("tbody").all("tr")
    return {row.one("a")["href"]: [cell.text for cell in row.all("td")] for row in rows}


def tiles(found: Element) -> dict[str, int]:
    counts = found.one("ul", css="counts").all("a")
    return {tile["href"]: int(tile.one("span", css="counts__number").text) for tile in counts}


@pytest.mark.parametrize("address", LISTS)
def test_a_list_counts_the_actions_of_each_as_the_framework_has_them(client: Client, address: str) -> None:
    found = entries(page(client, address))
    assert {one: int(cells[0].split()[0]) for one, cells in found.items()} == {
        one: len(actions) for one, _, actions in PAGES if one.startswith(address)
    }
    for cells in found.values():
        assert cells[1] == f"{cells[0].split()[0]} Not yet reported"  # the bar, in words
    assert {cells[2] for cells in found.values()} == {"–"}  # no period is open


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (
            "/vital-fews/",
            "32 actions and the 5 vital fews they contribute to. "
            "The counts total 101 because an action counts under each vital few it is related to.",
        ),
        ("/themes/", "32 actions in 4 themes."),
        ("/clusters/", "32 actions in 5 clusters and Cross-cluster, which covers all of them."),
        (
            "/partners/",
            "32 actions and their 16 lead partners. The counts total 34 because joint leads are counted twice.",
        ),
    ],
)
def test_a_list_says_what_its_counts_add_to_and_why(client: Client, address: str, words: str) -> None:
    found = page(client, address)
    assert found.one("p", css="lede").text == words
    total = sum(int(cells[0].split()[0]) for cells in entries(found).values())
    assert total == {"/vital-fews/": 101, "/partners/": 34}.get(address, 32)


def test_the_vital_fews_stand_in_the_order_of_the_source_with_their_counts(client: Client) -> None:
    found = page(client, "/vital-fews/")
    assert [int(cells[0].split()[0]) for cells in entries(found).values()] == [19, 20, 23, 23, 16]
    assert [row.one("th").text for row in found.one("tbody").all("tr")] == [
        f"{one.code} {one.name}" for one in TABLE.vital_fews
    ]


def test_cross_cluster_is_a_scope_and_so_is_its_page(client: Client) -> None:
    rows = page(client, "/clusters/").one("tbody").all("tr")
    assert [row.one("th").text for row in rows if "covers" in row.text] == [
        "Cross-cluster covers every cluster"
    ]
    lede = page(client, "/clusters/cross-cluster/").one("p", css="lede").text
    assert lede == "18 actions, each covering every cluster."


def test_partners_are_in_the_order_of_their_names_whatever_the_case(client: Client) -> None:
    names = [row.one("a").text for row in page(client, "/partners/").one("tbody").all("tr")]
    assert names == sorted(names, key=str.casefold)
    assert names.index("Food & Drink cluster") < names.index("Food & Drink Forum")
    assert names.index("Learning & Skills Council") < names.index("LEGI")
    offered = [partner.name for partner in Partner.objects.all()]
    assert offered == names


def test_partners_without_an_organisation_are_marked(client: Client) -> None:
    rows = page(client, "/partners/").one("tbody").all("tr")
    marked = {row.one("a").text: row.one("th").one("span").text for row in rows if row.one("th").all("span")}
    kind = "no organisation yet"
    assert marked == {
        "Construction cluster": kind,
        "Retail cluster": kind,
        "Food & Drink cluster": kind,
    }


@pytest.mark.parametrize(("address", "name", "actions"), PAGES, ids=[address for address, _, _ in PAGES])
def test_a_page_has_its_name_its_actions_and_a_way_to_filter_them(
    client: Client, address: str, name: str, actions: list[ParsedAction]
) -> None:
    found = page(client, address)
    assert found.one("h1").text.endswith(f" {name}")
    assert found.one("title").text == f"{name} – Strategy Action Framework – Leicester"
    expected = [action.number for action in actions]
    assert numbers(found) == expected
    assert found.one("p", css="lede").text.startswith(f"{len(actions)} action")
    filtered = next(
        link["href"] for link in found.all("a") if link.text == "Filter, sort or download these actions"
    )
    assert numbers(page(client, filtered)) == expected
    crumbs = found.one("nav", aria_label="Breadcrumb").all("a")
    assert [crumb["href"] for crumb in crumbs] == ["/", f"/{address.split('/')[1]}/"]


@pytest.mark.parametrize(
    "address", ["/vital-fews/VF3/", "/themes/access-to-labour/", "/partners/leicester-city-growth/"]
)
def test_the_counts_are_of_the_actions_that_their_links_show(
    client: Client, report: Any, period: ReportingPeriod, address: str
) -> None:
    ReportingPeriod.objects.update(due=timezone.localdate() - timedelta(days=1))
    for number, status in (
        (18, "off-track"),
        (20, "at-risk"),
        (23, "complete"),
        (29, "closed"),
        (9, "on-track"),
    ):
        report(number, 1, status)
    found = page(client, address)
    shown = {tile: len(numbers(page(client, tile))) for tile in tiles(found)}
    assert tiles(found) == shown
    assert sum(count for tile, count in shown.items() if "status=" in tile) == len(numbers(found))
    assert shown[next(tile for tile in shown if "status=off-track" in tile)] == 1


def test_a_page_of_a_joint_lead_has_the_joint_actions_and_not_those_declined(client: Client) -> None:
    assert numbers(page(client, "/partners/legi/")) == [18]
    Lead.objects.filter(action__number=18, partner__slug="legi").update(acceptance="declined")
    found = page(client, "/partners/legi/")
    assert numbers(found) == []
    assert "No actions are linked to LEGI." in found.text
    assert entries(page(client, "/partners/"))["/partners/legi/"] == ["0 actions", "", "–"]


@pytest.mark.parametrize("address", ["/vital-fews/VF3/", "/themes/spatial-issues/", "/partners/legi/"])
def test_rows_are_those_of_the_action_list(client: Client, address: str) -> None:
    listed = {row["id"]: row.text for row in page(client, "/actions/?per_page=100").one("tbody").all("tr")}
    rows = page(client, address).one("table").one("tbody").all("tr")
    assert rows
    assert {row["id"]: row.text for row in rows} == {row["id"]: listed[row["id"]] for row in rows}


def test_a_bar_is_as_long_as_its_number_of_actions(client: Client) -> None:
    bars = [bar["width"] for bar in page(client, "/vital-fews/").all("svg", css="status-bar")]
    assert bars == [f"{count * 100 // 23}%" for count in (19, 20, 23, 23, 16)]
    whole = page(client, "/vital-fews/VF3/").one("svg", css="status-bar")
    assert (whole["width"], whole["height"]) == ("100%", "28")


@pytest.mark.parametrize("address", [*LISTS, "/vital-fews/VF3/", "/", "/board/"])
def test_the_meanings_of_the_statuses_are_one_click_away(client: Client, address: str) -> None:
    assert page(client, address).one("main").all("a", href="/help/#statuses")


@pytest.mark.parametrize(
    ("address", "cells"),
    [
        (
            "/vital-fews/VF5/",
            ["Line 10, column 5 of the framework: VF5", "Line 11, column 5 of the framework: Capitalise on"],
        ),
        ("/themes/image-identity/", ["Line 40, column 1 of the framework: Image & Identity"]),
        ("/clusters/technology/", ["Line 22, column 2", "Line 29, column 1"]),
    ],
)
def test_a_page_says_where_its_name_stands_in_the_source(
    client: Client, address: str, cells: list[str]
) -> None:
    listed = [item.text for item in page(client, address).one("ul", css="provenance").all("li")]
    assert len(listed) == len(cells)
    for item, beginning in zip(listed, cells, strict=True):
        assert item.startswith(beginning)


@pytest.mark.parametrize(
    "address",
    [
        "/vital-fews/VF6/", "/vital-fews/vision-leadership/", "/themes/retail/", "/themes/leicester/", "/clusters/all/",
        "/clusters/spatial-issues/", "/partners/all/", "/partners/nobody/",
    ],
)  # fmt: skip
def test_what_the_plan_does_not_have_is_not_found(client: Client, address: str) -> None:
    assert page(client, address, status=404).one("h1").text == "Page not found"


def test_the_case_of_an_address_does_not_matter(client: Client) -> None:
    assert numbers(page(client, "/vital-fews/vf5/")) == numbers(page(client, "/vital-fews/VF5/"))


@pytest.mark.parametrize(("role", "offered"), [("staff", True), ("board", False), ("lead", False)])
def test_staff_alone_are_offered_to_invite_for_a_partner(
    role: str, offered: bool, request: pytest.FixtureRequest
) -> None:
    client = request.getfixturevalue("client_of")(request.getfixturevalue(role))
    for slug, possible in (("legi", True), ("all-partners", False)):
        links = [link["href"] for link in page(client, f"/partners/{slug}/").one("main").all("a")]
        assert (f"/accounts/invitations/?partner={slug}" in links) == (offered and possible)


@pytest.mark.parametrize(
    ("address", "count"),
    [
        ("/vital-fews/", 14),
        ("/themes/", 14),
        ("/clusters/", 14),
        ("/partners/", 14),
        ("/vital-fews/VF2/", 16),
        ("/themes/access-to-labour/", 16),
        ("/clusters/cross-cluster/", 16),
        ("/partners/leicester-city-growth/", 15),
    ],
)
def test_a_page_asks_as_little_for_many_actions_as_for_few(
    client: Client, report: Any, period: ReportingPeriod, address: str, count: int
) -> None:
    report(18)
    report(23, 2, "off-track")
    page(client, address)
    many = queries_of(client, address)
    only_actions(18, 22, 23)
    assert queries_of(client, address) == many <= count


@pytest.mark.parametrize(
    "address",
    ["/vital-fews/", "/partners/", "/vital-fews/VF2/", "/themes/access-to-labour/", "/clusters/cross-cluster/",
     "/partners/leicester-city-growth/"],
)  # fmt: skip
def test_a_page_asks_as_little_for_hundreds_of_actions_as_for_32(
    client: Client, report: Any, period: ReportingPeriod, address: str
) -> None:
    report(18)
    few = queries_of(client, address)
    more_actions(300)
    assert queries_of(client, address) == few

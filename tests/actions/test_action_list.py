"""The filtered table: what is asked for is what is shown, said in words, and never more or less without a word."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from actions.filters import ActionFilter
from actions.models import Action, Lead, OutcomeMeasure
from history import memo
from history.clock import plan_change
from partners.models import User
from reporting.calendar import plan_at
from reporting.models import BoardMeeting, ReportingPeriod
from tests.clock import days_ago, recorded_at
from tests.pages import Element, form_data, more_actions, numbers, page, queries_of, source, tree

pytestmark = pytest.mark.untraced

ORDERED_BY = {
    "number": "No",
    "action": "Action and outcome measure",
    "status": "Status",
    "updated": "Last update",
}
SORTABLE = ("number", "action", "theme", "cluster", "status", "updated")
NINES = "9" * 5000  # more digits than Python reads
EVERYTHING = (
    "q=careers&theme=access-to-labour&cluster=construction&cross_cluster=on&vital_few=VF2&strength=strong"
    "&lead=construction-cluster&status=not-reported&status=on-track&sort=-theme&per_page=20"
)


@pytest.fixture
def client(client_of: Callable[[User], Client], staff: User) -> Client:
    return client_of(staff)


@pytest.fixture
def late(period: ReportingPeriod) -> ReportingPeriod:
    """The open period is past its due date: every silent measure is overdue."""
    ReportingPeriod.objects.update(due=timezone.localdate() - timedelta(days=1))
    return period


def said(found: Element) -> str:
    """The line above the table."""
    return found.one("p", role="status").text


def notices(found: Element) -> list[str]:
    return [notice.text for notice in found.one("main").all("div", css="notice")]


# What is shown


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", list(range(1, 33))),
        ("cluster=construction", [5, 13, 24]),
        (
            "cluster=construction&cross_cluster=on",
            [1, 2, 3, 4, 5, 10, 11, 12, 13, 17, 18, 19, 20, 21, 22, 23, 24, 27, 28, 29, 30],
        ),
        ("cluster=food-drink&vital_few=VF3&strength=strong", [8, 32]),
        ("vital_few=VF5&strength=strong", [10, 11, 12, 13, 23]),
        ("lead=leicestershire-promotions", [12, 27, 30]),
        ("lead=leicester-city-growth&theme=leicester-connections", [2, 5, 6, 7, 8, 9]),
        ("lead=all-partners", [4]),
        ("theme=image-identity&cluster=retail", []),
        ("vital_few=VF1&vital_few=VF1&theme=image-identity", [27, 28, 29, 30, 31, 32]),
        ("cluster=food-drink&colour=green", [8, 15, 26, 32]),
        ("cluster=food-drink&cluster=retail", [7, 8, 15, 25, 26, 32]),
        (
            "cluster=retail&cluster=cross-cluster&theme=access-to-labour&theme=image-identity",
            [17, 18, 19, 20, 21, 22, 23, 25, 27, 28, 29, 30],
        ),
        ("lead=legi&lead=universities", [3, 9, 18]),
        ("overdue=on", []),
        ("status=not-reported&cluster=retail", [7, 25]),
        ("status=on-track&status=complete", []),
        ("awaited=on", []),
        ("awaited=off&cluster=retail", [7, 25]),
    ],
)
def test_the_answers_to_hold(client: Client, query: str, expected: list[int]) -> None:
    found = page(client, f"/actions/?{query}")
    assert numbers(found) == expected
    assert said(found).startswith(f"{len(expected)} of 32 actions")


def test_none_is_said_kindly_with_ways_on(client: Client) -> None:
    found = page(client, "/actions/?theme=image-identity&cluster=retail")
    assert said(found) == "0 of 32 actions: theme Image & Identity, Retail"
    assert not found.all("table")
    kind = next(p for p in found.one("main").all("p") if p.text.startswith("No actions match these filters."))
    assert numbers(page(client, kind.one("a")["href"])) == list(range(1, 33))
    assert "Not Found" not in found.text


@pytest.mark.parametrize("strength", ["", "strong", "supporting"])
@pytest.mark.parametrize("code", ["", "VF1", "VF2", "VF3", "VF4", "VF5"])
@pytest.mark.once
def test_vital_few_and_strength_speak_of_one_relationship(client: Client, code: str, strength: str) -> None:
    letters = {"": "XO", "strong": "X", "supporting": "O"}[strength]
    related = [
        action.number
        for action in source().actions
        if not (code or strength) or any(m in letters for c, m in action.marks.items() if code in ("", c))
    ]
    chosen = {name: value for name, value in (("vital_few", code), ("strength", strength)) if value}
    assert numbers(page(client, f"/actions/?{urlencode(chosen)}")) == related


@pytest.mark.usefixtures("framework")
def test_every_theme_cluster_vital_few_and_strength_together_give_what_the_framework_has() -> None:
    table, plan = source(), plan_at()
    themes, clusters = ({row.slug: row.name for row in rows} for rows in (table.themes, table.clusters))
    codes = [vital_few.code for vital_few in table.vital_fews]
    for theme, cluster, code, strength in product(
        ["", *themes], ["", *clusters], codes, ["strong", "supporting"]
    ):
        mark = {"strong": "X", "supporting": "O"}[strength]
        asked = QueryDict(f"theme={theme}&cluster={cluster}&vital_few={code}&strength={strength}")
        assert [action.number for action in ActionFilter(asked, plan).qs] == [
            action.number
            for action in table.actions
            if action.marks.get(code) == mark
            and (not theme or action.theme == themes[theme])
            and (not cluster or action.cluster == clusters[cluster])
        ], asked


@pytest.mark.parametrize("lead", source().leads, ids=lambda lead: lead.slug)
@pytest.mark.once
def test_a_lead_has_its_actions_the_joint_ones_too(client: Client, lead: Any) -> None:
    led = [action.number for action in source().actions if lead.name in action.leads]
    assert numbers(page(client, f"/actions/?lead={lead.slug}")) == led


def test_a_row_says_what_the_framework_says_and_how_it_stands(client: Client, report: Any) -> None:
    filed = report(9, 1, "at-risk")
    row = page(client, "/actions/?q=ICT productivity").one("tbody").one("tr")
    assert [cell.text for cell in row.all("td")] == [
        "Technology network and actions to foster technology collaboration, ICT productivity, and a cluster approach "
        "to innovation Companies using local technology to innovate and using ICT to improve productivity "
        "Found in: action, outcome measure",
        "Universities / Leicester City Growth",
        "", "O", "X", "X", "",
        "At risk",
        "",
        f"{timezone.localtime(filed.recorded_at):%-d %b %Y}",
        "not set",
    ]  # fmt: skip


def test_a_row_tells_direction_dates_and_accepted_leads_each_in_their_place(
    client: Client, report: Any
) -> None:
    with recorded_at(days_ago(50)):
        BoardMeeting.objects.create(
            name="Summer", slug="summer", held_on=timezone.localdate() - timedelta(days=5)
        )
    report(5, 1, "on-track", recorded_at=days_ago(10))
    report(9, 1, "on-track", recorded_at=days_ago(10))
    with recorded_at(days_ago(3)), plan_change(by=None, reason="Dates"):
        OutcomeMeasure.objects.filter(action__number=9).update(
            target_date=date(2008, 3, 31), revised_date=date(2008, 12, 31)
        )
        Lead.objects.filter(action__number=9, partner__slug="universities").update(acceptance="accepted")
    report(9, 1, "off-track")
    found = page(client, "/actions/")
    cells = [cell.text for cell in found.by_id("action-9").all("td")]
    assert cells[1] == "Universities ✓ accepted / Leicester City Growth"
    assert cells[7].startswith("Off track")
    assert (cells[8], cells[10]) == ("Worse", "31 Mar 2008 revised 31 Dec 2008")
    same = [cell.text for cell in found.by_id("action-5").all("td")]
    assert (same[8], same[10]) == ("", "not set")
    assert "Leads are suggested unless marked ✓ accepted." in found.one("caption").text
    assert "suggested" not in found.one("tbody").text


@pytest.mark.parametrize("number", [1, 9, 23, 30])
@pytest.mark.once
def test_a_row_has_the_first_words_of_the_outcome_measure_cut_at_a_word(client: Client, number: int) -> None:
    line = page(client, "/actions/").by_id(f"action-{number}").all("p")[0].text
    [whole] = [
        " ".join(action.outcome_text.split()) for action in source().actions if action.number == number
    ]
    assert line == whole or (line.endswith(" …") and whole.startswith(line[:-1]) and 70 < len(line) <= 90)


def test_status_and_overdue_filter_by_what_the_rows_show(client: Client, report: Any, late: Any) -> None:
    report(23, 1, "complete")
    report(23, 2, "off-track")
    report(5, 1, "off-track")
    report(6, 1, "complete")
    report(7, 1, "closed")
    report(8, 1, "on-track", recorded_at=days_ago(30))
    expected = {
        "status=off-track": [5, 23],
        "status=complete&status=closed": [6, 7],
        "status=on-track": [8],
        "overdue=on": [number for number in range(1, 33) if number not in (5, 6, 7, 23)],
        "overdue=on&status=on-track": [8],
    }
    assert {query: numbers(page(client, f"/actions/?{query}")) for query in expected} == expected
    assert "1 of 2 measures" in page(client, "/actions/?status=off-track&q=multi-ethnic").one("tbody").text


def test_awaited_is_who_was_asked_in_the_open_period_and_has_not_answered(
    client: Client, report: Any, period: ReportingPeriod
) -> None:
    """Before the due date too, when nothing is overdue yet."""
    for number in (5, 6):
        report(number, 1, "on-track", recorded_at=days_ago(30))
    report(6, 1, "on-track")
    report(7, 1, "complete", recorded_at=days_ago(30))
    report(23, 1, "on-track")
    expected = [number for number in range(1, 33) if number not in (6, 7)]
    listed = page(client, "/actions/?awaited=on")
    assert numbers(listed) == expected
    assert [flag.text for flag in listed.one("tbody").all("b", css="flag")] == ["Update awaited"] * 30
    [tile] = page(client, "/").all("a", css="counts__tile--awaited")
    assert (tile["href"], tile.text) == ("/actions/?awaited=on", "30 Update awaited any status")
    assert numbers(page(client, "/actions/?overdue=on")) == []
    assert numbers(page(client, "/actions/?awaited=on&status=on-track")) == [5]
    ReportingPeriod.objects.update(due=timezone.localdate() - timedelta(days=1))
    assert numbers(page(client, "/actions/?awaited=on")) == expected
    assert numbers(page(client, "/actions/?overdue=on&awaited=on")) == expected
    assert not page(client, "/").all("a", css="counts__tile--awaited")  # now it is overdue, and says so
    ReportingPeriod.objects.update(closed_at=timezone.now())
    assert numbers(page(client, "/actions/?awaited=on")) == []


def test_changed_since_is_an_update_or_a_change_to_the_plan_on_that_day_or_later(
    client: Client, report: Any
) -> None:
    today = timezone.localdate()
    for number, order, days in ((5, 1, 30), (6, 1, 10), (23, 2, 10), (7, 1, 9)):
        report(number, order, "on-track", recorded_at=days_ago(days))
    with recorded_at(days_ago(9)), plan_change(by=None, reason="Words"):
        Action.objects.filter(number=11).update(title="Other words")
        OutcomeMeasure.objects.filter(action__number=12).update(unit="jobs")
        Lead.objects.filter(action__number=18, partner__slug="legi").update(acceptance="accepted")

    def since(days: int, address: str = "/actions/") -> list[int]:
        return numbers(page(client, f"{address}?changed_since={today - timedelta(days=days)}"))

    assert since(30) == [5, 6, 7, 11, 12, 18, 23]
    assert since(29) == [6, 7, 11, 12, 18, 23]
    assert since(10) == [6, 7, 11, 12, 18, 23]
    assert since(9) == [7, 11, 12, 18]
    assert since(8) == []
    assert since(500) == list(range(1, 33))
    assert since(10, "/measures/") == [6, 7, 12, 23]  # of the measures themselves


def test_not_reported_since_is_every_unfinished_action_with_a_measure_silent_since_that_day(
    client: Client, report: Any
) -> None:
    today = timezone.localdate()
    for number, order, days, status in (
        (5, 1, 30, "on-track"), (6, 1, 10, "on-track"), (7, 1, 40, "complete"), (23, 1, 10, "at-risk"),
    ):  # fmt: skip
        report(number, order, status, recorded_at=days_ago(days))
    silent = [number for number in range(1, 33) if number not in (6, 7)]

    def since(days: int, address: str = "/actions/") -> list[int]:
        return numbers(page(client, f"{address}?not_reported_since={today - timedelta(days=days)}"))

    assert since(10) == silent
    assert since(9) == sorted([*silent, 6])
    assert since(30) == [number for number in silent if number != 5]
    assert since(10, "/measures/") == silent  # the second measure of 23
    assert since(9, "/measures/") == sorted([*silent, 6, 23])
    assert numbers(page(client, "/actions/?not_reported_since=1899-12-31")) == []


# What is said


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "32 of 32 actions"),
        ("cluster=food-drink&vital_few=VF3&strength=strong", "2 of 32 actions: Food & Drink, strong for VF3"),
        ("vital_few=VF3", "23 of 32 actions: strong or supporting for VF3"),
        ("strength=supporting", "27 of 32 actions: supporting for any vital few"),
        (
            "cluster=construction&cross_cluster=on",
            "21 of 32 actions: Construction, with the cross-cluster actions",
        ),
        ("q=+Cultural++map+cultural+", "1 of 32 actions: with the words “Cultural map cultural”"),
        ("lead=legi&overdue=on", "0 of 32 actions: led by LEGI, update overdue"),
        ("lead=legi&awaited=on", "0 of 32 actions: led by LEGI, update awaited"),
        (
            "cluster=retail&cluster=creative&lead=legi&lead=universities",
            "0 of 32 actions: Retail or Creative, led by LEGI or Universities",
        ),
        ("changed_since=2046-09-01", "0 of 32 actions: changed since 1 September 2046"),
        ("not_reported_since=1999-12-31", "32 of 32 actions: no update since 31 December 1999"),
        ("status=closed&status=not-reported", "32 of 32 actions: Closed, not completed or Not yet reported"),
    ],
)
@pytest.mark.once
def test_the_filter_stands_in_words_above_the_table_and_in_the_title(
    client: Client, query: str, words: str
) -> None:
    found = page(client, f"/actions/?{query}")
    assert said(found) == words
    parts = words.partition(": ")[2]
    assert (
        found.one("title").text
        == f"Actions{': ' if parts else ''}{parts} – Strategy Action Framework – Leicester"
    )


@pytest.mark.once
def test_each_chip_takes_away_exactly_its_part(client: Client) -> None:
    found = page(client, f"/actions/?{EVERYTHING}&page=2")
    given = sorted(parse_qsl(EVERYTHING))
    chips = {
        chip.text.removeprefix("Remove: "): chip["href"] for chip in found.one("ul", css="chips").all("a")
    }
    assert chips.pop("Clear all") == "/actions/"
    taken = {
        "with the words “careers”": {"q"},
        "theme Access to Labour": {"theme"},
        "Construction": {"cluster", "cross_cluster"},
        "with the cross-cluster actions": {"cross_cluster"},
        "strong for VF2": {"vital_few", "strength"},
        "led by Construction cluster": {"lead"},
        "Not yet reported or On track": {"status"},
    }
    assert set(chips) == set(taken)
    for words, address in chips.items():
        assert urlsplit(address).path == "/actions/"
        assert sorted(parse_qsl(urlsplit(address).query)) == [
            pair for pair in given if pair[0] not in taken[words]
        ]


@pytest.mark.once
def test_the_last_chip_leads_to_the_whole_list(client: Client) -> None:
    chip = page(client, "/actions/?cluster=retail").one("ul", css="chips").all("a")[0]
    assert chip["href"] == "/actions/"


@pytest.mark.parametrize(
    ("given", "ticked"), [("on", True), ("1", True), ("off", False), ("no", False), ("x", False)]
)
@pytest.mark.once
def test_a_tick_box_is_ticked_only_where_the_address_says_on(
    client: Client, given: str, ticked: bool
) -> None:
    found = page(client, f"/actions/?overdue={given}&awaited={given}&cross_cluster={given}")
    for name in ("overdue", "awaited", "cross_cluster"):
        assert ("checked" in found.one("main").one("input", name=name).attrs) == ticked


@pytest.mark.once
def test_the_form_shows_what_was_chosen_and_keeps_sort_and_page_size(client: Client) -> None:
    form = page(client, f"/actions/?{EVERYTHING}").one("main").one("form", method="get")
    chosen = {
        select["name"]: [o["value"] for o in select.all("option", selected="")]
        for select in form.all("select")
    }
    assert chosen == {"vital_few": ["VF2"], "strength": ["strong"], "sort": ["-theme"]}
    assert form.one("input", name="q")["value"] == "careers"
    ticked = sorted((box["name"], box.get("value")) for box in form.all("input", checked=""))
    assert ticked == [
        ("cluster", "construction"), ("cross_cluster", ""), ("lead", "construction-cluster"),
        ("status", "not-reported"), ("status", "on-track"), ("theme", "access-to-labour"),
    ]  # fmt: skip
    assert [menu.one("summary").text for menu in form.all("details", name="menu")] == [
        "Cluster Construction", "Status 2 chosen", "Lead partner Construction cluster", "Theme Access to Labour",
    ]  # fmt: skip
    assert form.one("details", css="more").all("summary")[0].text == "More filters and sorting (2 chosen)"
    hidden = {field["name"]: field["value"] for field in form.all("input", type="hidden")}
    assert hidden == {"per_page": "20"}


@pytest.mark.parametrize("sort", ["", *(f"{down}{column}" for column in SORTABLE for down in ("", "-"))])
@pytest.mark.once
def test_the_form_offers_the_orders_that_tell_something_and_shows_the_one_that_holds(
    client: Client, sort: str
) -> None:
    options = page(client, f"/actions/{f'?sort={sort}' if sort else ''}").by_id("id_sort").all("option")
    selected = "" if sort == "number" else sort
    assert [option["value"] for option in options if "selected" in option.attrs] == [selected] or (
        sort == "number" and not any("selected" in option.attrs for option in options)
    )
    offered = {"", *SORTABLE[1:], "-status", "-updated"}
    assert {option["value"] for option in options} == offered | {selected}
    assert len(options) == len(offered | {selected})


# The address


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("q=&vital_few=&strength=&changed_since=&sort=", ""),
        (
            "strength=strong&q=&cluster=retail&sort=&cluster=creative",
            "?strength=strong&cluster=retail&cluster=creative",
        ),
        ("sort=-status&status=&status=on-track&q=a%20%26%20b", "?sort=-status&status=on-track&q=a+%26+b"),
        ("q=%00&overdue=on", "?overdue=on"),
        ("cluster", ""),
    ],
)
@pytest.mark.parametrize("address", ["/actions/", "/measures/"])
@pytest.mark.once
def test_choices_with_nothing_chosen_leave_the_address(
    client: Client, address: str, given: str, clean: str
) -> None:
    response = client.get(f"{address}?{given}")
    assert (response.status_code, response["Location"]) == (302, f"{address}{clean}")
    assert client.get(response["Location"]).status_code == 200


@pytest.mark.once
def test_the_form_untouched_asks_for_the_same_view(client: Client) -> None:
    address = f"/actions/?{EVERYTHING}"
    sent = form_data(page(client, address).one("main").one("form", method="get"))
    found = client.get("/actions/", {name: value for name, value in sent.items() if name != "status"})
    assert found.status_code == 302
    kept = [(name, value) for name, value in parse_qsl(EVERYTHING) if name != "status"]
    assert sorted(parse_qsl(urlsplit(found["Location"]).query)) == sorted(kept)


# Impossible values


@pytest.mark.parametrize(
    ("query", "name", "message"),
    [
        ("vital_few=VF9", "vital_few", "The plan has no vital few “VF9”."),
        ("vital_few=vf1", "vital_few", "The plan has no vital few “vf1”."),
        ("theme=image", "theme", "The plan has no theme “image”."),
        ("cluster=Retail", "cluster", "The plan has no cluster “Retail”."),
        ("lead=nobody", "lead", "The plan has no lead partner “nobody”."),
        ("lead=<b>", "lead", "The plan has no lead partner “<b>”."),
        ("strength=X", "strength", "“X” is not one of: strong, supporting."),
        ("status=late", "status", "“late” is not one of: off-track, at-risk, not-reported"),
        ("status=on-track&status=late", "status", "“late” is not one of"),
        ("overdue=perhaps", "overdue", "“perhaps” is neither “on” nor “off”."),
        ("awaited=perhaps", "awaited", "“perhaps” is neither “on” nor “off”."),
        ("cross_cluster=2", "cross_cluster", "“2” is neither “on” nor “off”."),
        (f"q={'a' * 201}", "q", "Ensure this value has at most 200 characters"),
        ("q=retail&q=food", "q", "Only one value is allowed here; the address has 2."),
        ("vital_few=VF1&vital_few=VF2", "vital_few", "Only one value is allowed here; the address has 2."),
        (
            "strength=strong&strength=supporting",
            "strength",
            "Only one value is allowed here; the address has 2.",
        ),
        (
            "cross_cluster=on&cross_cluster=off",
            "cross_cluster",
            "Only one value is allowed here; the address has 2.",
        ),
        ("overdue=off&overdue=on", "overdue", "Only one value is allowed here; the address has 2."),
        ("theme=spatial-issues&theme=image", "theme", "The plan has no theme “image”."),
        ("changed_since=yesterday", "changed_since", "Enter a date, for example 2026-09-01."),
        ("not_reported_since=2026-13-01", "not_reported_since", "Enter a date, for example 2026-09-01."),
        (
            "changed_since=2026-01-01&changed_since=2026-01-02",
            "changed_since",
            "Only one value is allowed here; the address has 2.",
        ),
        ("awaited=off&awaited=on", "awaited", "Only one value is allowed here; the address has 2."),
    ],
)
@pytest.mark.once
def test_an_impossible_value_is_an_error_on_its_field_and_no_table(
    client: Client, query: str, name: str, message: str
) -> None:
    found = page(client, f"/actions/?{query}")
    assert found.one("title").text.startswith("Error: Actions")
    link = found.one("div", css="govuk-error-summary").one("a")
    assert message in link.text
    field = found.by_id(link["href"].removeprefix("#"))
    assert field["id"].removesuffix("_0") == f"id_{name}"
    group = next(
        group for group in found.all("div", css="govuk-form-group--error") if field in list(group.walk())
    )
    assert group.one("p", css="govuk-error-message").text == f"Error: {link.text}"
    assert not found.all("table")
    assert not found.all("p", role="status")
    assert found.one("details", css="filters").get("open", "no") != "no"
    folded = found.one("details", css="more")
    assert ("open" in folded.attrs) == (field in list(folded.walk()))
    assert numbers(page(client, found.one("p", css="lede").one("a")["href"])) == list(range(1, 33))


@pytest.mark.once
def test_every_impossible_value_is_said_at_once(client: Client) -> None:
    found = page(client, "/actions/?vital_few=VF9&theme=x&status=y&overdue=z")
    links = found.one("div", css="govuk-error-summary").all("a")
    assert sorted(link["href"] for link in links) == [
        "#id_overdue",
        "#id_status_0",
        "#id_theme_0",
        "#id_vital_few",
    ]


# Search


def _holding(*words: str) -> list[int]:
    """The actions of the framework in whose action, outcome measure or leads every word occurs."""
    return [
        action.number
        for action in source().actions
        if all(
            word in " ".join((action.title, action.outcome_text, *action.leads)).casefold() for word in words
        )
    ]


@pytest.mark.parametrize(
    ("q", "words"),
    [
        ("retail", ["retail"]),
        ("RETAIL network", ["retail", "network"]),
        ("network  Retail", ["retail", "network"]),
        ("construction careers", ["construction", "careers"]),
        ("leicester connections", ["leicester", "connections"]),
        ("chamber of commerce", ["chamber", "of", "commerce"]),
        ("1in2", ["1in2"]),
        ("'Think & Do", ["'think", "&", "do"]),
        ("universities/leicester", ["universities/leicester"]),
        ("%", ["%"]),
        ("_", ["_"]),
        ("\\", ["\\"]),
        ("zebra", ["zebra"]),
        ("   ", []),
        ("re\0tail", ["retail"]),  # no database holds a NUL: it is left out
    ],
)
def test_a_search_wants_every_word_in_any_case(client: Client, q: str, words: list[str]) -> None:
    assert numbers(page(client, f"/actions/?q={quote(q)}")) == _holding(*words)


@pytest.mark.parametrize(
    "query",
    [
        "q=retail",
        "q=RETAIL+network",
        "q=a+e",
        "q=a&per_page=7&page=3",
        "q=zebra",
        "q=a&sort=-number",
        "q=e&sort=-status",
        "q=e&cluster=retail",
        "q=leicester+connections",  # also the name of a lead
        "q=e&as_at=2 days ago",
    ],
)
def test_a_search_finds_the_same_where_the_plan_is_too_long_to_count(
    query: str, client: Client, report: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(3, 1, "off-track")
    address = f"/actions/?{query.replace('2 days ago', str(timezone.localdate() - timedelta(days=2)))}"
    counted = page(client, address)
    monkeypatch.setattr("actions.filter_counts.COUNTED_AT_MOST", 0)
    memo.forget()
    found = page(client, address)
    assert numbers(found) == numbers(counted)
    assert said(found) == said(counted)


@pytest.mark.parametrize(
    ("q", "number", "places"),
    [
        ("cultural map", 27, "action"),
        ("Promotions", 12, "lead"),
        ("ethnic speciality", 32, "action, outcome measure, lead"),
        ("Leicester Connections", 30, "action, outcome measure, lead"),
        ("apprenticeships trading", 18, None),
        ("micro-enterprises", 18, "outcome measure"),
    ],
)
def test_a_hit_says_where_it_was_found(client: Client, q: str, number: int, places: str | None) -> None:
    found = page(client, f"/actions/?q={q}")
    notes = {
        int(row.one("th", scope="row").text): row.all("td")[0].text.rpartition("Found in: ")[2]
        for body in found.all("tbody")
        for row in body.all("tr")
    }
    assert notes.get(number) == places


def test_without_a_search_nothing_is_said_to_be_found(client: Client) -> None:
    assert "Found in" not in page(client, "/actions/").text


@pytest.mark.parametrize(
    ("q", "words", "address"),
    [
        (
            "Leicester Connections",
            "“Leicester Connections” is also the name of a theme",
            "/themes/leicester-connections/",
        ),
        ("food & drink", "“Food & Drink” is also the name of a cluster", "/clusters/food-drink/"),
        ("LEGI", "“LEGI” is also the name of a lead partner", "/partners/legi/"),
        ("vf3", "“VF3” is also the name of a vital few", "/vital-fews/VF3/"),
        ("Making connections", "“Making Connections” is also the name of a vital few", "/vital-fews/VF4/"),
        (" 27 ", "“27” is also the number of an action", "/actions/27/"),
        ("007", "“7” is also the number of an action", "/actions/7/"),
    ],
)
@pytest.mark.once
def test_a_search_that_names_something_else_points_there(
    client: Client, q: str, words: str, address: str
) -> None:
    found = page(client, f"/actions/?q={quote(q)}")
    assert notices(found) == [f"{words}: go there."]
    assert found.one("div", css="notice").one("a")["href"] == address


@pytest.mark.parametrize("q", ["33", "0", "99999999999", "²", "connections", ""])
@pytest.mark.once
def test_a_search_that_names_nothing_else_points_nowhere(client: Client, q: str) -> None:
    assert notices(page(client, f"/actions/{f'?q={quote(q)}' if q else ''}")) == []


def test_leicester_connections_finds_the_theme_and_action_30_without_misleading(client: Client) -> None:
    found = page(client, "/actions/?q=Leicester Connections")
    assert 30 in numbers(found)
    theme = page(client, found.one("div", css="notice").one("a")["href"])
    assert numbers(theme) == list(range(1, 10))


@pytest.mark.once
def test_what_was_searched_for_is_text_and_no_markup(client: Client) -> None:
    found = page(client, f"/actions/?q={quote('<script>alert(1)</script>')}")
    assert not found.all("script")
    assert "with the words “<script>alert(1)</script>”" in said(found)


# Order and pages


def _spread(report: Any) -> None:
    """Some reports, so that status and last update have ties and differences."""
    now = timezone.now()
    for number in range(1, 21):
        status = ("on-track", "at-risk", "complete", "off-track")[number % 4]
        report(number, 1, status, recorded_at=now - timedelta(days=number // 3))


@pytest.mark.parametrize("column", SORTABLE)
def test_an_order_is_total_so_that_pages_together_hold_every_action_once(
    client: Client, report: Any, column: str
) -> None:
    _spread(report)
    up, down = (
        [
            number
            for place in (1, 2, 3)
            for number in numbers(page(client, f"/actions/?sort={turn}{column}&per_page=11&page={place}"))
        ]
        for turn in ("", "-")
    )
    assert sorted(up) == list(range(1, 33))
    assert up == down[::-1]
    asked = QueryDict("")
    plan = plan_at()
    rows = {row.number: row for row in plan.with_updates(plan.rows(ActionFilter(asked, plan).qs))}
    keys: dict[str, Any] = {
        "number": lambda row: row.number,
        "theme": lambda row: (row.theme.order, row.number),
        "cluster": lambda row: (row.cluster.order, row.number),
        "status": lambda row: (row.status.rank, row.number),
        "updated": lambda row: (row.update.recorded_at.timestamp() if row.update else 0, row.number),
    }
    if column in keys:  # titles are sorted as the database's language has it
        assert up == [row.number for row in sorted(rows.values(), key=keys[column])]


@pytest.mark.parametrize(
    ("query", "sorted_by", "direction"),
    [
        ("", "No", "ascending"),
        ("sort=-updated", "Last update", "descending"),
        ("sort=status", "Status", "ascending"),
    ],
)
@pytest.mark.once
def test_the_headings_say_the_order_and_turn_it(
    client: Client, query: str, sorted_by: str, direction: str
) -> None:
    headings = page(client, f"/actions/?{query}&per_page=5&page=2").one("thead").all("th")
    assert [heading.text.rstrip(" ▲▼") for heading in headings] == [
        "No", "Action and outcome measure", "Lead", "VF1", "VF2", "VF3", "VF4", "VF5",
        "Status", "Direction", "Last update", "Target date",
    ]  # fmt: skip
    assert {heading["scope"] for heading in headings} == {"col"}
    ordered = {
        heading.text.rstrip(" ▲▼"): heading["aria-sort"] for heading in headings if heading.get("aria-sort")
    }
    assert ordered == {sorted_by: direction}
    links = {
        heading.one("a").text.rstrip(" ▲▼"): heading.one("a")["href"]
        for heading in headings
        if heading.all("a")
    }
    assert list(links) == ["No", "Action and outcome measure", "Status", "Last update"]
    turned = dict(parse_qsl(urlsplit(links[sorted_by]).query))
    name = {"No": "number", "Last update": "updated", "Status": "status"}[sorted_by]
    assert turned == {"per_page": "5", "sort": f"{'-' if direction == 'ascending' else ''}{name}"}


@pytest.mark.parametrize("sort", ["-theme", "cluster", "-status", "-number"])
@pytest.mark.once
def test_the_order_is_shown_above_the_table_too(client: Client, sort: str) -> None:
    """Theme and cluster have no column whose heading would say so."""
    words = {
        "-theme": "theme (last first)", "cluster": "cluster", "-status": "status (best first)",
        "-number": "number (highest first)",
    }  # fmt: skip
    assert said(page(client, f"/actions/?sort={sort}")) == f"32 of 32 actions; sorted by {words[sort]}"
    assert said(page(client, "/actions/")) == "32 of 32 actions"


@pytest.mark.parametrize("sort", ["lead", "marks", "title", "-", "--number", "number,theme", "1"])
@pytest.mark.once
def test_an_order_that_cannot_be_is_said_and_the_number_taken(client: Client, sort: str) -> None:
    found = page(client, f"/actions/?sort={sort}")
    assert notices(found) == [
        f"The list can't be sorted by “{sort}”, so it is in number order. "
        "Try number, action, theme, cluster, status, updated."
    ]
    assert numbers(found) == list(range(1, 33))
    assert found.one("th", aria_sort="")["aria-sort"] == "ascending"


@pytest.mark.parametrize(
    ("query", "shown", "remark"),
    [
        ("", 32, None),
        ("per_page=5", 5, None),
        ("per_page=100", 32, None),
        ("per_page=-1", 1, "A page has 1 to 100 rows, not “-1”: this one has up to 1."),
        ("per_page=20000", 32, "A page has 1 to 100 rows, not “20000”: this one has up to 100."),
        ("per_page=0", 32, "A page has 1 to 100 rows, not “0”: this one has up to 50."),
        ("per_page=ten", 32, "A page has 1 to 100 rows, not “ten”: this one has up to 50."),
        (
            f"per_page={NINES}",
            32,
            f"A page has 1 to 100 rows, not “{NINES}”: this one has up to 50.",
        ),
        ("per_page=5&page=7", 2, None),
        ("per_page=5&page=8", 2, "There is no page “8”: this is page 7 of 7."),
        ("per_page=5&page=-3", 5, "There is no page “-3”: this is page 1 of 7."),
        ("per_page=5&page=last", 5, "There is no page “last”: this is page 1 of 7."),
        ("cluster=retail&page=2", 2, "There is no page “2”: this is page 1 of 1."),
        ("theme=image-identity&cluster=retail&page=1", 0, None),
    ],
)
@pytest.mark.once
def test_a_page_that_cannot_be_is_brought_inside_and_said(
    client: Client, query: str, shown: int, remark: str | None
) -> None:
    found = page(client, f"/actions/?{query}")
    assert len(numbers(found)) == shown
    assert notices(found) == ([remark] if remark else [])


@pytest.mark.once
def test_the_pages_keep_filter_order_and_size(client: Client) -> None:
    query = "theme=access-to-labour&status=not-reported&status=on-track&sort=-number&per_page=4&page=2"
    found = page(client, f"/actions/?{query}")
    pages = found.one("nav", aria_label="Pages")
    assert pages.one("a", aria_current="page").text == "2"
    kept = [
        ("theme", "access-to-labour"),
        ("status", "not-reported"),
        ("status", "on-track"),
        ("sort", "-number"),
    ]
    for rel, number, expected in (("prev", "1", [26, 25, 24, 23]), ("next", "3", [18, 17])):
        address = pages.one("a", rel=rel)["href"]
        assert parse_qsl(urlsplit(address).query) == [*kept, ("per_page", "4"), ("page", number)]
        assert numbers(page(client, f"/actions/{address}")) == expected


@pytest.mark.once
def test_one_page_has_no_paging(client: Client) -> None:
    assert not page(client, "/actions/").all("nav", aria_label="Pages")


@pytest.mark.once
def test_the_downloads_are_of_the_same_view(client: Client) -> None:
    found = page(
        client, "/actions/?status=not-reported&status=at-risk&lead=legi&sort=-theme&per_page=5&page=2"
    )
    asked = [("status", "not-reported"), ("status", "at-risk"), ("lead", "legi"), ("sort", "-theme")]
    for kind, words in (("xlsx", "spreadsheet (xlsx)"), ("csv", "CSV")):
        address = next(link["href"] for link in found.all("a") if link.text == words)
        assert urlsplit(address).path == f"/actions/export.{kind}"
        assert sorted(parse_qsl(urlsplit(address).query)) == sorted(asked)


# What it costs


@pytest.mark.parametrize(
    ("query", "at_most"),
    [
        # the counts beside the choices take the place of the count of rows; the menu of saved views is one more
        # and so is the meeting that each closing served
        ("", 19),  # two for the counts beside the choices, of which an update discards one
        ("cluster=construction&cross_cluster=on&vital_few=VF2&strength=strong&sort=-status", 19),
        # one more for staff: whether there is anybody to remind; a search reads the texts, and folds its words
        (EVERYTHING, 21),
        ("q=retail&sort=action&awaited=on&overdue=on", 21),
        ("vital_few=VF9", 14),
    ],
)
def test_the_page_asks_as_little_for_hundreds_of_actions_as_for_32(
    client: Client, report: Any, late: Any, query: str, at_most: int
) -> None:
    report(24, 1, "on-track")
    report(20, 1, "off-track")
    few = queries_of(client, f"/actions/?{query}")
    more_actions(300)
    assert queries_of(client, f"/actions/?{query}") == few
    assert few <= at_most


@pytest.mark.once
def test_a_filtered_page_of_25_rows_is_small(client: Client, report: Any, late: Any) -> None:
    more_actions(300)
    for number in range(1, 33):
        report(number, 1, "on-track", recorded_at=days_ago(40))
    response = client.get("/actions/?theme=access-to-labour&cluster=cross-cluster&per_page=25")
    assert len(numbers(tree(response.content.decode()))) == 25
    assert len(response.content) <= 25 * 1024

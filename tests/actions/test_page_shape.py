"""What every page has, whoever reads it: one heading, a title, a way back, labels, and ids that lead somewhere."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from actions.models import ProgressUpdate
from config.middleware import WITH_SCRIPTS
from partners.models import User
from reporting.models import BoardMeeting, ReportingPeriod
from tests.pages import Element, World, inline, page, tree, world_of
from tests.test_permissions import ACCOUNT, PORTAL

pytestmark = [pytest.mark.once, pytest.mark.untraced]

ROLES = ("lead", "staff", "board")
# They lead in, or are for who is signed out: there is nothing above them.
NO_WAY_BACK = {
    "home", "invitation_accept", "account_inactive", "account_reauthenticate", "account_email_verification_sent",
    "account_confirm_email", "account_reset_password", "account_reset_password_done", "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}  # fmt: skip
MORE = (
    ("action_list", "/actions/?q=retail&cluster=retail&status=not-reported&per_page=1&page=9&sort=lead"),
    ("action_list", "/actions/?vital_few=VF9&status=late&overdue=x"),
    ("action_list", "/actions/?theme=image-identity&cluster=retail"),
    ("measure_list", "/measures/?q=retail&status=not-reported&per_page=1&page=9&sort=lead"),
    ("measure_list", "/measures/?vital_few=VF9&status=late&overdue=x"),
    ("home", "/?cluster=retail&strength=strong"),
    ("home", "/?vital_few=VF9"),
    ("coverage", "/coverage/?cluster=retail&cross_cluster=on&strength=strong"),
    ("coverage", "/coverage/?vital_few=VF9&status=late"),
    ("view_save", "/views/save/?address=%2Factions%2F%3Fcluster%3Dretail"),
    ("action_detail", "/actions/7/?cluster=retail"),
    ("action_detail", "/actions/23/"),
    ("action_detail", "/actions/18/"),
    ("cluster_detail", "/clusters/cross-cluster/"),
    ("partner_detail", "/partners/all-partners/"),
)


@pytest.fixture
def world(lead: User, staff: User, report: Any, period: ReportingPeriod) -> World:
    """A portal in use: late, with reports of every kind, after a meeting."""
    now = timezone.now()
    BoardMeeting.objects.create(
        name="Summer", slug="summer", held_on=timezone.localdate() - timedelta(days=5)
    )
    ReportingPeriod.objects.update(due=timezone.localdate() - timedelta(days=1))
    for number, status in (
        (2, "off-track"),
        (3, "at-risk"),
        (5, "complete"),
        (6, "closed"),
        (7, "not-started"),
    ):
        report(number, 1, "on-track", recorded_at=now - timedelta(days=30))
        report(number, 1, status, evidence_url="https://example.org/")
    for days, value in ((9, 20), (2, 40)):
        report(18, 1, "on-track", recorded_at=now - timedelta(days=days), value=value)
        report(23, 2, "off-track", recorded_at=now - timedelta(days=days), value=1)
    for number in (1, 4, 20):
        report(number, 1, "on-track", by=lead, recorded_at=now - timedelta(days=40))
    return world_of(lead, staff, report, period)


Pages = list[tuple[str, str, int, Element]]
_SEEN: dict[str, Pages] = {}


# The tests of a role stay in one process, which fetches its pages once.
@pytest.fixture(
    params=[pytest.param(role, marks=pytest.mark.xdist_group(f"pages of {role}")) for role in ROLES]
)
def pages(request: pytest.FixtureRequest) -> Pages:
    """Every page that this role can get, with name, address and status: shown, refused, or with what was wrong.

    Fetched once a process: what follows only reads them.
    """
    role = request.param
    if role not in _SEEN:
        world = request.getfixturevalue("world")
        _SEEN[role] = _pages(role, world, request.getfixturevalue("client_of")(request.getfixturevalue(role)))
    assert len(_SEEN[role]) > 40
    return _SEEN[role]


def _pages(role: str, world: World, client: Client) -> Pages:
    found = []
    for rule in PORTAL + ACCOUNT:
        address = rule.address(world)
        found += _page(rule.name, address, client.get(address))
        if rule.statuses[role]["POST"] == 422:
            found += _page(rule.name, address, client.post(address, {"sent": "1"}))
    for name, address in MORE:
        found += _page(name, address, client.get(address))
    return found + _page("home", "/nowhere/", client.get("/nowhere/"))


def _page(name: str, address: str, response: Any) -> Pages:
    if response.streaming:
        b"".join(response.streaming_content)
    elif response["Content-Type"].startswith("text/html") and response.content:
        return [(name, address, response.status_code, tree(response.content.decode()))]
    return []


def faults(found: Element) -> list[str]:
    """What a page lacks that every page has."""
    return [*frame(found), *references(found), *words(found), *forms(found)]


def frame(found: Element) -> Iterator[str]:
    """Language, one main part, a way to skip to it, one h1 and no step left out below it."""
    if found.one("html").get("lang") != "en-GB":
        yield "no language"
    if [main.get("id") for main in found.all("main")] != ["main"]:
        yield "not one main"
    if found.all("a")[0].get("href") != "#main":
        yield "the first link does not skip to the content"
    ranks = [
        int(element.tag[1]) for element in found.walk() if element.tag in ("h1", "h2", "h3", "h4", "h5", "h6")
    ]
    if ranks.count(1) != 1:
        yield f"{ranks.count(1)} h1"
    else:
        below = ranks[ranks.index(1) :]
        yield from (f"h{after} follows h{before}" for before, after in pairwise(below) if after > before + 1)


def references(found: Element) -> Iterator[str]:
    """Ids are there once, and what names one finds it."""
    ids = Counter(element["id"] for element in found.walk() if element.get("id"))
    yield from (f"id {key} {count} times" for key, count in ids.items() if count > 1)
    for element in found.walk():
        for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls", "form"):
            yield from (f"{name}={key} leads nowhere" for key in element.get(name).split() if key not in ids)
        target = element.get("href", "somewhere")
        if target in ("", "#") or (target.startswith("#") and target[1:] not in ids):
            yield f"the link “{target}” leads nowhere"


def words(found: Element) -> Iterator[str]:
    """What is heard instead of seen."""
    for element in found.walk():
        named = element.text or element.get("aria-label")
        if element.tag in ("a", "button", "h1", "h2", "h3", "legend", "caption", "summary") and not named:
            yield f"<{element.tag}> that says nothing"
        if element.tag == "img" and "alt" not in element.attrs:
            yield "a picture without words"
        if element.tag == "svg" and not element.get("aria-label"):
            yield "a drawing without words"
        if element.tag == "table" and len(element.all("caption")) != 1:
            yield "a table without a caption"
        if element.tag == "th" and element.get("scope") not in ("col", "row", "rowgroup"):
            yield f"a heading without a scope: {element.text[:40]}"


def forms(found: Element) -> Iterator[str]:
    """Every field has a label, every group a legend, every form its token."""
    labels = [label for label in found.all("label") if label.text]
    labelled = {label["for"] for label in labels if label.get("for")}
    within = {id(field) for label in labels for field in label.walk()}
    for element in found.walk():
        field = element.tag in ("select", "textarea") or (
            element.tag == "input" and element.get("type") not in ("hidden", "submit")
        )
        if (
            field
            and not element.get("aria-label")
            and not (element.get("id") in labelled or id(element) in within)
        ):
            yield f"no label: {element.tag} {element.get('name')}"
        if element.tag == "fieldset" and len(element.all("legend")) != 1:
            yield "a fieldset without a legend"
    for form in found.all("form", method="post"):
        if not form.all("input", name="csrfmiddlewaretoken"):
            yield f"a form without a token: {form.get('action')}"


def test_every_page_has_what_every_page_has(pages: Pages) -> None:
    assert {
        (address, status): found for _, address, status, one in pages if (found := list(faults(one)))
    } == {}


def _said(text: str) -> set[str]:
    stripped = (word.strip(":,.?’“”()").casefold() for word in text.split())
    return {word for word in stripped if len(word) > 2 or word.isdigit()}


def test_no_page_has_anything_inline_or_from_other_hosts(pages: Pages) -> None:
    for _, address, _, found in pages:
        assert list(inline(found)) == [], address
        if not address.startswith(WITH_SCRIPTS):
            assert not found.all("script"), address


def test_every_title_names_its_page_and_the_portal(pages: Pages) -> None:
    unnamed = []
    for _, address, status, found in pages:
        title = found.one("head").one("title").text.removeprefix("Error: ")
        stem, _, portal = title.partition(" – Strategy Action Framework – ")
        if portal != "Leicester" or not _said(stem) & _said(found.one("h1").text):
            unnamed.append((address, status, stem, found.one("h1").text))
    assert unnamed == []


def test_pages_that_differ_have_titles_that_differ(pages: Pages) -> None:
    titles: dict[str, set[str]] = {}
    for _, address, status, found in pages:
        if status == 200 and not address.startswith("/accounts/"):
            titles.setdefault(found.one("head").one("title").text, set()).add(address.partition("?")[0])
    assert {title: addresses for title, addresses in titles.items() if len(addresses) > 1} == {}


def test_every_page_but_the_first_has_a_way_back_up(pages: Pages) -> None:
    for name, address, status, found in pages:
        crumbs = found.all("nav", aria_label="Breadcrumb")
        if status in (200, 409, 422):
            assert len(crumbs) == (name not in NO_WAY_BACK), address
        if crumbs:
            links = [(link.text, link["href"]) for link in crumbs[0].all("a")]
            assert links[0] == ("Strategy", "/")
            assert address.partition("?")[0] not in [href for _, href in links]


def test_a_page_with_something_wrong_says_so_first(pages: Pages) -> None:
    wrong = [found for _, _, _, found in pages if found.all("p", css="govuk-error-message")]
    assert wrong or not [status for _, _, status, _ in pages if status == 422]
    for found in wrong:
        assert found.one("head").one("title").text.startswith("Error: ")
        summary = found.one("div", css="govuk-error-summary")
        assert summary["role"] == "alert"
        within = [
            element for element in found.one("main").walk() if element is summary or element.tag == "h1"
        ]
        assert within[0] is summary


def test_the_navigation_says_where_one_is(pages: Pages) -> None:
    for _, address, status, found in pages:
        here = [
            link["href"]
            for link in found.one("nav", aria_label="Portal").all("a")
            if link.get("aria-current") == "page"
        ]
        assert here == ([address.partition("?")[0]] if here else [])
        if address in (
            "/",
            "/actions/",
            "/measures/",
            "/board/",
            "/coverage/",
            "/partners/",
            "/themes/",
            "/clusters/",
            "/vital-fews/",
        ):
            assert (here, status) == ([address], 200)


@pytest.mark.parametrize(
    ("name", "section"),
    [
        ("lead_confirm", "Today"),
        ("answer_decide", "Today"),
        ("target_dates", "Measures"),
        ("meeting_list", "Periods"),
        ("outbox", "Periods"),
        ("period_remind", "Periods"),
        ("invitation_list", "People"),
        ("help", None),
        ("", None),
    ],
)
def test_the_navigation_says_which_section_one_is_in(name: str, section: str | None) -> None:
    found = tree(render_to_string("partials/nav.html", {"here": name, "user": User(role="staff")}))
    here = [link.text for link in found.all("a") if link.get("aria-current") == "true"]
    assert here == ([section] if section else [])


def test_every_page_says_where_progress_is_invented(
    report: Any, client_of: Callable[[User], Client], board: User
) -> None:
    client = client_of(board)
    addresses = ("/", "/actions/", "/actions/1/", "/board/", "/partners/legi/", "/accessibility/")
    report(1, 1, "on-track")
    assert not any(page(client, address).all("aside", css="demo-banner") for address in addresses)
    report(2, 1, "on-track", is_demonstration=True)
    assert ProgressUpdate.objects.filter(is_demonstration=True).count() == 1
    for address in addresses:
        banner = page(client, address).one("aside", css="demo-banner")
        assert banner.text == "Demonstration: the progress shown is invented."


def test_the_pages_for_who_is_signed_out_have_it_too(client: Client, world: World) -> None:
    found = []
    for rule in PORTAL + ACCOUNT:
        address = rule.address(world)
        for response in (client.get(address), client.post(address, {"sent": "1"})):
            found += _page(rule.name, address, response)
    assert len({name for name, _, _, _ in found}) == 17
    assert {address: lacks for _, address, _, one in found if (lacks := faults(one))} == {}


def test_the_sweep_sees_what_it_looks_for() -> None:
    faulty = tree(
        '<html><main id="top"><a href="#main"></a><h1>One</h1><h1>Two</h1><p id="x"></p><p id="x"></p>'
        '<a href="#y">There</a><input name="q"><table><tr><th>No</th></tr></table><svg></svg>'
        '<fieldset></fieldset><form method="post"></form></main></html>'
    )
    assert faults(faulty) == [
        "no language", "not one main", "2 h1", "id x 2 times", "the link “#main” leads nowhere",
        "the link “#y” leads nowhere", "<a> that says nothing", "a table without a caption",
        "a heading without a scope: No", "a drawing without words", "no label: input q",
        "a fieldset without a legend", "a form without a token: ",
    ]  # fmt: skip

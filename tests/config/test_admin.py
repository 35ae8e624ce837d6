"""The admin's front page and its header: the portal's own, in plain words."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners.models import Partner, User
from tests.pages import Element, page

pytestmark = pytest.mark.once

GROUPS = ["The plan", "People and partners", "History"]


@pytest.fixture
def client(client_of: Callable[[User], Client], staff: User) -> Client:
    return client_of(staff)


def groups(found: Element) -> list[str]:
    return [caption.text for caption in found.by_id("content-main").all("caption")]


def test_models_are_grouped_under_plain_names(client: Client) -> None:
    found = page(client, "/admin/")
    assert groups(found) == GROUPS
    names = [
        row.one("th", scope="row").text
        for row in found.by_id("content-main").all("tr")
        if row.all("th", scope="row")
    ]
    assert len(names) == len(admin.site._registry)
    assert {
        "Actions",
        "Vital fews",
        "People",
        "Second factors",
        "Responses from leads",
        "Changes to the plan",
    } <= set(names)


def test_second_factors_have_the_portals_name_on_their_own_page(client: Client) -> None:
    found = page(client, "/admin/mfa/authenticator/")
    assert found.one("h1").text == "Second factors"
    assert found.one("div", css="breadcrumbs").text.endswith("People and partners › Second factors")


def test_the_list_of_people_says_sign_in_and_offers_each_partner_but_all(client: Client) -> None:
    found = page(client, "/admin/partners/user/")
    columns = [heading.text for heading in found.one("table", id="result_list").all("th", scope="col")]
    assert columns[-2:] == ["Account open", "Last sign-in"]
    everyone = Partner.objects.get(kind=Partner.Kind.EVERYONE)
    offered = {link["href"] for link in found.by_id("changelist-filter").all("a")}
    assert f"?partners__id__exact={everyone.pk}" not in offered
    assert len([one for one in offered if "partners__id__exact" in one]) == Partner.objects.count() - 1


def test_a_persons_form_says_where_the_account_is_closed(client: Client, lead: User) -> None:
    text = page(client, f"/admin/partners/user/{lead.pk}/change/").text
    assert "To close or reopen an account, open the person's page under People." in text


def test_the_history_of_an_object_leads_to_where_it_is_kept(client: Client, lead: User) -> None:
    action = apps.get_model("actions.action")._default_manager.first()
    for address, words, to in (
        (
            f"/admin/actions/action/{action.pk}/history/",
            "The history of the plan is under Changes.",
            "/changes/",
        ),
        (
            f"/admin/partners/user/{lead.pk}/history/",
            "Changes to this account are on the person's page under People.",
            f"/people/{lead.pk}/",
        ),
    ):
        content = page(client, address).by_id("content")
        assert words in content.text
        assert [link["href"] for link in content.all("a")] == [to]
        assert "change history. It" not in content.text


def test_dates_are_written_as_on_the_portals_pages(client: Client, report: Any) -> None:
    made = report(1, 1, "on-track")
    listed = page(client, "/admin/actions/progressupdate/").one("table", id="result_list")
    assert f"{timezone.localtime(made.recorded_at):%-d %B %Y at %H:%M}" in listed.text
    about = page(client, f"/admin/actions/progressupdate/{made.pk}/change/").text
    assert made.once_key not in about


@pytest.mark.parametrize(
    ("app", "group"),
    [("actions", "The plan"), ("strategy", "The plan"), ("mfa", "People and partners")],
)
def test_the_page_of_an_app_is_the_page_of_its_group(client: Client, app: str, group: str) -> None:
    found = page(client, f"/admin/{app}/")
    assert groups(found) == [group]
    assert found.one("h1").text == group


def test_every_page_has_the_portals_navigation_and_none_of_djangos_names(
    client: Client, settings: Any
) -> None:
    model = apps.get_model("actions.action")
    row = model._default_manager.first()
    change = reverse("admin:actions_action_change", args=[row.pk])
    for address in (
        "/admin/",
        "/admin/actions/",
        "/admin/actions/action/",
        change,
        "/admin/partners/user/add/",
    ):
        found = page(client, address)
        nav = found.one("nav", aria_label="Portal")
        links = {link.text: link for link in nav.all("a")}
        assert {"Strategy", "Actions", "Today", "Periods", "Admin"} <= set(links)
        assert [name for name, link in links.items() if "aria-current" in link.attrs] == ["Admin"]
        assert "Django" not in found.text
        assert found.one("title").text.endswith("– Admin – Strategy Action Framework – Leicester")
        assert any(link["href"] == "/static/admin.css" for link in found.all("link", rel="stylesheet"))


def test_a_demonstration_says_so_in_the_admin_too(client: Client, settings: Any, report: Any) -> None:
    assert not page(client, "/admin/").all("aside", css="demo-banner")
    report(1, 1, "on-track", is_demonstration=True)
    banner = page(client, "/admin/").one("aside", css="demo-banner")
    assert banner.text == "Demonstration: the progress shown is invented."
    settings.DEMONSTRATION = True
    banner = page(client, "/admin/actions/action/").one("aside", css="demo-banner")
    assert banner.text == "Demonstration: the people and the progress shown are invented."


@pytest.mark.parametrize(("role", "has"), [("lead", True), ("staff", False), ("board", False)])
def test_my_updates_is_in_the_navigation_of_those_who_have_some(
    request: pytest.FixtureRequest, client_of: Callable[[User], Client], role: str, has: bool
) -> None:
    nav = page(client_of(request.getfixturevalue(role)), "/").one("nav", aria_label="Portal")
    assert ("My updates" in [link.text for link in nav.all("a")]) is has

"""The admin's front page and its header: the portal's own, in plain words."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from partners.models import User
from tests.pages import Element, page

pytestmark = pytest.mark.once

GROUPS = ["The plan", "People", "History"]


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
    } <= set(names)


@pytest.mark.parametrize(
    ("app", "group"),
    [("actions", "The plan"), ("strategy", "The plan"), ("mfa", "People")],
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

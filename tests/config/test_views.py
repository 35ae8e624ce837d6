"""Health checks, error pages, help, the logo and response headers."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from actions.models import ProgressUpdate
from history import triggers
from partners.models import User
from reporting.models import ReportingPeriod
from tests.conftest import PASSWORD
from tests.pages import Element, World, inline, page, tree, world_of
from tests.test_permissions import ACCOUNT, ADMIN_MODELS, PORTAL

pytestmark = pytest.mark.once

POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "font-src": "'self'",
    "img-src": "'self' data:",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
SCRIPTS = {"script-src": "'self'", "connect-src": "'self'"}
TITLE = "Strategy Action Framework"


def policy(response: Any) -> dict[str, str]:
    """The page's policy, directive by directive; each at most once."""
    parts = [part.strip().partition(" ") for part in response["Content-Security-Policy"].split(";")]
    assert len({name for name, _, _ in parts}) == len(parts)
    return {name: value for name, _, value in parts}


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database is down: nothing can connect."""

    def gone(self: Any) -> None:
        raise OperationalError("could not connect to server")

    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", gone)


# Health


@pytest.mark.parametrize("session", ["", "0123456789abcdefghijklmnopqrstuv"])
def test_live_does_not_query_the_database(client: Client, session: str) -> None:
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    response = client.get("/health/live")  # pytest-django refuses every query here
    assert (response.status_code, response.json()) == (200, {"status": "live"})
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_ready_if_the_database_answers_and_has_its_triggers(client: Client) -> None:
    response = client.get("/health/ready")
    assert (response.status_code, response.json()) == (200, {"status": "ready", "version": settings.RELEASE})
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["portal_actions_progressupdate_never_changed", "portal_actions_action_update"]
)
def test_not_ready_if_a_trigger_is_missing_and_says_what_to_do(client: Client, name: str) -> None:
    table = {
        "portal_actions_progressupdate_never_changed": ProgressUpdate,
        "portal_actions_action_update": apps.get_model("actions.action"),
    }[name]
    where = f" ON {table._meta.db_table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}{where}")
    response = client.get("/health/ready")
    assert (response.status_code, response.json()) == (
        503,
        {
            "status": "not ready",
            "reason": "run `manage.py migrate`: triggers are missing",
            "version": settings.RELEASE,
        },
    )
    triggers.install(connection)
    assert client.get("/health/ready").status_code == 200


@pytest.mark.django_db
@pytest.mark.usefixtures("no_database")
def test_not_ready_if_the_database_does_not_answer(client: Client) -> None:
    response = client.get("/health/ready")
    assert (response.status_code, response.json()) == (
        503,
        {"status": "not ready", "reason": "the database does not answer", "version": settings.RELEASE},
    )


# Error pages


def error_page(response: HttpResponse, status: int, heading: str) -> Element:
    """The page, which must have this status and heading and the portal's header."""
    assert response.status_code == status
    found = tree(response.content.decode())
    assert found.one("h1").text == heading
    assert found.one("title").text == f"{heading} – {TITLE} – Leicester"
    assert found.one("header", css="portal-header").one("span", css="portal-header__title").text == TITLE
    assert [link["href"] for link in found.all("link", rel="stylesheet")] == [
        "/static/vendor/govuk-frontend.css",
        "/static/portal.css",
    ]
    return found


@pytest.mark.parametrize("address", ["/nowhere/", "/actions/33/", "/actions/one/", "/themes/nowhere/"])
def test_an_unknown_page_is_a_404_with_a_link_to_go_on(
    address: str, client_of: Callable[[User], Client], board: User
) -> None:
    found = error_page(client_of(board).get(address), 404, "Page not found")
    assert found.one("main").one("a")["href"] == "/"
    assert found.all("nav", aria_label="Portal")


@pytest.mark.django_db
def test_a_404_shows_no_navigation_to_those_signed_out(client: Client) -> None:
    found = error_page(client.get("/nowhere/"), 404, "Page not found")
    assert not found.all("nav", aria_label="Portal")


def test_a_403_says_who_may_change_what(client_of: Callable[[User], Client], board: User) -> None:
    found = error_page(
        client_of(board).get("/actions/1/measures/1/update/"), 403, "You cannot open this page"
    )
    assert (
        "submit updates for the actions that their partner leads; board members can read the plan."
        in found.text
    )


def test_an_expired_form_gets_a_page_of_the_portal(board: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(board)
    found = error_page(
        client.post("/accounts/logout/", {"csrfmiddlewaretoken": "x" * 64}), 403, "This page has expired"
    )
    assert "copy anything you typed" in found.text
    assert client.get("/board/").status_code == 200  # still signed in


@pytest.fixture
def unlucky(client_of: Callable[[User], Client], board: User) -> Client:
    """A browser that is shown the error page instead of the exception."""
    client = client_of(board)
    client.raise_request_exception = False
    return client


def test_an_exception_is_a_500_that_reveals_nothing(unlucky: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("actions.views.home.grid_of", broken)
    response = unlucky.get("/")
    found = error_page(response, 500, "Something went wrong")
    assert "The fault is ours." in found.text
    assert "ZeroDivisionError" not in response.content.decode()
    assert policy(response) == POLICY


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/actions/export.xlsx", "/accounts/logout/"])
@pytest.mark.usefixtures("no_database")
def test_if_the_database_is_down_the_page_is_a_503_to_try_again(address: str) -> None:
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "somebody"
    response = client.get(address)
    found = error_page(response, 503, "The portal is not available")
    assert response["Retry-After"] == "60"
    assert "Everything you submitted before is safe." in found.text


# Headers


@pytest.mark.parametrize(
    "address",
    ["/", "/actions/", "/actions/export.csv", "/actions/1/", "/board/", "/updates/", "/accessibility/",
     "/accounts/email/", "/accounts/logout/", "/accounts/invitations/", "/nowhere/", "/health/live", "/help/"],
)  # fmt: skip
def test_the_portals_own_pages_may_not_run_scripts(
    address: str, client_of: Callable[[User], Client], staff: User
) -> None:
    assert policy(client_of(staff).get(address)) == POLICY


@pytest.mark.parametrize(
    "address", ["/admin/", "/admin/actions/action/", "/accounts/2fa/", "/accounts/reauthenticate/"]
)
def test_the_admin_and_second_factor_may_run_scripts_from_this_host(
    address: str, client_of: Callable[[User], Client], staff: User
) -> None:
    assert policy(client_of(staff).get(address)) == POLICY | SCRIPTS


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/login/code/"])
def test_the_sign_in_page_may_run_scripts_from_this_host(address: str, client: Client) -> None:
    assert policy(client.get(address)) == POLICY | SCRIPTS


@pytest.mark.parametrize("address", ["/", "/actions/export.xlsx", "/nowhere/", "/accounts/email/"])
def test_a_page_is_in_no_cache_no_frame_and_has_a_fixed_type(
    address: str, client_of: Callable[[User], Client], staff: User
) -> None:
    response = client_of(staff).get(address)
    assert response["Cache-Control"] == "private, no-store"
    assert "camera=()" in response["Permissions-Policy"]
    assert "publickey-credentials-get=(self)" in response["Permissions-Policy"]
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


def test_who_kept_a_page_all_the_same_is_told_that_it_has_not_changed(
    client_of: Callable[[User], Client], staff: User
) -> None:
    client = client_of(staff)
    client.get("/themes/")
    first = client.get("/themes/")
    again = client.get("/themes/", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again["Cache-Control"]) == (304, "private, no-store")


def test_where_to_report_a_security_problem(client: Client, db: None) -> None:
    response = client.get("/.well-known/security.txt")
    said = dict(line.split(": ", 1) for line in response.content.decode().splitlines())
    assert response["Content-Type"].startswith("text/plain")
    assert said["Contact"] == "mailto:portal@localhost"
    assert said["Canonical"] == "http://testserver/.well-known/security.txt"
    assert datetime.fromisoformat(said["Expires"]) > timezone.now()


def test_a_refusal_leaves_one_line_and_nothing_personal(
    client_of: Callable[[User], Client], lead: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="portal.events")
    assert client_of(lead).get("/periods/").status_code == 403
    [record] = [record for record in caplog.records if record.name == "portal.events"]
    assert record.getMessage() == "refused"
    assert record.fields == {"user": lead.pk, "method": "GET", "page": "period_list"}  # type: ignore[attr-defined]


def test_cookies_are_hidden_from_scripts_and_other_sites(client: Client, staff: User) -> None:
    client.get("/accounts/login/")
    response = client.post("/accounts/login/", {"login": staff.email, "password": PASSWORD})
    assert response.status_code == 302
    assert set(client.cookies) == {"sessionid", "csrftoken"}
    for cookie in client.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


# Nothing inline, so the policy blocks nothing


@pytest.fixture
def world(lead: User, staff: User, report: Any, period: ReportingPeriod) -> World:
    return world_of(lead, staff, report, period)


# Every page for who is signed in: tests/actions/test_page_shape.py.
@pytest.mark.once
@pytest.mark.untraced
def test_no_page_for_who_is_signed_out_has_anything_inline(world: World) -> None:
    client = Client()
    seen = 0
    for rule in PORTAL + ACCOUNT:
        address = rule.address(world)
        for response in (client.get(address), client.post(address, {"sent": "1"})):
            if response["Content-Type"].startswith("text/html") and response.content:
                found = tree(response.content.decode())
                assert list(inline(found)) == [], address
                if "script-src" not in policy(response):
                    assert not found.all("script"), address
                seen += 1
    assert seen > 10


@pytest.mark.parametrize("label", ADMIN_MODELS)
@pytest.mark.once
@pytest.mark.untraced
def test_no_page_of_the_admin_has_anything_inline(
    label: str, world: World, client_of: Callable[[User], Client], staff: User
) -> None:
    client, name = client_of(staff), f"admin:{label.replace('.', '_')}"
    model = apps.get_model(label)
    addresses = [reverse("admin:index"), reverse(f"{name}_changelist")]
    if admin.site.get_model_admin(model).has_add_permission(client.get("/admin/").wsgi_request):
        addresses.append(reverse(f"{name}_add"))
    if row := model._default_manager.first():
        addresses += [reverse(f"{name}_{kind}", args=[row.pk]) for kind in ("change", "history")]
    for address in addresses:
        assert list(inline(page(client, address))) == [], address

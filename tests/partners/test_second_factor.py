"""In real use City Growth staff need a second factor before anything else works."""

import base64
import hmac
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from partners.models import User
from tests.conftest import PASSWORD
from tests.pages import form_data, page, tree

pytestmark = [pytest.mark.once, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def real_use(settings: Any) -> None:
    settings.SECOND_FACTOR_FOR_STAFF = True


def shown_by_the_app(secret: str) -> str:
    """The code that an authenticator app shows now (RFC 6238)."""
    counter = (int(time.time()) // 30).to_bytes(8, "big")
    digest = hmac.digest(base64.b32decode(secret), counter, "sha1")
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def signed_in(user: User, client: Client) -> Client:
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return client


def test_staff_set_one_up_first_and_then_go_on(
    staff: User, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    elsewhere = signed_in(staff, Client())
    signed_in(staff, client)
    for address in ("/", "/actions/", "/actions/export.xlsx", "/admin/", "/updates/", "/accounts/sessions/"):
        assert client.get(address)["Location"] == "/accounts/2fa/needed/"
    assert client.post("/actions/1/measures/1/update/", {"status": "on-track"}).status_code == 302
    needed = page(client, "/accounts/2fa/needed/")
    link = needed.one("a", href="/accounts/2fa/totp/activate/")
    confirm = client.get(link["href"])["Location"]
    shown = tree(client.post(confirm, {"password": PASSWORD}, follow=True).content.decode())
    secret = shown.by_id("authenticator_secret")["value"]
    sent = {"code": shown_by_the_app(secret)}
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post("/accounts/2fa/totp/activate/", sent, follow=True)
    assert "recovery codes" in done.content.decode().lower()
    assert client.get("/actions/").status_code == 200
    assert elsewhere.get("/accounts/2fa/needed/").status_code == 302  # signed out: it had one factor
    off = client.post("/accounts/2fa/totp/deactivate/", follow=True)
    assert "City Growth staff need a second factor." in off.content.decode()
    assert Authenticator.objects.filter(user=staff, type="totp").exists()


def test_leads_and_the_board_are_not_asked_for_one_and_nobody_is_in_a_demonstration(
    lead: User, board: User, staff: User, settings: Any
) -> None:
    assert signed_in(lead, Client()).get("/updates/").status_code == 200
    assert signed_in(board, Client()).get("/board/").status_code == 200
    settings.SECOND_FACTOR_FOR_STAFF = False
    assert signed_in(staff, Client()).get("/actions/").status_code == 200


def test_a_session_that_loses_the_last_factor_is_asked_for_another(staff: User, client: Client) -> None:
    kept = Authenticator.objects.create(user=staff, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    client.force_login(staff)
    assert client.get("/actions/").status_code == 200
    kept.delete()
    client.force_login(staff)
    assert client.get("/actions/")["Location"] == "/accounts/2fa/needed/"


def test_the_page_is_plain_for_who_has_one(staff: User, client: Client) -> None:
    Authenticator.objects.create(user=staff, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    client.force_login(staff)
    assert "second factor" in page(client, "/accounts/2fa/needed/").one("h1").text
    assert not form_data(page(client, "/accounts/2fa/needed/").one("main"))

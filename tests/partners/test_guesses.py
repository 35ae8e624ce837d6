"""Ten wrong guesses in five minutes an account, wherever they come from, and nobody else is locked out."""

import logging
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from partners import guesses
from partners.models import User
from tests.conftest import PASSWORD
from tests.pages import tree
from tests.partners.test_sign_in import code_in, words

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def wrong_password(email: str, **headers: str) -> str:
    sent = {"login": email, "password": "wrong-password"}
    return words(Client(headers=headers).post("/accounts/login/", sent))


def signs_in(user: User) -> bool:
    sent = {"login": user.email, "password": PASSWORD}
    return Client().post("/accounts/login/", sent).status_code == 302


def test_the_eleventh_guess_is_refused_whatever_the_headers_say_and_colleagues_are_not(
    lead: User, staff: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="portal.events")
    for number in range(10):
        hosts = {"x-forwarded-for": f"203.0.113.{number}", "host": f"testserver:{8000 + number}"}
        email = lead.email.upper() if number % 2 else lead.email
        assert "is incorrect" in wrong_password(email, **hosts)
    assert "Too many incorrect attempts for this account. Try again in 5 minutes." in wrong_password(
        lead.email
    )
    assert not signs_in(lead)
    assert signs_in(staff)  # from the same address on the network
    noted = [
        (record.getMessage(), record.fields)  # type: ignore[attr-defined]
        for record in caplog.records
        if record.getMessage().startswith("sign_in")
    ]
    failed = {"user": lead.pk, "method": "password"}
    assert noted[:11] == [("sign_in_failed", failed)] * 10 + [("sign_in_blocked", failed)]
    assert noted[-1] == ("sign_in", {"user": staff.pk})
    later = time.time() + 200
    monkeypatch.setattr(time, "time", lambda: later)
    assert "Try again in 2 minutes." in wrong_password(lead.email)
    monkeypatch.setattr(time, "time", lambda: later + 101)
    assert signs_in(lead)


def test_an_unknown_address_is_answered_alike() -> None:
    said = [wrong_password("nobody@nowhere.example") for _ in range(11)]
    assert "is incorrect" in said[9]
    assert "Too many incorrect attempts for this account. Try again in 5 minutes." in said[10]


def test_codes_count_with_passwords_and_a_right_guess_does_not_count(lead: User, client: Client) -> None:
    for _ in range(7):
        wrong_password(lead.email)
    assert signs_in(lead)
    client.post("/accounts/login/code/", {"email": lead.email})
    for _ in range(3):
        client.post("/accounts/login/code/confirm/", {"code": "WRONG1"})
    refused = client.post("/accounts/login/code/confirm/", {"code": code_in(mail.outbox[0])})
    shown = tree(refused.content.decode())
    assert "Too many incorrect attempts for this account. Try again in 5 minutes." in shown.text
    assert shown.all("a", href="#id_code")
    assert client.get("/updates/").status_code == 302


def test_codes_of_an_authenticator_app_count_too(lead: User, client: Client) -> None:
    Authenticator.objects.create(user=lead, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    for _ in range(9):
        wrong_password(lead.email)
    client.post("/accounts/login/", {"login": lead.email, "password": PASSWORD})
    assert "This code is incorrect" in words(client.post("/accounts/2fa/authenticate/", {"code": "000000"}))
    assert "Too many incorrect" in words(client.post("/accounts/2fa/authenticate/", {"code": "000000"}))


class SeesNothing:
    """A cache that shows nothing, as to guesses that were made at the same moment."""

    def get_many(self, slots: list[str]) -> dict[str, float]:
        return {}

    def add(self, *args: Any) -> bool:
        return cache.add(*args)


def test_guesses_made_at_once_cannot_pass_together(lead: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """All see free slots; `cache.add` gives each slot to one."""
    monkeypatch.setattr(guesses, "cache", SeesNothing())
    taken = [guesses.take(lead.email, "password").slot for _ in range(10)]
    assert len(set(taken)) == 10
    with pytest.raises(guesses.TooManyGuesses):
        guesses.take(lead.email, "password")


@pytest.mark.usefixtures("lead")
def test_the_table_that_real_servers_share_counts_alike(settings: Any) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "portal_cache"}
    }
    call_command("createcachetable")
    for _ in range(10):
        guesses.take("lena@skills.example", "password")
    with pytest.raises(guesses.TooManyGuesses, match="Try again in 5 minutes"):
        guesses.take("lena@skills.example", "password")

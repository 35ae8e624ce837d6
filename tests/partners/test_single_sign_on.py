"""Sign-in through an OpenID Connect provider, tried against a real one on loopback."""

import copy
import http.client
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core.checks import run_checks
from django.test import Client

from partners.models import User
from tests.pages import page
from tests.partners.oidc_provider import CLIENT, SECRET, Provider, serving

pytestmark = [pytest.mark.once, pytest.mark.django_db]


@pytest.fixture(scope="module")
def served() -> Iterator[Provider]:
    with serving() as provider:
        yield provider


@pytest.fixture
def provider(served: Provider, settings: Any) -> Provider:
    settings.OIDC_ISSUER = served.issuer
    providers = copy.deepcopy(settings.SOCIALACCOUNT_PROVIDERS)
    providers["openid_connect"]["APPS"] = [
        {
            "provider_id": "sso",
            "name": "the council",
            "client_id": CLIENT,
            "secret": SECRET,
            "settings": {"server_url": served.issuer},
        }
    ]
    settings.SOCIALACCOUNT_PROVIDERS = providers
    settings.OIDC_NAME = "the council"
    served.claims = {}
    return served


def sign_in(client: Client, address: str) -> Any:
    """Follow the link to the provider and back; returns what the portal answers."""
    away = urlsplit(client.get(address)["Location"])
    connection = http.client.HTTPConnection(away.netloc, timeout=10)
    connection.request("GET", f"{away.path}?{away.query}")
    back = urlsplit(connection.getresponse().headers["Location"])
    connection.close()
    assert back.netloc == "testserver"
    return client.get(f"{back.path}?{back.query}")


def test_who_has_an_account_with_that_verified_address_gets_in_and_keeps_their_role(
    provider: Provider, lead: User, client: Client
) -> None:
    provider.claims = {"sub": "7", "email": lead.email.upper(), "email_verified": True, "role": "staff"}
    link = page(client, "/accounts/login/?next=/actions/1/").one("main").one("a", css="govuk-button")
    assert link.text == "Sign in with the council"
    assert sign_in(client, link["href"])["Location"] == "/actions/1/"
    assert client.get("/updates/").status_code == 200
    lead.refresh_from_db()
    assert (lead.role, lead.name) == ("lead", "Lena Lead")
    assert client.get("/people/").status_code == 403
    assert not SocialAccount.objects.exists()
    assert not SocialToken.objects.exists()


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "nobody@nowhere.example", "email_verified": True},
        {"email": "lena@skills.example", "email_verified": False},
        {"email": "lena@skills.example", "email_verified": "false"},
        {"email": "lena@skills.example"},
        {},
        {"email": "gone@skills.example", "email_verified": True},
    ],
    ids=str,
)
def test_nobody_else_gets_in_and_no_account_is_made(
    claims: dict[str, Any], provider: Provider, lead: User, client: Client
) -> None:
    User.objects.create_user("gone@skills.example", name="Gone", is_active=False)
    provider.claims = {"sub": "8", **claims}
    refused = sign_in(client, "/accounts/oidc/sso/login/")
    assert refused["Location"] == "/accounts/login/"
    assert (
        "There is no open account with the address that the council confirmed."
        in page(client, "/accounts/login/").text
    )
    assert client.get("/updates/").status_code == 302
    assert User.objects.count() == 2


def test_a_second_factor_is_still_asked_for(provider: Provider, lead: User, client: Client) -> None:
    Authenticator.objects.create(user=lead, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    provider.claims = {"sub": "7", "email": lead.email, "email_verified": True}
    assert sign_in(client, "/accounts/oidc/sso/login/")["Location"] == "/accounts/2fa/authenticate/"
    assert client.get("/updates/").status_code == 302


@pytest.mark.parametrize("query", ["", "error=access_denied&state=x", "code=made-up&state=made-up"])
def test_an_answer_that_was_not_asked_for_is_refused(provider: Provider, client: Client, query: str) -> None:
    response = client.get(f"/accounts/oidc/sso/login/callback/?{query}")
    assert response["Location"] == "/accounts/login/"
    assert "Signing in with the council did not work." in page(client, "/accounts/login/").text


def test_a_provider_that_is_away_is_told_in_words(provider: Provider, client: Client, settings: Any) -> None:
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = (
        "http://127.0.0.1:1"
    )
    assert client.get("/accounts/oidc/sso/login/")["Location"] == "/accounts/login/"


def test_it_is_off_unless_set_and_half_set_is_an_error(client: Client, settings: Any) -> None:
    assert "Sign in with the council" not in page(client, "/accounts/login/").text
    assert client.get("/accounts/oidc/sso/login/").status_code == 404
    settings.OIDC_ISSUER = "https://login.example.org"
    said = [error.id for error in run_checks(tags=["security"]) if str(error.id).startswith("portal.OIDC")]
    assert said == ["portal.OIDC_CLIENT_ID", "portal.OIDC_CLIENT_SECRET"]

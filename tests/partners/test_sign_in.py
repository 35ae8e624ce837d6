"""Signing in: code first, password second, each role where its job is, and nothing told to strangers."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from partners.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def code_in(message: Any) -> str:
    found = re.search(r"\b[A-Z0-9]{3,4}-?[A-Z0-9]{3,4}\b", message.body)
    assert found, message.body
    return found[0]


@pytest.mark.parametrize(
    ("who", "where"), [("lead", "/updates/"), ("staff", "/actions/"), ("board", "/board/")]
)
def test_each_role_lands_where_its_job_is(
    request: pytest.FixtureRequest, client: Client, who: str, where: str
) -> None:
    user = request.getfixturevalue(who)
    response = client.post("/accounts/login/", {"login": user.email.upper(), "password": PASSWORD})
    assert response["Location"] == where


def test_the_code_comes_first_on_the_page(client: Client) -> None:
    page = words(client.get("/accounts/login/"))
    assert page.index("E-mail me a sign-in code") < page.index("Sign in with a password")


def test_a_link_leads_after_sign_in_straight_to_what_it_named(lead: User, client: Client) -> None:
    asked = client.get("/actions/20/measures/1/update/")
    assert asked["Location"] == "/accounts/login/?next=/actions/20/measures/1/update/"
    assert 'name="next" value="/actions/20/measures/1/update/"' in words(client.get(asked["Location"]))
    sent = client.post(
        "/accounts/login/code/", {"email": lead.email, "next": "/actions/20/measures/1/update/"}
    )
    confirm = words(client.get(sent["Location"]))
    assert 'value="/actions/20/measures/1/update/"' in confirm
    response = client.post(
        "/accounts/login/code/confirm/",
        {"code": code_in(mail.outbox[0]), "next": "/actions/20/measures/1/update/"},
    )
    assert response["Location"] == "/actions/20/measures/1/update/"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_no_link_leads_off_the_portal(lead: User, client: Client, target: str) -> None:
    response = client.post(
        f"/accounts/login/?next={target}", {"login": lead.email, "password": PASSWORD, "next": target}
    )
    assert response["Location"] == "/updates/"


def test_a_stranger_is_told_the_same_for_a_known_an_unknown_and_a_closed_address(
    lead: User, stranger: User
) -> None:
    User.objects.filter(pk=stranger.pk).update(is_active=False)
    answers = set()
    for email in (lead.email, "nobody@nowhere.example", stranger.email):
        client = Client()
        sent = client.post("/accounts/login/code/", {"email": email})
        confirm = words(client.get(sent["Location"])).replace(email, "ADDRESS")
        answers.add((sent.status_code, sent["Location"], re.sub(r'value="[A-Za-z0-9]{64}"', "", confirm)))
    assert len(answers) == 1
    assert [message.to for message in mail.outbox] == [[lead.email]]


def test_a_wrong_password_and_an_unknown_address_are_told_the_same(lead: User) -> None:
    pages = [
        Client()
        .post("/accounts/login/", {"login": email, "password": "wrong-password"})
        .context["form"]
        .errors
        for email in (lead.email, "nobody@nowhere.example")
    ]
    assert pages[0] == pages[1]


def test_a_password_reset_tells_nothing_either(lead: User) -> None:
    for email in (lead.email, "nobody@nowhere.example"):
        assert Client().post("/accounts/password/reset/", {"email": email}).status_code == 302
    assert [message.to for message in mail.outbox] == [[lead.email]]


def test_a_wrong_code_is_refused_and_five_end_it(lead: User, client: Client) -> None:
    client.post("/accounts/login/code/", {"email": lead.email})
    for _ in range(settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS):
        client.post("/accounts/login/code/confirm/", {"code": "WRONG1"})
    client.post("/accounts/login/code/confirm/", {"code": code_in(mail.outbox[0])})
    assert client.get("/updates/").status_code == 302


def test_a_closed_account_signs_in_by_no_way(lead: User, client: Client) -> None:
    client.post("/accounts/login/code/", {"email": lead.email})
    code = code_in(mail.outbox[0])
    User.objects.filter(pk=lead.pk).update(is_active=False)
    client.post("/accounts/login/code/confirm/", {"code": code})
    assert client.get("/updates/").status_code == 302
    client.post("/accounts/login/", {"login": lead.email, "password": PASSWORD})
    assert client.get("/updates/").status_code == 302


def test_there_is_no_sign_up(client: Client) -> None:
    assert "sign-up" in words(client.get("/accounts/signup/")).casefold() or "invitation" in words(
        client.get("/accounts/signup/")
    )
    client.post("/accounts/signup/", {"email": "x@y.example", "password1": "a-long-password-1"})
    assert not User.objects.exists()


def test_too_many_wrong_passwords_are_stopped(lead: User, client: Client) -> None:
    said = ""
    for _ in range(12):
        said = words(client.post("/accounts/login/", {"login": lead.email, "password": "wrong-password"}))
    assert "Too many" in said
    right = client.post("/accounts/login/", {"login": lead.email, "password": PASSWORD})
    assert right.status_code != 302


def test_a_second_factor_can_be_set_up(lead: User, client: Client) -> None:
    client.post("/accounts/login/", {"login": lead.email, "password": PASSWORD})
    asked = client.get("/accounts/2fa/totp/activate/")
    page = client.post(asked["Location"], {"password": PASSWORD}, follow=True)
    assert page.status_code == 200
    assert "data:image/svg+xml" in words(page)
    assert client.get("/accounts/2fa/webauthn/add/").status_code == 200


def test_nobody_changes_their_own_address_unchecked(lead: User, client: Client) -> None:
    client.force_login(lead)
    page = client.get("/accounts/email/")
    assert "ask City Growth staff" in words(page)
    assert client.post("/accounts/email/", {"action_add": "", "email": "x@y.example"}).status_code == 405


def test_the_demonstrations_people_are_shown_in_demonstration_mode_alone(
    client: Client, settings: Any
) -> None:
    assert "strategy-2008" not in words(client.get("/accounts/login/"))
    settings.DEMONSTRATION = True
    assert "strategy-2008" in words(client.get("/accounts/login/"))


def test_a_mail_server_that_is_away_tells_nobody_which_addresses_are_known(lead: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nobody listens there
    answers = {
        (response.status_code, response["Location"])
        for email in (lead.email, "nobody@nowhere.example")
        for response in [Client().post("/accounts/login/code/", {"email": email})]
    }
    assert answers == {(302, "/accounts/login/code/confirm/")}


def test_closing_an_account_in_the_admin_ends_its_sessions_for_good(lead: User, staff: User) -> None:
    theirs, admin = Client(), Client()
    theirs.force_login(lead)
    admin.force_login(staff)
    sent = {
        "email": lead.email,
        "name": lead.name,
        "role": "lead",
        "partners": [p.pk for p in lead.partners.all()],
    }
    assert admin.post(f"/admin/partners/user/{lead.pk}/change/", sent).status_code == 302
    User.objects.filter(pk=lead.pk).update(is_active=True)  # opened again later
    assert theirs.get("/updates/").status_code == 302
    assert admin.get("/actions/").status_code == 200

"""Signing in: the address first, then a code or a password; and nothing revealed to strangers."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from partners.demonstration import make_people
from partners.models import Partner, User
from tests.conftest import PASSWORD
from tests.pages import form_data, page, tree

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def code_in(message: Any) -> str:
    found = re.search(r"\b[A-Z0-9]{3,4}-?[A-Z0-9]{3,4}\b", message.body)
    assert found, message.body
    return found[0]


@pytest.mark.parametrize(
    ("who", "where"), [("lead", "/updates/"), ("staff", "/today/"), ("board", "/board/")]
)
def test_each_role_lands_on_the_page_of_its_main_job(
    request: pytest.FixtureRequest, client: Client, who: str, where: str
) -> None:
    user = request.getfixturevalue(who)
    response = client.post("/accounts/login/", {"login": user.email.upper(), "password": PASSWORD})
    assert response["Location"] == where


def test_the_address_is_asked_for_once_and_the_code_comes_first(client: Client) -> None:
    found = page(client, "/accounts/login/").one("main")
    assert len(found.all("input", type="email")) == 1
    assert not found.all("input", type="password")
    assert [button.text for button in found.all("button")] == [
        "E-mail me a sign-in code",
        "Use my password",
        "Sign in with a passkey",
    ]


def test_the_password_is_the_second_step(lead: User, client: Client) -> None:
    start = tree(client.get("/accounts/login/?next=/actions/1/").content.decode()).one("main").all("form")[0]
    button = start.one("button", formaction="/accounts/login/password/")
    second = client.post(button["formaction"], form_data(start) | {"email": lead.email})
    form = tree(second.content.decode()).one("form", action="/accounts/login/")
    assert form_data(form)["login"] == lead.email
    done = client.post(form["action"], form_data(form) | {"password": PASSWORD})
    assert done["Location"] == "/actions/1/"


def test_a_wrong_password_asks_for_it_again_and_keeps_the_address(lead: User, client: Client) -> None:
    failed = client.post("/accounts/login/", {"login": lead.email, "password": "wrong-password"})
    found = tree(failed.content.decode())
    assert found.one("h1").text == "Enter your password"
    assert found.by_id("id_login")["value"] == lead.email
    assert "The e-mail address or the password is incorrect." in found.text


@pytest.mark.parametrize("email", ["", "nobody", "a b@c"])
def test_an_address_that_is_none_is_asked_for_again(client: Client, email: str) -> None:
    for address in ("/accounts/login/password/", "/accounts/login/code/"):
        found = tree(client.post(address, {"email": email}).content.decode())
        assert found.one("h1").text == "Sign in"
        assert found.one("title").text.startswith("Error: ")
        assert found.all("a", href="#id_email")


def test_the_password_step_is_the_same_for_known_and_unknown_addresses(lead: User) -> None:
    answers = {
        re.sub(r'value="[A-Za-z0-9]{64}"', "", words(response).replace(email, "ADDRESS"))
        for email in (lead.email, "nobody@nowhere.example")
        for response in [Client().post("/accounts/login/password/", {"email": email})]
    }
    assert len(answers) == 1


def test_an_incorrect_code_offers_a_new_one_and_the_earlier_one_stops_working(
    lead: User, client: Client
) -> None:
    client.post("/accounts/login/code/", {"email": lead.email})
    failed = tree(client.post("/accounts/login/code/confirm/", {"code": "WRONG1"}).content.decode())
    assert "This code is incorrect. Check it, or select “Send a new code”." in failed.text
    assert failed.one("button", form="another-code").text == "Send a new code"
    form = failed.by_id("another-code")
    again = client.post(form["action"], form_data(form), follow=True)
    assert "Use the newest code. The earlier one no longer works." in words(again)
    first, second = (code_in(message) for message in mail.outbox)
    client.post("/accounts/login/code/confirm/", {"code": first})
    assert client.get("/updates/").status_code == 302
    assert client.post("/accounts/login/code/confirm/", {"code": second})["Location"] == "/updates/"


def test_a_new_code_is_offered_alike_to_known_and_unknown_addresses(lead: User) -> None:
    answers = set()
    for email in (lead.email, "nobody@nowhere.example"):
        client = Client()
        client.post("/accounts/login/code/", {"email": email})
        client.post("/accounts/login/code/confirm/", {"code": "WRONG1"})
        again = client.post("/accounts/login/code/", {"email": email, "again": "on"}, follow=True)
        answers.add(re.sub(r'value="[A-Za-z0-9]{64}"', "", words(again).replace(email, "ADDRESS")))
    assert len(answers) == 1


def test_who_asked_for_a_code_can_use_their_password_after_all(lead: User, client: Client) -> None:
    sent = client.post("/accounts/login/code/", {"email": lead.email}, follow=True)
    form = tree(sent.content.decode()).by_id("by-password")
    second = client.post(form["action"], form_data(form))
    form = tree(second.content.decode()).one("form", action="/accounts/login/")
    done = client.post(form["action"], form_data(form) | {"password": PASSWORD})
    assert done["Location"] == "/updates/"


def test_signing_in_leads_to_the_page_requested_before(lead: User, client: Client) -> None:
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
def test_signing_in_never_leads_to_another_site(lead: User, client: Client, target: str) -> None:
    response = client.post(
        f"/accounts/login/?next={target}", {"login": lead.email, "password": PASSWORD, "next": target}
    )
    assert response["Location"] == "/updates/"


def test_known_unknown_and_closed_addresses_get_the_same_answer(lead: User, stranger: User) -> None:
    User.objects.filter(pk=stranger.pk).update(is_active=False)
    answers = set()
    for email in (lead.email, "nobody@nowhere.example", stranger.email):
        client = Client()
        sent = client.post("/accounts/login/code/", {"email": email})
        confirm = words(client.get(sent["Location"])).replace(email, "ADDRESS")
        answers.add((sent.status_code, sent["Location"], re.sub(r'value="[A-Za-z0-9]{64}"', "", confirm)))
    assert len(answers) == 1
    assert [message.to for message in mail.outbox] == [[lead.email]]


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(lead: User) -> None:
    errors = [
        Client()
        .post("/accounts/login/", {"login": email, "password": "wrong-password"})
        .context["form"]
        .errors
        for email in (lead.email, "nobody@nowhere.example")
    ]
    assert errors[0] == errors[1]


def test_a_password_reset_reveals_nothing(lead: User) -> None:
    for email in (lead.email, "nobody@nowhere.example"):
        assert Client().post("/accounts/password/reset/", {"email": email}).status_code == 302
    assert [message.to for message in mail.outbox] == [[lead.email]]


def test_after_five_wrong_codes_the_right_one_is_refused(lead: User, client: Client) -> None:
    client.post("/accounts/login/code/", {"email": lead.email})
    for _ in range(settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS):
        client.post("/accounts/login/code/confirm/", {"code": "WRONG1"})
    client.post("/accounts/login/code/confirm/", {"code": code_in(mail.outbox[0])})
    assert client.get("/updates/").status_code == 302


def test_nobody_signs_in_to_a_closed_account(lead: User, client: Client) -> None:
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


def test_a_second_factor_can_be_set_up(lead: User, client: Client) -> None:
    client.post("/accounts/login/", {"login": lead.email, "password": PASSWORD})
    asked = client.get("/accounts/2fa/totp/activate/")
    form = client.post(asked["Location"], {"password": PASSWORD}, follow=True)
    assert form.status_code == 200
    assert "data:image/svg+xml" in words(form)
    assert client.get("/accounts/2fa/webauthn/add/").status_code == 200


def test_people_cannot_change_their_own_address(lead: User, client: Client) -> None:
    client.force_login(lead)
    assert "ask City Growth staff" in words(client.get("/accounts/email/"))
    assert client.post("/accounts/email/", {"action_add": "", "email": "x@y.example"}).status_code == 405


@pytest.mark.usefixtures("framework")
def test_demonstration_people_are_shown_in_demonstration_mode_only(client: Client, settings: Any) -> None:
    settings.DEMONSTRATION = True
    make_people()
    assert "strategy-2008" in words(client.get("/accounts/login/"))
    settings.DEMONSTRATION = False
    shown = words(client.get("/accounts/login/"))
    assert "strategy-2008" not in shown
    assert "demo.example" not in shown
    step = client.post("/accounts/login/password/", {"email": "staff@demo.example"})
    assert "strategy-2008" not in words(step)


@pytest.mark.usefixtures("framework")
def test_a_demonstration_person_is_a_button_that_fills_in_the_sign_in(client: Client, settings: Any) -> None:
    settings.DEMONSTRATION = True
    make_people()
    people = page(client, "/accounts/login/").one("section", aria_labelledby="demonstration-people")
    assert [heading.text for heading in people.all("h3")] == ["Staff and board", "Partner leads"]
    buttons = {button["value"]: button.text for button in people.all("button", name="email")}
    assert len(buttons) == 2 + Partner.objects.count() - 1
    assert "Leicester City Council" in buttons["leicester-city-council@demo.example"]
    form = people.one("form")
    step = client.post(form["action"], form_data(form) | {"email": "leicester-city-council@demo.example"})
    filled = form_data(tree(step.content.decode()).one("form", action="/accounts/login/"))
    assert client.post("/accounts/login/", filled)["Location"] == "/updates/"


def test_no_password_but_a_demonstration_one_is_ever_filled_in(
    lead: User, client: Client, settings: Any
) -> None:
    settings.DEMONSTRATION = True
    step = tree(client.post("/accounts/login/password/", {"email": lead.email}).content.decode())
    assert "value" not in step.by_id("id_password").attrs


def test_a_failing_mail_server_reveals_no_addresses(lead: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nobody listens there
    answers = {
        (response.status_code, response["Location"])
        for email in (lead.email, "nobody@nowhere.example")
        for response in [Client().post("/accounts/login/code/", {"email": email})]
    }
    assert answers == {(302, "/accounts/login/code/confirm/")}


def test_the_admin_corrects_a_name_and_leaves_role_partner_and_account_to_people(
    lead: User, staff: User
) -> None:
    admin = Client()
    admin.force_login(staff)
    earlier = lead.email
    sent = {"email": "Lena.Lead@skills.example", "name": "Lena A. Lead", "role": "staff"}
    assert admin.post(f"/admin/partners/user/{lead.pk}/change/", sent).status_code == 302
    lead.refresh_from_db()
    assert (lead.name, lead.email) == ("Lena A. Lead", "lena.lead@skills.example")
    assert (lead.role, lead.is_active, lead.partners.count()) == ("lead", True, 1)
    [told] = mail.outbox
    assert (told.to, told.subject) == ([earlier], "Your e-mail address was changed")
    assert "Sam Staff of City Growth has changed the e-mail address of your account" in told.body
    assert "to lena.lead@skills.example." in told.body
    assert (
        admin.post(f"/admin/partners/user/{lead.pk}/change/", sent | {"name": "Lena Lead"}).status_code == 302
    )
    assert len(mail.outbox) == 1


def test_a_flood_is_told_how_long_to_wait(lead: User, client: Client, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    sent = {"login": lead.email, "password": "wrong-password"}
    client.post("/accounts/login/", sent)
    refused = client.post("/accounts/login/", sent)
    assert refused.status_code == 429
    assert "Wait 5 minutes, then try again." in words(refused)

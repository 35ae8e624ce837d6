"""An invitation works once, and needs no password."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from outbox.models import Mail
from partners import invitations
from partners.models import Invitation, Partner, User
from tests.clock import days_ago

pytestmark = [pytest.mark.once, pytest.mark.django_db]
ClientOf = Callable[[User], Client]


@pytest.fixture
def invitation(staff: User) -> Invitation:
    partner = Partner.objects.get(slug="food-drink-forum")
    return Invitation.objects.create(
        email="nina@food.example", name="Nina", partner=partner, invited_by=staff
    )


def path_of(invitation: Invitation) -> str:
    return invitations.link_of(invitation).removeprefix("http://testserver")


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_staff_invite_somebody_by_e_mail(staff: User, client_of: ClientOf) -> None:
    partner = Partner.objects.get(slug="food-drink-forum")
    client_of(staff).post("/accounts/invitations/", {"email": "Nina@Food.example", "partner": partner.pk})
    sent = Invitation.objects.get()
    assert (sent.email, sent.invited_by, sent.state) == ("nina@food.example", staff, "open")
    assert sent.sent_at is not None
    message = mail.outbox[0]
    assert message.to == ["nina@food.example"]
    assert invitations.link_of(sent) in message.body
    assert "Food & Drink Forum" in message.body


def test_opening_the_link_changes_nothing_and_signs_nobody_in(invitation: Invitation, client: Client) -> None:
    for _ in range(2):  # a mail scanner, then the person
        page = client.get(path_of(invitation))
        assert page.status_code == 200
        assert "Submit updates for Food &amp; Drink Forum" in words(page)
    assert not User.objects.filter(email="nina@food.example").exists()
    assert client.get("/updates/").status_code == 302


def test_accepting_creates_the_account_and_e_mails_a_sign_in_code(
    invitation: Invitation, client: Client
) -> None:
    response = client.post(path_of(invitation), {"name": "Nina New"})
    user = User.objects.get(email="nina@food.example")
    assert (user.name, user.role, [p.slug for p in user.partners.all()]) == (
        "Nina New",
        "lead",
        ["food-drink-forum"],
    )
    assert not user.has_usable_password()
    assert response["Location"] == "/accounts/login/code/confirm/"
    assert client.get("/updates/").status_code == 302  # the link itself signs nobody in
    code = re.search(r"\b[A-Z0-9]{3,4}-?[A-Z0-9]{3,4}\b", mail.outbox[-1].body)
    assert code, mail.outbox[-1].body
    signed_in = client.post("/accounts/login/code/confirm/", {"code": code[0]})
    assert signed_in["Location"] == "/updates/"
    assert client.get("/updates/").status_code == 200


def test_it_works_once(invitation: Invitation, client: Client) -> None:
    client.post(path_of(invitation), {"name": "Nina"})
    for method in (client.get, client.post):
        assert method(path_of(invitation), {"name": "Mallory"}).status_code == 410
    assert User.objects.get(email="nina@food.example").name == "Nina"


def test_without_a_name_no_account_is_created(invitation: Invitation, client: Client) -> None:
    response = client.post(path_of(invitation), {"name": "  "})
    assert response.status_code == 422
    assert response.context["form"].errors["name"] == ["Enter your name."]
    assert Invitation.objects.get().state == "open"


def test_an_expired_withdrawn_or_forged_link_is_refused(
    invitation: Invitation, staff: User, client: Client, client_of: ClientOf
) -> None:
    path = path_of(invitation)
    assert client.get(path[:-2] + "x/").status_code == 410
    client_of(staff).post(f"/accounts/invitations/{invitation.pk}/revoke/")
    assert client.post(path, {"name": "Nina"}).status_code == 410
    Invitation.objects.update(revoked_at=None, expires_at=timezone.now() - timedelta(minutes=1))
    assert client.post(path, {"name": "Nina"}).status_code == 410
    assert not User.objects.filter(email="nina@food.example").exists()


def test_sending_again_replaces_the_link(
    invitation: Invitation, staff: User, client: Client, client_of: ClientOf
) -> None:
    old = path_of(invitation)
    Invitation.objects.update(expires_at=days_ago(1))
    client_of(staff).post(f"/accounts/invitations/{invitation.pk}/send-again/")
    assert client.get(old).status_code == 410
    new = path_of(Invitation.objects.get())
    assert new in mail.outbox[-1].body
    assert client.get(new).status_code == 200


@pytest.mark.parametrize("what", ["send-again", "revoke"])
def test_an_accepted_invitation_is_neither_sent_nor_withdrawn(
    invitation: Invitation, staff: User, client: Client, client_of: ClientOf, what: str
) -> None:
    client.post(path_of(invitation), {"name": "Nina"})
    mail.outbox.clear()
    response = client_of(staff).post(f"/accounts/invitations/{invitation.pk}/{what}/", follow=True)
    assert "has already been accepted" in words(response)
    assert not mail.outbox


def test_an_existing_lead_gains_a_partner_and_keeps_their_name(
    lead: User, staff: User, client: Client
) -> None:
    partner = Partner.objects.get(slug="food-drink-forum")
    second = Invitation.objects.create(email=lead.email, partner=partner, invited_by=staff)
    client.post(path_of(second), {"name": "Somebody Else"})
    lead.refresh_from_db()
    assert lead.name == "Lena Lead"
    assert {p.slug for p in lead.partners.all()} == {"food-drink-forum", "learning-skills-council"}


def test_a_closed_account_stays_closed(invitation: Invitation, client: Client) -> None:
    User.objects.create_user("nina@food.example", name="Nina", is_active=False)
    assert client.post(path_of(invitation), {"name": "Nina"}).status_code == 410
    user = User.objects.get(email="nina@food.example")
    assert (user.is_active, user.partners.count()) == (False, 0)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"email": "bo@board.example"}, "already has an account as Board member"),
        (
            {"email": "lena@skills.example", "partner": "learning-skills-council"},
            "already submits updates for Learning",
        ),
        ({"email": "nina@food.example"}, "already has an invitation for this partner"),
        ({"email": "closed@food.example"}, "account is closed"),
        ({"email": "nonsense"}, "Enter a valid email address"),
        ({"email": "a@b.example", "partner": "all-partners"}, "Select a valid choice"),
    ],
)
def test_an_impossible_invitation_is_an_error_on_its_field(
    invitation: Invitation,
    board: User,
    lead: User,
    staff: User,
    client_of: ClientOf,
    given: dict[str, str],
    says: str,
) -> None:
    User.objects.create_user("closed@food.example", name="C", is_active=False)
    partner = Partner.objects.get(slug=given.get("partner", "food-drink-forum"))
    response = client_of(staff).post(
        "/accounts/invitations/", {"email": given["email"], "partner": partner.pk}
    )
    assert response.status_code == 422
    assert says in str(response.context["form"].errors)
    assert not mail.outbox
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize("who", ["lead", "board"])
def test_only_staff_see_and_send_invitations(
    request: pytest.FixtureRequest, invitation: Invitation, client_of: ClientOf, who: str
) -> None:
    client = client_of(request.getfixturevalue(who))
    for path in ("/accounts/invitations/", f"/accounts/invitations/{invitation.pk}/revoke/"):
        assert client.post(path).status_code == 403
    assert client.get("/accounts/invitations/").status_code == 403


def test_if_the_mail_server_fails_the_invitation_waits_and_staff_read_why(
    staff: User, client_of: ClientOf, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nobody listens there
    partner = Partner.objects.get(slug="food-drink-forum")
    sent = {"email": "nina@food.example", "partner": partner.pk}
    page = words(client_of(staff).post("/accounts/invitations/", sent, follow=True))
    assert "Invitation sent to nina@food.example for Food &amp; Drink Forum." in page
    assert "E-mail: waiting. The connection to the mail server failed" in page


def test_withdrawing_or_replacing_an_invitation_withdraws_the_e_mail_that_waits(
    staff: User, client_of: ClientOf, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    partner = Partner.objects.get(slug="food-drink-forum")
    client = client_of(staff)
    client.post("/accounts/invitations/", {"email": "nina@food.example", "partner": partner.pk})
    pk = Invitation.objects.get().pk
    client.post(f"/accounts/invitations/{pk}/send-again/")
    client.post(f"/accounts/invitations/{pk}/revoke/")
    assert set(Mail.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert Mail.objects.count() == 2


def test_two_invitations_to_one_address_accepted_at_once_create_one_account(
    invitation: Invitation, staff: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Partner.objects.get(slug="universities")
    second = Invitation.objects.create(email=invitation.email, partner=other, invited_by=staff)
    client.post(path_of(invitation), {"name": "Nina"})
    monkeypatch.setattr(
        invitations, "_existing", lambda email: None
    )  # the other had not created the account yet
    assert client.post(path_of(second), {"name": "Nina"}).status_code == 302
    user = User.objects.get(email="nina@food.example")
    assert {partner.slug for partner in user.partners.all()} == {"food-drink-forum", "universities"}

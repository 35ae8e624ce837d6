"""People outside the admin: the list, closing, reopening, moving, and resetting a second factor."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.db import DatabaseError, transaction
from django.test import Client

from actions.models import UpdateDraft
from partners import people
from partners.models import Invitation, Partner, PersonChange, User
from partners.people import PersonRefused
from tests.conftest import PASSWORD, person
from tests.pages import form_data, page, queries_of, tree

pytestmark = [pytest.mark.once, pytest.mark.django_db]
ClientOf = Callable[[User], Client]


def names_in(found: Any) -> list[str]:
    return [row.one("a").text for row in found.all("tbody")[0].all("tr")]


def test_the_list_says_who_has_which_account(
    staff: User, lead: User, board: User, client_of: ClientOf
) -> None:
    Authenticator.objects.create(user=staff, type="totp", data={})
    Authenticator.objects.create(user=lead, type="recovery_codes", data={})  # no second factor by itself
    partner = Partner.objects.get(slug="legi")
    Invitation.objects.create(email="LENA@skills.example", partner=partner, invited_by=staff)
    found = page(client_of(staff), "/people/")
    assert [heading.text for heading in found.all("h2")] == ["3 people", "Invited, not accepted yet"]
    rows = {
        row.one("a").text: [cell.text for cell in row.all("td")] for row in found.all("tbody")[0].all("tr")
    }
    assert list(rows) == ["Bo Board", "Lena Lead", "Sam Staff"]
    assert rows["Lena Lead"] == [
        "Partner lead", "Learning & Skills Council", "Never", "No", "Open, invited for another partner",
    ]  # fmt: skip
    assert rows["Bo Board"][0:2] == ["Board member", "–"]
    assert rows["Sam Staff"][3] == "Yes"
    assert rows["Sam Staff"][2] != "Never"
    assert "LENA@skills.example" in found.all("table")[1].text


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=lena", ["Lena Lead"]),
        ("q=board.example", ["Bo Board"]),
        ("role=lead", ["Lena Lead"]),
        ("partner=learning-skills-council", ["Lena Lead"]),
        ("account=open&role=staff", ["Sam Staff"]),
    ],
)
def test_the_list_is_searched_and_filtered(
    query: str, names: list[str], staff: User, lead: User, board: User, client_of: ClientOf
) -> None:
    assert names_in(page(client_of(staff), f"/people/?{query}")) == names


def test_the_list_is_paged_in_the_same_queries_and_takes_any_address(
    staff: User, client_of: ClientOf
) -> None:
    client = client_of(staff)
    few = queries_of(client, "/people/")
    for number in range(60):
        person(f"p{number}@many.example", f"Person {number:02}", User.Role.LEAD, "legi", "universities")
    assert queries_of(client, "/people/") == few
    second = page(client, "/people/?q=Person&page=2")
    assert len(names_in(second)) == 10
    assert second.one("a", rel="prev")["href"] == "?q=Person&page=1"
    for odd in ("page=-1", "page=x", "page=999"):
        assert client.get(f"/people/?{odd}").status_code == 200
    wrong = page(client, "/people/?role=king&partner=nobody&account=ajar")
    assert len(wrong.one(css="govuk-error-summary").all("a")) == 3
    assert "No one matches" in wrong.text


def test_closing_keeps_updates_and_drafts_and_ends_sessions_until_reopened(
    staff: User, lead: User, client_of: ClientOf, report: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="portal.events")
    update = report(1, 1, by=lead)
    UpdateDraft.objects.create(measure=update.measure, author=lead, typed={"comment": "Half"})
    theirs = Client()
    theirs.post("/accounts/login/", {"login": lead.email, "password": PASSWORD})
    assert theirs.get("/updates/").status_code == 200
    client = client_of(staff)
    shown = page(client, f"/people/{lead.pk}/close/").one("main")
    assert "Their drafts are kept; nobody else sees them." in shown.text
    form = shown.one("form")
    assert client.post(f"/people/{lead.pk}/close/", form_data(form)).status_code == 422  # no reason
    done = client.post(f"/people/{lead.pk}/close/", form_data(form) | {"reason": "Left"}, follow=True)
    assert "The account of Lena Lead is closed." in done.content.decode()
    assert theirs.get("/updates/").status_code == 302
    client.post(f"/people/{lead.pk}/reopen/", {"reason": "Back again"})
    assert theirs.get("/updates/").status_code == 302  # the old session is over
    theirs.post("/accounts/login/", {"login": lead.email, "password": PASSWORD})
    assert theirs.get("/updates/").status_code == 200
    assert UpdateDraft.objects.get().typed == {"comment": "Half"}
    update.refresh_from_db()
    assert update.author_name == "Lena Lead"
    kept = list(PersonChange.objects.values_list("kind", "reason", "by_name"))
    assert kept == [("reopened", "Back again", "Sam Staff"), ("closed", "Left", "Sam Staff")]
    history = page(client, f"/people/{lead.pk}/").all("table")[-1].text
    assert "Account closed Left Sam Staff" in history
    noted = [record.getMessage() for record in caplog.records if record.name == "portal.events"]
    assert [name for name in noted if name.startswith("account")] == ["account_closed", "account_reopened"]


def test_nobody_closes_or_demotes_themselves_or_the_last_of_the_staff(
    staff: User, lead: User, client_of: ClientOf
) -> None:
    client = client_of(staff)
    closed = client.post(f"/people/{staff.pk}/close/", {"reason": "Done"})
    assert closed.status_code == 422
    assert "You cannot close your own account." in closed.content.decode()
    moved = client.post(f"/people/{staff.pk}/move/", {"role": "board", "reason": "Done", "move": "on"})
    assert "You cannot change your own role." in moved.content.decode()
    gone = person("gone@city.example", "Gone", User.Role.STAFF)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    with pytest.raises(PersonRefused, match="last open account"):
        people.close_account(person=staff, reason="Done", by=gone)
    with pytest.raises(PersonRefused, match="last open account"):
        people.move_person(person=staff, role="board", partners=[], reason="Done", by=gone)


def test_moving_a_person_shows_what_changes_and_leaves_past_updates_alone(
    staff: User, lead: User, client_of: ClientOf, report: Any
) -> None:
    update = report(1, 1, by=lead)
    client, address = client_of(staff), f"/people/{lead.pk}/move/"
    form = page(client, address).one("main").one("form")
    sent = form_data(form) | {"reason": "Seconded"}
    assert "You have not changed anything." in client.post(address, sent).content.decode()
    sent["partners"] = [Partner.objects.get(slug="universities").pk]
    preview = client.post(address, sent)
    assert preview.status_code == 200
    shown = tree(preview.content.decode()).one("dl").text
    assert shown == (
        "Now Partner lead for Learning & Skills Council From now on Partner lead for Universities"
    )
    assert [one.slug for one in lead.partners.all()] == ["learning-skills-council"]  # nothing yet
    client.post(address, sent | {"move": "on"})
    assert [one.slug for one in User.objects.get(pk=lead.pk).partners.all()] == ["universities"]
    assert client_of(lead).get("/actions/1/measures/1/update/").status_code == 403
    update.refresh_from_db()
    assert (update.author_role, update.partner_name) == ("lead", "Learning & Skills Council")
    [change] = PersonChange.objects.all()
    assert (change.before, change.after) == (
        "Partner lead for Learning & Skills Council",
        "Partner lead for Universities",
    )
    wrong = client.post(address, {"role": "lead", "reason": "x"})
    assert "Choose at least one partner for a partner lead" in wrong.content.decode()
    assert wrong.status_code == 422


def test_a_lost_second_factor_is_reset_by_somebody_else_and_the_person_is_told(
    staff: User, lead: User, client_of: ClientOf
) -> None:
    client, address = client_of(staff), f"/people/{lead.pk}/reset-second-factor/"
    assert "no second factor" in client.post(address, {"reason": "Lost"}).content.decode()
    for kind in ("totp", "recovery_codes"):
        Authenticator.objects.create(user=lead, type=kind, data={})
    Authenticator.objects.create(user=staff, type="totp", data={})
    assert (
        "The second factor of Lena Lead was reset."
        in client.post(address, {"reason": "Phone lost"}, follow=True).content.decode()
    )
    assert not Authenticator.objects.filter(user=lead).exists()
    [told] = mail.outbox
    assert (told.to, told.subject) == ([lead.email], "Your second factor was reset")
    assert "Sam Staff of City Growth has reset your second factor" in told.body
    own = client.post(f"/people/{staff.pk}/reset-second-factor/", {"reason": "Mine"})
    assert "You cannot reset your own second factor." in own.content.decode()
    assert PersonChange.objects.get().reason == "Phone lost"


def test_the_database_keeps_what_was_done_with_an_account(staff: User, lead: User) -> None:
    people.close_account(person=lead, reason="Left", by=staff)
    for change in (
        lambda: PersonChange.objects.update(reason="Never"),
        lambda: PersonChange.objects.update(by_name="Somebody"),
        PersonChange.objects.all().delete,
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()

"""A leaver's name is taken out for good, and their updates stay."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from actions.check import FigureCheck
from actions.leavers import remove_name
from actions.models import ProgressUpdate, UpdateDraft, UpdateQuestion
from history import names
from history.clock import plan_change
from history.models import PlanChange
from outbox.models import Kind, Mail, State
from outbox.posting import write
from partners import people
from partners.models import Invitation, PersonChange, User
from partners.people import PersonRefused
from reporting.models import PublishedPaper, ReportingPeriod
from tests.conftest import person
from tests.pages import World, form_data, page, tree, world_of

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
FORMER = "A former lead of Learning & Skills Council"


@pytest.fixture
def world(lead: User, staff: User, report: Any, period: ReportingPeriod) -> World:
    """Where the lead has submitted, asked, answered, changed the plan and left a draft."""
    made = world_of(lead, staff, report, period)
    UpdateDraft.objects.create(measure=made.update.measure, author=lead, typed={"comment": "Half"})
    UpdateQuestion.objects.create(update=made.update, text="Really?", asked_by=staff)
    with plan_change(by=lead, reason="Through the admin, once"):
        pass
    Invitation.objects.create(
        email=lead.email, name=lead.name, partner=made.invitation.partner, invited_by=staff
    )
    return made


def everywhere() -> str:
    """Every row that keeps a name, and the person's own."""
    rows = [
        f"{model.__name__}: {value}"
        for model, column, _ in names.kept_names()
        for value in model._default_manager.values_list(column, flat=True)
    ]
    own = User.objects.values_list("name", "email")
    invited = Invitation.objects.values_list("name", "email")
    return f"{rows} {list(own)} {list(invited)}"


def test_the_name_goes_and_the_updates_stay(
    world: World, lead: User, staff: User, client_of: ClientOf
) -> None:
    client, address = client_of(staff), f"/people/{lead.pk}/remove-name/"
    assert "Close the account first." in client.get(address, follow=True).content.decode()
    people.close_account(person=lead, reason="Left", by=staff)
    assert "Lena Lead" in page(client, "/actions/1/").text
    before = ProgressUpdate.objects.values().get()
    paper = PublishedPaper.objects.values_list("pdf", "workbook").get()
    shown = page(client, address).one("main")
    assert f"are replaced by “{FORMER}”. This cannot be undone." in shown.text
    assert "Papers that were published keep their files" in shown.text
    done = client.post(address, form_data(shown.one("form")) | {"reason": "Asked to"}, follow=True)
    assert f"Name removed and replaced with “{FORMER}”." in tree(done.content.decode()).text
    assert ProgressUpdate.objects.values().get() == before | {"author_name": FORMER}
    assert PublishedPaper.objects.values_list("pdf", "workbook").get() == paper
    said = everywhere()
    assert "Lena" not in said
    assert "lena@" not in said
    assert "Sam Staff" in said
    lead.refresh_from_db()
    assert (lead.name, lead.name_removed, lead.is_active) == (FORMER, True, False)
    assert not UpdateDraft.objects.exists()
    now = page(client, "/actions/1/").text
    assert "Lena" not in now
    assert FORMER in now
    assert list(FigureCheck().differences()) == []
    assert "stays closed" in client.post(f"/people/{lead.pk}/reopen/", {"reason": "x"}).content.decode()
    with pytest.raises(PersonRefused, match="already"):
        remove_name(person=lead, reason="Again", by=staff)


def test_what_stands_there_says_what_the_person_was(staff: User, board: User) -> None:
    nobody = person("none@nowhere.example", "Nora None")
    assert [people.former(one) for one in (staff, board, nobody)] == [
        "A former member of City Growth staff", "A former board member", "A former partner lead",
    ]  # fmt: skip


def refused(change: Callable[[], object]) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        change()


def test_the_door_opens_for_that_person_to_that_text_and_to_nothing_else(
    world: World, lead: User, staff: User
) -> None:
    updates, people_ = ProgressUpdate.objects.all(), User.objects.filter(pk=lead.pk)
    refused(lambda: updates.update(author_name=FORMER))  # the account is open
    refused(lambda: people_.update(name_removed=True, name="A former lead"))  # and cannot be marked
    people.close_account(person=lead, reason="Left", by=staff)
    refused(lambda: updates.update(author_name=FORMER))
    refused(lambda: people_.update(name_removed=True))  # under the old name
    refused(lambda: people_.update(name_removed=True, name="Mallory"))
    remove_name(person=lead, reason="Asked to", by=staff)
    refused(lambda: people_.update(name="Mallory"))
    refused(lambda: people_.update(name_removed=False))
    refused(lambda: people_.update(is_active=True))
    refused(lambda: updates.update(author_name="Mallory"))
    refused(lambda: updates.update(author_name=FORMER, comment="Never said"))
    refused(lambda: updates.update(partner_name=FORMER))
    refused(updates.delete)
    changes = PlanChange.objects.filter(by=staff)
    refused(lambda: changes.update(by_name=FORMER))  # somebody else's
    refused(lambda: PlanChange.objects.filter(by=lead).update(reason="Never said"))
    refused(lambda: PersonChange.objects.update(by_name=FORMER))
    with connection.cursor() as cursor:
        refused(lambda: cursor.execute("UPDATE actions_progressupdate SET author_id = %s", [staff.pk]))


def test_every_column_that_keeps_a_name_is_known() -> None:
    """`author_name` beside `author`: a new one must be registered, or it would outlive its removal."""
    people_ = [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.local_fields
        if field.related_model is User
    ]
    kept = {(model, f"{key}_name") for model, key in people_}
    there = {(model, name) for model, name in kept if name in {f.name for f in model._meta.local_fields}}
    assert len(there) > 5
    assert there == {(model, column) for model, column, _ in names.kept_names()}


def test_e_mails_forget_the_address_and_what_waits_is_withdrawn(lead: User, staff: User) -> None:
    waiting, sent, other = (
        Mail.objects.get(pk=write(kind=Kind.REMINDER, to=to, subject="Two updates", text="Dear Lena").pk)  # type: ignore[union-attr]
        for to in (lead.email, lead.email.upper(), staff.email)
    )
    Mail.objects.filter(pk=sent.pk).update(state=State.SENT, sent_at=timezone.now())
    people.close_account(person=lead, reason="Left", by=staff)
    remove_name(person=lead, reason="Asked to", by=staff)
    for mail, state in ((waiting, "withdrawn"), (sent, "sent")):
        mail.refresh_from_db()
        assert (mail.to, mail.text, mail.state) == (f"removed-{lead.pk}@removed.invalid", "", state)
    other.refresh_from_db()
    assert (other.to, other.text, other.state) == (staff.email, "Dear Lena", "waiting")

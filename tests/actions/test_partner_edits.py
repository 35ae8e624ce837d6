"""Partners: adding, renaming and merging two that are one, with the past as it was."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from actions.check import FigureCheck
from actions.models import Lead, LeadAnswer, LeadVersion
from actions.partner_edits import MergeRefused, MovedSince, merge_of, merge_partners
from history.models import PlanChange
from partners.models import Invitation, Partner, PersonChange, User
from tests.conftest import person
from tests.pages import form_data, page, tree

pytestmark = [pytest.mark.once, pytest.mark.django_db]
ClientOf = Callable[[User], Client]


def partner(slug: str) -> Partner:
    return Partner.objects.get(slug=slug)


def test_a_partner_is_added_with_a_reason_and_led_nothing_yet(staff: User, client_of: ClientOf) -> None:
    client = client_of(staff)
    for sent, says in (
        ({"name": " ", "kind": "organisation"}, "Enter the partner’s name."),
        ({"name": "universities", "kind": "organisation"}, "There is a partner called Universities."),
        ({"name": "&&&", "kind": "organisation"}, "The name needs letters or numbers."),
        ({"name": "New", "kind": "organisation"}, "which is taken"),
        ({"name": "Fire Service", "kind": "everyone"}, "Select a valid choice"),
        ({"name": "Fire Service", "kind": "organisation"}, "Enter a reason."),
    ):
        refused = client.post("/partners/new/", sent)
        assert refused.status_code == 422
        assert says in refused.content.decode()
    sent = {"name": "Fire & Rescue  Service", "kind": "organisation", "reason": "Joined the partnership"}
    done = client.post("/partners/new/", sent, follow=True)
    assert done.redirect_chain[0][0] == "/partners/fire-rescue-service/"
    assert "No actions are linked to Fire &amp; Rescue Service." in done.content.decode()
    assert PlanChange.objects.latest("pk").reason == "Joined the partnership"
    assert page(client, "/partners/").one("a", href="/partners/new/").text == "Add a partner"


def test_a_new_name_applies_from_now_on(staff: User, client_of: ClientOf, report: Any) -> None:
    update = report(3, 1)
    client = client_of(staff)
    form = page(client, "/partners/universities/edit/").one("main").one("form")
    assert (
        "You have not changed anything."
        in client.post("/partners/universities/edit/", form_data(form) | {"reason": "x"}).content.decode()
    )
    sent = form_data(form) | {"name": "The Two Universities", "reason": "Their wish"}
    assert client.post("/partners/universities/edit/", sent)["Location"] == "/partners/universities/"
    assert "The Two Universities" in page(client, "/partners/universities/").one("h1").text
    yesterday = timezone.localdate() - timedelta(days=1)
    then = page(client, f"/partners/universities/?as_at={yesterday}").one("h1").text
    assert then.endswith(" Universities")
    assert "Two" not in then
    update.refresh_from_db()
    assert update.partner_name == "Universities"


@pytest.fixture
def two(staff: User, joint_lead: User, other_joint_lead: User) -> tuple[Partner, Partner]:
    """Universities, which leads 3 and with the other 9; and Leicester City Growth, which leads eleven."""
    return partner("universities"), partner("leicester-city-growth")


def test_merging_shows_exactly_what_moves_and_then_moves_it(
    two: tuple[Partner, Partner], staff: User, joint_lead: User, client_of: ClientOf, report: Any
) -> None:
    gone, kept = two
    update = report(3, 1, by=joint_lead, on_behalf_of=gone)
    Invitation.objects.create(email="new@uni.example", partner=gone, invited_by=staff)
    Lead.objects.filter(action__number=9, partner=gone).update(acceptance="accepted")
    client, address = client_of(staff), "/partners/universities/merge/"
    sent = form_data(page(client, address).one("main").one("form"))
    sent |= {"kept": "leicester-city-growth", "reason": "One organisation"}
    preview = tree(client.post(address, sent).content.decode()).one("main")
    assert [heading.text for heading in preview.all("h3")] == [
        "Actions led (1)",
        "Actions that both lead: Leicester City Growth stays as the only lead of the two (1)",
        "People (1)",
        "Invitations not accepted yet (1)",
    ]
    assert [link.text for link in preview.all("a") if link.text.startswith("Action ")] == [
        "Action 3",
        "Action 9",
    ]
    assert partner("universities").merged_into is None
    done = client.post(
        address, form_data(preview.one("form")) | sent | {"merge": "on", "seen": _seen(preview)}
    )
    assert done["Location"] == "/partners/leicester-city-growth/"
    led = set(Lead.objects.filter(partner=kept).values_list("action__number", flat=True))
    assert {3, 9} <= led
    assert len(led) == 12
    assert not Lead.objects.filter(partner=gone).exists()
    assert Lead.objects.get(action__number=9).acceptance == "accepted"  # the answer that says more
    assert [one.slug for one in User.objects.get(pk=joint_lead.pk).partners.all()] == [kept.slug]
    assert PersonChange.objects.get().after == "Partner lead for Leicester City Growth"
    assert Invitation.objects.get().partner == kept
    _now_one_and_both_in_the_past(client, update)
    assert list(FigureCheck().differences()) == []


def _seen(preview: Any) -> str:
    return str(preview.one("input", name="seen")["value"])


def _now_one_and_both_in_the_past(client: Client, update: Any) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    client.get("/")  # which shows the message
    assert "Universities" not in page(client, "/partners/").one("main").text
    assert client.get("/partners/universities/")["Location"] == "/partners/leicester-city-growth/"
    assert client.get("/partners/universities/edit/").status_code == 404
    assert "Universities" in page(client, f"/partners/?as_at={yesterday}").one("main").text
    then = page(client, f"/partners/universities/?as_at={yesterday}").one("tbody")
    assert [row.one("th", scope="row").text for row in then.all("tr")] == ["3", "9"]
    update.refresh_from_db()
    assert (update.partner_name, update.on_behalf_of.slug) == ("Universities", "universities")
    assert "Uma University, Universities" in page(client, "/actions/3/").text


def test_what_moves_must_be_what_was_shown(
    two: tuple[Partner, Partner], staff: User, client_of: ClientOf
) -> None:
    gone, kept = two
    seen = merge_of(gone=gone, kept=kept).key
    person("late@uni.example", "Late Comer", User.Role.LEAD, "universities")
    with pytest.raises(MovedSince):
        merge_partners(gone=gone, kept=kept, seen=seen, reason="One", by=staff)
    sent = {"kept": kept.slug, "reason": "One", "seen": seen, "merge": "on"}
    shown = client_of(staff).post("/partners/universities/merge/", sent).content.decode()
    assert "Something has changed since you looked, so nothing was merged." in shown
    assert "Late Comer" in shown
    assert partner("universities").merged_into is None


def test_a_waiting_response_is_decided_first_and_an_answered_lead_keeps_its_answer(
    two: tuple[Partner, Partner], staff: User, joint_lead: User
) -> None:
    gone, kept = two
    lead = Lead.objects.get(action__number=9, partner=gone)
    answer = LeadAnswer.objects.create(lead=lead, answer="accept", asked_by=joint_lead)
    with pytest.raises(MergeRefused, match=r"Decide on the responses about Universities first \(action 9\)"):
        merge_of(gone=gone, kept=kept)
    LeadAnswer.objects.filter(pk=answer.pk).update(
        decision="agreed", decided_by=staff, decided_at=timezone.now()
    )
    merge_partners(gone=gone, kept=kept, seen=merge_of(gone=gone, kept=kept).key, reason="One", by=staff)
    lead.refresh_from_db()
    assert (lead.acceptance, lead.answers.count()) == ("declined", 1)
    for one, other in ((kept, kept), (kept, partner(gone.slug)), (partner("all-partners"), kept)):
        with pytest.raises(MergeRefused):
            merge_of(gone=one, kept=other)


def test_an_error_in_the_middle_undoes_the_whole_merge(
    two: tuple[Partner, Partner], staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from actions import partner_edits

    def fails(merge: Any) -> None:
        raise RuntimeError

    gone, kept = two
    before = (LeadVersion.objects.count(), PlanChange.objects.count(), PersonChange.objects.count())
    monkeypatch.setattr(partner_edits, "_move_invitations", fails)
    seen = merge_of(gone=gone, kept=kept).key
    with pytest.raises(RuntimeError), transaction.atomic():
        merge_partners(gone=gone, kept=kept, seen=seen, reason="One", by=staff)
    assert (LeadVersion.objects.count(), PlanChange.objects.count(), PersonChange.objects.count()) == before
    with pytest.raises(DatabaseError), transaction.atomic():
        Partner.objects.filter(pk=gone.pk).update(merged_into=gone)

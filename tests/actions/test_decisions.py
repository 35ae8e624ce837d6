"""The lead itself: a partner answers, City Growth decides, and the history is kept."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from actions.models import Lead, LeadAnswer, LeadVersion, MeasureProposal, OutcomeMeasure
from partners.models import Partner, User

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
MINE = "/actions/1/leads/learning-skills-council/"


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def lead_of(number: int, slug: str) -> Lead:
    return Lead.objects.get(action__number=number, partner__slug=slug)


def decide(client: Client, decision: str = "agreed", reason: str = "") -> Any:
    answer = LeadAnswer.objects.get()
    sent = {"decision": decision, "reason": reason}
    return client.post(f"/actions/to-settle/answers/{answer.pk}/", sent, follow=True)


def exported_lead(client: Client, number: int) -> str:
    rows = b"".join(client.get("/actions/export.csv").streaming_content).decode()  # type: ignore[attr-defined]
    return next(line for line in rows.splitlines() if line.startswith(f"{number},"))


def test_pages_and_files_say_suggested_until_staff_have_decided(
    lead: User, staff: User, client_of: ClientOf
) -> None:
    mine, theirs = client_of(lead), client_of(staff)
    assert mine.post(MINE, {"answer": "accept"}).status_code == 302
    assert lead_of(1, "learning-skills-council").is_suggested
    assert "Suggested lead" in words(mine.get("/actions/1/"))
    assert "Learning & Skills Council (accepted)" not in exported_lead(theirs, 1)
    decide(theirs)
    assert lead_of(1, "learning-skills-council").acceptance == "accepted"
    assert "accepted" in words(mine.get("/actions/1/"))
    assert "Learning & Skills Council (accepted)" in exported_lead(theirs, 1)


@pytest.mark.parametrize(
    ("sent", "missing"),
    [
        ({}, {"answer"}),
        ({"answer": "decline"}, {"reason"}),
        ({"answer": "propose"}, {"reason", "proposed"}),
        ({"answer": "nonsense"}, {"answer"}),
    ],
)
def test_declining_asks_for_a_reason_and_proposing_for_a_partner(
    lead: User, client_of: ClientOf, sent: dict[str, str], missing: set[str]
) -> None:
    response = client_of(lead).post(MINE, sent or {"reason": ""})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == missing
    assert not LeadAnswer.objects.exists()


def test_an_agreed_decline_ends_the_lead_and_the_right_to_report_and_keeps_the_history(
    lead: User, staff: User, client_of: ClientOf
) -> None:
    mine = client_of(lead)
    mine.post(MINE, {"answer": "decline", "reason": "We are closing down"})
    decide(client_of(staff), reason="Agreed by telephone")
    assert mine.get("/actions/1/measures/1/update/").status_code == 403
    page = words(client_of(staff).get("/actions/1/"))
    assert "No lead" in page
    assert "We are closing down" in page
    assert "Agreed by telephone" in page
    versions = LeadVersion.objects.filter(action__number=1).order_by("known_from")
    assert [version.acceptance for version in versions] == ["suggested", "declined"]
    assert versions[1].change is not None
    assert (versions[1].change.by, versions[1].change.reason) == (staff, "Agreed by telephone")


def test_an_agreed_proposal_suggests_the_other_who_may_then_report(
    lead: User, stranger: User, staff: User, client_of: ClientOf
) -> None:
    other = Partner.objects.get(slug="creative-leicestershire")
    client_of(lead).post(MINE, {"answer": "propose", "proposed": other.pk, "reason": "They run it"})
    decide(client_of(staff))
    assert lead_of(1, "learning-skills-council").acceptance == "declined"
    assert lead_of(1, "creative-leicestershire").is_suggested
    assert client_of(stranger).get("/actions/1/measures/1/update/").status_code == 200


def test_a_refused_answer_changes_nothing_and_one_may_answer_again(
    lead: User, staff: User, client_of: ClientOf
) -> None:
    mine = client_of(lead)
    mine.post(MINE, {"answer": "decline", "reason": "No"})
    decide(client_of(staff), "refused", "Please reconsider")
    assert lead_of(1, "learning-skills-council").is_suggested
    assert mine.post(MINE, {"answer": "accept"}).status_code == 302
    assert LeadAnswer.objects.count() == 2


def test_one_answer_waits_at_a_time_and_one_decision_stands(
    lead: User, staff: User, client_of: ClientOf
) -> None:
    mine, theirs = client_of(lead), client_of(staff)
    mine.post(MINE, {"answer": "accept"})
    assert "There is already a response" in words(mine.post(MINE, {"answer": "accept"}, follow=True))
    decide(theirs)
    assert "Somebody else has already decided this" in words(decide(theirs, "refused", "No"))
    assert lead_of(1, "learning-skills-council").acceptance == "accepted"


def test_a_decision_without_a_choice_decides_nothing(lead: User, staff: User, client_of: ClientOf) -> None:
    client_of(lead).post(MINE, {"answer": "accept"})
    assert "Decision not recorded" in words(decide(client_of(staff), ""))
    assert LeadAnswer.objects.get().decision == "pending"


@pytest.mark.parametrize(
    ("who", "status"), [("stranger", 403), ("board", 403), ("staff", 302), ("lead", 302)]
)
def test_who_may_answer(request: pytest.FixtureRequest, client_of: ClientOf, who: str, status: int) -> None:
    client = client_of(request.getfixturevalue(who))
    assert client.post(MINE, {"answer": "accept"}).status_code == status
    assert LeadAnswer.objects.exists() == (status == 302)


@pytest.mark.parametrize("address", ["/actions/1/leads/universities/", "/actions/99/leads/universities/"])
def test_who_does_not_lead_cannot_answer(staff: User, client_of: ClientOf, address: str) -> None:
    assert client_of(staff).get(address).status_code == 404


def test_staff_have_the_list_of_what_nobody_has_claimed(lead: User, staff: User, client_of: ClientOf) -> None:
    client = client_of(staff)
    page = client.get("/actions/to-settle/")
    assert [row.number for row in page.context["bodiless"]] == [4, 24, 25, 26]
    assert len(page.context["unclaimed"]) == 28
    assert "no user account yet: invite someone" in words(page)
    client_of(lead).post(MINE, {"answer": "accept"})
    decide(client)
    assert len(client.get("/actions/to-settle/").context["unclaimed"]) == 27


@pytest.mark.parametrize(("decision", "result"), [("agreed", (2, "links")), ("refused", (None, ""))])
def test_a_proposed_baseline_and_unit_wait_for_staff(
    lead: User, staff: User, client_of: ClientOf, decision: str, result: tuple[int | None, str]
) -> None:
    measure = OutcomeMeasure.objects.get(action__number=20)
    proposal = MeasureProposal.objects.create(measure=measure, baseline=2, unit="links", asked_by=lead)
    client = client_of(staff)
    address = f"/actions/to-settle/proposals/{proposal.pk}/"
    for _ in range(2):
        client.post(address, {"decision": decision})
    measure.refresh_from_db()
    assert (measure.baseline, measure.unit) == result
    assert client_of(lead).post(address, {"decision": "agreed"}).status_code == 403


def test_another_partner_counts_only_where_one_is_proposed(lead: User, client_of: ClientOf) -> None:
    """The box is folded away with any other response; what was chosen there before does not count."""
    other = Partner.objects.get(slug="creative-leicestershire")
    assert client_of(lead).post(MINE, {"answer": "accept", "proposed": other.pk}).status_code == 302
    assert LeadAnswer.objects.get().proposed is None


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"answer": "accept"}, "Learning &amp; Skills Council leads this action."),
        (
            {"answer": "decline", "reason": "Closing"},
            "Learning &amp; Skills Council does not lead this action.",
        ),
        (
            {"answer": "propose", "reason": "Theirs", "proposed": "creative-leicestershire"},
            "Creative Leicestershire should lead this action, not Learning &amp; Skills Council.",
        ),
    ],
)
def test_a_response_is_put_to_city_growth_in_a_sentence(
    lead: User, staff: User, client_of: ClientOf, sent: dict[str, str], says: str
) -> None:
    if slug := sent.get("proposed"):
        sent = sent | {"proposed": str(Partner.objects.get(slug=slug).pk)}
    client_of(lead).post(MINE, sent)
    assert f"<strong>{says}</strong>" in words(client_of(staff).get("/actions/to-settle/"))


def test_a_lead_who_has_responded_sees_the_response_and_not_the_form(
    lead: User, staff: User, client_of: ClientOf
) -> None:
    mine = client_of(lead)
    assert 'name="answer"' in words(mine.get(MINE))
    mine.post(MINE, {"answer": "accept"})
    page = words(mine.get(MINE))
    assert "is waiting for City Growth: <strong>Learning &amp; Skills Council leads this action." in page
    assert 'name="answer"' not in page
    decide(client_of(staff))
    assert "City Growth has confirmed Learning &amp; Skills Council as lead." in words(mine.get(MINE))

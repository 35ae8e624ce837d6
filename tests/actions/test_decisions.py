"""The lead itself: a partner answers, City Growth decides, and the history is kept."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from actions.models import Lead, LeadAnswer, LeadVersion, MeasureProposal, OutcomeMeasure
from history.models import PlanChange
from partners.models import Partner, User
from tests.pages import more_actions, page, queries_of

pytestmark = [pytest.mark.once, pytest.mark.django_db]
ClientOf = Callable[[User], Client]
MINE = "/actions/1/leads/learning-skills-council/"


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def lead_of(number: int, slug: str) -> Lead:
    return Lead.objects.get(action__number=number, partner__slug=slug)


def decide(client: Client, decision: str = "agreed", reason: str = "") -> Any:
    answer = LeadAnswer.objects.get()
    sent = {"decision": decision, "reason": reason}
    return client.post(f"/today/answers/{answer.pk}/", sent, follow=True)


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
    response = decide(client_of(staff), "", "Typed already")
    assert response.status_code == 422
    assert "Choose whether you agree." in words(response)
    assert "Typed already" in words(response)
    refused = decide(client_of(staff), "refused")
    assert refused.context["form"].errors == {"reason": ["Enter a reason. The partner will read it."]}
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


LEADS = "/today/leads/"


def ticked(client: Client, address: str = LEADS) -> list[str]:
    boxes = page(client, address).all("input", type="checkbox")
    return [box["value"] for box in boxes if "checked" in box.attrs]


def test_staff_confirm_many_leads_at_once_with_one_reason(
    lead: User, staff: User, client_of: ClientOf
) -> None:
    client_of(lead).post(MINE, {"answer": "accept"})
    client = client_of(staff)
    assert ticked(client) == []
    everyone = ticked(client, f"{LEADS}?all=on")
    assert len(everyone) == 30  # of the 28 actions that an organisation leads, two jointly
    assert "(has accepted)" in page(client, LEADS).text
    one = lead_of(7, "leicester-city-growth")
    assert ticked(client, f"{LEADS}?lead={one.pk}") == [f"{one.pk}"]
    for sent, missing in (({}, {"leads", "reason"}), ({"leads": everyone}, {"reason"})):
        response = client.post(LEADS, sent | {"reason": " "})
        assert set(response.context["form"].errors) == missing
    before = PlanChange.objects.count()
    three = [one.pk, lead_of(1, "learning-skills-council").pk, lead_of(9, "universities").pk]
    response = client.post(LEADS, {"leads": [*three, "999"], "reason": "Agreed by telephone"}, follow=True)
    assert response.redirect_chain == [("/today/", 302)]
    assert "3 leads confirmed." in words(response)
    assert "1 was not confirmed because it has since been decided or declined." in words(response)
    assert PlanChange.objects.count() == before + 1
    assert {found.acceptance for found in Lead.objects.filter(pk__in=three)} == {"accepted"}
    answer = LeadAnswer.objects.get()
    assert (answer.decision, answer.decided_by, answer.decision_reason) == (
        "agreed", staff, "Agreed by telephone",
    )  # fmt: skip
    again = client.post(LEADS, {"leads": three, "reason": "Twice"}, follow=True)
    assert "Somebody else has already decided on these." in words(again)
    assert not PlanChange.objects.filter(reason="Twice").exists()


def test_a_lead_who_has_said_no_is_not_confirmed(lead: User, staff: User, client_of: ClientOf) -> None:
    client_of(lead).post(MINE, {"answer": "decline", "reason": "Closing"})
    no, client = lead_of(1, "learning-skills-council"), client_of(staff)
    assert f"{no.pk}" not in ticked(client, f"{LEADS}?all=on")
    client.post(LEADS, {"leads": [no.pk], "reason": "Yet"})
    assert lead_of(1, "learning-skills-council").is_suggested


def test_confirming_takes_the_same_few_queries_however_many_there_are(
    staff: User, client_of: ClientOf
) -> None:
    client = client_of(staff)
    before = queries_of(client, LEADS)
    more_actions(60)
    assert queries_of(client, LEADS) == before <= 12
    assert len(page(client, LEADS).all("input", type="checkbox")) == 50


@pytest.mark.parametrize(("decision", "result"), [("agreed", (2, "links")), ("refused", (None, ""))])
def test_a_proposed_baseline_and_unit_wait_for_staff(
    lead: User, staff: User, client_of: ClientOf, decision: str, result: tuple[int | None, str]
) -> None:
    measure = OutcomeMeasure.objects.get(action__number=20)
    proposal = MeasureProposal.objects.create(measure=measure, baseline=2, unit="links", asked_by=lead)
    client = client_of(staff)
    address = f"/today/proposals/{proposal.pk}/"
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
    address = f"/today/answers/{LeadAnswer.objects.get().pk}/"
    assert f"<strong>{says}</strong>" in words(client_of(staff).get(address))


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

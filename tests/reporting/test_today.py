"""Today: what needs attention, worst first, each line with the button that does it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from actions.decisions import confirm_leads
from actions.models import (
    Action,
    Lead,
    LeadAnswer,
    MeasureProposal,
    OutcomeMeasure,
    Relationship,
    UpdateQuestion,
)
from history.clock import plan_change
from outbox.models import Kind, Mail, State
from outbox.posting import post
from partners.models import Invitation, Partner, User
from reporting.models import BoardMeeting, ReportingPeriod
from reporting.not_me import say_not_me
from tests.pages import Element, more_actions, page, queries_of

pytestmark = pytest.mark.once

DAY = timedelta(days=1)


@pytest.fixture
def client(client_of: Callable[[User], Client], staff: User) -> Client:
    return client_of(staff)


def lines(found: Element, slug: str) -> list[Element]:
    """The lines of a section of the page; none where it has no such section."""
    sections = [one for one in found.all("section") if one.get("aria-labelledby") == f"today-{slug}"]
    return [line for section in sections for line in section.all("li")]


def headings(found: Element) -> list[str]:
    return [heading.text for heading in found.one("main").all("h2")]


def test_a_new_portal_asks_for_a_period_and_for_leads(client: Client) -> None:
    found = page(client, "/today/")
    assert headings(found) == [
        "Reporting period (1)", "Leads not confirmed (30)", "No organisation behind the lead (4)",
    ]  # fmt: skip
    assert "Nothing is in the calendar." in found.text
    [line] = lines(found, "periods")
    assert line.one("a")["href"] == "/periods/new/"
    assert len(lines(found, "leads")) == 10
    first = lines(found, "leads")[0]
    assert "Nobody has an account for this partner." in first.text
    assert first.all("a")[-1]["href"].startswith("/today/leads/?lead=")
    assert [line.text.split(":")[0] for line in lines(found, "organisations")] == [
        "Action 4", "Action 24", "Action 25", "Action 26",
    ]  # fmt: skip


def test_the_next_period_is_open_within_three_clicks(client: Client) -> None:
    add = lines(page(client, "/today/"), "periods")[0].one("a")["href"]  # 1
    form = next(form for form in page(client, add).all("form") if form.all("input", name="closes"))
    from tests.pages import form_data

    today = timezone.localdate()
    data = form_data(form) | {"opens": f"{today}", "due": f"{today}"}
    about = client.post(add, data)["Location"]  # 2
    opens = page(client, about).one("main").all("form")[0]["action"]
    client.post(opens)  # 3
    assert ReportingPeriod.objects.get().state == "open"


def test_who_owes_is_listed_by_partner_and_since_when(
    client: Client, lead: User, report: Any, period: ReportingPeriod
) -> None:
    said = report(1, by=lead, recorded_at=timezone.now() - 60 * DAY)
    report(31)
    found = page(client, "/today/")
    assert "Partners with updates due (15)" in headings(found)
    assert f"due by {period.due:%-d %B %Y}." in found.text
    owed = {line.text.partition(":")[0]: line for line in lines(found, "awaited")}
    assert len(owed) == 10
    everyone = page(client, "/today/awaited/")
    owed = {line.text.partition(":")[0]: line for line in everyone.one("main").all("li")[-15:]}
    assert "Creative Leicestershire" not in owed
    mine = owed["Learning & Skills Council"]
    assert f"2 updates due Last heard from on {timezone.localtime(said.recorded_at):%-d %B %Y}." in mine.text
    assert mine.all("a")[-1]["href"] == "/actions/?lead=learning-skills-council&awaited=on"
    assert "Nothing from them yet. Nobody has an account." in owed["Leicester City Growth"].text
    assert owed["Leicester City Growth"].all("a")[-1]["href"].endswith("?partner=leicester-city-growth")
    ReportingPeriod.objects.update(due=timezone.localdate() - 3 * DAY)
    found = page(client, "/today/")
    assert "Partners with overdue updates (15)" in headings(found)
    assert "3 days ago. An action with joint leads is listed under each of them." in found.text


def test_new_exceptions_are_those_since_yesterday(client: Client, report: Any) -> None:
    now = timezone.now()
    report(2, status="at-risk", recorded_at=now - 9 * DAY)
    report(3, status="at-risk", recorded_at=now - 9 * DAY)
    report(5, status="on-track", recorded_at=now - 9 * DAY)
    BoardMeeting.objects.create(name="Last", slug="last", held_on=timezone.localdate() - 5 * DAY)
    report(3, status="off-track")  # worse than at the meeting
    report(7, status="at-risk")
    found = page(client, "/today/")
    assert [line.text.split(":")[0] for line in lines(found, "exceptions")] == ["Action 3", "Action 7"]
    held_on = timezone.localdate() - 5 * DAY
    assert f"Off track; worse than on {held_on:%-d %B %Y} (At risk)" in lines(found, "exceptions")[0].text


def test_decisions_answers_and_invitations_wait_with_their_buttons(
    client: Client, staff: User, lead: User, report: Any
) -> None:
    asked = {"asked_by": lead, "asked_by_name": "Lena Lead"}
    suggested = Lead.objects.get(action__number=1)
    LeadAnswer.objects.create(lead=suggested, answer="decline", reason="Closing", **asked)
    measure = OutcomeMeasure.objects.get(action__number=20)
    MeasureProposal.objects.create(measure=measure, unit="places", baseline=40, **asked)
    UpdateQuestion.objects.create(update=report(9), text="How many?", asked_by=staff)
    UpdateQuestion.objects.create(update=report(10), text="Not answered", asked_by=staff)
    report(9)
    partner = Partner.objects.get(slug="legi")
    old = Invitation.objects.create(
        email="old@legi.example", partner=partner, invited_by=staff, expires_at=timezone.now() - DAY
    )
    Invitation.objects.create(email="new@legi.example", partner=partner, invited_by=staff)
    found = page(client, "/today/")
    first, second = lines(found, "decisions")
    assert first.text.startswith("Action 1: Learning & Skills Council does not lead this action.")
    assert "“Closing”" in first.text
    assert first.all("a")[-1].text.startswith("Decide")
    assert second.text.startswith("Action 20, measure 1: baseline 40, unit places")
    [answer] = lines(found, "answers")
    assert "Action 9, measure 1: “How many?”" in answer.text
    [invitation] = lines(found, "invitations")
    assert invitation.one("form")["action"] == f"/accounts/invitations/{old.pk}/send-again/"
    assert f"Expired on {timezone.localtime(old.expires_at):%-d %B %Y}." in invitation.text


def test_leads_who_accepted_can_be_confirmed_at_once(client: Client, lead: User) -> None:
    asked = {"asked_by": lead, "asked_by_name": "Lena Lead"}
    LeadAnswer.objects.create(lead=Lead.objects.get(action__number=1), answer="decline", reason="No", **asked)
    second = LeadAnswer.objects.create(
        lead=Lead.objects.get(action__number=7), answer="decline", reason="No", **asked
    )
    assert "Confirm leads who accepted" not in page(client, "/today/").text
    LeadAnswer.objects.filter(pk=second.pk).update(answer="accept", reason="")
    assert "Confirm leads who accepted" in page(client, "/today/").text


def test_actions_that_lack_something_are_named(client: Client) -> None:
    eight = Action.objects.get(number=8)
    with plan_change(by=None, reason="Cut"):
        Relationship.objects.filter(action=eight).delete()
        made = Action.objects.create(
            number=33, title="New one", theme=eight.theme, cluster=eight.cluster, outcome_text="?"
        )
    [first, second] = lines(page(client, "/today/"), "incomplete")
    assert "Missing: a vital few." in first.text
    assert "Missing: an outcome measure and a lead partner and a vital few." in second.text
    assert second.all("a")[-1]["href"] == f"{made.get_absolute_url()}edit/"


def test_an_empty_today_says_so_and_what_is_next(
    client: Client, staff: User, period: ReportingPeriod, report: Any
) -> None:
    for measure in OutcomeMeasure.objects.select_related("action"):
        report(measure.action.number, measure.order)
    organisation = Partner.objects.create(name="Acme", slug="acme", order=99)
    with plan_change(by=staff, reason="Settled"):
        for action in Action.objects.filter(number__in=(4, 24, 25, 26)):
            Lead.objects.create(action=action, partner=organisation, order=9)
    confirm_leads(leads=Lead.objects.values_list("pk", flat=True), reason="All agreed", by=staff)
    text = page(client, "/today/").one("main").text
    assert "Nothing needs your attention today. Next: updates for Autumn round are due on" in text
    assert "in 10 days" in text
    with plan_change(by=None, reason="x"):
        BoardMeeting.objects.create(name="Winter", slug="winter", held_on=timezone.localdate() + DAY)
    assert "Next: the board meets (Winter) on" in page(client, "/today/").text


def test_a_period_that_is_over_is_closed_and_the_next_one_waits(
    client: Client, period: ReportingPeriod
) -> None:
    today = timezone.localdate()
    ReportingPeriod.objects.update(due=today - 3 * DAY, closes=today - DAY)
    ReportingPeriod.objects.create(name="Winter", slug="winter", opens=today, due=today, closes=today)
    over, begins = lines(page(client, "/today/"), "periods")
    assert over.all("a")[-1]["href"] == "/periods/autumn-round/close/"
    assert "Close Autumn round first." in begins.text
    ReportingPeriod.objects.filter(slug="autumn-round").update(closed_at=timezone.now())
    [begins] = lines(page(client, "/today/"), "periods")
    assert begins.one("form")["action"] == "/periods/winter/open/"


def test_today_takes_the_same_few_queries_however_large_the_plan(
    client: Client, period: ReportingPeriod, report: Any
) -> None:
    report(3, status="off-track"), report(2, status="at-risk")
    before = queries_of(client, "/today/")
    more_actions(200)
    assert queries_of(client, "/today/") == before <= 55
    for section in page(client, "/today/").all("ul", css="today__lines"):
        assert len(section.all("li")) <= 10


@pytest.mark.parametrize("who", ["lead", "board"])
def test_others_have_no_link_to_it(
    request: pytest.FixtureRequest, client_of: Callable[[User], Client], who: str
) -> None:
    nav = page(client_of(request.getfixturevalue(who)), "/").one("nav", aria_label="Portal")
    assert not {"/today/", "/meetings/", "/periods/"} & {link["href"] for link in nav.all("a")}


def test_an_email_that_failed_and_an_answer_to_a_reminder_wait_for_a_hand(
    client: Client, lead: User, period: ReportingPeriod
) -> None:
    measure = OutcomeMeasure.objects.get(action__number=1)
    say_not_me(measure_id=measure.pk, hand_to="Nina of Retail", note="She runs it now.", by=lead)
    mail = post(kind=Kind.REMINDER, to="gone@x.example", subject="Due", text="Please")
    Mail.objects.update(state=State.FAILED, why="The mailbox does not exist.", tried_at=timezone.now())
    found = page(client, "/today/")
    [line] = lines(found, "mails")
    assert "gone@x.example: failed" in line.text
    assert "The mailbox does not exist." in line.text
    assert mail
    assert line.one("form")["action"] == f"/outbox/{mail.pk}/send-again/"
    [line] = lines(found, "not-me")
    assert f"{lead.name} says somebody else should submit the updates on action 1" in line.text
    assert "They suggest Nina of Retail. “She runs it now.”" in line.text
    assert line.all("a")[-1]["href"] == f"/periods/{period.slug}/remind/"

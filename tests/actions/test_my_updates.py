"""What is due from me, no change since last time, and all done."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from actions.models import Lead, LeadAnswer, ProgressUpdate
from partners.models import Partner, User
from reporting.models import ReportingPeriod
from tests.clock import days_ago
from tests.pages import more_actions, page, queries_of

pytestmark = [pytest.mark.once, pytest.mark.django_db]
ClientOf = Callable[[User], Client]
Report = Callable[..., ProgressUpdate]


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def numbers(response: Any, part: str) -> list[int]:
    return [one.row.action.number for one in response.context[part]]


def long_ago() -> Any:
    return days_ago(100)


def test_due_stands_worst_and_longest_silent_first_then_the_rest(
    other_joint_lead: User, client_of: ClientOf, report: Report, period: ReportingPeriod
) -> None:
    report(5, status="on-track", recorded_at=long_ago() - timedelta(days=9))
    report(6, status="on-track", recorded_at=long_ago())
    report(7, status="off-track", recorded_at=long_ago())
    report(8, status="on-track", recorded_at=days_ago(1))
    report(16, status="complete", recorded_at=long_ago())
    page = client_of(other_joint_lead).get("/updates/")
    assert numbers(page, "due") == [7, 2, 4, 9, 18, 23, 23, 28, 29, 5, 6]
    assert numbers(page, "rest") == [8, 16]
    assert "11 updates are due by" in words(page)
    assert "10 days left" in words(page)


def test_overdue_is_said_with_its_days(lead: User, client_of: ClientOf, period: ReportingPeriod) -> None:
    ReportingPeriod.objects.update(due=timezone.localdate() - timedelta(days=3))
    page = words(client_of(lead).get("/updates/"))
    assert "overdue by 3 days" in page
    assert page.count('<span class="flag">Update overdue</span>') == 3


def test_the_last_day_is_said(lead: User, client_of: ClientOf, period: ReportingPeriod) -> None:
    ReportingPeriod.objects.update(due=timezone.localdate())
    assert "are due today" in words(client_of(lead).get("/updates/"))


def test_a_joint_lead_sees_whether_the_other_has_reported_and_either_serves(
    joint_lead: User, other_joint_lead: User, client_of: ClientOf, report: Report, period: ReportingPeriod
) -> None:
    before = words(client_of(joint_lead).get("/updates/"))
    assert "Also led by Leicester City Growth: either partner’s update counts for both." in before
    report(9, by=other_joint_lead, on_behalf_of=Partner.objects.get(slug="leicester-city-growth"))
    page = client_of(joint_lead).get("/updates/")
    assert 9 not in numbers(page, "due")
    assert "Also led by Leicester City Growth: either partner’s update counts for both." in words(page)


def test_the_action_of_all_stands_on_every_leads_list_marked_as_shared(
    stranger: User, client_of: ClientOf, period: ReportingPeriod
) -> None:
    page = client_of(stranger).get("/updates/")
    assert numbers(page, "due") == [4, 31]
    assert words(page).count("Led by all partners") == 1


def test_without_a_period_nothing_is_due_and_one_may_report(lead: User, client_of: ClientOf) -> None:
    page = client_of(lead).get("/updates/")
    assert "<strong>Nothing is due.</strong> No reporting period is open" in words(page)
    assert numbers(page, "rest") == [1, 4, 20]


def test_all_done_says_when_the_next_period_opens(
    stranger: User, client_of: ClientOf, report: Report, period: ReportingPeriod
) -> None:
    report(4), report(31)
    assert "City Growth has not set the next period yet" in words(client_of(stranger).get("/updates/"))
    opens = timezone.localdate() + timedelta(days=50)
    ReportingPeriod.objects.create(
        name="Winter", slug="winter", opens=opens, due=opens + timedelta(30), closes=opens + timedelta(60)
    )
    page = words(client_of(stranger).get("/updates/"))
    assert "All done, thank you" in page
    assert f"The next period, Winter, opens on {opens:%-d %B %Y}." in page


@pytest.mark.parametrize(
    ("who", "says"),
    [("staff", "staff have no updates of their own"), ("board", "Board members do not submit")],
)
def test_who_does_not_report_is_told_so(
    request: pytest.FixtureRequest, client_of: ClientOf, who: str, says: str
) -> None:
    assert says in words(client_of(request.getfixturevalue(who)).get("/updates/"))


def test_a_lead_without_a_partner_is_told_so(lead: User, client_of: ClientOf) -> None:
    lead.partners.clear()
    assert "You are not linked to a partner" in words(client_of(lead).get("/updates/"))


# No change since last time


def sent(one: Any) -> dict[str, Any]:
    return {"seen": one.row.update.pk, "once_key": one.once_key}


def test_no_change_files_a_dated_report_that_repeats_the_status(
    lead: User, client_of: ClientOf, report: Report, period: ReportingPeriod
) -> None:
    report(1, status="not-started", recorded_at=long_ago())
    client = client_of(lead)
    mine = next(one for one in client.get("/updates/").context["due"] if one.can_repeat)
    client.post("/actions/1/measures/1/no-change/", sent(mine))
    update = ProgressUpdate.objects.newest_first()[0]
    assert (update.status, update.no_change, update.comment, update.author) == ("not-started", True, "", lead)
    assert update.recorded_at > timezone.now() - timedelta(minutes=1)
    page = client.get("/updates/")
    assert 1 in numbers(page, "rest")
    client.post("/actions/1/measures/1/no-change/", sent(mine))  # a double click
    assert ProgressUpdate.objects.count() == 2


@pytest.mark.parametrize("status", ["at-risk", "off-track", "complete"])
def test_no_change_is_neither_offered_nor_taken_where_words_are_needed(
    lead: User, client_of: ClientOf, report: Report, period: ReportingPeriod, status: str
) -> None:
    seen = report(1, status=status, recorded_at=long_ago())
    client = client_of(lead)
    page = client.get("/updates/")
    assert not any(one.can_repeat for one in [*page.context["due"], *page.context["rest"]])
    response = client.post(
        "/actions/1/measures/1/no-change/", {"seen": seen.pk, "once_key": "r" * 32}, follow=True
    )
    assert "Action 1 needs a comment. Nothing was submitted: fill in the form." in words(response)
    assert ProgressUpdate.objects.count() == 1


def test_no_change_is_not_offered_before_anything_was_said(
    lead: User, client_of: ClientOf, period: ReportingPeriod
) -> None:
    client = client_of(lead)
    assert not client.get("/updates/").context["repeatable"]
    client.post("/actions/1/measures/1/no-change/", {"seen": "", "once_key": "r" * 32})
    assert not ProgressUpdate.objects.exists()


def test_no_change_after_somebody_reported_submits_nothing_and_says_so(
    joint_lead: User, client_of: ClientOf, report: Report, period: ReportingPeriod
) -> None:
    report(9, recorded_at=long_ago())
    client = client_of(joint_lead)
    mine = next(one for one in client.get("/updates/").context["due"] if one.can_repeat)
    report(9, comment="Theirs")
    response = client.post("/actions/9/measures/1/no-change/", sent(mine), follow=True)
    assert "Action 9 was updated after you opened the page. Nothing was submitted" in words(response)
    assert ProgressUpdate.objects.count() == 2


def test_no_change_on_all_files_one_report_each_and_leaves_what_changed(
    other_joint_lead: User, client_of: ClientOf, report: Report, period: ReportingPeriod
) -> None:
    for number, status in (
        (5, "on-track"),
        (6, "not-started"),
        (7, "on-track"),
        (8, "at-risk"),
        (16, "on-track"),
    ):
        report(number, status=status, recorded_at=long_ago())
    client = client_of(other_joint_lead)
    offered = client.get("/updates/").context["repeatable"]
    assert [one.row.action.number for one in offered] == [6, 5, 7, 16]
    sent_all = {"update": [f"{one.row.id}:{one.row.update.pk}:{one.once_key}" for one in offered]}
    report(7, comment="Changed since", recorded_at=timezone.now())
    response = client.post("/updates/no-change/", sent_all, follow=True)
    assert "3 updates submitted" in words(response)
    assert [row.action.number for row in response.context["submitted"]] == [5, 6, 16]
    assert "Not submitted: Action 7 (updated after you opened the page)." in words(response)
    assert ProgressUpdate.objects.filter(no_change=True).count() == 3
    client.post("/updates/no-change/", sent_all)
    assert ProgressUpdate.objects.filter(no_change=True).count() == 3


@pytest.mark.parametrize("forged", ["", "x", "1:2:3", "1::" + "k" * 32, "999:1:" + "k" * 32])
def test_no_change_on_all_takes_nothing_forged(
    lead: User, stranger: User, client_of: ClientOf, report: Report, period: ReportingPeriod, forged: str
) -> None:
    theirs = report(31, recorded_at=long_ago())
    for item in (forged, f"{theirs.measure_id}:{theirs.pk}:{'k' * 32}"):
        response = client_of(lead).post("/updates/no-change/", {"update": item}, follow=True)
        assert "Not submitted: " in words(response)
    assert "Not submitted: a measure you cannot update." in words(response)
    assert ProgressUpdate.objects.count() == 1


def test_no_change_on_all_says_why_each_is_left_out(
    other_joint_lead: User, client_of: ClientOf, report: Report, period: ReportingPeriod
) -> None:
    for number in (5, 6, 7):
        report(number, status="on-track", recorded_at=long_ago())
    troubled = report(8, status="at-risk", recorded_at=long_ago())
    client = client_of(other_joint_lead)
    offered = client.get("/updates/").context["repeatable"]
    sent_all = [f"{one.row.id}:{one.row.update.pk}:{one.once_key}" for one in offered]
    forged = f"{troubled.measure_id}:{troubled.pk}:{'k' * 32}"
    report(7, comment="Changed since", recorded_at=timezone.now())
    ReportingPeriod.objects.update(closed_at=timezone.now())
    response = client.post("/updates/no-change/", {"update": [*sent_all, forged]}, follow=True)
    assert (
        "Not submitted: Action 5 (no update is due), Action 6 (no update is due), "
        "Action 7 (updated after you opened the page), Action 8 (needs a comment)."
    ) in words(response)
    assert not ProgressUpdate.objects.filter(no_change=True).exists()


def test_a_board_member_presses_no_button(board: User, client_of: ClientOf) -> None:
    assert client_of(board).post("/updates/no-change/").status_code == 403


def test_the_list_asks_the_same_few_things_however_long_it_is(
    lead: User, other_joint_lead: User, client_of: ClientOf, report: Report, period: ReportingPeriod
) -> None:
    report(1), report(5), report(6)
    counts = [queries_of(client_of(user), "/updates/") for user in (lead, other_joint_lead)]
    assert counts[0] == counts[1] <= 21, counts
    more_actions(200)
    assert queries_of(client_of(other_joint_lead), "/updates/") == counts[1]


# After submitting


def submit(client: Client, number: int, **fields: Any) -> Any:
    sent = {"status": "on-track", "comment": "Going well", "once_key": "k" * 32} | fields
    return client.post(f"/actions/{number}/measures/1/update/", sent)


def test_a_submitted_update_is_shown_as_the_board_will_see_it_and_survives_a_reload(
    lead: User, joint_lead: User, client_of: ClientOf, report: Report, period: ReportingPeriod
) -> None:
    client = client_of(lead)
    shown = submit(client, 4, status="off-track", comment="Stuck", board_request="An officer")["Location"]
    measure = ProgressUpdate.objects.get().measure
    for _ in range(2):
        page = words(client.get(shown)).split('<section class="submitted"')[1].split("</section>")[0]
        assert "Update submitted" in page
        assert f"Action 4: {escape(measure.action.title)}" in page
        for words_of_it in (measure.text, "Off track", "Stuck", "Needed from the board:</strong> An officer"):
            assert words_of_it in page
        assert f"{timezone.localdate():%-d %B %Y}, Lena Lead, Learning &amp; Skills Council" in page
    assert not client_of(joint_lead).get(shown).context["submitted"]  # somebody else's
    report(4, comment="Theirs", by=joint_lead)
    assert not client.get(shown).context["submitted"]  # the board sees another update by now


@pytest.mark.parametrize("query", ["submitted=", "submitted=x", "submitted=99999", "submitted=1&submitted=x"])
def test_an_address_made_by_hand_shows_no_update(lead: User, client_of: ClientOf, query: str) -> None:
    assert not client_of(lead).get(f"/updates/?{query}").context["submitted"]


def test_the_measures_own_words_come_first_with_a_link_to_the_action(
    lead: User, client_of: ClientOf, report: Report, period: ReportingPeriod
) -> None:
    report(1, comment="Two key people have left", recorded_at=long_ago() - timedelta(days=5))
    same = report(1, comment="", no_change=True, recorded_at=long_ago())
    page = words(client_of(lead).get("/updates/"))
    card = page.split('<li class="panel my-measure">')[-1]
    text = same.measure.text
    assert card.index(text) < card.index('<a href="/actions/1/">Action 1: ') < card.index("Two key people")
    day = f"{timezone.localtime(same.recorded_at):%-d %B %Y}"
    assert f"“Two key people have left” (confirmed unchanged {day})" in card
    assert f"Last updated {day} by Sam Staff (City Growth staff), for Learning &amp; Skills Council" in card


def test_staff_find_what_is_overdue_and_their_drafts(
    staff: User, lead: User, client_of: ClientOf, period: ReportingPeriod
) -> None:
    ReportingPeriod.objects.update(due=timezone.localdate() - timedelta(days=3))
    client = client_of(staff)
    client_of(lead).post("/actions/1/measures/1/update/", {"comment": "Theirs", "do": "draft"})
    response = client.post("/actions/7/measures/1/update/", {"comment": "Half", "do": "draft"}, follow=True)
    page = words(response)
    assert '<h1 class="govuk-heading-l">Updates for partners</h1>' in page
    assert 'href="/actions/?overdue=on">Update overdue: 32 actions</a>' in page
    assert [draft.measure.action.number for draft in response.context["drafts"]] == [7]
    assert "/actions/7/measures/1/update/" in page


# The leads that the framework suggests


def test_a_lead_says_yes_to_all_suggested_actions_at_once(
    lead: User, stranger: User, client_of: ClientOf
) -> None:
    client = client_of(lead)
    found = client.get("/updates/")
    assert [one.action.number for one in found.context["suggested"]] == [1, 20]
    assert "Yes, we lead all 2" in words(found)
    assert "/actions/20/leads/learning-skills-council/" in words(found)
    keys = [one.row_id for one in found.context["suggested"]]
    theirs = Lead.objects.get(action__number=31).pk
    client.post("/actions/20/leads/learning-skills-council/", {"answer": "decline", "reason": "Not us"})
    response = client.post("/updates/leads/", {"lead": [*keys, theirs, "x", "9" * 30]}, follow=True)
    assert "Response sent for 1 action. City Growth will decide who leads it." in words(response)
    assert not response.context["suggested"]
    answers = LeadAnswer.objects.order_by("lead__action__number")
    assert [(one.lead.action.number, one.answer, one.asked_by) for one in answers] == [
        (1, "accept", lead),
        (20, "decline", lead),
    ]
    again = client.post("/updates/leads/", {"lead": keys}, follow=True)
    assert "Nothing was sent: there is already a response for each of these." in words(again)
    assert client_of(stranger).get("/updates/").context["suggested"]


def test_after_the_last_update_a_lead_sees_what_the_board_will_see(
    stranger: User, client_of: ClientOf, report: Report, period: ReportingPeriod
) -> None:
    client = client_of(stranger)
    report(4, status="off-track", comment="Nobody has time", next_step="An officer")
    assert "What the board will see" not in words(client.get("/updates/"))
    report(31, comment="Five studios let")
    table = page(client, "/updates/").by_id("board-rows")
    section = next(one for one in page(client, "/updates/").all("section") if table.text in one.text)
    rows = [row.text for row in section.one("tbody").all("tr")]
    assert [row.split()[1] for row in rows] == ["4", "31"]
    assert "Off track" in rows[0]
    assert "Nobody has time Needed from the board: An officer" in rows[0]
    assert "On track" in rows[1]
    assert "Five studios let" in rows[1]

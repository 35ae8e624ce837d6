"""Reporting periods are opened, closed and reopened by staff on their own pages, with what a closing needs to see."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from history import clock
from history.models import PlanChange
from partners.models import User
from reporting.answers import answers_by_leads, answers_by_partner, with_people
from reporting.calendar import plan_at
from reporting.models import BoardMeeting, PublishedPaper, ReportingPeriod, ReportingPeriodVersion
from reporting.periods import PeriodRefused, close_period, closings, reopen_period
from tests.clock import days_ago
from tests.pages import more_actions, page, queries_of

pytestmark = pytest.mark.once

NOTE = "The board is asked to look at the two red actions first."


@pytest.fixture
def client(client_of: Callable[[User], Client], staff: User) -> Client:
    return client_of(staff)


@pytest.fixture
def planned(period: ReportingPeriod) -> ReportingPeriod:
    """The period that begins today; the last day of the one before is over, and it is open all the same."""
    today = timezone.localdate()
    ReportingPeriod.objects.update(due=today - timedelta(days=3), closes=today - timedelta(days=1))
    period.refresh_from_db()
    return ReportingPeriod.objects.create(
        name="Winter round",
        slug="winter-round",
        opens=today,
        due=today + timedelta(days=60),
        closes=today + timedelta(days=90),
    )


@pytest.fixture
def meeting(framework: None) -> BoardMeeting:
    """The next one: three weeks from now."""
    return BoardMeeting.objects.create(
        name="Winter meeting", slug="winter", held_on=timezone.localdate() + timedelta(days=21)
    )


def do(client: Client, what: str, period: ReportingPeriod, **typed: Any) -> list[str]:
    """What the portal says after this deed."""
    response = client.post(f"/periods/{period.slug}/{what}/", typed)
    assert response.status_code == 302
    return [str(message) for message in get_messages(response.wsgi_request)]


def state(period: ReportingPeriod) -> str:
    period.refresh_from_db()
    return period.state


def test_staff_open_a_period_and_the_history_says_who(
    client: Client, staff: User, period: ReportingPeriod, planned: ReportingPeriod
) -> None:
    close_period(period=period, reason="Over", by=staff)
    assert do(client, "open", planned) == ["Winter round is open."]
    assert state(planned) == "open"
    version = ReportingPeriodVersion.objects.open().get(row_id=planned.pk)
    assert version.change is not None
    assert (version.change.by, version.change.reason) == (staff, "Winter round opened")


def test_a_period_opens_on_its_day_and_not_before(
    client: Client, staff: User, period: ReportingPeriod, planned: ReportingPeriod
) -> None:
    close_period(period=period, reason="Over", by=staff)
    tomorrow = timezone.localdate() + timedelta(days=1)
    ReportingPeriod.objects.filter(pk=planned.pk).update(opens=tomorrow)
    [said] = do(client, "open", planned)
    assert said == f"Winter round opens on {tomorrow:%-d %B %Y}. To open it earlier, change that date first."
    assert state(planned) == "planned"


def test_a_second_period_is_not_opened_beside_an_open_one(client: Client, planned: ReportingPeriod) -> None:
    assert do(client, "open", planned) == [
        "Winter round was not opened: another period is open. Close that first."
    ]
    assert state(planned) == "planned"
    assert not PlanChange.objects.filter(reason="Winter round opened").exists()


def test_closing_shows_who_is_silent_and_which_comments_to_look_at_again(
    client: Client, period: ReportingPeriod, report: Any
) -> None:
    enough = "The working group met twice and agreed on every one of the next steps."
    report(9, 1, "on-track", comment=enough)
    report(10, 1, "on-track", comment="Going well")
    report(11, 1, "at-risk", comment=enough, next_step="Soon")
    report(12, 1, "off-track", comment=enough, next_step="Money")
    report(13, 1, "on-track", comment=enough, recorded_at=days_ago(60))
    report(13, 1, "on-track", comment=enough)
    found = page(client, "/periods/autumn-round/close/")
    silent, weak = found.one("main").all("ul", css="paper-silent")
    assert [item.text.partition(":")[0] for item in silent.all("li")] == [
        f"Action {n}, measure {m}" if n == 23 else f"Action {n}"
        for n in range(1, 33)
        if n not in (9, 10, 11, 12, 13)
        for m in ((1, 2) if n == 23 else (1,))
    ]
    said = {item.one("a").text: item.text for item in weak.all("li")}
    assert set(said) == {"Action 10", "Action 11", "Action 12", "Action 13"}
    assert "is under 40 characters" in said["Action 10"]
    assert "has no recovery step, or a very short one" in said["Action 11"]
    assert "does not say what is needed from the board" in said["Action 12"]
    assert "repeats the comment before it" in said["Action 13"]
    assert state(period) == "open"


def test_closing_asks_why_and_keeps_what_was_typed(
    client: Client, period: ReportingPeriod, meeting: BoardMeeting
) -> None:
    typed = {"meeting": meeting.pk, "note": NOTE, "reason": " "}
    response = client.post("/periods/autumn-round/close/", typed)
    assert response.status_code == 422
    assert NOTE in response.content.decode()
    assert "Enter a reason." in response.content.decode()
    assert state(period) == "open"


def test_a_covering_note_needs_a_meeting(client: Client, period: ReportingPeriod) -> None:
    typed = {"meeting": "", "note": NOTE, "reason": "Over"}
    response = client.post("/periods/autumn-round/close/", typed)
    assert response.status_code == 422
    assert "Choose the meeting that the covering note is for." in response.content.decode()


def test_closing_fixes_the_moment_behind_every_update_and_publishes_the_paper(
    client: Client, staff: User, period: ReportingPeriod, meeting: BoardMeeting, report: Any
) -> None:
    report(9)
    last = report(10)
    said = do(client, "close", period, meeting=meeting.pk, note=NOTE, reason="It is over")
    assert said == ["Autumn round is closed, and its paper is published."]
    period.refresh_from_db()
    assert period.closed_at is not None
    assert period.meeting == meeting
    assert last.recorded_at < period.closed_at < report(11).recorded_at
    paper = PublishedPaper.objects.get()
    assert (paper.moment, paper.version, paper.published_by) == (period.closed_at, 1, staff)
    assert paper.published_by_name == "Sam Staff"
    after, before = ReportingPeriodVersion.objects.filter(row_id=period.pk).order_by("-known_from")[:2]
    assert (before.state, after.state) == ("open", "closed")
    assert after.change is not None
    assert (after.change.by, after.change.reason) == (staff, "It is over")
    then = plan_at(period.closed_at)
    assert then.calendar.period is not None  # the paper is of the period as it was: still open
    assert then.counts().by_rank[4] == 2  # and the third update is not in it


def test_closing_twice_is_refused(client: Client, staff: User, period: ReportingPeriod) -> None:
    close_period(period=period, reason="Over", by=staff)
    stale = ReportingPeriod.objects.get(pk=period.pk)
    stale.closed_at = None
    with pytest.raises(PeriodRefused, match=r"Autumn round is closed\. Only a period that is open"):
        close_period(period=stale, reason="Again", by=staff)
    assert do(client, "close", period, reason="Again") == [
        "Autumn round is closed. Only a period that is open can be closed."
    ]
    assert len(closings()) == 1
    assert not PlanChange.objects.filter(reason="Again").exists()


def test_reopening_says_why_and_the_next_closing_is_version_2(
    client: Client, staff: User, period: ReportingPeriod, report: Any
) -> None:
    do(client, "close", period, reason="It is over")
    assert client.post("/periods/autumn-round/reopen/", {"reason": ""}).status_code == 422
    assert do(client, "reopen", period, reason="A late correction") == [
        "Autumn round is open again. Its published paper stays."
    ]
    report(9, 1, "off-track")
    do(client, "close", period, reason="Over at last")
    first, second = PublishedPaper.objects.order_by("version")
    assert (first.version, second.version) == (1, 2)
    assert first.pdf_sha256 != second.pdf_sha256
    found = page(client, "/board/")
    assert "Autumn round, version 2" in found.text
    version = ReportingPeriodVersion.objects.get(change__reason="A late correction")
    assert version.change is not None
    assert version.change.by == staff


def test_a_period_is_not_reopened_beside_an_open_one(
    client: Client, staff: User, period: ReportingPeriod, planned: ReportingPeriod
) -> None:
    close_period(period=period, reason="Over", by=staff)
    do(client, "open", planned)
    with pytest.raises(PeriodRefused, match="another period is open"):
        reopen_period(period=ReportingPeriod.objects.get(pk=period.pk), reason="Late", by=staff)
    assert state(period) == "closed"


def test_the_list_and_each_period_say_how_they_stand(
    client: Client, period: ReportingPeriod, planned: ReportingPeriod
) -> None:
    rows = [row.text for row in page(client, "/periods/").one("tbody").all("tr")]
    assert [row.split()[0] for row in rows] == ["Winter", "Autumn"]
    assert "Planned" in rows[0]
    assert "Open" in rows[1]
    found = page(client, "/periods/autumn-round/")
    assert found.all("h2")[0].text == "Who has submitted an update"
    assert page(client, "/periods/winter-round/").one("button", css="govuk-button").text == "Open this period"
    clock.settle(clock.now())


def test_an_open_period_shows_who_has_answered_by_partner_and_by_person(
    client: Client, lead: User, joint_lead: User, other_joint_lead: User, period: ReportingPeriod, report: Any
) -> None:
    before = days_ago(60)
    report(20, by=lead, recorded_at=before)
    report(7, 1, "complete", recorded_at=before)  # not asked for
    report(1, by=lead)
    report(20, by=lead, comment="", no_change=True)
    report(9, by=joint_lead)
    signed_in = days_ago(40)
    User.objects.update(last_login=None)
    User.objects.filter(pk=other_joint_lead.pk).update(last_login=signed_in)
    found = page(client, "/periods/autumn-round/")
    assert [tile.text.split()[0] for tile in found.all(css="counts__tile")] == ["2", "1", "29"]
    partners, people = (
        {row.one("th").text: [cell.text for cell in row.all("td")] for row in body.all("tr")}
        for body in found.all("tbody")
    )
    assert partners["Learning & Skills Council"] == ["2", "1", "1", "0", "1 person"]
    assert partners["Leicester City Growth"][:3] == ["11", "1", "0"]  # a joint lead's update counts for both
    assert partners["Leicester City Growth"][3].startswith("10")
    assert partners["LEGI"][4] == "Nobody: invite someone for LEGI"
    assert partners["All"][4] == "Every lead"
    assert sum(int(cells[0]) for cells in partners.values()) == 34
    never = ["Never", "–"]
    assert people["Lena Lead"] == ["Learning & Skills Council", "2", "0", *never]
    assert people["Uma University"] == ["Universities", "1", "1", *never]
    day = f"{timezone.localtime(signed_in):%-d %B %Y}"
    assert people["Gus Growth"] == ["Leicester City Growth", "0", "10", day, "–"]


def test_when_people_were_reminded_is_handed_in(lead: User, period: ReportingPeriod) -> None:
    plan, moment = plan_at(), timezone.now()
    rows = answers_by_partner(plan, answers_by_leads(plan))
    [one] = with_people(plan, rows, {lead.pk: moment})
    assert (one.person, one.last_reminded) == (lead, moment)


def test_an_open_period_takes_the_same_few_queries_however_large_the_plan(
    client: Client, lead: User, joint_lead: User, period: ReportingPeriod, report: Any
) -> None:
    report(1), report(9)
    before = {address: queries_of(client, address) for address in ("/periods/autumn-round/", "/periods/")}
    more_actions(100)
    assert {address: queries_of(client, address) for address in before} == before
    assert before["/periods/"] <= 10
    assert before["/periods/autumn-round/"] <= 60
    close = page(client, "/periods/autumn-round/close/")
    assert len(close.one("main").all("ul", css="paper-silent")[0].all("li")) == 50
    assert "All 134 outcome measures without an update" in close.text

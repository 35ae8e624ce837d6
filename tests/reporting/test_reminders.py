"""Reminders by the calendar: who gets what and when, and who is left."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from actions.models import Lead, OutcomeMeasure
from history.clock import plan_change, start_of
from outbox.models import Kind, Mail, State
from partners.models import User
from reporting.calendar import plan_at
from reporting.models import ReportingPeriod
from reporting.not_me import decide, open_answers, say_not_me
from reporting.periods import close_period
from reporting.reminders import last_reminded, plan_reminders
from reporting.reminders.owing import owing
from reporting.reminders.planned import SUBMITTED
from reporting.reminders.stages import stage_on, stages_of
from tests.clock import days_ago, recorded_at
from tests.conftest import person
from tests.pages import page


@pytest.fixture
def period(period: ReportingPeriod) -> ReportingPeriod:
    """Opened yesterday, due in 29 days."""
    today = timezone.localdate()
    days = {"opens": -1, "due": 29, "closes": 59}
    dates = {name: today + timedelta(days=count) for name, count in days.items()}
    opened_at = days_ago(1)
    with recorded_at(opened_at):
        ReportingPeriod.objects.update(**dates, opened_at=opened_at)
    period.refresh_from_db()
    return period


def send_mail(*arguments: str) -> str:
    out = StringIO()
    call_command("send_mail", *arguments, stdout=out)
    return out.getvalue()


def at(period: ReportingPeriod, days: int) -> datetime:
    """Noon, this many days after the due date."""
    return start_of(period.due + timedelta(days=days)) + timedelta(hours=12)


def reminded(period: ReportingPeriod, days: int) -> list[str]:
    """Who a run at that time reminds."""
    mail.outbox.clear()
    send_mail(f"--now={timezone.localtime(at(period, days)):%Y-%m-%dT%H:%M}")
    return [message.to[0] for message in mail.outbox if "Nobody to remind" not in message.subject]


def all_done(report: Any, *numbers: int) -> None:
    for measure in OutcomeMeasure.objects.exclude(action__number__in=numbers).select_related("action"):
        report(measure.action.number, measure.order)


def test_the_stages_of_a_period(period: ReportingPeriod) -> None:
    days = {stage.name: (stage.day - period.due).days for stage in stages_of(period)}
    assert days == {"opening": -30, "21-before": -21, "7-before": -7, "1-before": -1, "after": 1}
    ends = [stage.ends for stage in stages_of(period)]
    assert ends[0] == start_of(period.due - timedelta(days=21))
    assert stage_on(period, period.due).name == "1-before"  # type: ignore[union-attr]
    assert stage_on(period, period.opens - timedelta(days=1)) is None
    period.opened_at = at(period, -9)  # opened late: nothing before that is made up for
    assert [stage.name for stage in stages_of(period)] == ["opening", "7-before", "1-before", "after"]


def test_each_stage_reminds_once_and_a_missed_one_is_not_made_up_for(
    period: ReportingPeriod, lead: User, report: Any
) -> None:
    all_done(report, 1, 20)
    assert reminded(period, -29) == [lead.email]
    assert reminded(period, -29) == []
    assert reminded(period, -6) == [lead.email]  # two stages later, one e-mail
    assert reminded(period, -6) == []
    assert reminded(period, 20) == [lead.email]
    assert reminded(period, 30) == []
    assert Mail.objects.filter(kind=Kind.REMINDER).count() == 3


def test_a_reminder_lists_all_that_is_theirs_and_leads_to_each_form(
    period: ReportingPeriod, lead: User, report: Any, client: Client
) -> None:
    report(1, 1, "at-risk", by=lead, recorded_at=at(period, -60))
    assert reminded(period, -7) == [lead.email]
    [message] = [one for one in mail.outbox if one.to == [lead.email]]
    due = f"{period.due:%A} {period.due.day} {period.due:%B %Y}"
    assert message.subject == f"3 updates due by {period.due.day} {period.due:%B} for Autumn round"
    assert f"3 updates for Autumn round are due on {due}, in 7 days." in message.body
    html = str(message.alternatives[0][0])
    for action in (1, 20, 4):
        measure = OutcomeMeasure.objects.select_related("action").get(action__number=action, order=1)
        for text in (message.body, html.replace("&#x27;", "'").replace("&amp;", "&")):
            assert measure.text in text
            assert f"Action {action}: {measure.action.title}" in text
            assert f"http://testserver/actions/{action}/measures/1/update/" in text
            assert f"http://testserver/actions/{action}/measures/1/not-me/" in text
            assert "http://testserver/updates/" in text
    assert "Last update: At risk, " in message.body
    assert message.body.count("No update has been submitted yet.") == 2
    assert "led by all partners: one update counts for everyone" in message.body
    # the link signs nobody in, and is where sign-in leads
    asked = client.get("/actions/20/measures/1/update/")
    assert asked["Location"] == "/accounts/login/?next=/actions/20/measures/1/update/"


def test_joint_leads_are_both_reminded_and_both_are_done_with_one_update(
    period: ReportingPeriod, joint_lead: User, other_joint_lead: User, report: Any
) -> None:
    all_done(report, 9)
    assert reminded(period, -7) == [other_joint_lead.email, joint_lead.email]
    report(9, 1, by=joint_lead)
    assert reminded(period, 1) == []


def test_what_all_partners_lead_is_a_reason_of_its_own_at_opening_and_the_day_before_it_is_due(
    period: ReportingPeriod, lead: User, stranger: User, report: Any
) -> None:
    all_done(report, 4)
    found = {days: reminded(period, days) for days in (-29, -20, -7, -1, 1)}
    both = [stranger.email, lead.email]
    assert found == {-29: both, -20: [], -7: [], -1: both, 1: []}


def test_a_reminder_that_waits_is_withdrawn_once_everything_is_submitted(
    period: ReportingPeriod, lead: User, report: Any
) -> None:
    all_done(report, 1)
    plan_reminders(plan_at(), at(period, -7))
    report(1, 1)
    assert reminded(period, -7) == []
    waiting = Mail.objects.get(kind=Kind.REMINDER)
    assert (waiting.state, waiting.why) == (State.WITHDRAWN, SUBMITTED)


def test_without_an_open_period_nobody_is_reminded_and_what_waits_is_withdrawn(
    framework: None, lead: User, staff: User, period: ReportingPeriod
) -> None:
    plan_reminders(plan_at(), at(period, -7))
    close_period(period=period, reason="Over", by=staff)
    said = send_mail()
    assert "No reporting period is open" in said
    assert not mail.outbox
    assert set(Mail.objects.values_list("state", flat=True)) == {State.WITHDRAWN}


def test_nobody_is_reminded_twice_within_a_day(period: ReportingPeriod, lead: User, report: Any) -> None:
    all_done(report, 1)
    assert reminded(period, -10) == [lead.email]
    Mail.objects.update(made_at=at(period, -7) - timedelta(hours=3))
    assert reminded(period, -7) == []
    assert reminded(period, -6) == [lead.email]
    assert set(last_reminded(plan_at(at(period, 30)), period)) == {lead.pk}


def test_staff_get_one_summary_of_what_nobody_can_be_reminded_of(
    period: ReportingPeriod, lead: User, staff: User, report: Any
) -> None:
    all_done(report, 1, 2, 20)
    with plan_change(by=staff, reason="No lead"):
        Lead.objects.filter(action__number=20).delete()
    Mail.objects.create(
        key="x",
        kind=Kind.REMINDER,
        to=lead.email,
        state="failed",
        mailbox_refused=True,
        tried_at=timezone.now(),
    )
    assert reminded(period, -7) == []
    [summary] = mail.outbox
    assert summary.to == [staff.email]
    assert summary.subject == "Nobody to remind about 3 measures in Autumn round"
    assert "Learning & Skills Council: the mail server refuses the address" in summary.body
    assert "Leicester City Growth: nobody has an account" in summary.body
    assert "\nNo lead partner\n" in summary.body
    assert "http://testserver/actions/20/" in summary.body
    assert reminded(period, -7) == []
    assert not mail.outbox


def test_closed_accounts_and_people_of_no_partner_are_not_reminded(
    period: ReportingPeriod, lead: User, report: Any
) -> None:
    all_done(report, 1)
    person("none@nowhere.example", "Nora None")
    second = person("leo@skills.example", "Leo", User.Role.LEAD, "learning-skills-council")
    User.objects.filter(pk=lead.pk).update(is_active=False)
    assert reminded(period, -7) == [second.email]


def test_not_me_pauses_a_measure_until_staff_dismiss_it(
    period: ReportingPeriod, lead: User, staff: User, report: Any
) -> None:
    all_done(report, 1, 20)
    [first, second] = OutcomeMeasure.objects.filter(action__number__in=(1, 20)).order_by("action__number")
    say_not_me(measure_id=first.pk, hand_to="Ann", note="", by=lead)
    assert reminded(period, -7) == [lead.email]
    assert "Action 20:" in mail.outbox[0].body
    assert "Action 1:" not in mail.outbox[0].body
    other = say_not_me(measure_id=second.pk, hand_to="Ann", note="", by=lead)
    assert reminded(period, -1) == []
    assert {one.why for one in owing(plan_at()).unreached} == {
        "Everybody said someone else should submit the updates"
    }
    answer = open_answers()[0]
    decide(answer=answer, decision=answer.Decision.DISMISSED, note="", by=staff)
    decide(answer=other, decision=answer.Decision.HANDED_ON, note="To Ann", by=staff)
    assert reminded(period, 1) == [lead.email]
    assert "Action 1:" in mail.outbox[0].body
    assert "Action 20:" not in mail.outbox[0].body


def test_a_dry_run_says_what_would_happen_and_does_nothing(
    period: ReportingPeriod, lead: User, report: Any
) -> None:
    all_done(report, 1)
    said = send_mail("--dry-run")
    assert "Autumn round, the reminder on the day the period opened, " in said
    assert "1 person to remind" in said
    assert f"would remind {lead.email}: 1 update due by" in said
    assert "Nothing was written or sent." in said
    assert not Mail.objects.exists()
    assert "1 sent, 0 to be tried again, 0 failed, 0 not confirmed." in send_mail()
    with pytest.raises(CommandError, match="“soon” is not a time like"):
        send_mail("--now=soon")


def test_moving_the_due_date_makes_new_stages(
    period: ReportingPeriod, lead: User, staff: User, report: Any
) -> None:
    all_done(report, 1)
    assert reminded(period, -7) == [lead.email]
    with plan_change(by=staff, reason="Later"):
        ReportingPeriod.objects.update(due=period.due + timedelta(days=14))
    period.refresh_from_db()
    assert reminded(period, -7) == [lead.email]


def test_after_sign_in_my_updates_begin_with_the_first_due(
    period: ReportingPeriod, lead: User, report: Any, client_of: Callable[[User], Client]
) -> None:
    report(1, 1, by=lead)
    found = page(client_of(lead), "/updates/")
    first = found.all("li", css="my-measure")[0]
    assert "Action 20" in first.text or "Action 4" in first.text
    assert "Due from you" in found.all("h2")[0].text


def test_the_number_of_queries_does_not_grow_with_the_people(
    period: ReportingPeriod, lead: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        person(f"{number}@skills.example", f"P{number}", User.Role.LEAD, "learning-skills-council")
    with django_assert_max_num_queries(12):
        owed = owing(plan_at())
    assert len([debt for debt in owed.debts if debt.own]) == 21

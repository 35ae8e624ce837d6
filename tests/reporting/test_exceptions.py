"""Exceptions: each reason in words, each action once, Off track first and then the longest-running."""

import random
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from actions.calendar import Calendar, Meeting, Period
from actions.models import Action, OutcomeMeasure
from actions.plan import Plan
from history import memo
from history.clock import plan_change, start_of
from reporting.exceptions import ActionException, exceptions_of
from tests.clock import recorded_at
from tests.conftest import Report

pytestmark = pytest.mark.once


def day(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def noon(days: int) -> datetime:
    return start_of(day(days)) + timedelta(hours=12)


def in_words(days: int) -> str:
    return f"{day(days):%-d %B %Y}"


def plan(*, period: bool = False, meeting: bool = False) -> Plan:
    return Plan(
        Calendar(
            period=Period("Round", day(-20), day(-4), day(9)) if period else None,
            last_meeting=Meeting("May", "may", day(-30)) if meeting else None,
        )
    )


def exceptions(**given: bool) -> list[ActionException]:
    found = exceptions_of(plan(**given))
    assert found.count == len(found.first)
    return list(found.first)


def only(**given: bool) -> ActionException:
    [exception] = exceptions(**given)
    return exception


def past_its_date(number: int, days: int, **more: Any) -> None:
    """Set long ago; an action's dates come before its reports."""
    with recorded_at(noon(-99)):
        OutcomeMeasure.objects.filter(action__number=number).update(target_date=day(days), **more)


def test_a_freshly_seeded_plan_has_no_exceptions(framework: None) -> None:
    assert exceptions() == []
    assert exceptions(meeting=True) == []


@pytest.mark.parametrize(("status", "reason"), [("off-track", "Off track"), ("at-risk", "At risk")])
def test_off_track_and_at_risk_are_exceptions_since_they_began_without_a_break(
    report: Report, status: str, reason: str
) -> None:
    other = "at-risk" if status == "off-track" else "off-track"
    report(1, status=status, recorded_at=noon(-90))
    report(1, status="on-track", recorded_at=noon(-60))
    report(1, status=other, recorded_at=noon(-40))
    report(1, status=status, recorded_at=noon(-10))
    exception = only()
    assert (exception.row.number, exception.reasons, exception.since) == (1, (reason,), day(-40))


@pytest.mark.parametrize("status", ["not-started", "on-track", "complete", "closed"])
def test_no_other_status_is_an_exception(report: Report, status: str) -> None:
    report(1, status=status)
    assert exceptions(meeting=True) == []


def test_worse_than_at_the_last_meeting_is_a_reason_that_names_what_it_was(report: Report) -> None:
    report(1, status="complete", recorded_at=noon(-40))
    report(1, status="on-track", recorded_at=noon(-5))
    exception = only(meeting=True)
    assert exception.reasons == (f"worse than on {in_words(-30)} (Complete)",)
    assert exception.since == day(-5)
    assert exceptions() == []


def test_worse_holds_since_the_update_that_made_it_so_whatever_is_repeated_after_it(report: Report) -> None:
    report(1, status="complete", recorded_at=noon(-40))
    report(1, status="on-track", recorded_at=noon(-20))
    report(1, status="on-track", recorded_at=noon(-9), comment="", no_change=True)
    report(1, status="on-track", recorded_at=noon(-5), comment="Still going on")
    exception = only(meeting=True)
    assert exception.reasons == (f"worse than on {in_words(-30)} (Complete)",)
    assert exception.since == day(-20)


def test_worse_holds_since_it_last_became_so(report: Report) -> None:
    report(1, status="complete", recorded_at=noon(-40))
    report(1, status="not-started", recorded_at=noon(-25))
    report(1, status="complete", recorded_at=noon(-20))
    report(1, status="not-started", recorded_at=noon(-15))
    report(1, status="on-track", recorded_at=noon(-5))
    exception = only(meeting=True)
    assert exception.reasons == (f"worse than on {in_words(-30)} (Complete)",)
    assert exception.since == day(-15)


def test_worse_by_a_change_of_the_plan_holds_since_that_change(report: Report) -> None:
    report(1, status="on-track", recorded_at=noon(-40))
    with recorded_at(noon(-12)), plan_change(by=None, reason="One more"):
        OutcomeMeasure.objects.create(action=Action.objects.get(number=1), order=2, text="More", year=2008)
    report(1, status="on-track", recorded_at=noon(-3))
    exception = only(meeting=True)
    assert exception.row.meeting_status is not None
    assert exception.reasons == (f"worse than on {in_words(-30)} (On track)",)
    assert exception.since == day(-12)


def test_the_status_at_the_meeting_is_that_of_the_measures_there_were_then(report: Report) -> None:
    """A measure that moves to another action takes nothing of January's with it."""
    report(23, 1, "on-track", recorded_at=noon(-40))
    report(23, 2, "off-track", recorded_at=noon(-39))
    with recorded_at(noon(-10)), plan_change(by=None, reason="Moved"):
        moved = OutcomeMeasure.objects.get(action__number=23, order=2)
        OutcomeMeasure.objects.filter(pk=moved.pk).update(action=Action.objects.get(number=1))
    [exception] = [one for one in exceptions(meeting=True) if one.row.number == 1]
    assert exception.row.meeting_status == "not-reported"
    [row] = [row for row in plan(meeting=True).rows(plan(meeting=True).actions()) if row.number == 23]
    assert (row.meeting_status, row.status) == ("off-track", "on-track")


def test_closing_by_decision_of_the_board_is_no_exception(report: Report) -> None:
    report(1, status="complete", recorded_at=noon(-40))
    report(1, status="closed", recorded_at=noon(-5))
    assert exceptions(meeting=True) == []


def test_an_overdue_update_is_a_reason_since_the_day_after_it_was_due(report: Report) -> None:
    for number in range(2, 33):
        report(number)
    report(23, 2)
    exception = only(period=True)
    assert (exception.row.number, exception.since) == (1, day(-3))
    assert exception.reasons == (f"update overdue: due by {in_words(-4)}",)


def test_past_its_target_date_is_a_reason_by_the_original_date(framework: None) -> None:
    past_its_date(1, -8)
    past_its_date(2, -8, revised_date=day(60))
    past_its_date(3, 0)
    first, second = exceptions()
    assert first.reasons == (f"past its target date of {in_words(-8)}",)
    assert second.reasons == (f"past its target date of {in_words(-8)}, revised to {in_words(60)}",)
    assert (first.since, second.since) == (day(-7), day(-7))  # the date itself was in time


@pytest.mark.parametrize("status", ["complete", "closed"])
def test_what_is_complete_or_closed_is_no_exception_for_its_date_or_its_silence(
    report: Report, status: str
) -> None:
    past_its_date(1, -8)
    report(1, status=status, recorded_at=noon(-25))
    assert 1 not in [exception.row.number for exception in exceptions(period=True)]


def test_an_action_is_listed_once_with_all_its_reasons_and_the_earliest_day(report: Report) -> None:
    past_its_date(1, -28)
    report(1, status="on-track", recorded_at=noon(-40))
    report(1, status="off-track", recorded_at=noon(-25))
    [first] = [one for one in exceptions(period=True, meeting=True) if one.row.number == 1]
    assert first.reasons == (
        "Off track",
        f"worse than on {in_words(-30)} (On track)",
        f"update overdue: due by {in_words(-4)}",
        f"past its target date of {in_words(-28)}",
    )
    assert first.since == day(-27)


def test_two_measures_of_one_action_are_one_exception(report: Report) -> None:
    past_its_date(23, -2)
    report(23, 1, "at-risk", recorded_at=noon(-9))
    report(23, 2, "off-track", recorded_at=noon(-3))
    exception = only()
    assert exception.reasons == ("Off track", *[f"past its target date of {in_words(-2)}"] * 2)
    assert exception.since == day(-9)


def test_off_track_stands_first_and_then_the_longest_running(report: Report) -> None:
    report(1, status="at-risk", recorded_at=noon(-50))
    report(2, status="off-track", recorded_at=noon(-1))
    report(3, status="at-risk", recorded_at=noon(-5))
    report(4, status="off-track", recorded_at=noon(-9))
    report(6, status="at-risk", recorded_at=noon(-50))
    past_its_date(5, -100)
    assert [exception.row.number for exception in exceptions()] == [4, 2, 5, 1, 6, 3]


def test_at_a_moment_only_what_was_known_then_is_an_exception(report: Report) -> None:
    report(1, status="at-risk", recorded_at=noon(1))
    report(1, status="off-track", recorded_at=noon(4))
    then = Plan(moment=start_of(day(3)))
    [exception] = exceptions_of(then).first
    assert (exception.reasons, exception.since) == (("At risk",), day(1))


def test_what_is_not_shown_is_counted(report: Report) -> None:
    for number in range(1, 33):
        report(number, status="off-track" if number == 20 else "at-risk", recorded_at=noon(-number))
    found = exceptions_of(plan(), at_most=3)
    assert (found.count, [exception.row.number for exception in found.first]) == (32, [20, 32, 31])


def test_it_takes_the_same_few_queries_however_many_there_are(report: Report) -> None:
    def asked() -> tuple[int, int]:
        given = plan(period=True, meeting=True)
        memo.forget()
        with CaptureQueriesContext(connection) as queries:
            count = exceptions_of(given).count
        return count, len(queries)

    past_its_date(1, -3)
    report(1, status="on-track", recorded_at=noon(-50))
    for number in range(2, 33):
        report(number, status="on-track")
    report(23, 2)
    few, queries = asked()
    assert few == 1
    for number in range(2, 33):
        report(number, status="at-risk")
    assert asked() == (32, queries)
    assert queries <= 14


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.untraced
def test_the_first_of_many_are_those_that_come_first_one_by_one(
    report: Report, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Whatever the reasons, and however many are asked for."""
    chance = random.Random(seed)
    for number in chance.sample(range(1, 33), 12):
        past_its_date(number, chance.randrange(-60, 3))
    statuses = ("on-track", "complete", "not-started", "at-risk", "off-track")
    for days in (-50, -40, -31, -29, -12, -3):
        for number in chance.sample(range(1, 33), 8):
            report(number, status=chance.choice(statuses), recorded_at=noon(days))
    given = plan(period=True, meeting=True)
    memo.forget()
    everything = exceptions_of(given, at_most=1000)
    places = [(one.row.status != "off-track", one.since, one.row.number) for one in everything.first]
    assert places == sorted(places)
    assert len(places) == everything.count > 20
    monkeypatch.setattr("reporting.exceptions.FEW", 0)
    for at_most in (*range(1, everything.count, 4), everything.count):
        memo.forget()
        found = exceptions_of(given, at_most=at_most)
        assert found.count == everything.count
        assert [(one.row.number, one.since) for one in found.first] == [
            (one.row.number, one.since) for one in everything.first[:at_most]
        ]

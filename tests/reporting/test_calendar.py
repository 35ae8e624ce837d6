"""The calendar at a moment: the open period, the next one and the last meeting."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from actions.calendar import Calendar, Meeting, Period
from actions.models import Status
from history.clock import end_of, now, plan_change, start_of
from partners.models import User
from reporting.calendar import calendar_at, plan_at
from reporting.models import BoardMeeting, ReportingPeriod
from tests.clock import recorded_at
from tests.conftest import Report


def day(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def noon(days: int) -> datetime:
    return start_of(day(days)) + timedelta(hours=12)


def planned(name: str, opens: int, closes: int) -> ReportingPeriod:
    due = day(opens) + (day(closes) - day(opens)) / 2
    return ReportingPeriod.objects.create(name=name, slug=name, opens=day(opens), due=due, closes=day(closes))


def test_with_an_empty_calendar_nothing_is_due(db: None) -> None:
    assert calendar_at(now()) == Calendar(None, None, None)
    assert calendar_at(end_of(day(0))) == Calendar(None, None, None)


def test_the_open_period_has_its_dates(period: ReportingPeriod) -> None:
    assert calendar_at(now()).period == Period("Autumn round", day(-20), day(10), day(40), "autumn-round")


def test_the_next_period_is_the_first_planned_one(period: ReportingPeriod) -> None:
    planned("over", -60, -50)
    planned("later", 120, 150)
    planned("soon", 60, 90)
    calendar = calendar_at(now())
    assert (calendar.period.name, calendar.next_period.name) == ("Autumn round", "soon")
    assert calendar_at(end_of(day(90))).next_period.name == "soon"
    assert calendar_at(end_of(day(91))).next_period.name == "later"


def test_a_period_is_open_until_staff_close_it(framework: None, staff: User) -> None:
    round_ = planned("round", 0, 20)
    with recorded_at(noon(2)), plan_change(by=staff, reason="Opened"):
        ReportingPeriod.objects.filter(pk=round_.pk).update(opened_at=noon(2))
    with recorded_at(noon(9)), plan_change(by=staff, reason="Closed"):
        ReportingPeriod.objects.filter(pk=round_.pk).update(closed_at=noon(9))
    names = [(c.period and c.period.name) for c in (calendar_at(end_of(day(n))) for n in (1, 2, 8, 9, 15))]
    assert names == [None, "round", "round", None, None]
    assert calendar_at(end_of(day(1))).next_period.name == "round"
    assert calendar_at(end_of(day(9))).next_period is None


def test_before_a_period_was_moved_it_has_its_earlier_dates(period: ReportingPeriod, staff: User) -> None:
    with recorded_at(noon(5)), plan_change(by=staff, reason="More time"):
        ReportingPeriod.objects.filter(pk=period.pk).update(due=day(15))
    assert calendar_at(end_of(day(4))).period.due == day(10)
    assert calendar_at(end_of(day(5))).period.due == day(15)
    assert calendar_at(now()).period.due == day(15)


def test_the_last_meeting_was_before_today(db: None) -> None:
    with recorded_at(noon(-40)):
        for days in (-30, -1, 0, 7):
            BoardMeeting.objects.create(name=f"Day {days}", slug=f"day{days}", held_on=day(days))
    assert calendar_at(now()).last_meeting == Meeting("Day -1", "day-1", day(-1))
    assert [meeting.name for meeting in calendar_at(now()).meetings] == ["Day -30", "Day -1"]
    assert calendar_at(end_of(day(-31))).meetings == ()
    last = {days: calendar_at(end_of(day(days))).last_meeting for days in (-31, -30, -29, -1, 0, 1, 7, 8)}
    assert [meeting and meeting.name for meeting in last.values()] == [
        None,
        None,
        "Day -30",
        "Day -30",
        "Day -1",
        "Day 0",
        "Day 0",
        "Day 7",
    ]


def test_a_meeting_recorded_late_counts_from_then(db: None) -> None:
    with recorded_at(noon(-40)):
        BoardMeeting.objects.create(name="First", slug="first", held_on=day(-30))
    with recorded_at(noon(-10)):
        late = BoardMeeting.objects.create(name="Late", slug="late", held_on=day(-20))
    with recorded_at(noon(-5)), plan_change(by=None, reason="A better name"):
        BoardMeeting.objects.filter(pk=late.pk).update(name="Later")
    last = {days: calendar_at(end_of(day(days))).last_meeting for days in (-41, -29, -11, -10, -6, -5)}
    assert [meeting and meeting.name for meeting in last.values()] == [
        None,
        "First",
        "First",
        "Late",
        "Late",
        "Later",
    ]


def test_days_are_london_days(db: None) -> None:
    with recorded_at(start_of(date(2025, 6, 1))):
        BoardMeeting.objects.create(name="June", slug="june", held_on=date(2025, 6, 30))
    midnight = start_of(date(2025, 7, 1))  # 23:00 on 30 June by UTC
    assert calendar_at(midnight).last_meeting is None
    assert calendar_at(midnight + timedelta(microseconds=1)).last_meeting.name == "June"


def test_a_past_moment_always_gives_the_same_figures(
    report: Report, staff: User, period: ReportingPeriod
) -> None:
    report(1, status="at-risk")
    report(2, status="on-track", recorded_at=noon(3))
    moment = end_of(day(12))

    def figures() -> tuple[object, ...]:
        plan = plan_at(moment)
        rows = plan.with_updates(plan.rows(plan.actions()))
        return plan.counts(), [
            (row.number, row.status, row.overdue, row.leads_in_words, row.update) for row in rows
        ]

    before: Any = figures()
    assert before[0].overdue == 30
    report(1, status="complete", recorded_at=noon(13))
    report(3, status="off-track", recorded_at=moment)
    with recorded_at(noon(14)), plan_change(by=staff, reason="Closed"):
        ReportingPeriod.objects.filter(pk=period.pk).update(closed_at=noon(14))
    assert figures() == before
    after = plan_at(end_of(day(14)))
    assert (after.row(1).status, after.row(3).status) == (Status.COMPLETE, Status.OFF_TRACK)
    assert after.counts().overdue == 0


@pytest.mark.parametrize(
    ("opened", "closed", "state"), [(False, False, "planned"), (True, False, "open"), (True, True, "closed")]
)
def test_a_period_has_one_word_for_its_state(opened: bool, closed: bool, state: str) -> None:
    moment = timezone.now()
    period = ReportingPeriod(opened_at=moment if opened else None, closed_at=moment if closed else None)
    assert (period.state, period.is_open) == (state, state == "open")


def test_a_period_linked_to_a_meeting_after_it_closed_was_not_its_paper_before(
    framework: None, staff: User
) -> None:
    with recorded_at(noon(-13)):
        round_ = planned("round", -20, 20)
        meeting = BoardMeeting.objects.create(name="Board", slug="board", held_on=day(-6))
    for days, values in (
        (-12, {"opened_at": noon(-12)}),
        (-9, {"closed_at": noon(-9)}),
        (-3, {"meeting": meeting}),
    ):
        with recorded_at(noon(days)), plan_change(by=staff, reason="Arranged"):
            ReportingPeriod.objects.filter(pk=round_.pk).update(**values)
    papers = [calendar_at(end_of(day(days))).last_meeting.paper_at for days in (-4, -3)]
    assert papers == [None, noon(-9)]

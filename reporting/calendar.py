"""The reporting calendar at a moment, in the form that the plan needs."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from actions.calendar import Calendar, Meeting, Period
from actions.plan import Plan
from history import clock, memo
from history.clock import Present, day_of, end_of
from reporting.as_at import NamedDay
from reporting.models import BoardMeetingVersion, ReportingPeriodFields, ReportingPeriodVersion


@dataclass(frozen=True)
class Diary:
    """The calendar at a moment, and the days that meetings and closed periods give a name to, newest first."""

    calendar: Calendar
    meetings: tuple[NamedDay, ...]
    periods: tuple[NamedDay, ...]


def diary_at(moment: datetime) -> Diary:
    """The calendar as known just before `moment`. Three queries."""
    today = day_of(moment)
    periods: list[Any] = list(ReportingPeriodVersion.objects.at(moment).order_by("opens"))
    coming = [period for period in periods if period.state == "planned" and period.closes >= today]
    meetings = list(BoardMeetingVersion.objects.at(moment).filter(held_on__lte=today).order_by("-held_on"))
    papers = _papers(moment)
    held = tuple(_meeting(meeting, papers) for meeting in reversed(meetings) if meeting.held_on < today)
    calendar = Calendar(
        period=next((_period(period) for period in periods if period.is_open), None),
        next_period=_period(coming[0]) if coming else None,
        last_meeting=held[-1] if held else None,
        meetings=held,
    )
    closed = sorted((period for period in periods if period.closed_at), key=_closed_on, reverse=True)
    return Diary(
        calendar,
        tuple(NamedDay(meeting.name, meeting.held_on) for meeting in meetings),
        tuple(NamedDay(period.name, _closed_on(period)) for period in closed),
    )


def calendar_at(moment: datetime) -> Calendar:
    """The open period, the next planned one and the last meeting, as known just before `moment`."""
    return diary_at(moment).calendar


def meeting_of(meeting: BoardMeetingVersion, moment: datetime) -> Meeting:
    """The meeting with the paper that it got, as known just before `moment`."""
    return _meeting(meeting, _papers(moment))


def _papers(moment: datetime) -> list[tuple[int, datetime]]:
    """The closings of periods before `moment`, in order of time, with the meeting that each served as known then."""
    versions = ReportingPeriodVersion.objects.filter(known_from__lt=moment)
    closed = versions.filter(meeting__isnull=False, closed_at__lt=moment)
    pairs: Any = closed.order_by("closed_at").values_list("meeting", "closed_at").distinct()
    return list(pairs)


def _meeting(meeting: BoardMeetingVersion, papers: list[tuple[int, datetime]]) -> Meeting:
    end = end_of(meeting.held_on)
    mine = [closed_at for key, closed_at in papers if key == meeting.row_id and closed_at < end]
    return Meeting(meeting.name, meeting.slug, meeting.held_on, mine[-1] if mine else None)


def plan_at(moment: datetime | None = None) -> Plan:
    """The plan as known just before `moment`, by default now."""
    if moment is None:
        present = clock.read()
        return Plan(diary_of(present).calendar, present.moment, present)
    return Plan(calendar_at(moment), moment)


def plan_on(day: date, present: Present) -> Plan:
    """The plan as known at the end of `day`, which is over: settled, so what is worked out from it may be kept."""
    moment = end_of(day)
    if not clock.is_settled(moment, present.stamp):
        clock.settle(moment)
    return _settled_plan(moment, present)


def past_plan(moment: datetime, present: Present) -> Plan:
    """The plan as known just before `moment`; what follows from it is kept where the moment is settled."""
    return _settled_plan(moment, present) if clock.is_settled(moment, present.stamp) else plan_at(moment)


def _settled_plan(moment: datetime, present: Present) -> Plan:
    key = _key("calendar on", moment, present.plan_stamp)
    return Plan(memo.remember(key, lambda: calendar_at(moment)), moment, settled=present)


def diary_of(present: Present) -> Diary:
    """Periods and meetings change with a stamp of the plan, and what they mean with the day."""
    key = _key("calendar", present.plan_stamp, day_of(present.moment))
    return memo.remember(key, lambda: diary_at(present.moment))


def _key(*parts: object) -> tuple[object, ...]:
    return (connection.settings_dict["NAME"], *parts)


def _closed_on(period: Any) -> date:
    return clock.day_in_london(period.closed_at)


def _period(period: ReportingPeriodFields) -> Period:
    return Period(period.name, period.opens, period.due, period.closes, period.slug)

"""What the calendar of periods and meetings says at a moment, in the words that the plan asks for."""

from datetime import datetime
from typing import Any

from django.db import connection

from actions.calendar import Calendar, Meeting, Period
from actions.plan import Plan
from history import clock, memo
from history.clock import Present, day_of, end_of
from reporting.models import BoardMeetingVersion, ReportingPeriodFields, ReportingPeriodVersion


def calendar_at(moment: datetime) -> Calendar:
    """The open period, the next planned one and the last meeting, as known just before `moment`."""
    today = day_of(moment)
    periods: list[Any] = list(ReportingPeriodVersion.objects.at(moment).order_by("opens"))
    coming = [period for period in periods if period.state == "planned" and period.closes >= today]
    meeting = BoardMeetingVersion.objects.at(moment).filter(held_on__lt=today).order_by("-held_on").first()
    return Calendar(
        period=next((_period(period) for period in periods if period.is_open), None),
        next_period=_period(coming[0]) if coming else None,
        last_meeting=meeting_of(meeting, moment) if meeting else None,
    )


def meeting_of(meeting: BoardMeetingVersion, moment: datetime) -> Meeting:
    """The meeting with the paper that it got, as known just before `moment`."""
    closed = ReportingPeriodVersion.objects.filter(
        meeting=meeting.row_id, closed_at__lt=min(moment, end_of(meeting.held_on))
    )
    paper_at = closed.order_by("-closed_at").values_list("closed_at", flat=True).first()
    return Meeting(meeting.name, meeting.slug, meeting.held_on, paper_at)


def plan_at(moment: datetime | None = None) -> Plan:
    """The plan as known just before `moment`; at present, without one."""
    if moment is None:
        present = clock.read()
        return Plan(_calendar_of(present), present.moment, present)
    return Plan(calendar_at(moment), moment)


def _calendar_of(present: Present) -> Calendar:
    """Periods and meetings change with a stamp of the plan, and what they mean with the day."""
    key = (connection.settings_dict["NAME"], "calendar", present.plan_stamp, day_of(present.moment))
    return memo.remember(key, lambda: calendar_at(present.moment))


def _period(period: ReportingPeriodFields) -> Period:
    return Period(period.name, period.opens, period.due, period.closes)

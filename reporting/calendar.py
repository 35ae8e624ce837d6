"""The reporting calendar at a moment, in the form that the plan needs."""

from datetime import datetime
from typing import Any

from django.db import connection

from actions.calendar import Calendar, Meeting, Period
from actions.plan import Plan
from history import clock, memo
from history.clock import Present, day_of
from reporting.models import BoardMeetingVersion, ReportingPeriodFields, ReportingPeriodVersion


def calendar_at(moment: datetime) -> Calendar:
    """The open period, the next planned one and the meetings held, as known just before `moment`."""
    today = day_of(moment)
    periods: list[Any] = list(ReportingPeriodVersion.objects.at(moment).order_by("opens"))
    coming = [period for period in periods if period.state == "planned" and period.closes >= today]
    held = BoardMeetingVersion.objects.at(moment).filter(held_on__lt=today).order_by("held_on")
    meetings = tuple(Meeting(meeting.name, meeting.slug, meeting.held_on) for meeting in held)
    return Calendar(
        period=next((_period(period) for period in periods if period.is_open), None),
        next_period=_period(coming[0]) if coming else None,
        last_meeting=meetings[-1] if meetings else None,
        meetings=meetings,
    )


def plan_at(moment: datetime | None = None) -> Plan:
    """The plan as known just before `moment`, by default now."""
    if moment is None:
        present = clock.read()
        return Plan(_calendar_of(present), present.moment, present)
    return Plan(calendar_at(moment), moment)


def _calendar_of(present: Present) -> Calendar:
    """Remembered for the plan's stamp and the day: nothing else changes it."""
    key = (connection.settings_dict["NAME"], "calendar", present.plan_stamp, day_of(present.moment))
    return memo.remember(key, lambda: calendar_at(present.moment))


def _period(period: ReportingPeriodFields) -> Period:
    return Period(period.name, period.opens, period.due, period.closes)

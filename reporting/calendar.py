"""What the calendar of periods and meetings says at a moment, in the words that the plan asks for."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from actions.plan import Calendar, Meeting, Period, Plan
from reporting.models import BoardMeeting, ReportingPeriodFields, ReportingPeriodVersion


def calendar_at(moment: datetime | None) -> Calendar:
    """The open period, the next planned one and the last meeting, as known just before `moment`, or now."""
    today = timezone.localdate(moment - timedelta(microseconds=1)) if moment else timezone.localdate()
    periods: list[Any] = list(ReportingPeriodVersion.objects.at(moment).order_by("opens"))
    coming = [period for period in periods if period.state == "planned" and period.closes >= today]
    meeting = BoardMeeting.objects.filter(held_on__lt=today).first()
    return Calendar(
        period=next((_period(period) for period in periods if period.is_open), None),
        next_period=_period(coming[0]) if coming else None,
        last_meeting=Meeting(meeting.name, meeting.slug, meeting.held_on) if meeting else None,
    )


def plan_at(moment: datetime | None = None) -> Plan:
    """The plan as known just before `moment`; as it stands, without one."""
    return Plan(calendar_at(moment), moment)


def _period(period: ReportingPeriodFields) -> Period:
    return Period(period.name, period.opens, period.due, period.closes)

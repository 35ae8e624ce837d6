"""A personal calendar: the days on which something is asked of a person, and the board meetings.

Its address opens without signing in, so it has a key of its own. The key is derived from the portal's SECRET_KEY and
from a random text of the person's: the portal can show it again, a copy of the database does not give it away, and
another text makes it worthless (docs/adr/0014-calendar-addresses.md).
"""

import secrets
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from actions.plan import Plan
from history import clock
from partners.models import User
from partners.permissions import partners_of
from reporting.models import BoardMeetingVersion, CalendarKey, ReportingPeriodVersion
from web.icalendar import AllDay

SALT = "reporting.calendar_feed"
PAST = timedelta(days=400)  # how long a past meeting stays in the calendar


def key_of(person: User) -> str:
    """The key in the address of this person's calendar."""
    kept = CalendarKey.objects.filter(person=person).first()
    return f"{person.pk}-{_signature(person.pk, kept.nonce if kept else '')}"


def _signature(person: int, nonce: str) -> str:
    return salted_hmac(SALT, f"{person}:{nonce}", algorithm="sha256").hexdigest()[:40]


def person_of(key: str) -> User | None:
    """Whose calendar the key opens; None if it was made up or replaced, or the account is closed."""
    number, _, _ = key.partition("-")
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        return None
    person = User.objects.filter(pk=int(number), is_active=True).first()
    return person if person and constant_time_compare(key_of(person), key) else None


def renew(person: User) -> None:
    """Give the person's calendar another address. The old one stops working."""
    kept = {"nonce": secrets.token_urlsafe(24), "renewed_at": clock.now()}
    CalendarKey.objects.update_or_create(person=person, defaults=kept)


def address_of(person: User) -> str:
    """The whole address of this person's calendar."""
    return f"{settings.PORTAL_ADDRESS}{reverse('calendar_ics')}?{urlencode({'key': key_of(person)})}"


def events_for(person: User, plan: Plan) -> list[AllDay]:
    """The events in this person's calendar, by day."""
    found = [*_of_periods(person, plan), *_of_meetings(plan)]
    return sorted(found, key=lambda event: (event.day, event.uid))


def _of_periods(person: User, plan: Plan) -> Iterator[AllDay]:
    periods = list(ReportingPeriodVersion.objects.open().filter(closed_at=None).order_by("opens"))
    if person.is_lead and not partners_of(person):
        return
    for period in periods:
        url = reverse("my_updates") if person.is_lead else reverse("board")
        said = _asked_of(person, plan) if period.is_open else f"Opens on {period.opens:%-d %B %Y}."
        if person.is_staff:
            url = reverse("period_detail", args=[period.slug])
            yield _event(f"period-{period.row_id}-opens", period.opens, f"{period} opens", "", url)
            yield _event(f"period-{period.row_id}-closes", period.closes, f"Last day of {period}", "", url)
        yield _event(f"period-{period.row_id}-due", period.due, f"Updates due: {period}", said, url)


def _asked_of(person: User, plan: Plan) -> str:
    """“2 updates are still due from you.”; for staff and the board, from all partners."""
    silent = plan.measures().filter(plan.measure_awaited)
    if person.is_lead:
        everyone = [partner.row_id for partner in plan.partners if partner.is_everyone]
        mine = plan.actions().order_by().led_by([*partners_of(person), *everyone])
        silent = silent.filter(action__in=mine.values("action"))
    count = silent.count()
    whose = "from you" if person.is_lead else "from the partners"
    if not count:
        return f"Nothing more is due {whose}."
    return f"{count} update{' is' if count == 1 else 's are'} still due {whose}."


def _of_meetings(plan: Plan) -> Iterator[AllDay]:
    meetings = BoardMeetingVersion.objects.open().filter(held_on__gte=plan.today - PAST)
    for meeting in meetings.order_by("held_on"):
        url = (
            f"{reverse('board')}?{urlencode({'meeting': meeting.slug})}"
            if meeting.held_on < plan.today
            else ""
        )
        yield _event(f"meeting-{meeting.row_id}", meeting.held_on, f"Board meeting: {meeting}", "", url)


def _event(name: str, day: date, summary: str, description: str, url: str) -> AllDay:
    host = urlsplit(settings.PORTAL_ADDRESS).hostname or "portal"
    address = f"{settings.PORTAL_ADDRESS}{url or reverse('board')}"
    return AllDay(f"{name}@{host}", day, summary, description, address)

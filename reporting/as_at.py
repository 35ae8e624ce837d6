"""Which day a page shows: the day in its address, checked, and the meetings and periods that name one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.db.models import Min

from actions.models import ActionVersion
from history import memo
from history.clock import Present, day_in_london, day_of

DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)


class DayRefused(Exception):
    """The plan cannot be shown as at the day in the address; the message says why, for people.

    `nearest` is the nearest day that works; None if the plan is empty.
    """

    def __init__(self, message: str, nearest: date | None) -> None:
        super().__init__(message)
        self.nearest = nearest


@dataclass(frozen=True)
class NamedDay:
    """A day by the name of the board meeting held, or the reporting period closed, on it."""

    label: str
    day: date


def day_asked(given: Iterable[str], present: Present) -> date:
    """The day that an address asks for by `as_at`: from the first day of the plan to today. Raises DayRefused."""
    today, first = day_of(present.moment), first_day(present)
    texts = set(given)
    if first is None:
        raise DayRefused("The plan is empty, so there is no earlier date to show.", None)
    if len(texts) > 1:
        raise DayRefused("The address has several dates. Choose one.", today)
    text = texts.pop()
    day = _day(text)
    if day is None:
        nearest = min(max(_nearest(text) or today, first), today)
        raise DayRefused(f"“{text}” is not a date. Enter it as YYYY-MM-DD, such as {nearest}.", nearest)
    if day > today:
        raise DayRefused(f"{_in_words(day)} is in the future.", today)
    if day < first:
        raise DayRefused(f"{_in_words(day)} is before the plan, which begins on {_in_words(first)}.", first)
    return day


def first_day(present: Present) -> date | None:
    """The first day at whose end the plan had an action."""

    def first() -> date | None:
        known_from = ActionVersion.objects.aggregate(first=Min("known_from"))["first"]
        return day_in_london(known_from) if known_from else None

    key = (connection.settings_dict["NAME"], "first day", present.plan_stamp)
    return memo.remember(key, first)


def _day(text: str) -> date | None:
    match = DAY.fullmatch(text)
    try:
        return date(*map(int, match.groups())) if match and len(text) == 10 else None
    except ValueError:
        return None


def _nearest(text: str) -> date | None:
    """The real date nearest to an impossible one: 2008-02-31 gives 29 February 2008."""
    match = DAY.fullmatch(text)
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups())
    first_of_month = date(min(max(year, 1), 9998), min(max(month, 1), 12), 1)
    next_month = (first_of_month + timedelta(days=31)).replace(day=1)
    return min(first_of_month + timedelta(days=max(day, 1) - 1), next_month - timedelta(days=1))


def _in_words(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"

"""Reminders that staff send: who would get what, who is left out and why, and sending them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from actions.plan import Plan
from history.clock import day_in_london
from outbox.models import Kind
from outbox.posting import post
from partners.models import User
from reporting.models import ReportingPeriod
from reporting.reminders.letters import Letter, Occasion, letters
from reporting.reminders.owing import Debt, Owing, owing, owing_on
from reporting.reminders.planned import about_of, is_recent, last_reminded, letter_of


@dataclass(frozen=True)
class Choice:
    """What staff chose: the words they add, and whom to include who is left out otherwise."""

    words: str = ""
    recent: bool = False
    shared: bool = False


@dataclass(frozen=True)
class LeftOut:
    person: User
    why: str


@dataclass
class Selection:
    """Who is reminded, who is not and why."""

    owed: Owing
    chosen: list[Debt] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


def selected(plan: Plan, period: ReportingPeriod, choice: Choice, actions: Any = None) -> Selection:
    """Who is reminded: whoever owes something on one of `actions`, or on any. Each is reminded of all they owe."""
    owed = owing(plan)
    if actions is not None:
        owed = owing_on(owed, plan, actions)
    last = last_reminded(plan, period)
    found = Selection(owed)
    for debt in owed.debts:
        if why := _why_not(debt, last.get(debt.person.pk), plan.moment, choice):
            found.left_out.append(LeftOut(debt.person, why))
        else:
            found.chosen.append(debt)
    return found


@transaction.atomic
def remind(
    *, plan: Plan, period: ReportingPeriod, selection: Selection, words: str, once_key: str
) -> list[Letter]:
    """Put a reminder for everybody selected in the outbox, and return them. The same `once_key` sends nothing twice."""
    sent = []
    for letter in letters(plan, selection.chosen, occasion_of(plan, period, words)):
        key = f"{Kind.REMINDER.value}/{period.pk}/{once_key}/{letter.person.pk}"
        if post(**letter_of(letter, Kind.REMINDER, about_of(period), key)):
            sent.append(letter)
    return sent


def occasion_of(plan: Plan, period: ReportingPeriod, words: str) -> Occasion:
    return Occasion(period, day_in_london(plan.moment), words.strip())


def _why_not(debt: Debt, last: datetime | None, now: datetime, choice: Choice) -> str:
    if not debt.measures:
        return "Said someone else should submit the updates"
    if debt.is_refused:
        return "The mail server refuses the address"
    if debt.is_shared_only and not choice.shared:
        return "Only owes updates on actions led by all partners"
    if is_recent(last, now) and not choice.recent:
        assert last  # noqa: S101  recent
        return f"Last reminded {date_format(timezone.localtime(last), 'j F Y, H:i')}"
    return ""

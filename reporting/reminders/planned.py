"""Reminders by the calendar: what is due to be sent, and writing it into the outbox."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Max

from actions.plan import Plan
from history.clock import day_of
from outbox.models import Kind, Mail, MailQuerySet
from outbox.posting import Letter as PostedLetter
from outbox.posting import withdraw, write
from partners.models import User
from reporting.models import ReportingPeriod
from reporting.reminders.letters import Letter, Occasion, letters, summary
from reporting.reminders.owing import Debt, Owing, owing
from reporting.reminders.stages import Stage, stage_on

RECENTLY = timedelta(days=1)
CLOSED = "The reporting period is closed."
SUBMITTED = "Everything was submitted in the meantime."


@dataclass
class Due:
    """The stage that has begun, who is reminded now, and what staff get. `words` says so if nothing is due."""

    words: str = ""
    period: ReportingPeriod | None = None
    stage: Stage | None = None
    owed: Owing = field(default_factory=lambda: Owing([], []))
    letters: list[Letter] = field(default_factory=list)
    summaries: list[Letter] = field(default_factory=list)

    def in_words(self) -> str:
        if self.period is None or self.stage is None:
            return self.words
        count = len(self.letters)
        people = "1 person" if count == 1 else f"{count} people"
        unreached = len(self.owed.unreached)
        measures = "1 measure" if unreached == 1 else f"{unreached} measures"
        nobody = f", nobody to remind about {measures}" if unreached else ""
        which = f"{self.stage.in_words}, {self.stage.day:%-d %B %Y}"
        return f"{self.period}, the reminder {which}: {people} to remind{nobody}."


def reminders_due(plan: Plan, now: datetime) -> Due:
    """Who is to be reminded at `now`: of the stage that has begun, who owes something and has not been reminded yet."""
    period = open_period()
    if period is None:
        return Due("No reporting period is open: nobody to remind.")
    stage = stage_on(period, day_of(now))
    if stage is None:
        return Due(f"{period} was opened after {now:%-d %B %Y}: nobody to remind.")
    owed = owing(plan)
    occasion = Occasion(period, day_of(now))
    due = [debt for debt in owed.debts if _is_due(debt, stage)]
    due = _without(due, stage, period, _last_before(max(now, plan.moment), period), now)
    found = Due(period=period, stage=stage, owed=owed, letters=list(letters(plan, due, occasion)))
    if owed.unreached:
        told = _keys_of(period, Kind.SUMMARY)
        staff = [one for one in _staff() if _key(Kind.SUMMARY, stage, one) not in told]
        found.summaries = [summary(plan, owed.unreached, occasion, one) for one in staff]
    return found


def plan_reminders(plan: Plan, now: datetime) -> Due:
    """Write the reminders that are due into the outbox, each once, and withdraw those no longer needed.

    Safe to run twice, or in two processes at once: the key of a reminder names stage and person.
    """
    due = reminders_due(plan, now)
    _withdraw_of_closed(due.period)
    if due.period is None or due.stage is None:
        return due
    stage, about = due.stage, about_of(due.period)
    for kind, some in ((Kind.REMINDER, due.letters), (Kind.SUMMARY, due.summaries)):
        for letter in some:
            write(**letter_of(letter, kind, about, _key(kind, stage, letter.person), stage.ends))
    owing_people = [debt.person.pk for debt in due.owed.debts]
    withdraw(reminders_of(due.period).exclude(person__in=owing_people), SUBMITTED)
    return due


def _withdraw_of_closed(period: ReportingPeriod | None) -> None:
    """Withdraw the waiting reminders and summaries of every period except this open one."""
    waiting = Mail.objects.filter(kind__in=(Kind.REMINDER, Kind.SUMMARY))
    withdraw(waiting.exclude(about=about_of(period)) if period else waiting, CLOSED)


def open_period() -> ReportingPeriod | None:
    return ReportingPeriod.objects.open().first()


def about_of(period: ReportingPeriod) -> str:
    """What the reminders of a period are about, in the outbox."""
    return f"period:{period.pk}"


def reminders_of(period: ReportingPeriod) -> MailQuerySet:
    return Mail.objects.filter(kind=Kind.REMINDER, about=about_of(period))


def last_reminded(plan: Plan, period: ReportingPeriod) -> dict[int, datetime]:
    """When each person was last reminded in the period before the plan's moment, by key. Failed e-mails don't count."""
    return _last_before(plan.moment, period)


def _last_before(moment: datetime, period: ReportingPeriod) -> dict[int, datetime]:
    mails = reminders_of(period).going_out().filter(made_at__lt=moment, person__isnull=False)
    return dict(mails.order_by().values_list("person").annotate(Max("made_at")))


def _is_due(debt: Debt, stage: Stage) -> bool:
    return bool(debt.own or (debt.shared and stage.is_of_shared)) and not debt.is_refused


def _without(
    due: list[Debt], stage: Stage, period: ReportingPeriod, last: dict[int, datetime], now: datetime
) -> list[Debt]:
    """Without those who had this stage's reminder, and those reminded within a day: a later run reminds them."""
    had = _keys_of(period, Kind.REMINDER)
    fresh = (debt for debt in due if _key(Kind.REMINDER, stage, debt.person) not in had)
    return [debt for debt in fresh if not is_recent(last.get(debt.person.pk), now)]


def is_recent(last: datetime | None, now: datetime) -> bool:
    """Whether somebody last reminded at `last` was reminded within a day."""
    return last is not None and timedelta() <= now - last < RECENTLY


def _key(kind: Kind, stage: Stage, person: User) -> str:
    return f"{kind.value}/{stage.key}/{person.pk}"


def _keys_of(period: ReportingPeriod, kind: Kind) -> set[str]:
    return set(Mail.objects.filter(kind=kind, about=about_of(period)).values_list("key", flat=True))


def _staff() -> Iterator[User]:
    yield from User.objects.filter(is_active=True, role=User.Role.STAFF).order_by("pk")


def letter_of(
    letter: Letter, kind: Kind, about: str, key: str, expires_at: datetime | None = None
) -> PostedLetter:
    """The e-mail as the outbox takes it."""
    return {
        "kind": kind,
        "to": letter.person.email,
        "person": letter.person,
        "subject": letter.subject,
        "text": letter.text,
        "html": letter.html,
        "about": about,
        "key": key,
        "expires_at": expires_at,
    }

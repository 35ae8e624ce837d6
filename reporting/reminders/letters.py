"""The e-mails themselves: a reminder for each person, and a summary for staff."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format

from actions.plan import Plan
from actions.rows import MeasureState
from partners.models import User
from reporting.models import ReportingPeriod
from reporting.reminders.owing import Debt, Unreached
from web.context_processors import identity

LINES_AT_MOST = 40
PEOPLE_AT_ONCE = 25


@dataclass(frozen=True)
class Line:
    """A measure in an e-mail, with the addresses to answer at."""

    row: MeasureState
    is_shared: bool

    @property
    def url(self) -> str:
        return self._address("measure_update")

    @property
    def not_me_url(self) -> str:
        return self._address("not_me")

    def _address(self, name: str) -> str:
        return address_of(name, self.row.action.number, self.row.measure.order)


@dataclass(frozen=True)
class Letter:
    """An e-mail to one person."""

    person: User
    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Occasion:
    """What every reminder of a run says alike. `words` are added by staff."""

    period: ReportingPeriod
    today: date
    words: str = ""

    @property
    def is_past(self) -> bool:
        """Whether the due date has passed."""
        return self.today > self.period.due

    def is_due(self, count: int) -> str:
        """“2 updates for the autumn round are due on Friday 11 December 2026, in 14 days.”"""
        due, days = date_format(self.period.due, "l j F Y"), (self.period.due - self.today).days
        one = count == 1
        what = f"{count} update{'' if one else 's'} for {self.period.name} {'is' if one else 'are'}"
        if days > 1:
            return f"{what} due on {due}, in {days} days."
        if days >= 0:
            return f"{what} due {'tomorrow' if days else 'today'}, {due}."
        return f"{what} overdue: the due date was {due}."

    def subject(self, count: int) -> str:
        what = "1 update" if count == 1 else f"{count} updates"
        due = date_format(self.period.due, "j F")
        if self.is_past:
            return f"Overdue: {what} for {self.period.name}"
        return f"{what} due by {due} for {self.period.name}"


def letters(plan: Plan, debts: Iterable[Debt], occasion: Occasion) -> Iterator[Letter]:
    """A reminder for each of these, who must owe something. Nine queries for every 25 people."""
    people = iter(debts)
    while some := list(islice(people, PEOPLE_AT_ONCE)):
        rows = rows_of(plan, {key for debt in some for key in debt.measures[:LINES_AT_MOST]})
        for debt in some:
            yield _letter(debt, rows, occasion)


def summary(plan: Plan, unreached: list[Unreached], occasion: Occasion, person: User) -> Letter:
    """What nobody could be reminded of, for a member of staff."""
    rows = rows_of(plan, [one.measure for one in unreached[:LINES_AT_MOST]])
    lines = [(rows[one.measure], one) for one in unreached[:LINES_AT_MOST]]
    context = {
        "person": person,
        "lines": [(row, one, address_of("action_detail", row.action.number)) for row, one in lines],
        "count": len(unreached),
        "more": len(unreached) - len(lines),
        "occasion": occasion,
        "url": address_of("period_remind", occasion.period.slug),
    }
    count = "1 measure" if len(unreached) == 1 else f"{len(unreached)} measures"
    subject = f"Nobody to remind about {count} in {occasion.period.name}"
    return Letter(person, subject, *_rendered("unreached", context))


def address_of(name: str, *args: Any) -> str:
    return str(settings.PORTAL_ADDRESS) + reverse(name, args=args)


def _letter(debt: Debt, rows: dict[int, MeasureState], occasion: Occasion) -> Letter:
    count = len(debt.measures)
    shared = set(debt.shared)
    lines = [Line(rows[key], key in shared) for key in debt.measures[:LINES_AT_MOST]]
    context = {
        "person": debt.person,
        "lines": lines,
        "more": count - len(lines),
        "due": occasion.is_due(count),
        "occasion": occasion,
        "url": address_of("my_updates"),
    }
    return Letter(debt.person, occasion.subject(count), *_rendered("reminder", context))


def _rendered(name: str, context: dict[str, Any]) -> tuple[str, str]:
    """As text and as HTML."""
    given = context | {"portal": identity()}
    text, html = (render_to_string(f"reporting/email/{name}.{kind}", given) for kind in ("txt", "html"))
    return f"{text.strip()}\n", f"{html.strip()}\n"


def rows_of(plan: Plan, keys: Iterable[int]) -> dict[int, MeasureState]:
    """The measures of these keys, by key."""
    known = list(plan.measures().order_by().filter(measure__in=list(keys)))
    return {row.id: row for row in plan.measure_rows(known)}

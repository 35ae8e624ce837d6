"""When people are reminded: at opening, 21, 7 and 1 days before the due date, and the day after."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from history.clock import day_in_london, end_of, start_of
from reporting.models import ReportingPeriod

DAYS_BEFORE = (21, 7, 1)
OPENING, LAST_DAY, AFTER = "opening", "1-before", "after"
# Stages that also remind people who owe only updates on actions led by all partners.
ALSO_SHARED = (OPENING, LAST_DAY)


class Stage(NamedTuple):
    """A day to remind people on. `key` names it, and with it each of its e-mails."""

    name: str
    day: date
    key: str
    ends: datetime  # when the next stage begins, or the period ends: its e-mails are of no use after that

    @property
    def in_words(self) -> str:
        """“1 day before the due date”."""
        if self.name in (OPENING, AFTER):
            return "on the day the period opened" if self.name == OPENING else "after the due date"
        days = self.name.partition("-")[0]
        return f"{days} day{'' if days == '1' else 's'} before the due date"

    @property
    def is_of_shared(self) -> bool:
        """Whether it also reminds people who owe nothing but what all partners lead together."""
        return self.name in ALSO_SHARED


def stages_of(period: ReportingPeriod) -> list[Stage]:
    """The stages of an opened period, in order. None before the day it was opened.

    Moving the due date makes new ones, except for the opening.
    """
    assert period.opened_at  # noqa: S101  only of an opened period
    opening = day_in_london(period.opened_at)
    days = [(f"{days}-before", period.due - timedelta(days=days)) for days in DAYS_BEFORE]
    days = [(OPENING, opening), *((name, day) for name, day in days if day > opening)]
    if (after := period.due + timedelta(days=1)) > opening:
        days.append((AFTER, after))
    ends = [start_of(day) for _, day in days[1:]]
    ends.append(end_of(max(period.closes, days[-1][1] + timedelta(days=7))))
    return [Stage(name, day, _key(period, name), end) for (name, day), end in zip(days, ends, strict=True)]


def stage_on(period: ReportingPeriod, today: date) -> Stage | None:
    """The last stage that has begun: those missed before it are not made up for."""
    begun = [stage for stage in stages_of(period) if stage.day <= today]
    return begun[-1] if begun else None


def _key(period: ReportingPeriod, name: str) -> str:
    due = "" if name == OPENING else f"/{period.due.isoformat()}"
    return f"{period.pk}{due}/{name}"

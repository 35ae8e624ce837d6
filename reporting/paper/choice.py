"""Which paper is asked for: of a meeting, of a day, or the draft as of now; and what it is compared with."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from actions.calendar import Meeting
from actions.plan import Plan
from history.clock import end_of
from reporting.calendar import meeting_of, past_plan
from reporting.exceptions import SHOWN_AT_MOST
from reporting.models import BoardMeeting, BoardMeetingVersion, ReportingPeriod, ReportingPeriodVersion
from reporting.paper.figures import BoardPaper, paper_of, present_of
from reporting.periods import Closing, closings

NOW = "now"


class ChoiceRefused(Exception):
    """The paper asked for cannot be shown; the message says why and what can be, for people."""


@dataclass(frozen=True)
class Option:
    """A paper that can be chosen: `value` for `meeting=`, and its name."""

    value: str
    label: str


def options() -> list[Option]:
    """Now, then the meetings that have a paper, newest first."""
    held = [BoardMeeting.objects.get(pk=key) for key in _moments()]
    newest_first = sorted(held, key=lambda one: one.held_on, reverse=True)
    return [
        Option(NOW, "Now (draft)"),
        *(Option(one.slug, f"{one.name}, {one.held_on:%-d %B %Y}") for one in newest_first),
    ]


def chosen_paper(present: Plan, params: Any, at_most: int = SHOWN_AT_MOST) -> BoardPaper:
    """The paper that `params` (`meeting`, `since`) ask for; by default that of the period closed last.

    `present` is the plan of the request: at a day, if `as_at` asks for one. Raises ChoiceRefused.
    """
    plan = _chosen_plan(present, str(params.get("meeting", "")), bool(params.get("as_at")))
    return paper_of(compared_since(plan, str(params.get("since", ""))), at_most)


def _chosen_plan(present: Plan, meeting: str, day_asked: bool) -> Plan:
    if meeting and day_asked:
        raise ChoiceRefused("Choose a meeting or a day, not both.")
    if meeting == NOW or day_asked:
        return present
    if meeting:
        return past_plan(_moment_of(meeting, present), present_of(present))
    last: Closing | None = present.remember_plan("last closing", last_closing)
    return past_plan(last.moment, present_of(present)) if last else present


def last_closing() -> Closing | None:
    """The last closing of a period that is still closed."""
    closed = set(ReportingPeriod.objects.filter(closed_at__isnull=False).values_list("pk", "closed_at"))
    still = [one for one in closings() if (one.period_id, one.moment) in closed]
    return still[-1] if still else None


def _moment_of(slug: str, present: Plan) -> datetime:
    meeting = BoardMeeting.objects.filter(slug=slug).first()
    if meeting is None:
        known = ", ".join(option.value for option in options())
        raise ChoiceRefused(f"There is no board meeting “{slug}”. Choose one of: {known}.")
    if moment := _moments().get(meeting.pk):
        return moment
    if meeting.held_on >= present.today:
        raise ChoiceRefused(
            f"{meeting} has no paper yet: its reporting period is not closed. See the draft instead."
        )
    return end_of(meeting.held_on)


def _moments() -> dict[int, datetime]:
    """For each meeting that gets the paper of a closed period, the moment of the last closing."""
    rows = ReportingPeriodVersion.objects.filter(closed_at__isnull=False, meeting__isnull=False)
    pairs: Any = rows.order_by("closed_at").values_list("meeting", "closed_at")
    return dict(pairs)


def compared_since(plan: Plan, since: str) -> Plan:
    """`plan` with `since` (YYYY-MM-DD) in place of the last meeting. Raises ChoiceRefused."""
    if not since:
        return plan
    try:
        day = date.fromisoformat(since)
    except ValueError:
        raise ChoiceRefused(
            f"“{since}” is not a date. Give it as YYYY-MM-DD, such as {plan.today}."
        ) from None
    if day >= plan.today:
        raise ChoiceRefused(f"Compare with a day before {plan.today:%-d %B %Y}.")
    held = BoardMeetingVersion.objects.at(plan.moment).filter(held_on=day).first()
    meeting = meeting_of(held, plan.moment) if held else Meeting("", "", day)
    return Plan(replace(plan.calendar, last_meeting=meeting), plan.moment, plan.present, plan.settled)

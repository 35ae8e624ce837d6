"""What the calendar asks for: periods to open and close, updates that are owed, new exceptions."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Max
from django.urls import reverse

from actions.models import ProgressUpdate
from actions.plan import Plan
from partners.models import User
from reporting.answers import PartnerAnswers, answers_by_leads, answers_by_partner
from reporting.exceptions import new_exceptions
from reporting.models import BoardMeeting, ReportingPeriod
from reporting.today.lines import Button, Line, Section
from web.templatetags.portal import day


def periods_to_handle(plan: Plan, part: slice) -> Section:
    """A period to open or to close, or none planned."""
    periods = list(ReportingPeriod.objects.filter(closed_at=None).order_by("opens")[:20])
    lines = [line for period in periods if (line := _of_period(plan, period, periods))]
    if not periods:
        add = Button("Add the next period", reverse("period_new"))
        lines = [Line("No reporting period is planned", button=add)]
    return Section("periods", "Reporting period", len(lines), lines[part], more_url=reverse("period_list"))


def _of_period(plan: Plan, period: ReportingPeriod, periods: list[ReportingPeriod]) -> Line | None:
    about = reverse("period_detail", args=[period.slug])
    if period.is_open and period.closes < plan.today:
        close = Button("Close it", reverse("period_close", args=[period.slug]))
        return Line(f"{period} is over", about, f"Its last day was {day(period.closes)}.", close)
    if not period.is_open and period.opens <= plan.today:
        others = [one for one in periods if one.is_open]
        if others:
            return Line(f"{period} is ready to open", about, f"Close {others[0]} first.")
        opens = Button("Open it", reverse("period_open", args=[period.slug]), posts=True)
        return Line(f"{period} is ready to open", about, f"It was due to open on {day(period.opens)}.", opens)
    return None


def exceptions_since_yesterday(plan: Plan, part: slice) -> Section:
    """Actions that have a new reason to be an exception; silence is listed by partner instead."""
    found = new_exceptions(plan, plan.today - timedelta(days=1), part.stop)
    lines = [
        Line(
            f"Action {one.row.number}: {one.row.title}",
            one.row.url,
            "; ".join(one.reasons),
            Button("Open the action", one.row.url),
        )
        for one in found.first[part.start :]
    ]
    intro = "Off track, at risk, worse or past the target date, since yesterday."
    return Section("exceptions", "New exceptions", found.count, lines, intro)


def who_owes(plan: Plan, part: slice) -> Section:
    """Partners whose update is awaited in the open period, and since when."""
    by_leads = answers_by_leads(plan)
    rows = [row for row in answers_by_partner(plan, by_leads) if row.answers.silent]
    heading = "Partners with overdue updates" if plan.is_past_due else "Partners with updates due"
    shown = rows[part]
    partners = [row.partner.row_id for row in shown]
    heard = plan.remember(("last heard", *partners), lambda: _last_heard(partners))
    have_account = with_account(partners)
    lines = [_owed_by(plan, row, heard, have_account) for row in shown]
    period = plan.calendar.period
    intro = _since_when(plan) if period else ""
    actions = f"{reverse('action_list')}?awaited=on"
    return Section("awaited", heading, len(rows), lines, intro, button=_remind(period, actions))


def _remind(period: Any, actions: str) -> Button:
    if period is None:
        return Button("Show all actions", actions)
    return Button("Remind them", reverse("period_remind", args=[period.slug]))


def _since_when(plan: Plan) -> str:
    period = plan.calendar.period
    if period is None:
        return ""
    if plan.is_past_due:
        overdue = (plan.today - period.due).days
        ago = "yesterday" if overdue == 1 else f"{overdue} days ago"
        when = f"Updates for {period.name} were due by {day(period.due)}, {ago}."
    else:
        when = f"The period opened on {day(period.opens)}; updates are due by {day(period.due)}."
    return f"{when} An action with joint leads is listed under each of them."


def _owed_by(plan: Plan, row: PartnerAnswers, heard: dict[int, Any], have_account: set[int]) -> Line:
    silent, partner = row.answers.silent, row.partner
    url = f"{reverse('action_list')}?{row.list_query}"
    button = Button("Show the actions", url)
    last = heard.get(partner.row_id)
    detail = f"Last heard from on {day(last)}." if last else "Nothing from them yet."
    if partner.is_organisation and partner.row_id not in have_account:
        detail += " Nobody has an account."
        query = urlencode({"partner": partner.slug})
        button = Button("Invite someone", f"{reverse('invitation_list')}?{query}")
    count = "1 update" if silent == 1 else f"{silent} updates"
    state = "overdue" if plan.is_past_due else "due"
    return Line(f"{partner.name}: {count} {state}", url, detail, button)


def _last_heard(partners: list[int]) -> dict[int, Any]:
    updates: Any = ProgressUpdate.objects.filter(on_behalf_of__in=partners).order_by()
    return dict(updates.values_list("on_behalf_of").annotate(Max("recorded_at")))


def with_account(partners: list[int]) -> set[int]:
    """Those of these partners with at least one open lead account."""
    people: Any = User.objects.filter(is_active=True, role=User.Role.LEAD, partners__in=partners)
    return set(people.order_by().values_list("partners", flat=True))


@dataclass(frozen=True)
class NextThing:
    """The next day in the calendar, and what falls on it."""

    on: date
    words: str


def next_thing(plan: Plan) -> NextThing | None:
    """What is due next: a period opens, updates are due, a period ends, the board meets."""
    coming = []
    if period := plan.calendar.period:
        coming += [
            NextThing(period.due, f"updates for {period.name} are due"),
            NextThing(period.closes, f"{period.name} ends"),
        ]
    if following := plan.calendar.next_period:
        coming.append(NextThing(following.opens, f"{following.name} opens"))
    meeting = BoardMeeting.objects.filter(held_on__gte=plan.today).order_by("held_on").first()
    if meeting:
        coming.append(NextThing(meeting.held_on, f"the board meets ({meeting})"))
    days = [one for one in coming if one.on >= plan.today]
    return min(days, key=lambda one: one.on, default=None)

"""My updates: what is due from me, then the rest of mine."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from actions.decisions import suggested_leads
from actions.models import ProgressUpdate, UpdateDraft
from actions.models.status import REPEATABLE
from actions.permissions import partners_for, speaks_for
from actions.plan import Plan
from actions.questions import QuestionState, unanswered
from actions.requests import PortalRequest
from actions.rows import LeadState, MeasureState
from actions.updates import UpdatedSince, repeatable, submit_no_change
from actions.views.measure_update import submitted_url
from history import clock
from history.clock import start_of
from partners.models import User
from partners.permissions import partners_of, submitters_only

LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)
UPDATED, NEEDS_WORDS = "updated after you opened the page", "needs a comment"


@dataclass(frozen=True)
class MyMeasure:
    """A measure of mine, with what I need to know before I submit an update."""

    row: MeasureState
    has_draft: bool
    others: list[LeadState]
    others_update: ProgressUpdate | None
    once_key: str
    can_repeat: bool
    questions: list[QuestionState]  # that wait for an update

    @property
    def is_shared(self) -> bool:
        """Led by all partners together."""
        return self.row.action.is_for_everyone

    @property
    def other_names(self) -> str:
        """“Universities and Leicester City Growth”: the partners that lead it too."""
        return " and ".join(lead.partner.name for lead in self.others)


@require_safe
def my_updates(request: PortalRequest) -> HttpResponse:
    plan = request.plan
    rows = list(rows_of(plan, set(partners_of(request.user))))
    mine = _with_others(plan, request, rows)
    due = sorted((one for one in mine if one.row.awaited), key=_worst_and_longest_silent)
    rest = [one for one in mine if not one.row.awaited]
    period = plan.calendar.period
    context = {
        "submitted": _submitted(request, rows),
        "due": due,
        "rest": rest,
        "count": len(mine),
        "next_due": due[0] if due else None,
        "period": period,
        "days_left": (period.due - plan.today).days if period else None,
        "days_over": (plan.today - period.due).days if period else None,
        "next_period": plan.calendar.next_period,
        "repeatable": [one for one in due if one.can_repeat and not one.is_shared],
        "partners": request.user.partners.all() if request.user.is_lead else [],
        "suggested": _suggested(plan, request.user),
        "board_rows": [one.row for one in mine] if period and not due else [],
    }
    if request.user.is_staff:
        drafts = UpdateDraft.objects.filter(author=request.user).select_related("measure__action")
        context |= {"drafts": drafts, "counts": plan.counts()}
    return render(request, "actions/my_updates.html", context)


def _suggested(plan: Plan, user: User) -> list[Any]:
    """The leads that the framework suggests and that one of the reader's partners has not answered yet."""
    partners = list(partners_of(user))
    return list(suggested_leads(plan).filter(partner__in=partners, answers_pending=0)) if partners else []


def _submitted(request: PortalRequest, rows: list[MeasureState]) -> list[MeasureState]:
    """The measures whose last update is one the reader has just submitted; the address names them."""
    asked = set(request.GET.getlist("submitted"))
    updates = ((row, row.update) for row in rows)
    return [
        row
        for row, update in updates
        if update and str(update.pk) in asked and update.author_id == request.user.pk
    ]


def rows_of(plan: Plan, partners: set[int]) -> Iterable[MeasureState]:
    """The measures of the actions that these partners lead, alone or with others, and of those that all lead."""
    if not partners:
        return
    everyone = {partner.row_id for partner in plan.partners if partner.is_everyone}
    for action in plan.with_measures(plan.rows(plan.actions().led_by(partners | everyone))):
        yield from action.measures


def _with_others(plan: Plan, request: PortalRequest, rows: list[MeasureState]) -> list[MyMeasure]:
    own = partners_of(request.user)
    drafts = set(UpdateDraft.objects.filter(author=request.user).values_list("measure", flat=True))
    period = plan.calendar.period
    waiting = unanswered(plan, rows)
    mine = []
    for row in rows:
        partners = row.action.lead_partners
        others = [lead for lead in row.action.leads if lead.partner.row_id not in own]
        update = row.update
        in_period = update is not None and period is not None and update.recorded_at >= start_of(period.opens)
        by_others = in_period and update is not None and update.on_behalf_of_id not in own
        mine.append(
            MyMeasure(
                row=row,
                has_draft=row.id in drafts,
                others=others,
                others_update=update if by_others else None,
                once_key=secrets.token_urlsafe(24),
                questions=waiting.get(row.id, []),
                can_repeat=bool(repeatable([row])) and len(speaks_for(request.user, partners)) == 1,
            )
        )
    return mine


def _worst_and_longest_silent(one: MyMeasure) -> tuple[int, datetime, int, int]:
    last = one.row.update.recorded_at if one.row.update else LONG_AGO
    return one.row.status.rank, last, one.row.action.number, one.row.measure.order


@require_POST
@submitters_only
def no_change_all(request: PortalRequest) -> HttpResponse:
    """Submit “no change” on all of mine that are due and On track or Not started, one update each.

    The page sends each as `update=<measure>:<last update seen>:<key>`. One that was updated since is left out.
    """
    with clock.snapshot():
        rows = {str(row.id): row for row in rows_of(request.plan, set(partners_of(request.user)))}
    offered = {row.id for row in repeatable(rows.values())}
    submitted, left = [], []
    for item in request.POST.getlist("update"):
        measure, _, rest = item.partition(":")
        seen, _, once_key = rest.partition(":")
        row = rows.get(measure)
        partners = partners_for(request.user, row.action.lead_partners) if row else []
        well_formed = seen.isdigit() and 20 <= len(once_key) <= 64
        if row is None or row.id not in offered or len(partners) != 1 or not well_formed:
            left.append(_left_out(row, seen))
            continue
        try:
            recorded = submit_no_change(
                row=row, by=request.user, on_behalf_of=partners[0], seen=int(seen), once_key=once_key
            )
            submitted.append(recorded)
        except (UpdatedSince, ValueError) as refused:
            left.append(f"{row.name} ({UPDATED if isinstance(refused, UpdatedSince) else NEEDS_WORDS})")
    if left:
        messages.warning(request, f"Not submitted: {', '.join(left)}.")
    if not submitted and not left:
        messages.warning(request, "Nothing was submitted: each of your measures needs a comment.")
    return redirect(submitted_url(*submitted) if submitted else "my_updates")


def _left_out(row: MeasureState | None, seen: str) -> str:
    """A measure on which “no change” is not submitted, and why."""
    if row is None:
        return "a measure you cannot update"
    if row.update and str(row.update.pk) != seen:
        return f"{row.name} ({UPDATED})"
    if row.status not in REPEATABLE:
        return f"{row.name} ({NEEDS_WORDS})"
    return f"{row.name} ({'use its form' if row.awaited else 'no update is due'})"

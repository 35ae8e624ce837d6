"""What is due from me, then the rest of mine."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from actions.models import ProgressUpdate, UpdateDraft
from actions.permissions import partners_for, speaks_for
from actions.plan import Plan
from actions.requests import PortalRequest
from actions.rows import LeadState, MeasureState
from actions.updates import UpdatedSince, repeatable, submit_no_change
from history import clock
from history.clock import start_of
from partners.permissions import partners_of, submitters_only

LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True)
class MyMeasure:
    """A measure of mine with what I need to know before I report."""

    row: MeasureState
    has_draft: bool
    others: list[LeadState]
    others_update: ProgressUpdate | None
    once_key: str
    can_repeat: bool

    @property
    def is_shared(self) -> bool:
        """Led by all partners together."""
        return any(lead.partner.is_everyone for lead in self.row.action.leads)


@require_safe
def my_updates(request: PortalRequest) -> HttpResponse:
    plan = request.plan
    rows = list(rows_of(plan, set(partners_of(request.user))))
    mine = _with_others(plan, request, rows)
    due = sorted((one for one in mine if one.row.awaited), key=_worst_and_longest_silent)
    rest = [one for one in mine if not one.row.awaited]
    period = plan.calendar.period
    context = {
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
    }
    return render(request, "actions/my_updates.html", context)


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
    """“No change” on all of mine that are due and On track or Not started: each a report of its own.

    The page sends each as `report=<measure>:<last update seen>:<key>`; one reported on since is left alone, and said.
    """
    with clock.snapshot():
        offered = repeatable(rows_of(request.plan, set(partners_of(request.user))))
    rows = {str(row.id): row for row in offered}
    filed, left = [], []
    for item in request.POST.getlist("report"):
        measure, _, rest = item.partition(":")
        seen, _, once_key = rest.partition(":")
        row = rows.get(measure)
        partners = partners_for(request.user, row.action.lead_partners) if row else []
        if row is None or len(partners) != 1 or not seen.isdigit() or not 20 <= len(once_key) <= 64:
            left.append(row.name if row else "one that is not due any more")
            continue
        try:
            submit_no_change(
                row=row, by=request.user, on_behalf_of=partners[0], seen=int(seen), once_key=once_key
            )
            filed.append(row.name)
        except (UpdatedSince, ValueError):
            left.append(row.name)
    if filed:
        messages.success(request, f"Filed as no change: {', '.join(filed)}.")
    if left:
        messages.warning(
            request, f"Not filed, because they changed since you opened the page: {', '.join(left)}."
        )
    if not filed and not left:
        messages.warning(request, "Nothing was filed: nothing of yours can be repeated without words.")
    return redirect("my_updates")

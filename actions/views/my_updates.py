"""What is due from me, then the rest of mine."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from actions.models import ProgressUpdate, UpdateDraft
from actions.plan import Plan, start_of
from actions.reports import ReportedSince, file_no_change, own_partners_for, repeatable, speaking_for
from actions.requests import PortalRequest
from actions.rows import LeadRow, MeasureRow
from partners.models import PartnerFields
from partners.permissions import partners_reported_for, reporters_only

LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True)
class MyMeasure:
    """A measure of mine with what I need to know before I report."""

    row: MeasureRow
    has_draft: bool
    others: list[LeadRow]
    others_filed: ProgressUpdate | None
    once_key: str
    can_repeat: bool

    @property
    def is_shared(self) -> bool:
        """Led by all partners together."""
        return any(lead.partner.is_everyone for lead in self.row.action.leads)


@require_safe
def my_updates(request: PortalRequest) -> HttpResponse:
    plan = request.plan
    rows = list(rows_of(plan, partners_reported_for(request.user)))
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


def rows_of(plan: Plan, partners: set[int]) -> Iterable[MeasureRow]:
    """The measures of the actions that these partners lead, alone or with others, and of those that all lead."""
    if not partners:
        return
    mine = plan.leads().filter(
        Q(partner__in=partners) | Q(partner__kind=PartnerFields.Kind.EVERYONE), action=OuterRef("row_id")
    )
    for action in plan.rows(plan.actions().filter(Exists(mine))):
        yield from action.measures


def _with_others(plan: Plan, request: PortalRequest, rows: list[MeasureRow]) -> list[MyMeasure]:
    own = partners_reported_for(request.user)
    drafts = set(UpdateDraft.objects.filter(author=request.user).values_list("measure", flat=True))
    period = plan.calendar.period
    mine = []
    for row in rows:
        others = [lead for lead in row.action.leads if lead.partner.row_id not in own]
        update = row.update
        in_period = update is not None and period is not None and update.recorded_at >= start_of(period.opens)
        by_others = in_period and update is not None and update.on_behalf_of_id not in own
        mine.append(
            MyMeasure(
                row=row,
                has_draft=row.id in drafts,
                others=others,
                others_filed=update if by_others else None,
                once_key=secrets.token_urlsafe(24),
                can_repeat=bool(repeatable([row])) and len(speaking_for(own, row)) == 1,
            )
        )
    return mine


def _worst_and_longest_silent(one: MyMeasure) -> tuple[int, datetime, int, int]:
    last = one.row.update.recorded_at if one.row.update else LONG_AGO
    return one.row.status.rank, last, one.row.action.number, one.row.measure.order


@require_POST
@reporters_only
def no_change_all(request: PortalRequest) -> HttpResponse:
    """“No change” on all of mine that are due and On track or Not started: each a report of its own.

    The page sends each as `report=<measure>:<last update seen>:<key>`; one reported on since is left alone, and said.
    """
    rows = {
        str(row.id): row for row in repeatable(rows_of(request.plan, partners_reported_for(request.user)))
    }
    filed, left = [], []
    for item in request.POST.getlist("report"):
        measure, _, rest = item.partition(":")
        seen, _, once_key = rest.partition(":")
        row = rows.get(measure)
        speaks_for = own_partners_for(request.user, row) if row else []
        if row is None or len(speaks_for) != 1 or not seen.isdigit() or not 20 <= len(once_key) <= 64:
            left.append(row.name if row else "one that is not due any more")
            continue
        try:
            file_no_change(
                row=row, by=request.user, on_behalf_of=speaks_for[0], seen=int(seen), once_key=once_key
            )
            filed.append(row.name)
        except (ReportedSince, ValueError):
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

"""One action: its row of the framework, leads, measures with status and history, and where it comes from."""

from dataclasses import dataclass
from itertools import zip_longest

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions.history import events_of, provenance_of
from actions.models import ActionVersion, LeadAnswer, MeasureProposal, ProgressUpdate, percent_of_target
from actions.pictures import status_over_time, value_over_time
from actions.plan import Plan
from actions.requests import PortalRequest
from actions.rows import MeasureRow
from partners.permissions import may_report, partners_reported_for
from web.pictures import Picture


@dataclass(frozen=True)
class Said:
    """A report in a measure's history, with the status before it."""

    update: ProgressUpdate
    before: ProgressUpdate | None
    percent: object


@dataclass(frozen=True)
class MeasureHistory:
    """A measure with everything said of it, newest first, and its pictures."""

    row: MeasureRow
    said: list[Said]
    latest_value: ProgressUpdate | None
    percent: object
    statuses: Picture | None
    values: Picture | None


@require_safe
def action_detail(request: PortalRequest, number: int) -> HttpResponse:
    plan = request.plan
    try:
        row = plan.row(number)
    except ActionVersion.DoesNotExist as missing:
        raise Http404(f"The plan has no action {number}.") from missing
    own = partners_reported_for(request.user)
    answers = LeadAnswer.objects.filter(lead__action=row.version.row_id).select_related(
        "lead__partner", "proposed", "answered_by", "decided_by"
    )
    waiting = {answer.lead_id for answer in answers if answer.decision == LeadAnswer.Decision.PENDING}
    context = {
        "row": row,
        "measures": histories_of(plan, row.measures),
        "marks": [(vital_few, row.marks.get(vital_few.code, "")) for vital_few in plan.vital_fews],
        "may_report": may_report(request.user, [lead.partner for lead in row.leads]),
        "answerable": [
            lead
            for lead in row.leads
            if lead.is_suggested and lead.partner.row_id in own and lead.lead_id not in waiting
        ],
        "answers": answers,
        "proposals": MeasureProposal.objects.filter(measure__action=row.version.row_id).select_related(
            "measure__action", "proposed_by", "decided_by"
        ),
        "events": events_of(row.version.row_id, plan),
        "provenance": provenance_of(row, [vital_few.code for vital_few in plan.vital_fews]),
        "before": plan.actions().filter(number__lt=number).order_by("-number").first(),
        "after": plan.actions().filter(number__gt=number).order_by("number").first(),
    }
    return render(request, "actions/action_detail.html", context)


def histories_of(plan: Plan, rows: list[MeasureRow]) -> list[MeasureHistory]:
    """Everything said of these measures, in one query."""
    updates = plan.updates().with_people().filter(measure__in=[row.id for row in rows])
    said: dict[int, list[ProgressUpdate]] = {row.id: [] for row in rows}
    for update in updates.select_related("corrected_by"):
        said[update.measure_id].append(update)
    return [_history_of(row, said[row.id]) for row in rows]


def _history_of(row: MeasureRow, updates: list[ProgressUpdate]) -> MeasureHistory:
    target = row.measure.target
    latest_value = next((update for update in updates if update.value is not None), None)
    standing = [update for update in updates if not hasattr(update, "corrected_by")]
    return MeasureHistory(
        row=row,
        said=[
            Said(update, before, percent_of_target(update.value, target))
            for update, before in zip_longest(updates, updates[1:])
        ],
        latest_value=latest_value,
        percent=percent_of_target(latest_value.value, target) if latest_value else None,
        statuses=status_over_time(standing),
        values=value_over_time(standing, target),
    )

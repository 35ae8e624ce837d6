"""One action: its row of the framework, leads, measures with status and history, and where it comes from."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions.history import events_of, provenance_of
from actions.models import ActionVersion, LeadAnswer, MeasureProposal, ProgressUpdate, percent_of_target
from actions.pages import content
from actions.permissions import may_submit
from actions.pictures import status_over_time, value_over_time
from actions.plan import Plan
from actions.requests import PortalRequest
from actions.rows import ActionState, MeasureState
from partners.permissions import partners_of
from web.pictures import Picture


@dataclass(frozen=True)
class PastUpdate:
    """An update in a measure's history, with the one before it, and the one that corrects it."""

    update: ProgressUpdate
    before: ProgressUpdate | None
    corrected_by: ProgressUpdate | None
    percent: Decimal | None


@dataclass(frozen=True)
class MeasureHistory:
    """A measure with every update on it, newest first, and its pictures."""

    row: MeasureState
    updates: list[PastUpdate]
    valued: ProgressUpdate | None
    percent: Decimal | None
    statuses: Picture | None
    values: Picture | None


@require_safe
def action_detail(request: PortalRequest, number: int) -> HttpResponse:
    plan = request.plan
    try:
        of_plan = plan.remember(("action page", number), lambda: _of_plan(plan, number))
    except ActionVersion.DoesNotExist as missing:
        raise Http404(f"The plan has no action {number}.") from missing
    row: ActionState = of_plan["row"]
    own = partners_of(request.user)
    answers = list(
        LeadAnswer.objects.filter(lead__action=row.id, answered_at__lt=plan.moment).select_related(
            "lead__partner", "proposed", "answered_by", "decided_by"
        )
    )
    proposals = list(
        MeasureProposal.objects.filter(measure__action=row.id, proposed_at__lt=plan.moment).select_related(
            "measure__action", "proposed_by", "decided_by"
        )
    )
    waiting = {answer.lead.partner_id for answer in answers if answer.decision == LeadAnswer.Decision.PENDING}
    of_reader: dict[str, Any] = {
        "may_submit": may_submit(request.user, row.lead_partners),
        "answerable": [
            lead
            for lead in row.leads
            if lead.is_suggested and lead.partner.row_id in own and lead.partner.row_id not in waiting
        ],
        "answers": answers,
        "proposals": proposals,
    }
    differs = [str(of_reader["may_submit"]), *(lead.partner.slug for lead in of_reader["answerable"])]
    differs += [f"answer {answer.pk} {answer.decision}" for answer in answers]
    differs += [f"proposal {proposal.pk} {proposal.decision}" for proposal in proposals]
    main = content(request, "actions/action_detail_main.html", lambda: of_plan | of_reader, *differs)
    return render(request, "actions/action_detail.html", {"row": row, "main": main})


def _of_plan(plan: Plan, number: int) -> dict[str, Any]:
    """What the page shows of the action whoever reads it. Raises ActionVersion.DoesNotExist."""
    row = plan.row(number)
    others = plan.actions().values_list("number", flat=True)
    return {
        "row": row,
        "measures": histories_of(plan, row.measures),
        "marks": [(vital_few, row.marks.get(vital_few.code, "")) for vital_few in plan.vital_fews],
        "events": events_of(row.id, plan),
        "provenance": provenance_of(row, plan),
        "before": others.filter(number__lt=number).order_by("-number").first(),
        "after": others.filter(number__gt=number).first(),
    }


def histories_of(plan: Plan, rows: list[MeasureState]) -> list[MeasureHistory]:
    """Every update on these measures, in one query."""
    by_measure: dict[int, list[ProgressUpdate]] = {row.id: [] for row in rows}
    for update in plan.updates().filter(measure__in=list(by_measure)).select_related("evidence_file"):
        by_measure[update.measure_id].append(update)
    return [_history_of(row, by_measure[row.id]) for row in rows]


def _history_of(row: MeasureState, updates: list[ProgressUpdate]) -> MeasureHistory:
    target = row.measure.target
    corrected = {update.corrects_id: update for update in updates if update.corrects_id}
    valid = [update for update in updates if update.pk not in corrected]
    return MeasureHistory(
        row=row,
        updates=[
            PastUpdate(update, before, corrected.get(update.pk), percent_of_target(update.value, target))
            for update, before in zip_longest(updates, updates[1:])
        ],
        valued=next((update for update in valid if update.value is not None), None),
        percent=percent_of_target(row.known.value, target),
        statuses=status_over_time(valid),
        values=value_over_time(valid, target),
    )

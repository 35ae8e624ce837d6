"""One action: its measures with status, picture and updates, its facts, its changes and its source."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions.action_history import ActionHistory
from actions.models import ActionVersion, ProgressUpdate, percent_of_target
from actions.pages import content, of_the_plan
from actions.permissions import may_submit
from actions.pictures import progress_over_time
from actions.plan import Plan
from actions.questions import QuestionState, questions_on
from actions.requests import PortalRequest
from actions.rows import ActionState, LeadState, MeasureState, RequestState
from actions.way_back import way_back
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
    """A measure with every update on it, newest first, and their picture."""

    row: MeasureState
    updates: list[PastUpdate]
    valued: ProgressUpdate | None
    percent: Decimal | None
    picture: Picture | None
    questions: list[QuestionState]

    @property
    def latest(self) -> PastUpdate | None:
        return self.updates[0] if self.updates else None

    @property
    def earlier(self) -> list[PastUpdate]:
        return self.updates[1:]

    @property
    def picture_label(self) -> str:
        values = " and value" if self.picture and self.picture.has_values else ""
        return f"{self.row.name}: status{values} over time, also in figures below"


@require_safe
@of_the_plan
def action_detail(request: PortalRequest, number: int) -> HttpResponse:
    plan = request.plan
    try:
        state = plan.remember(("action state", number), lambda: plan.state_of(number))
    except ActionVersion.DoesNotExist as missing:
        raise Http404(str(missing)) from missing
    shown = plan.remember_state(("action page", number, state), lambda: _of_plan(plan, number))
    row: ActionState = shown["row"]
    may = request.as_at is None and may_submit(request.user, row.lead_partners)
    own = set() if request.as_at else set(partners_of(request.user))
    answerable = _answerable(row, shown["requests"], own)
    may_edit = request.user.is_staff and request.as_at is None
    main = content(
        request,
        "actions/action_detail_main.html",
        lambda: (
            shown | {"may_submit": may, "answerable": answerable, "may_edit": may_edit, "may_ask": may_edit}
        ),
        may,
        may_edit,
        *(lead.partner.slug for lead in answerable),
        state=state,
    )
    way = way_back(request.GET, plan, row)
    beside = {"before": way.before, "after": way.after} if way else shown["beside"]
    return render(request, "actions/action_detail.html", {"row": row, "main": main, "way": way, **beside})


def _of_plan(plan: Plan, number: int) -> dict[str, Any]:
    """The context that is the same for every reader. Raises ActionVersion.DoesNotExist."""
    row = plan.row(number)
    questions = questions_on(plan, row.measures)
    return {
        "row": row,
        "measures": [_history_of(plan, measure, questions.get(measure.id, [])) for measure in row.measures],
        "many": len(row.measures) > 1,
        "are_suggested": any(lead.is_suggested for lead in row.leads),
        "related": [(one, row.marks[one.code]) for one in plan.vital_fews if one.code in row.marks],
        "unrelated": [one.code for one in plan.vital_fews if one.code not in row.marks],
        "period": plan.calendar.period if row.awaited else None,
        **plan.remember_plan(("action history", row.id), lambda: _of_rows(plan, row)),
    }


def _of_rows(plan: Plan, row: ActionState) -> dict[str, Any]:
    """The part of the context that no progress update changes."""
    history = ActionHistory(row.id, plan)
    others = plan.actions().values_list("number", flat=True)
    return {
        "events": history.events(),
        "provenance": history.provenance(row),
        "requests": plan.requests(row),
        "beside": {
            "before": others.filter(number__lt=row.number).order_by("-number").first(),
            "after": others.filter(number__gt=row.number).first(),
        },
    }


def _answerable(row: ActionState, requests: list[RequestState], own: set[int]) -> list[LeadState]:
    """The suggested leads that the reader may still accept or decline for."""
    waiting = {one.about for one in requests if not one.is_decided}
    return [
        lead
        for lead in row.leads
        if lead.is_suggested and lead.partner.row_id in own and lead.partner not in waiting
    ]


def _history_of(plan: Plan, row: MeasureState, questions: list[QuestionState]) -> MeasureHistory:
    target, updates = row.measure.target, row.updates
    corrected = {update.corrects_id: update for update in updates if update.corrects_id}
    valid = [update for update in updates if update.pk not in corrected]
    return MeasureHistory(
        row=row,
        questions=questions,
        updates=[
            PastUpdate(update, before, corrected.get(update.pk), percent_of_target(update.value, target))
            for update, before in zip_longest(updates, updates[1:])
        ],
        valued=next((update for update in valid if update.value is not None), None),
        percent=percent_of_target(row.known.value, target),
        picture=progress_over_time(
            valid, target, plan.calendar.meetings, None if row.status.is_final else plan.moment
        ),
    )

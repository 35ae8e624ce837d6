"""Responses from suggested leads, proposals for measures, and City Growth's decisions on them."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from actions.models import Decision, Lead, LeadAnswer, MeasureProposal, OutcomeMeasure
from actions.plan import Plan
from history import clock
from history.clock import plan_change
from partners.models import Partner, User


class DecidedAlready(Exception):
    """Somebody else has decided or responded in the meantime."""


def answer_lead(
    *, lead: Lead, answer: LeadAnswer.Answer, reason: str, proposed: Partner | None, by: User
) -> LeadAnswer:
    """Record the response of a suggested lead. Raises DecidedAlready if one is waiting, or the lead is decided."""
    with clock.writing():
        waiting = lead.answers.filter(decision="pending")
        if (
            not Lead.objects.filter(pk=lead.pk, acceptance=Lead.Acceptance.SUGGESTED).exists()
            or waiting.exists()
        ):
            raise DecidedAlready
        return LeadAnswer.objects.create(
            lead=lead, answer=answer, reason=reason, proposed=proposed, asked_by=by, asked_by_name=str(by)
        )


def decide_answer(*, answer: LeadAnswer, agreed: bool, reason: str, by: User) -> None:
    """Record the decision on a response, and update the lead in the plan. Raises DecidedAlready."""
    with plan_change(by=by, reason=reason or _reason(answer)) as change:
        waiting = LeadAnswer.objects.filter(pk=answer.pk, decision="pending").first()
        if waiting is None:
            raise DecidedAlready
        waiting.decide(_decision(agreed), reason, by, change.recorded_at)
        waiting.save()
        if agreed:
            _follow(waiting)


def decide_proposal(*, proposal: MeasureProposal, agreed: bool, reason: str, by: User) -> None:
    """Record the decision on a proposed baseline or unit, and update the measure. Raises DecidedAlready."""
    with plan_change(by=by, reason=reason or f"Proposed by {proposal.asked_by_name}") as change:
        waiting = MeasureProposal.objects.filter(pk=proposal.pk, decision="pending").first()
        if waiting is None:
            raise DecidedAlready
        waiting.decide(_decision(agreed), reason, by, change.recorded_at)
        waiting.save()
        if agreed:
            measure = OutcomeMeasure.objects.get(pk=waiting.measure_id)
            measure.baseline = measure.baseline if waiting.baseline is None else waiting.baseline
            measure.unit = waiting.unit or measure.unit
            measure.save()


def pending_answers() -> "QuerySet[LeadAnswer]":
    """Responses of suggested leads that wait for City Growth, the oldest first."""
    waiting = LeadAnswer.objects.filter(decision=Decision.PENDING).order_by("asked_at", "pk")
    return waiting.select_related("lead__action", "lead__partner", "proposed")


def pending_proposals() -> "QuerySet[MeasureProposal]":
    """Proposed baselines and units that wait for City Growth, the oldest first."""
    waiting = MeasureProposal.objects.filter(decision=Decision.PENDING).order_by("asked_at", "pk")
    return waiting.select_related("measure__action")


def suggested_leads(plan: Plan) -> Any:
    """Leads of an organisation that nobody has confirmed, by action, unless one has said that they do not lead.

    Each has `answers_pending`: 1 where the partner has accepted and City Growth has not decided.
    """
    waiting = LeadAnswer.objects.filter(lead=OuterRef("row_id"), decision=Decision.PENDING).order_by()
    found = plan.leads().filter(acceptance=Lead.Acceptance.SUGGESTED, partner__kind=Partner.Kind.ORGANISATION)
    found = found.exclude(Exists(waiting.exclude(answer=LeadAnswer.Answer.ACCEPT)))
    counted = waiting.values("lead").annotate(n=Count("pk")).values("n")
    with_answers: Any = found.annotate(answers_pending=Coalesce(Subquery(counted), 0))
    return with_answers.select_related("action", "partner").order_by("action__number", "order", "row_id")


def confirm_leads(*, leads: Iterable[int], reason: str, by: User) -> list[Lead]:
    """Confirm suggested leads, by key, as one change; also agrees to any waiting yes.

    Returns the confirmed leads, without those decided or declined meanwhile. Raises DecidedAlready if that leaves none.
    """
    with plan_change(by=by, reason=reason) as change:
        no = LeadAnswer.objects.filter(lead=OuterRef("pk"), decision=Decision.PENDING)
        chosen = Lead.objects.filter(pk__in=list(leads), acceptance=Lead.Acceptance.SUGGESTED)
        chosen = chosen.exclude(Exists(no.exclude(answer=LeadAnswer.Answer.ACCEPT)))
        confirmed = list(chosen.select_related("action", "partner").order_by("action__number", "order"))
        if not confirmed:
            raise DecidedAlready
        keys = [lead.pk for lead in confirmed]
        Lead.objects.filter(pk__in=keys).update(acceptance=Lead.Acceptance.ACCEPTED)
        for answer in LeadAnswer.objects.filter(lead__in=keys, decision=Decision.PENDING):
            answer.decide(Decision.AGREED, reason, by, change.recorded_at)
            answer.save()
    return confirmed


def accept_leads(*, leads: Iterable[Lead], by: User) -> list[Lead]:
    """Record “yes, we lead it” for each suggested lead without a response. Returns those recorded."""
    with clock.writing():
        waiting = Q(answers__decision=Decision.PENDING)
        open_ones = Lead.objects.filter(
            pk__in=[lead.pk for lead in leads], acceptance=Lead.Acceptance.SUGGESTED
        ).exclude(waiting)
        recorded = list(open_ones.order_by("action__number"))
        for lead in recorded:
            LeadAnswer.objects.create(
                lead=lead, answer=LeadAnswer.Answer.ACCEPT, asked_by=by, asked_by_name=str(by)
            )
    return recorded


def _decision(agreed: bool) -> Decision:
    return Decision.AGREED if agreed else Decision.REFUSED


def _follow(answer: LeadAnswer) -> None:
    lead = answer.lead
    accepted = answer.answer == LeadAnswer.Answer.ACCEPT
    lead.acceptance = Lead.Acceptance.ACCEPTED if accepted else Lead.Acceptance.DECLINED
    lead.save()
    if answer.proposed:
        last = Lead.objects.filter(action=lead.action).aggregate(last=Max("order"))["last"] or 0
        other, made = Lead.objects.get_or_create(
            action=lead.action, partner=answer.proposed, defaults={"order": last + 1}
        )
        if not made and other.acceptance == Lead.Acceptance.DECLINED:
            other.acceptance = Lead.Acceptance.SUGGESTED
            other.save()


def _reason(answer: LeadAnswer) -> str:
    return answer.reason or f"{answer.get_answer_display()}: {answer.lead.partner}"

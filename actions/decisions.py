"""Responses from suggested leads, proposals for measures, and City Growth's decisions on them."""

from django.db.models import Max

from actions.models import Decision, Lead, LeadAnswer, MeasureProposal, OutcomeMeasure
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

"""Who leads: what a partner answers to being suggested, and what City Growth decides."""

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from actions.models import Lead, LeadAnswer, MeasureProposal, OutcomeMeasure, plan_change
from partners.models import Partner, User


class DecidedAlready(Exception):
    """Somebody else decided on it, or answered, in the meantime."""


@transaction.atomic
def answer_lead(
    *, lead: Lead, answer: LeadAnswer.Answer, reason: str, proposed: Partner | None, by: User
) -> LeadAnswer:
    """Record what a suggested lead answers. Raises DecidedAlready where an answer is waiting or the lead is settled."""
    standing = Lead.objects.select_for_update().get(pk=lead.pk)
    if standing.standing != Lead.Standing.SUGGESTED or standing.answers.filter(decision="pending").exists():
        raise DecidedAlready
    return LeadAnswer.objects.create(
        lead=standing, answer=answer, reason=reason, proposed=proposed, answered_by=by
    )


def decide_answer(*, answer: LeadAnswer, agreed: bool, reason: str, by: User) -> None:
    """City Growth decides: the plan's lead follows, with its history. Raises DecidedAlready."""
    with plan_change(by=by, reason=reason or _reason(answer)):
        waiting = LeadAnswer.objects.select_for_update().filter(pk=answer.pk, decision="pending").first()
        if waiting is None:
            raise DecidedAlready
        waiting.decision = LeadAnswer.Decision.AGREED if agreed else LeadAnswer.Decision.REFUSED
        waiting.decided_by, waiting.decided_at, waiting.decision_reason = by, timezone.now(), reason
        waiting.save()
        if agreed:
            _follow(waiting)


def decide_proposal(*, proposal: MeasureProposal, agreed: bool, reason: str, by: User) -> None:
    """City Growth decides on a proposed baseline or unit; the measure follows. Raises DecidedAlready."""
    with plan_change(by=by, reason=reason or f"Proposed by {proposal.proposed_by}"):
        waiting = (
            MeasureProposal.objects.select_for_update().filter(pk=proposal.pk, decision="pending").first()
        )
        if waiting is None:
            raise DecidedAlready
        waiting.decision = MeasureProposal.Decision.AGREED if agreed else MeasureProposal.Decision.REFUSED
        waiting.decided_by, waiting.decided_at = by, timezone.now()
        waiting.save()
        if agreed:
            measure = OutcomeMeasure.objects.select_for_update().get(pk=waiting.measure_id)
            measure.baseline = measure.baseline if waiting.baseline is None else waiting.baseline
            measure.unit = waiting.unit or measure.unit
            measure.save()


def _follow(answer: LeadAnswer) -> None:
    lead = answer.lead
    accepted = answer.answer == LeadAnswer.Answer.ACCEPT
    lead.standing = Lead.Standing.ACCEPTED if accepted else Lead.Standing.DECLINED
    lead.save()
    if answer.proposed:
        last = Lead.objects.filter(action=lead.action).aggregate(last=Max("order"))["last"] or 0
        other, made = Lead.objects.get_or_create(
            action=lead.action, partner=answer.proposed, defaults={"order": last + 1}
        )
        if not made and other.standing == Lead.Standing.DECLINED:
            other.standing = Lead.Standing.SUGGESTED
            other.save()


def _reason(answer: LeadAnswer) -> str:
    return answer.reason or f"{answer.get_answer_display()}: {answer.lead.partner}"

"""Requests that City Growth decides: responses from suggested leads, and proposed baselines and units."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from actions.models.framework import Lead, OutcomeMeasure
from actions.models.updates import person_and_partner
from history import clock
from partners.models import Partner, User
from web.numbers import as_number


class Decision(models.TextChoices):
    PENDING = "pending", "Waiting for City Growth"
    AGREED = "agreed", "Agreed"
    REFUSED = "refused", "Not agreed"


DECIDED_BY_SOMEONE = Q(decision="pending", decided_by=None, decided_at=None) | Q(
    decision__in=("agreed", "refused"), decided_by__isnull=False, decided_at__isnull=False
)


class Request(models.Model):
    """A request by a partner lead, decided once by staff. It keeps the names people had at the time."""

    asked_at = models.DateTimeField(default=clock.now)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_by_name = models.CharField(max_length=254, editable=False)
    decision = models.CharField(max_length=10, choices=Decision, default=Decision.PENDING)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_by_name = models.CharField(max_length=254, blank=True, editable=False)
    decision_reason = models.TextField(blank=True)

    class Meta:
        abstract = True
        ordering = ("-asked_at", "-pk")

    def decide(self, decision: Decision, reason: str, by: User, at: datetime) -> None:
        """Fill in the decision. The caller saves."""
        self.decision, self.decision_reason = decision, reason
        self.decided_at, self.decided_by, self.decided_by_name = at, by, str(by)

    def was_decided(self, moment: datetime) -> bool:
        return self.decided_at is not None and self.decided_at < moment


class LeadAnswer(Request):
    """The response of a suggested lead: accept, decline or propose another partner."""

    class Answer(models.TextChoices):
        ACCEPT = "accept", "Accept"
        DECLINE = "decline", "Decline"
        PROPOSE = "propose", "Propose another lead"

    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="answers")
    answer = models.CharField(max_length=10, choices=Answer)
    reason = models.TextField(blank=True)
    proposed = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta(Request.Meta):
        verbose_name, verbose_name_plural = "response from a lead", "responses from leads"
        constraints = (
            models.UniqueConstraint(
                fields=("lead",), condition=Q(decision="pending"), name="lead_answer_one_pending"
            ),
            models.CheckConstraint(
                condition=Q(answer="accept") | ~Q(reason=""), name="lead_answer_reason_unless_accepted"
            ),
            models.CheckConstraint(
                condition=Q(answer="propose", proposed__isnull=False)
                | (Q(answer__in=("accept", "decline")) & Q(proposed__isnull=True)),
                name="lead_answer_proposes_someone",
            ),
            models.CheckConstraint(condition=DECIDED_BY_SOMEONE, name="lead_answer_decided_by_someone"),
        )

    def __str__(self) -> str:
        return f"{self.lead}: {self.get_answer_display()}"

    @property
    def in_words(self) -> str:
        """“Universities does not lead this action.”, for pages."""
        partner = self.lead.partner
        if self.answer == self.Answer.ACCEPT:
            return f"{partner} leads this action."
        if self.answer == self.Answer.DECLINE:
            return f"{partner} does not lead this action."
        return f"{self.proposed} should lead this action, not {partner}."

    @property
    def asked_for(self) -> str:
        """Who responded and for which partner."""
        return person_and_partner(self.asked_by_name, self.lead.partner.name)


class MeasureProposal(Request):
    """A baseline, a unit or both, proposed for a numeric measure along with an update on it."""

    measure = models.ForeignKey(OutcomeMeasure, on_delete=models.PROTECT, related_name="proposals")
    baseline = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    unit = models.CharField(max_length=60, blank=True)

    class Meta(Request.Meta):
        constraints = (
            models.CheckConstraint(
                condition=Q(baseline__isnull=False) | ~Q(unit=""), name="measure_proposal_says_something"
            ),
            models.CheckConstraint(condition=DECIDED_BY_SOMEONE, name="measure_proposal_decided_by_someone"),
        )

    def __str__(self) -> str:
        return f"Proposal for {self.measure}"

    @property
    def in_words(self) -> str:
        """“baseline 40, unit apprenticeships”, for pages."""
        baseline = "" if self.baseline is None else f"baseline {as_number(self.baseline)}"
        unit = f"unit {self.unit}" if self.unit else ""
        return ", ".join(part for part in (baseline, unit) if part)

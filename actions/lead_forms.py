"""What a suggested lead answers, and what City Growth decides."""

from typing import Any

from django import forms

from actions.models import LeadAnswer
from actions.rows import LeadState
from partners.models import Partner
from web.forms import Described, PortalForm


class LeadAnswerForm(PortalForm):
    """What a suggested lead answers for their partner."""

    answer = forms.ChoiceField(
        label="Does your partner lead this action?",
        choices=[
            ("accept", Described("Yes, we lead it", hint="City Growth confirms, and “suggested” goes.")),
            ("decline", Described("No, we do not", hint="Say why. City Growth finds another lead.")),
            ("propose", Described("Another partner should", hint="Say who, and why. City Growth decides.")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose an answer."},
    )
    proposed = forms.ModelChoiceField(
        label="Which partner should lead it?",
        queryset=Partner.objects.none(),
        required=False,
        empty_label="No other",
    )
    reason = forms.CharField(
        label="Why?", widget=forms.Textarea(attrs={"rows": 3}), required=False, max_length=2000
    )

    def __init__(self, *args: Any, lead: LeadState, leads: list[LeadState], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        partners = [row.partner.row_id for row in leads]
        proposed: Any = self.fields["proposed"]
        proposed.queryset = Partner.objects.exclude(pk__in=partners).exclude(kind=Partner.Kind.EVERYONE)
        self.lead = lead

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        answer = cleaned.get("answer")
        if answer in (LeadAnswer.Answer.DECLINE, LeadAnswer.Answer.PROPOSE) and not cleaned.get("reason"):
            self.add_error("reason", "Say why.")
        if answer == LeadAnswer.Answer.PROPOSE and not cleaned.get("proposed"):
            self.add_error("proposed", "Choose the partner that should lead it.")
        elif answer in (LeadAnswer.Answer.ACCEPT, LeadAnswer.Answer.DECLINE) and cleaned.get("proposed"):
            self.add_error("proposed", "Choose “Another partner should” above, or “No other” here.")
        return cleaned


class DecisionForm(PortalForm):
    """What City Growth decides on an answer or a proposal."""

    decision = forms.ChoiceField(choices=[("agreed", "Agree"), ("refused", "Do not agree")])
    reason = forms.CharField(required=False, max_length=2000)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("decision") == "refused" and not cleaned.get("reason"):
            self.add_error("reason", "Say why you do not agree: the partner reads it.")
        return cleaned

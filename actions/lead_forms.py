"""Forms for the response of a suggested lead, and for the decision of City Growth."""

from typing import Any

from django import forms

from actions.models import LeadAnswer
from actions.rows import LeadState
from partners.models import Partner
from web.forms import Described, PortalForm


class LeadAnswerForm(PortalForm):
    """The response of a suggested lead, for their partner."""

    answer = forms.ChoiceField(
        label="Response",
        choices=[
            (
                "accept",
                Described("Yes, we lead it", hint="City Growth confirms, and “suggested” is removed."),
            ),
            ("decline", Described("No, we do not lead it", hint="Say why. City Growth finds another lead.")),
            (
                "propose",
                Described("Another partner should lead it", hint="Say which, and why. City Growth decides."),
            ),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a response."},
    )
    proposed = forms.ModelChoiceField(
        label="Which partner should lead it?",
        queryset=Partner.objects.none(),
        required=False,
        empty_label="Choose a partner",
    )
    reason = forms.CharField(
        label="Why?", widget=forms.Textarea(attrs={"rows": 3}), required=False, max_length=2000
    )

    def __init__(self, *args: Any, lead: LeadState, leads: list[LeadState], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        partners = [row.partner.row_id for row in leads]
        proposed: Any = self.fields["proposed"]
        proposed.queryset = (
            Partner.objects.present().exclude(pk__in=partners).exclude(kind=Partner.Kind.EVERYONE)
        )
        self.lead = lead

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        answer = cleaned.get("answer")
        if answer in (LeadAnswer.Answer.DECLINE, LeadAnswer.Answer.PROPOSE) and not cleaned.get("reason"):
            self.add_error("reason", "Say why, for City Growth.")
        if answer == LeadAnswer.Answer.PROPOSE and not cleaned.get("proposed"):
            self.add_error("proposed", "Choose the partner that should lead this action.")
        if answer != LeadAnswer.Answer.PROPOSE:
            cleaned["proposed"] = None  # its box is hidden
            self.errors.pop("proposed", None)
        return cleaned


class DecisionForm(PortalForm):
    """City Growth's decision on a response or a proposal."""

    decision = forms.ChoiceField(choices=[("agreed", "Agree"), ("refused", "Do not agree")])
    reason = forms.CharField(required=False, max_length=2000)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("decision") == "refused" and not cleaned.get("reason"):
            self.add_error("reason", "Say why you do not agree: the partner will read it.")
        return cleaned


class QuestionForm(PortalForm):
    """What staff ask about an update."""

    question = forms.CharField(
        label="Your question",
        max_length=2000,
        help_text="The leads see it on My updates. Their next update answers it.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Enter a question."},
    )

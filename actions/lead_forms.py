"""Forms for the response of a suggested lead, and for the decision of City Growth."""

from collections.abc import Iterable
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
                Described(
                    "Yes, we lead it", hint="Once City Growth confirms it, you are shown as “✓ accepted”."
                ),
            ),
            (
                "decline",
                Described(
                    "No, we do not lead it",
                    hint="Say why. City Growth will decide, and look for another lead.",
                ),
            ),
            (
                "propose",
                Described(
                    "Another partner should lead it",
                    hint="Say which partner, and why. City Growth will decide.",
                ),
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
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=2000,
        help_text="City Growth staff read it before they decide.",
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
            self.add_error("reason", "Enter a reason.")
        if answer == LeadAnswer.Answer.PROPOSE and not cleaned.get("proposed"):
            self.add_error("proposed", "Choose the partner that should lead this action.")
        if answer != LeadAnswer.Answer.PROPOSE:
            cleaned["proposed"] = None  # its box is hidden
            self.errors.pop("proposed", None)
        return cleaned


class DecisionForm(PortalForm):
    """City Growth's decision on a response or a proposal; two buttons send `decision`."""

    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=2000,
        help_text="Required if you do not agree: the partner will read it.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    decision = forms.ChoiceField(
        choices=[("agreed", "Agree"), ("refused", "Do not agree")],
        error_messages={
            "required": "Choose whether you agree.",
            "invalid_choice": "Choose whether you agree.",
        },
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("decision") == "refused" and not cleaned.get("reason"):
            self.add_error("reason", "Enter a reason. The partner will read it.")
        return cleaned


class TicksField(forms.MultipleChoiceField):
    """Ticked rows, by key. One that is no longer offered is no error: somebody else was faster."""

    widget = forms.CheckboxSelectMultiple

    def valid_value(self, value: Any) -> bool:
        return str(value).isdecimal() and len(str(value)) < 19


class LeadConfirmForm(PortalForm):
    """Which suggested leads City Growth confirms, and why."""

    leads = TicksField(label="Suggested leads", error_messages={"required": "Tick at least one lead."})
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        help_text="One reason for all of them, shown with your name in the history.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Enter a reason."},
    )

    def __init__(self, *args: Any, rows: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        leads: Any = self.fields["leads"]
        leads.choices = [
            (
                str(row.row_id),
                Described(
                    f"Action {row.action.number}: {row.partner}",
                    hint=row.action.title + (" (has accepted)" if row.answers_pending else ""),
                ),
            )
            for row in rows
        ]


class QuestionForm(PortalForm):
    """What staff ask about an update."""

    question = forms.CharField(
        label="Your question",
        max_length=2000,
        help_text="The leads see it on My updates. Their next update answers it.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Enter a question."},
    )

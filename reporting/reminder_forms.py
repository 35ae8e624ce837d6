"""Forms of reminders: the words that staff add, and “not me”."""

from django import forms

from reporting.models import NotMe
from reporting.reminders import Choice
from web.forms import PortalForm


class RemindForm(PortalForm):
    """What staff add to the reminders, and whom they include."""

    words = forms.CharField(
        label="Message to add (optional)",
        required=False,
        max_length=2000,
        help_text="Shown near the top of each e-mail, after the due date.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    recent = forms.BooleanField(label="Include people reminded in the last 24 hours", required=False)
    shared = forms.BooleanField(
        label="Include people who only owe updates on actions led by all partners", required=False
    )
    once_key = forms.CharField(
        widget=forms.HiddenInput,
        min_length=20,
        max_length=64,
        error_messages={"required": "Check the e-mails below, then send them."},
    )

    def choice(self) -> Choice:
        """What was chosen, as far as it is valid."""
        if not self.is_bound:
            return Choice()
        self.is_valid()
        said = self.cleaned_data
        return Choice(said.get("words", ""), said.get("recent", False), said.get("shared", False))


class NotMeForm(PortalForm):
    """Who should submit the updates instead."""

    hand_to = forms.CharField(
        label="Name or e-mail address",
        max_length=200,
        help_text="If you do not know, say where to ask.",
        error_messages={"required": "Enter who should submit the updates, or where to ask."},
    )
    note = forms.CharField(
        label="Anything City Growth should know (optional)",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class NotMeDecisionForm(PortalForm):
    """City Growth's decision."""

    decision = forms.ChoiceField(
        choices=[(one.value, one.label) for one in (NotMe.Decision.DISMISSED, NotMe.Decision.HANDED_ON)]
    )
    note = forms.CharField(required=False, max_length=2000)

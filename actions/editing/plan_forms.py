"""The reason that every change of the plan has, and the forms that ask for little more."""

from datetime import date
from typing import Any

from django import forms

from actions.editing.measure_fields import day_field, text_field
from web.forms import PortalForm


class PlanReasonForm(PortalForm):
    """Why the plan is changed: asked once, whatever is changed."""

    reason = forms.CharField(
        label="Why?",
        max_length=500,
        help_text="The plan's history shows this beside your name.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why."},
    )


class CloseActionForm(PortalForm):
    """Why and when the board closed an action."""

    decided_on = day_field("Date of the board's decision")
    reason = text_field("Why?", 3, "Say why.", "Shown as the comment of the update that closes each measure.")
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["decided_on"].required = True
        self.fields["decided_on"].error_messages["required"] = "Give the date of the board's decision."

    def clean_decided_on(self) -> date:
        day: date = self.cleaned_data["decided_on"]
        if day > self.today:
            raise forms.ValidationError("The date must be today or in the past.")
        return day


class TargetDatesForm(PlanReasonForm):
    """One target date for every measure that has none."""

    day = day_field(
        "Target date", "For example, the day on which the plan ends. Once saved, it stays for good."
    )
    expected = forms.IntegerField(widget=forms.HiddenInput, required=False)
    field_order = ("day", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].required = True
        self.fields["day"].error_messages["required"] = "Give the target date."

"""The reason that every change of the plan has, and the forms that ask for little more."""

from datetime import date
from typing import Any

from django import forms

from actions.editing.measure_fields import day_field, text_field
from web.forms import PortalForm


class PlanReasonForm(PortalForm):
    """Why the plan is changed: asked once, whatever is changed."""

    reason = forms.CharField(
        label="Reason",
        max_length=500,
        help_text="Shown with your name in the history.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Enter a reason."},
    )


class CloseActionForm(PortalForm):
    """Why and when the board closed an action."""

    decided_on = day_field("Date of the board’s decision")
    reason = text_field(
        "Reason", 3, "Enter a reason.", "Shown as the comment of the update that closes each measure."
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["decided_on"].required = True
        self.fields["decided_on"].error_messages["required"] = "Enter the date of the board’s decision."

    def clean_decided_on(self) -> date:
        day: date = self.cleaned_data["decided_on"]
        if day > self.today:
            raise forms.ValidationError("The date must be today or in the past.")
        return day


class TargetDatesForm(PlanReasonForm):
    """One target date for every measure that has none."""

    day = day_field(
        "Target date", "For example, the last day of the plan. You cannot change it once it is saved."
    )
    expected = forms.IntegerField(widget=forms.HiddenInput, required=False)
    field_order = ("day", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].required = True
        self.fields["day"].error_messages["required"] = "Enter the target date."

"""Forms of reporting periods and board meetings."""

from datetime import date
from typing import Any

from django import forms

from history.models import Version
from reporting.edits import newest_version
from reporting.meetings import why_date_is_fixed
from reporting.models import (
    BoardMeeting,
    BoardMeetingVersion,
    ReportingPeriod,
    ReportingPeriodVersion,
)
from web.forms import PortalForm, PortalModelForm

NOT_A_DATE = "Enter a date, for example 2008-12-17."


class ReasonForm(PortalForm):
    """Why a closed period is opened again."""

    reason = forms.CharField(
        label="Reason",
        max_length=500,
        help_text="Shown with your name in the history.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Enter a reason."},
    )


class DayInput(forms.DateInput):
    """The browser's own date picker, which sends and expects 2026-09-01."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class EditForm(PortalModelForm):
    """A form on a row that others edit too: it carries the reason and the version its editor opened."""

    versions: type[Version]
    seen = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        help_text="Shown with your name in the history.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Enter a reason."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = newest_version(self.versions, self.instance).pk

    @property
    def has_edits(self) -> bool:
        """Whether anything but the reason differs from what is saved."""
        return bool(set(self.changed_data) - {"seen", "reason"})

    def show_newest(self, newest: int) -> None:
        """Put the version that somebody else has saved into the form: its editor has now read about it."""
        self.data = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        self.data["seen"] = str(newest)  # type: ignore[index]  # a copy, which can be changed


class PeriodForm(PortalModelForm):
    """A new reporting period."""

    class Meta:
        model = ReportingPeriod
        fields = ("name", "opens", "due", "closes", "meeting")
        labels = {
            "opens": "Opens",
            "due": "Updates due",
            "closes": "Last day",
            "meeting": "Board meeting that gets the paper",
        }
        help_texts = {
            "name": "Leads see this name. For example: “October to December 2008”.",
            "opens": "Updates count for the period from this day.",
            "due": "The last day to submit an update. From the next day it is overdue.",
            "closes": "The last day of the period. It does not close by itself: you close it when the updates are in.",
            "meeting": "You can choose it later, too.",
        }
        widgets = {"opens": DayInput, "due": DayInput, "closes": DayInput}
        error_messages = {
            "name": {
                "required": "Enter a name.",
                "unique": "Another reporting period has this name.",
            },
            "opens": {"required": "Enter the day the period opens.", "invalid": NOT_A_DATE},
            "due": {"required": "Enter the day updates are due.", "invalid": NOT_A_DATE},
            "closes": {"required": "Enter the last day of the period.", "invalid": NOT_A_DATE},
        }

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        meeting: Any = self.fields["meeting"]
        meeting.empty_label = "No meeting yet"
        meeting.label_from_instance = _meeting_label

    def clean_opens(self) -> date:
        """An open period must start today or earlier."""
        opens: date = self.cleaned_data["opens"]
        latest = f"{self.today:%-d %B %Y}"
        if opens > self.today and self.instance.is_open:
            raise forms.ValidationError(f"The period is open, so it cannot begin after today, {latest}.")
        if opens > self.today and "open" in self.data:
            raise forms.ValidationError(f"To open the period now, this must be {latest} or earlier.")
        return opens


class PeriodEditForm(EditForm, PeriodForm):
    """Name, dates and meeting of a period that is not closed."""

    versions = ReportingPeriodVersion


class MeetingForm(PortalModelForm):
    """A new board meeting."""

    class Meta:
        model = BoardMeeting
        fields = ("name", "held_on", "note")
        labels = {"held_on": "Date", "note": "Covering note"}
        help_texts = {
            "name": "For example “January meeting”.",
            "note": "Optional. Shown at the top of the paper for this meeting.",
        }
        widgets = {"held_on": DayInput, "note": forms.Textarea(attrs={"rows": 4})}
        error_messages = {
            "name": {"required": "Enter a name."},
            "held_on": {
                "required": "Enter the date of the meeting.",
                "invalid": NOT_A_DATE,
                "unique": "There is already a board meeting on that day.",
            },
        }


class MeetingEditForm(EditForm, MeetingForm):
    """Name, date and note of a meeting; the date of some is fixed."""

    versions = BoardMeetingVersion

    def clean_held_on(self) -> date:
        held_on: date = self.cleaned_data["held_on"]
        if held_on != self.initial["held_on"] and (why := why_date_is_fixed(self.instance)):
            raise forms.ValidationError(why)
        return held_on


def _meeting_label(meeting: BoardMeeting) -> str:
    return f"{meeting}, {meeting.held_on:%-d %B %Y}"


class CloseForm(ReasonForm):
    """What is settled before a period is closed: its meeting, the covering note, and why it is closed now."""

    meeting = forms.ModelChoiceField(
        label="Board meeting that gets the paper",
        queryset=BoardMeeting.objects.all(),
        required=False,
        empty_label="No meeting",
    )
    note = forms.CharField(
        label="Covering note",
        required=False,
        max_length=5000,
        help_text="Optional. Shown at the top of the paper for this meeting.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    field_order = ("meeting", "note", "reason")

    def __init__(self, *args: Any, period: ReportingPeriod, **kwargs: Any) -> None:
        meeting = period.meeting or next_meeting(period)
        initial = {
            "meeting": meeting,
            "note": meeting.note if meeting else "",
            "reason": f"{period} closed",
        }
        super().__init__(*args, **{"initial": initial, **kwargs})

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("note") and not cleaned.get("meeting") and "meeting" in cleaned:
            self.add_error("meeting", "Choose the meeting that the covering note is for.")
        return cleaned


def next_meeting(period: ReportingPeriod) -> BoardMeeting | None:
    """The first meeting from the period's due date on that no other period serves."""
    served = ReportingPeriod.objects.exclude(meeting=None).exclude(pk=period.pk).values("meeting")
    coming = BoardMeeting.objects.filter(held_on__gte=period.due).exclude(pk__in=served)
    return coming.order_by("held_on").first()

"""Forms of reporting periods."""

from typing import Any

from django import forms

from reporting.models import BoardMeeting, ReportingPeriod
from web.forms import PortalForm


class ReasonForm(PortalForm):
    """Why a closed period is opened again."""

    reason = forms.CharField(
        label="Why?",
        max_length=500,
        help_text="Kept in the history beside your name.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why."},
    )


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
        help_text="Optional. Stands at the top of the paper for this meeting.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    field_order = ("meeting", "note", "reason")

    def __init__(self, *args: Any, period: ReportingPeriod, **kwargs: Any) -> None:
        meeting = period.meeting or _next_meeting(period)
        initial = {
            "meeting": meeting,
            "note": meeting.note if meeting else "",
            "reason": f"{period} is over",
        }
        super().__init__(*args, **{"initial": initial, **kwargs})

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("note") and not cleaned.get("meeting") and "meeting" in cleaned:
            self.add_error("meeting", "Choose the meeting that the covering note is for.")
        return cleaned


def _next_meeting(period: ReportingPeriod) -> BoardMeeting | None:
    """The first meeting from the period's due date on that no other period serves."""
    served = ReportingPeriod.objects.exclude(meeting=None).exclude(pk=period.pk).values("meeting")
    return (
        BoardMeeting.objects.filter(held_on__gte=period.due)
        .exclude(pk__in=served)
        .order_by("held_on")
        .first()
    )

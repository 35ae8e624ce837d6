"""What people fill in: a progress update."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone

from actions.evidence import ACCEPTED, check_upload
from actions.models import EvidenceFile, ProgressUpdate, Status, as_number
from actions.models.status import REPORTABLE
from actions.reports import Report
from actions.rows import MeasureRow
from partners.models import Partner, User
from web.forms import Described, PortalForm

ASKS: dict[str, str | dict[Status, str]] = {
    "comment": "Say in a sentence or two how it is going.",
    "next_step": {
        Status.AT_RISK: "Say what the next step to recover is.",
        Status.OFF_TRACK: "Say what you ask of the board.",
    },
    "evidence": "Give evidence that the outcome measure is met: in words, a web address or a file.",
    "completed_on": "Give the date on which the outcome measure was met.",
    "decided_on": "Give the date of the board's decision.",
}


class NumberField(forms.DecimalField):
    """A number as people type it: “5,000” is taken. What is none stays in the box as typed, and is said in words."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "govuk-input--width-10"})

    def __init__(self, **kwargs: Any) -> None:
        messages = {"invalid": "Give a number, like 40 or 5,000."}
        super().__init__(required=False, max_digits=14, decimal_places=2, error_messages=messages, **kwargs)

    def to_python(self, value: Any) -> Any:
        return super().to_python(
            re.sub(r"(?<=\d),(?=\d{3}\b)", "", value) if isinstance(value, str) else value
        )

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {}  # no step: it is not the browser's to refuse


class UpdateForm(PortalForm):
    """One report on one outcome measure: what each status asks for is enforced here, and by the database once more."""

    status = forms.ChoiceField(
        label="How is it going?", widget=forms.RadioSelect, error_messages={"required": "Choose a status."}
    )
    comment = forms.CharField(
        label="What happened since last time?",
        help_text="Two sentences are enough. Asked for with every status but Complete.",
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        max_length=5000,
    )
    next_step = forms.CharField(
        label="Recovery step, or what you ask of the board",
        help_text="Asked for with At risk (the next step to recover) and Off track (what you ask of the board).",
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=5000,
    )
    value = NumberField(label="Value reached")
    value_is_right = forms.BooleanField(label="Yes, this value is right", required=False)
    baseline = NumberField(
        label="Propose a baseline", help_text="The value before work began. City Growth decides."
    )
    unit = forms.CharField(
        label="Propose a unit",
        help_text="For example: apprenticeships. City Growth decides.",
        required=False,
        max_length=60,
    )
    evidence = forms.CharField(
        label="Evidence in words", widget=forms.Textarea(attrs={"rows": 2}), required=False, max_length=5000
    )
    evidence_url = forms.CharField(
        label="Evidence on the web",
        help_text="The whole address, beginning with https://",
        widget=forms.URLInput,
        required=False,
        max_length=500,
    )
    evidence_file = forms.FileField(
        label="Evidence as a file", help_text=f"Up to 10 MB: {ACCEPTED}.", required=False, max_length=200
    )
    drop_file = forms.BooleanField(label="Take the file away again", required=False)
    completed_on = forms.DateField(
        label="Date the outcome measure was met",
        widget=forms.DateInput(attrs={"type": "date"}),
        required=False,
    )
    decided_on = forms.DateField(
        label="Date of the board's decision",
        help_text="Asked for with Closed, not completed.",
        widget=forms.DateInput(attrs={"type": "date"}),
        required=False,
    )
    on_behalf_of = forms.ChoiceField(
        label="Who do you report for?", error_messages={"required": "Choose whom you report for."}
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    corrects = forms.IntegerField(widget=forms.HiddenInput, required=False)
    once_key = forms.CharField(widget=forms.HiddenInput, max_length=64, min_length=20)

    def __init__(
        self,
        *args: Any,
        row: MeasureRow,
        by: User,
        speakers_for: list[Partner],
        held_file: EvidenceFile | None = None,
        last_value: Decimal | None = None,
        **kwargs: Any,
    ) -> None:
        self.row, self.by, self.held_file, self.last_value = row, by, held_file, last_value
        self.speakers_for = {str(partner.pk): partner for partner in speakers_for}
        super().__init__(*args, **kwargs)
        self.fields["status"].choices = [  # type: ignore[attr-defined]  # a ChoiceField has choices
            (status.value, Described(status.label, hint=status.meaning, symbol=status.symbol))
            for status in sorted(REPORTABLE, key=_as_chosen)
            if status != Status.CLOSED or by.is_staff
        ]
        speakers: Any = self.fields["on_behalf_of"]
        speakers.choices = [(key, partner.name) for key, partner in self.speakers_for.items()]
        if len(self.speakers_for) == 1:
            del self.fields["on_behalf_of"]
        if by.is_staff:
            self.fields["comment"].help_text += " With Closed, the reason."
        else:
            del self.fields["decided_on"]
        if not held_file:
            del self.fields["drop_file"]
        self._fit_numbers()

    def _fit_numbers(self) -> None:
        measure = self.row.measure
        if not measure.is_numeric:
            for name in ("value", "value_is_right", "baseline", "unit"):
                del self.fields[name]
            return
        unit = f" {measure.unit}" if measure.unit else ""
        said = f" Last said: {as_number(self.last_value)}{unit}." if self.last_value is not None else ""
        self.fields[
            "value"
        ].help_text = f"In all so far, in numbers. Target: {as_number(measure.target)}{unit}.{said}"
        if measure.baseline is not None:
            del self.fields["baseline"]
        if measure.unit:
            del self.fields["unit"]

    def clean_evidence_url(self) -> str:
        address: str = self.cleaned_data["evidence_url"].strip()
        if address:
            try:
                URLValidator(schemes=["http", "https"])(address)
            except ValidationError as error:
                raise ValidationError(
                    "Give a whole web address, like https://www.example.org/report."
                ) from error
        return address

    def clean_evidence_file(self) -> Any:
        upload = self.cleaned_data["evidence_file"]
        if upload:
            upload.kind = check_upload(upload)
        return upload

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if status := cleaned.get("status"):
            self._ask_for_what_is_missing(Status(status), cleaned)
        elif not cleaned.get("comment") and "comment" not in self.errors:
            self.add_error("comment", str(ASKS["comment"]))
        self._ask_about_value(cleaned)
        return cleaned

    def _ask_for_what_is_missing(self, status: Status, cleaned: dict[str, Any]) -> None:
        for name in status.asks_for:
            if name in self.errors or (name == "evidence" and self._has_evidence(cleaned)):
                continue
            given = cleaned.get(name)
            if not given:
                ask = ASKS[name]
                self.add_error(name, ask[status] if isinstance(ask, dict) else ask)
            elif isinstance(given, date) and given > timezone.localdate():
                self.add_error(name, "This day is still to come. Give a day up to today.")

    def _has_evidence(self, cleaned: dict[str, Any]) -> bool:
        held = self.held_file and not cleaned.get("drop_file")
        given = any(cleaned.get(name) for name in ("evidence", "evidence_url", "evidence_file"))
        # a bad address or file is said at its own field; asking for evidence as well would confuse
        return bool(held or given or {"evidence_url", "evidence_file"} & self.errors.keys())

    def _ask_about_value(self, cleaned: dict[str, Any]) -> None:
        """A decrease, or a jump past the target, may be right: it is asked about, not refused."""
        value, target = cleaned.get("value"), self.row.measure.target
        if value is None or target is None or cleaned.get("value_is_right"):
            return
        if self.last_value is not None and value < self.last_value:
            question = f"{as_number(value)} is less than the {as_number(self.last_value)} reported last."
        elif value > target and (self.last_value is None or self.last_value <= target):
            question = f"{as_number(value)} is beyond the target of {as_number(target)}."
        else:
            return
        self.add_error("value", f"{question} If it is right, tick “Yes, this value is right” and save again.")

    @property
    def asks_about_value(self) -> bool:
        """Whether the tick that confirms an unusual value is to be shown."""
        given = self.data.get("value_is_right") if self.is_bound else None
        return bool(given) or any("tick “Yes" in error for error in self.errors.get("value", []))

    @property
    def opens_evidence(self) -> bool:
        """Whether the folded part on evidence holds something to see: an error, or what was typed."""
        names = ("evidence", "evidence_url", "evidence_file", "completed_on")
        return bool(self.held_file) or any(self[name].errors or self[name].value() for name in names)

    @property
    def speaks_for(self) -> Partner:
        """The partner on whose behalf a valid form reports."""
        if len(self.speakers_for) == 1:
            return next(iter(self.speakers_for.values()))
        return self.speakers_for[self.cleaned_data["on_behalf_of"]]

    def report(self, evidence_file: EvidenceFile | None) -> Report:
        """What a valid form says."""
        data = self.cleaned_data
        return Report(
            status=Status(data["status"]),
            comment=data["comment"],
            next_step=data["next_step"],
            evidence=data["evidence"],
            evidence_url=data["evidence_url"],
            evidence_file=evidence_file,
            completed_on=data["completed_on"] if data["status"] == Status.COMPLETE else None,
            decided_on=data.get("decided_on") if data["status"] == Status.CLOSED else None,
            value=data.get("value"),
            proposed_baseline=data.get("baseline"),
            proposed_unit=data.get("unit") or "",
        )


def _as_chosen(status: Status) -> int:
    """The commonest answer first."""
    return (
        Status.ON_TRACK,
        Status.AT_RISK,
        Status.OFF_TRACK,
        Status.NOT_STARTED,
        Status.COMPLETE,
        Status.CLOSED,
    ).index(status)


def corrected(update: ProgressUpdate) -> dict[str, Any]:
    """The fields of a report, to begin its correction from."""
    return {
        "status": update.status,
        "comment": update.comment,
        "next_step": update.next_step,
        "evidence": update.evidence,
        "evidence_url": update.evidence_url,
        "completed_on": update.completed_on,
        "decided_on": update.decided_on,
        "value": update.value,
        "on_behalf_of": str(update.on_behalf_of_id),
        "corrects": update.pk,
    }

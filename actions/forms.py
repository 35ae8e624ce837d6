"""What people fill in: a progress update."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from actions.evidence import ACCEPTED, check_upload
from actions.models import EvidenceFile, MeasureProposal, ProgressUpdate, Status, as_number
from actions.models.status import REPORTABLE
from actions.rows import MeasureState
from partners.models import Partner, User
from web.forms import Described, PortalModelForm

ASKS: dict[str, str | dict[Status, str]] = {
    "comment": "Say in a sentence or two how it is going.",
    "next_step": {
        Status.AT_RISK: "Say what the next step to recover is.",
        Status.OFF_TRACK: "Say what you need from the board.",
    },
    "evidence": "Give evidence that the outcome measure is met: in words, a web address or a file.",
    "completed_on": "Give the date on which the outcome measure was met.",
    "decided_on": "Give the date of the board's decision.",
}


class NumberField(forms.DecimalField):
    """A number as people type it, “5,000” too. Invalid input is left in the box and reported as an error."""

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


class UpdateForm(PortalModelForm):
    """One update on one outcome measure. What each status asks for is enforced here, and by the database once more."""

    status = forms.ChoiceField(
        label="How is it going?", widget=forms.RadioSelect, error_messages={"required": "Choose a status."}
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
    drop_file = forms.BooleanField(label="Remove this file", required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    corrects = forms.IntegerField(widget=forms.HiddenInput, required=False)
    once_key = forms.CharField(widget=forms.HiddenInput, max_length=64, min_length=20)

    class Meta:
        model = ProgressUpdate
        fields = (
            "status", "comment", "next_step", "value", "evidence", "evidence_url", "completed_on", "decided_on",
            "on_behalf_of", "once_key",
        )  # fmt: skip
        labels = {
            "comment": "What happened since last time?",
            "next_step": "Recovery step, or what you need from the board",
            "evidence": "Evidence in words",
            "completed_on": "Date the outcome measure was met",
            "decided_on": "Date of the board's decision",
            "on_behalf_of": "Who do you submit this update for?",
        }
        help_texts = {
            "comment": "Two sentences are enough. Needed with every status but Complete.",
            "next_step": "Needed with At risk (the next step to recover) and Off track (what you need from the board).",
            "decided_on": "Needed with Closed, not completed.",
        }
        error_messages = {"on_behalf_of": {"required": "Choose a partner."}}
        widgets = {
            "comment": forms.Textarea(attrs={"rows": 4, "maxlength": 5000}),
            "next_step": forms.Textarea(attrs={"rows": 3, "maxlength": 5000}),
            "evidence": forms.Textarea(attrs={"rows": 2, "maxlength": 5000}),
            "completed_on": forms.DateInput(attrs={"type": "date"}),
            "decided_on": forms.DateInput(attrs={"type": "date"}),
        }

    def __init__(
        self,
        *args: Any,
        row: MeasureState,
        by: User,
        partners: list[Partner],
        today: date,
        held_file: EvidenceFile | None = None,
        **kwargs: Any,
    ) -> None:
        self.row, self.by, self.held_file, self.today = row, by, held_file, today
        self.last_value: Decimal | None = row.known.value
        self.partners = {str(partner.pk): partner for partner in partners}
        instance = ProgressUpdate(measure_id=row.id)
        # This form says in its own words what the constraints ask for, and the database has the last word.
        instance.validate_constraints = lambda exclude=None: None  # type: ignore[method-assign]
        super().__init__(*args, **{**kwargs, "instance": instance})
        choices: Any = self.fields["status"]
        choices.choices = [
            (status.value, Described(status.label, hint=status.meaning, symbol=status.symbol))
            for status in sorted(REPORTABLE, key=_as_chosen)
            if status != Status.CLOSED or by.is_staff
        ]
        self._fit_partners()
        if by.is_staff:
            self.fields["comment"].help_text += " With Closed, the reason."
        else:
            del self.fields["decided_on"]
        if not held_file:
            del self.fields["drop_file"]
        self._fit_numbers()

    def _fit_partners(self) -> None:
        partners: Any = self.fields["on_behalf_of"]
        partners.queryset = Partner.objects.filter(pk__in=self.partners)
        partners.empty_label = None
        if len(self.partners) == 1:
            del self.fields["on_behalf_of"]
            self.instance.on_behalf_of = next(iter(self.partners.values()))

    def _fit_numbers(self) -> None:
        measure = self.row.measure
        if not measure.is_numeric:
            for name in ("value", "value_is_right", "baseline", "unit"):
                del self.fields[name]
            return
        unit = f" {measure.unit}" if measure.unit else ""
        last = f" Last time: {as_number(self.last_value)}{unit}." if self.last_value is not None else ""
        help_text = f"In all so far, in numbers. Target: {as_number(measure.target)}{unit}.{last}"
        self.fields["value"].help_text = help_text
        if measure.baseline is not None:
            del self.fields["baseline"]
        if measure.unit:
            del self.fields["unit"]

    def validate_unique(self) -> None:
        """A key that was used before is no fault of the author's: `submit_update` knows what to do with it."""

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
            self._leave_out_what_is_not_asked_for(Status(status), cleaned)
        elif not cleaned.get("comment") and "comment" not in self.errors:
            self.add_error("comment", str(ASKS["comment"]))
        latest = self.row.update  # only that can be corrected; where somebody submitted since, nothing is
        self.instance.corrects = latest if latest and cleaned.get("corrects") == latest.pk else None
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
            elif isinstance(given, date) and given > self.today:
                self.add_error(name, "The date must be today or in the past.")

    @staticmethod
    def _leave_out_what_is_not_asked_for(status: Status, cleaned: dict[str, Any]) -> None:
        """A recovery step or a date that belongs to another status goes; evidence may be given with any."""
        if "next_step" not in status.asks_for:
            cleaned["next_step"] = ""
        for name in ("completed_on", "decided_on"):
            if name not in status.asks_for and name in cleaned:
                cleaned[name] = None

    def _has_evidence(self, cleaned: dict[str, Any]) -> bool:
        held = self.held_file and not cleaned.get("drop_file")
        given = any(cleaned.get(name) for name in ("evidence", "evidence_url", "evidence_file"))
        # a bad address or file has an error at its own field; asking for evidence as well would confuse
        return bool(held or given or {"evidence_url", "evidence_file"} & self.errors.keys())

    def _ask_about_value(self, cleaned: dict[str, Any]) -> None:
        """A decrease, or a jump past the target, may be right: the form asks, and does not refuse."""
        value, target = cleaned.get("value"), self.row.measure.target
        if value is None or target is None or cleaned.get("value_is_right"):
            return
        # a correction replaces the last value, and is compared with the one before it
        last = self.row.known.before_value if self.instance.corrects else self.last_value
        if last is not None and value < last:
            question = f"{as_number(value)} is less than the {as_number(last)} of last time."
        elif value > target and (last is None or last <= target):
            question = f"{as_number(value)} is more than the target of {as_number(target)}."
        else:
            return
        self.add_error(
            "value", f"{question} If it is right, tick “Yes, this value is right” and submit again."
        )

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
    def proposal(self) -> MeasureProposal | None:
        """The baseline or unit that a valid form proposes."""
        baseline, unit = self.cleaned_data.get("baseline"), self.cleaned_data.get("unit") or ""
        if baseline is None and not unit:
            return None
        return MeasureProposal(measure_id=self.row.id, baseline=baseline, unit=unit)


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
    """The fields of an update, to begin its correction from."""
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

"""The form of a progress update."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from actions.choices import ASKED_BESIDE, CORRECTION, FIRST, NEXT, NEXT_STEP, Choice, as_chosen
from actions.evidence import ACCEPTED, check_upload
from actions.models import EvidenceFile, MeasureProposal, ProgressUpdate, Status, as_number
from actions.models.status import CHOOSABLE
from actions.rows import MeasureState
from partners.models import Partner, User
from web.forms import Described, NumberField, PortalModelForm

MISSING = {
    "recovery_step": "Say what you will do to get back on track.",
    "board_request": "Say what you need from the board.",
    "evidence": "Give evidence that the outcome measure is met: in words, as a web address or as a file.",
    "completed_on": "Enter the date on which the outcome measure was met.",
    "decided_on": "Enter the date of the board’s decision.",
}
RADIOS_AT_MOST = 4


class UpdateForm(PortalModelForm):
    """An update on one outcome measure. The database enforces what each status requires as well."""

    field_order = (
        "on_behalf_of", "status", "recovery_step", "board_request", "decided_on", "completed_on", "evidence",
        "evidence_url", "evidence_file", "drop_file", "comment", "value", "value_is_right", "baseline", "unit",
    )  # fmt: skip

    status = forms.ChoiceField(
        label="How is it going?", widget=forms.RadioSelect, error_messages={"required": "Choose a status."}
    )
    recovery_step = forms.CharField(
        label="What will you do to get back on track?",
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=5000,
    )
    board_request = forms.CharField(
        label="What do you need from the board?",
        help_text="The board page shows this with the action.",
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=5000,
    )
    value = NumberField(label="Value reached")
    value_is_right = forms.BooleanField(label="Yes, this value is right", required=False)
    baseline = NumberField(
        label="Propose a baseline", help_text="The value before work began. City Growth will decide."
    )
    unit = forms.CharField(
        label="Propose a unit",
        help_text="For example: apprenticeships. City Growth will decide.",
        required=False,
        max_length=60,
    )
    evidence_url = forms.CharField(
        label="Web address of the evidence",
        help_text="The full address, beginning with https://",
        widget=forms.URLInput,
        required=False,
        max_length=500,
    )
    evidence_file = forms.FileField(
        label="Evidence as a file", help_text=f"{ACCEPTED}, up to 10 MB.", required=False, max_length=200
    )
    drop_file = forms.BooleanField(label="Remove this file", required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    corrects = forms.IntegerField(widget=forms.HiddenInput, required=False)
    once_key = forms.CharField(widget=forms.HiddenInput, max_length=64, min_length=20)

    class Meta:
        model = ProgressUpdate
        fields = (
            "status", "comment", "value", "evidence", "evidence_url", "completed_on", "decided_on",
            "on_behalf_of", "once_key",
        )  # fmt: skip
        labels = {
            "evidence": "Evidence in words",
            "completed_on": "Date the outcome measure was met",
            "decided_on": "Date of the board’s decision",
            "on_behalf_of": "Which partner are you submitting this update for?",
        }
        help_texts = {
            "comment": "Two sentences are enough.",
            "evidence": "For example, who confirmed it and where it is recorded.",
        }
        error_messages = {"on_behalf_of": {"required": "Choose a partner."}}
        widgets = {
            "comment": forms.Textarea(attrs={"rows": 4, "maxlength": 5000}),
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
        # The constraints are checked in clean(), with messages of our own, and by the database.
        instance.validate_constraints = lambda exclude=None: None  # type: ignore[method-assign]
        super().__init__(*args, **{**kwargs, "instance": instance})
        choices: Any = self.fields["status"]
        choices.choices = [
            (status.value, Described(status.label, hint=status.meaning, symbol=status.symbol))
            for status in sorted(CHOOSABLE, key=as_chosen)
            if status != Status.CLOSED or by.is_staff
        ]
        self._fit_comment()
        self._fit_partners()
        if by.is_staff:
            self.fields["comment"].help_text += " If closed, give the reason."
        else:
            del self.fields["decided_on"]
        if not held_file:
            del self.fields["drop_file"]
        self._fit_numbers()

    def _fit_comment(self) -> None:
        asked = CORRECTION if self["corrects"].value() else NEXT if self.row.update else FIRST
        self.fields["comment"].label, missing = asked
        self.missing = MISSING | {"comment": missing}

    def _fit_partners(self) -> None:
        partners: Any = self.fields["on_behalf_of"]
        partners.queryset = Partner.objects.filter(pk__in=self.partners)
        if 1 < len(self.partners) <= RADIOS_AT_MOST:
            partners.empty_label = None
            partners.widget = forms.RadioSelect(choices=partners.choices)
        else:
            partners.empty_label = "Choose a partner"
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
        help_text = f"The total so far. Target: {as_number(measure.target)}{unit}.{last}"
        self.fields["value"].help_text = help_text
        if measure.baseline is not None:
            del self.fields["baseline"]
        if measure.unit:
            del self.fields["unit"]

    def validate_unique(self) -> None:
        """Skip the check of `once_key`: `submit_update` returns what a used key recorded."""

    def clean_evidence_url(self) -> str:
        address: str = self.cleaned_data["evidence_url"].strip()
        if address:
            try:
                URLValidator(schemes=["http", "https"])(address)
            except ValidationError as error:
                raise ValidationError(
                    "Enter a full web address, like https://www.example.org/report."
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
            self._leave_out_what_is_not_asked_for(Status(status), cleaned)
            self._ask_for_what_is_missing(Status(status), cleaned)
            self.instance.next_step = cleaned.get(NEXT_STEP.get(Status(status), "")) or ""
        elif not cleaned.get("comment") and "comment" not in self.errors:
            self.add_error("comment", self.missing["comment"])
        latest = self.row.update  # only the latest can be corrected
        self.instance.corrects = latest if latest and cleaned.get("corrects") == latest.pk else None
        self._ask_about_value(cleaned)
        return cleaned

    def _ask_for_what_is_missing(self, status: Status, cleaned: dict[str, Any]) -> None:
        for asked in status.asks_for:
            name = NEXT_STEP[status] if asked == "next_step" else asked
            if name in self.errors or (name == "evidence" and self._has_evidence(cleaned)):
                continue
            given = cleaned.get(name)
            if not given:
                self.add_error(name, self.missing[name])
            elif isinstance(given, date) and given > self.today:
                self.add_error(name, "The date must be today or in the past.")

    def _leave_out_what_is_not_asked_for(self, status: Status, cleaned: dict[str, Any]) -> None:
        """Drop what belongs to another status, with its errors: its box is hidden. Any status may have evidence."""
        asked = (*status.asks_for, NEXT_STEP.get(status))
        for name in ("recovery_step", "board_request", "completed_on", "decided_on"):
            if name not in asked and name in self.fields:
                cleaned[name] = None
                self.errors.pop(name, None)

    def _has_evidence(self, cleaned: dict[str, Any]) -> bool:
        held = self.held_file and not cleaned.get("drop_file")
        given = any(cleaned.get(name) for name in ("evidence", "evidence_url", "evidence_file"))
        # an invalid address or file has an error of its own: one is enough
        return bool(held or given or {"evidence_url", "evidence_file"} & self.errors.keys())

    def _ask_about_value(self, cleaned: dict[str, Any]) -> None:
        """Ask whether a decrease, or a jump past the target, is right; a tick accepts it."""
        value, target = cleaned.get("value"), self.row.measure.target
        if value is None or target is None or cleaned.get("value_is_right"):
            return
        # a correction replaces the last value, so compare with the one before that
        last = self.row.known.before_value if self.instance.corrects else self.last_value
        if last is not None and value < last:
            question = f"{as_number(value)} is lower than last time ({as_number(last)})."
        elif value > target and (last is None or last <= target):
            question = f"{as_number(value)} is higher than the target ({as_number(target)})."
        else:
            return
        self.add_error(
            "value", f"{question} If it is right, tick “Yes, this value is right” and submit again."
        )

    @property
    def choices(self) -> Iterator[Choice]:
        """The statuses to choose from, each with the field to show under it."""
        for option in self["status"].subwidgets:
            status = Status(option.data["value"])
            name = ASKED_BESIDE.get(status, "")
            yield Choice(option, status, self[name] if name in self.fields else None)

    @property
    def asks_about_value(self) -> bool:
        """Whether to show the tick that confirms an unusual value."""
        given = self.data.get("value_is_right") if self.is_bound else None
        return bool(given) or any("tick “Yes" in error for error in self.errors.get("value", []))

    @property
    def opens_evidence(self) -> bool:
        """Whether the evidence is shown unfolded: it has an error, or something was typed there."""
        names = ("evidence", "evidence_url", "evidence_file", "completed_on")
        return bool(self.held_file) or any(self[name].errors or self[name].value() for name in names)

    @property
    def opens_proposal(self) -> bool:
        """The same for the proposal of a baseline or a unit."""
        fields = [self[name] for name in ("baseline", "unit") if name in self.fields]
        return any(field.errors or field.value() for field in fields)

    @property
    def proposal(self) -> MeasureProposal | None:
        """The baseline or unit that a valid form proposes, if any."""
        baseline, unit = self.cleaned_data.get("baseline"), self.cleaned_data.get("unit") or ""
        if baseline is None and not unit:
            return None
        return MeasureProposal(measure_id=self.row.id, baseline=baseline, unit=unit)


def corrected(update: ProgressUpdate) -> dict[str, Any]:
    """Initial values for correcting `update`: its words, or those that a “no change” confirmed."""
    quoted = update.quoted
    step = {NEXT_STEP[update.status_now]: quoted.next_step} if update.status_now in NEXT_STEP else {}
    return step | {
        "status": update.status,
        "comment": quoted.comment,
        "evidence": quoted.evidence,
        "evidence_url": quoted.evidence_url,
        "completed_on": quoted.completed_on,
        "decided_on": quoted.decided_on,
        "value": update.value,
        "on_behalf_of": str(update.on_behalf_of_id),
        "corrects": update.pk,
    }

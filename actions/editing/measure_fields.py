"""The part of the form that is about one outcome measure."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms

from actions.editing.state import MEASURE_FIELDS, as_text, measure_name, same_lines
from actions.editing.write import WantedMeasure
from actions.models import OutcomeMeasureVersion
from web.forms import NumberField

FIRST_YEAR, LAST_YEAR = 1900, 2200
TEXT_AT_MOST = 5000


def text_field(label: str, rows: int, missing: str, hint: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=TEXT_AT_MOST,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing},
    )


def day_field(label: str, hint: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=hint,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        error_messages={"invalid": f"{label}: enter a date, for example 2008-12-31."},
    )


@dataclass(frozen=True)
class MeasurePart:
    """The fields of one measure: of a live one, or of a new one, which has no `known`."""

    prefix: str
    name: str  # "Measure 2", "New measure"
    known: OutcomeMeasureVersion | None = None
    is_reported: bool = False  # somebody has reported on it, so that it stays in the plan
    has_values: bool = False
    is_final: bool = False

    def field(self, name: str) -> str:
        return f"{self.prefix}_{name}"

    def fields(self) -> dict[str, forms.Field]:
        """The fields by their name in the form."""
        found: dict[str, forms.Field] = {
            "text": text_field("Wording", 3, f"{self.name}: enter the wording."),
            "year": forms.IntegerField(
                label="Year",
                min_value=FIRST_YEAR,
                max_value=LAST_YEAR,
                widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-5"}),
                error_messages={
                    "required": f"{self.name}: enter the year.",
                    "invalid": f"{self.name}: the year must be a number, like 2008.",
                },
            ),
            "baseline": NumberField(label="Baseline"),
            "target": NumberField(label="Target"),
            "unit": forms.CharField(label="Unit", required=False, max_length=60),
        }
        if not self.original:
            hint = "You cannot change it once it is saved."
            found["target_date"] = day_field("Target date", hint)
        if self.known:
            found["revised_date"] = day_field("Revised date", "Leave blank unless the date has been revised.")
            found |= self._retiring()
        return {self.field(name): one for name, one in found.items()}

    def _retiring(self) -> dict[str, forms.Field]:
        if self.is_final:
            return {}
        hint = "Removes it from the plan. It stays in the history."
        if self.is_reported:
            hint = "Closes it as “Closed, not completed”. Its updates stay."
        found: dict[str, forms.Field] = {
            "retire": forms.BooleanField(label="Retire this measure", required=False, help_text=hint)
        }
        if self.is_reported:
            found["decided_on"] = day_field("If you retire it: date of the board’s decision")
        return found

    @property
    def original(self) -> date | None:
        """The original target date, which cannot be changed."""
        return self.known.target_date if self.known else None

    @property
    def initial(self) -> dict[str, str]:
        if self.known is None:
            return {}
        return {self.field(name): as_text(getattr(self.known, name)) for name in MEASURE_FIELDS}

    def wanted(self, cleaned: dict[str, Any]) -> WantedMeasure:
        values = {name: cleaned[self.field(name)] for name in MEASURE_FIELDS if self.field(name) in cleaned}
        values["text"] = same_lines(values["text"])
        retired = bool(cleaned.get(self.field("retire")))
        return WantedMeasure(values, retired, cleaned.get(self.field("decided_on")))

    def faults(self, cleaned: dict[str, Any], today: date) -> list[tuple[str, str]]:
        """What is wrong with the part as a whole: the field, and the error."""
        found = []
        target, baseline = cleaned.get(self.field("target")), cleaned.get(self.field("baseline"))
        if target is None and baseline is not None and self.field("target") in cleaned:
            found.append(("target", "a baseline needs a numeric target."))
        if target is None and self.has_values and self.field("target") in cleaned:
            found.append(("target", "values have been reported against this target, so it cannot be blank."))
        original = self.original or cleaned.get(self.field("target_date"))
        revised = cleaned.get(self.field("revised_date"))
        if revised and not original:
            found.append(("revised_date", "enter the original target date first."))
        if revised and revised == original:
            found.append(("revised_date", "the revised date is the same as the original. Leave it blank."))
        found += self._faults_of_retiring(cleaned, today)
        return [(self.field(name), f"{self.name}: {words}") for name, words in found]

    def _faults_of_retiring(self, cleaned: dict[str, Any], today: date) -> list[tuple[str, str]]:
        decided = cleaned.get(self.field("decided_on"))
        if not (self.is_reported and cleaned.get(self.field("retire"))):
            return []
        if decided is None:
            return [("decided_on", "enter the date of the board’s decision.")]
        return [("decided_on", "the date must be today or in the past.")] if decided > today else []


def part_of(known: OutcomeMeasureVersion, **about: bool) -> MeasurePart:
    """The part about a live measure."""
    prefix = measure_name(known.row_id, "").rstrip("_")
    return MeasurePart(prefix, f"Measure {known.order}", known, **about)

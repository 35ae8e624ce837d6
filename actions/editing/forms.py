"""The form of an action: one for a new action and for editing it, with as many measures and leads as it has."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms

from actions.editing.measure_fields import MeasurePart, part_of, text_field
from actions.editing.plan_forms import PlanReasonForm
from actions.editing.state import ActionAtStamp, lead_name, mark_name, same_lines
from actions.editing.write import WantedAction
from actions.models import EvidenceFile, Lead, MeasureProposal, ProgressUpdate, Status, UpdateDraft
from actions.plan import Plan
from partners.models import PartnerVersion

SLOTS_AT_MOST = 20
STRENGTHS = [("", "Not related"), ("X", "X strong"), ("O", "O supporting")]
STATES = [(one.value, one.label) for one in Lead.Acceptance]


class ActionForm(PlanReasonForm):
    """Everything that the plan says of an action. `seen` is the stamp at which it was opened."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    measure_slots = forms.IntegerField(widget=forms.HiddenInput, required=False)
    lead_slots = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: Any = None, *, plan: Plan, seen: int, rows: ActionAtStamp | None = None, **kwargs: Any
    ) -> None:
        self.plan, self.rows, self.today = plan, rows, plan.today
        typed = data if data is not None else kwargs.get("initial") or {}
        self.slots = slots_of(typed, "measure_slots", 0 if rows else 1)
        self.leads = slots_of(typed, "lead_slots", 1)
        self.parts = [*self._live_parts(), *self._new_parts()]
        slots = {"measure_slots": self.slots, "lead_slots": self.leads, "seen": seen}
        given = self._initial_values() | (kwargs.pop("initial", None) or {}) | slots
        super().__init__(data, initial=given, **kwargs)
        reason = self.fields.pop("reason")
        self.fields |= dict(self._own_fields())
        for part in self.parts:
            self.fields |= part.fields()
        self.fields["reason"] = reason

    # What it asks

    def _live_parts(self) -> list[MeasurePart]:
        if self.rows is None:
            return []
        keys = [one.row_id for one in self.rows.measures]
        updates = ProgressUpdate.objects.filter(measure__in=keys)
        reported = set(updates.values_list("measure", flat=True))
        for model in (MeasureProposal, UpdateDraft, EvidenceFile):
            reported |= set(model.objects.filter(measure__in=keys).values_list("measure", flat=True))
        valued = set(updates.filter(value__isnull=False).values_list("measure", flat=True))
        final = Status.COMPLETE.rank
        done = set(
            self.plan.measures().filter(measure__in=keys, rank__gte=final).values_list("measure", flat=True)
        )
        return [
            part_of(
                one,
                is_reported=one.row_id in reported,
                has_values=one.row_id in valued,
                is_final=one.row_id in done,
            )
            for one in self.rows.measures
        ]

    def _new_parts(self) -> list[MeasurePart]:
        many = self.slots > 1
        return [
            MeasurePart(f"new_{place}", f"New measure {place}" if many else "New measure")
            for place in range(1, self.slots + 1)
        ]

    def _own_fields(self) -> Iterator[tuple[str, forms.Field]]:
        plan = self.plan
        if self.rows is None:
            yield "number", self._number_field()
        yield "title", text_field("Action", 2, "Enter what the action is.")
        yield (
            "outcome_text",
            text_field(
                "Outcome",
                3,
                "Enter the outcome.",
                "What the action should achieve, in full. Add its measures below.",
            ),
        )
        yield "theme", _choice("Theme", [(str(one.row_id), one.name) for one in plan.themes])
        yield "cluster", _choice("Cluster", [(str(one.row_id), one.name) for one in plan.clusters])
        for vital_few in plan.vital_fews:
            label = f"{vital_few.code} {vital_few.name}"
            yield (
                mark_name(vital_few.row_id),
                forms.ChoiceField(label=label, choices=STRENGTHS, required=False),
            )
        yield from self._lead_fields()

    def _lead_fields(self) -> Iterator[tuple[str, forms.Field]]:
        for partner in self.current_leads:
            yield (
                lead_name(partner.row_id),
                forms.ChoiceField(
                    label=partner.name, choices=[*STATES, ("", "Remove this lead")], required=False
                ),
            )
        leading = {partner.row_id for partner in self.current_leads}
        others = [(str(one.row_id), one.name) for one in self.plan.partners if one.row_id not in leading]
        for place in range(1, self.leads + 1):
            yield (
                f"new_lead_{place}",
                forms.ChoiceField(
                    label="Add a lead" if leading else f"Lead{f' {place}' if self.leads > 1 else ''}",
                    choices=[("", "Choose a partner"), *others],
                    required=False,
                ),
            )
            yield (
                f"new_lead_{place}_as",
                forms.ChoiceField(label="Suggested or accepted", choices=STATES[:2], required=False),
            )

    def _number_field(self) -> forms.IntegerField:
        return forms.IntegerField(
            label="Number",
            min_value=1,
            max_value=100_000,
            help_text="The next free number is filled in. It cannot be changed later.",
            widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-5"}),
            error_messages={"required": "Enter a number.", "invalid": "The number must be a whole number."},
        )

    @property
    def current_leads(self) -> list[PartnerVersion]:
        leading = {lead.partner_id for lead in self.rows.leads} if self.rows else set()
        return [one for one in self.plan.partners if one.row_id in leading]

    def _initial_values(self) -> dict[str, Any]:
        year = self.rows.measures[0].year if self.rows and self.rows.measures else self.today.year
        found: dict[str, Any] = {part.field("year"): year for part in self.parts if part.known is None}
        return found | (self.rows.texts if self.rows else {})

    # What was typed

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for part in self.parts:
            for name, words in part.faults(cleaned, self.today):
                if name not in self.errors:
                    self.add_error(name, words)
        self._complete(cleaned)
        return cleaned

    def _complete(self, cleaned: dict[str, Any]) -> None:
        """An action that has a measure, a lead and a relationship keeps one of each; a new one needs all three."""
        marks = [mark_name(one.row_id) for one in self.plan.vital_fews]
        if marks and not any(cleaned.get(name) for name in marks) and (self.rows is None or self.rows.marks):
            self.add_error(marks[0], "Choose X or O for at least one vital few.")
        leads = self._wanted_leads(cleaned)
        lead_fields = [
            name for name in self.fields if name.startswith(("lead_", "new_lead_")) and name != "lead_slots"
        ]
        had = self.rows is None or any(one.acceptance != Lead.Acceptance.DECLINED for one in self.rows.leads)
        if had and not any(state and state != Lead.Acceptance.DECLINED for state in leads.values()):
            self.add_error(lead_fields[0], "Choose at least one lead.")
        kept = [one for one in self.parts if one.is_reported or not cleaned.get(one.field("retire"))]
        if not kept and (self.rows is None or self.rows.measures):
            last = self.parts[-1].field("retire") if self.parts else None
            self.add_error(last, "An action needs at least one outcome measure. Add another one first.")

    def _wanted_leads(self, cleaned: dict[str, Any]) -> dict[int, str]:
        found = {one.row_id: cleaned.get(lead_name(one.row_id)) or "" for one in self.current_leads}
        for place in range(1, self.leads + 1):
            if key := cleaned.get(f"new_lead_{place}"):
                found[int(key)] = cleaned.get(f"new_lead_{place}_as") or Lead.Acceptance.SUGGESTED.value
        return found

    @property
    def wanted(self) -> WantedAction:
        """The action that a valid form describes."""
        cleaned = self.cleaned_data
        return WantedAction(
            title=same_lines(cleaned["title"]),
            outcome_text=same_lines(cleaned["outcome_text"]),
            theme=int(cleaned["theme"]),
            cluster=int(cleaned["cluster"]),
            marks={one.row_id: cleaned[mark_name(one.row_id)] for one in self.plan.vital_fews},
            leads=self._wanted_leads(cleaned),
            measures={one.known.row_id: one.wanted(cleaned) for one in self.parts if one.known},
            new_measures=[one.wanted(cleaned).values for one in self.parts if one.known is None],
        )

    # How it is laid out

    @property
    def sections(self) -> "Sections":
        return Sections(self)


@dataclass(frozen=True)
class MeasureSection:
    """The bound fields of one measure, for the template."""

    part: MeasurePart
    form: ActionForm

    def __getattr__(self, name: str) -> Any:
        field = self.part.field(name)
        if name.startswith("_") or field not in self.form.fields:
            raise AttributeError(name)
        return self.form[field]


class Sections:
    """The bound fields in groups, as the page shows them."""

    def __init__(self, form: ActionForm) -> None:
        self.form = form

    @property
    def first(self) -> list[Any]:
        names = ("number", "title", "outcome_text", "theme", "cluster")
        return [self.form[name] for name in names if name in self.form.fields]

    @property
    def marks(self) -> list[Any]:
        return [self.form[mark_name(one.row_id)] for one in self.form.plan.vital_fews]

    @property
    def leads(self) -> list[Any]:
        return [self.form[lead_name(one.row_id)] for one in self.form.current_leads]

    @property
    def new_leads(self) -> list[tuple[Any, Any]]:
        places = range(1, self.form.leads + 1)
        return [(self.form[f"new_lead_{place}"], self.form[f"new_lead_{place}_as"]) for place in places]

    @property
    def measures(self) -> list[MeasureSection]:
        return [MeasureSection(part, self.form) for part in self.form.parts]


def slots_of(typed: Any, name: str, default: int) -> int:
    """How many empty places the form has for new measures or leads."""
    text = str(typed.get(name) or "")
    return min(int(text), SLOTS_AT_MOST) if text.isdigit() and len(text) < 4 else default


def _choice(label: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=[("", f"Choose a {label.lower()}"), *choices],
        error_messages={"required": f"Choose a {label.lower()}."},
    )

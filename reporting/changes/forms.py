"""What the log can be narrowed to, as its address says it."""

from typing import Any

from django import forms

from actions.filter_fields import DayInput
from actions.plan import Plan
from history.models import PlanChange
from reporting.changes.kinds import CHOICES
from web.forms import PortalForm

OUTSIDE = "outside"
FIELDS = ("q", "kind", "who", "action", "since", "until")


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=DayInput(),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        error_messages={"invalid": f"{label}: enter a date, for example 2026-09-01."},
    )


class ChangesForm(PortalForm):
    """All filters apply together."""

    q = forms.CharField(
        label="Search", required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search"})
    )
    kind = forms.ChoiceField(label="Kind of change", required=False, choices=[("", "Any"), *CHOICES])
    who = forms.ChoiceField(label="Changed by", required=False)
    action = forms.IntegerField(
        label="Action number",
        required=False,
        min_value=1,
        max_value=100_000,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": "The action number must be a whole number."},
    )
    since = _day("From")
    until = _day("To")

    def __init__(self, data: Any, *, plan: Plan) -> None:
        super().__init__({name: data.get(name, "") for name in FIELDS})
        names = plan.remember_plan("who changed the plan", lambda: names_until(plan))
        self.fields["who"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            ("", "Anybody"),
            *((name, name) for name in names),
            (OUTSIDE, "Changed outside the portal"),
        ]
        self.fields["who"].error_messages["invalid_choice"] = (
            "Nobody called “%(value)s” has changed the plan."
        )
        self.fields["kind"].error_messages["invalid_choice"] = "“%(value)s” is not a kind of change."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", "The last date must be on or after the first.")
        return cleaned

    @property
    def chosen(self) -> dict[str, Any]:
        """The filters in use, of a valid form."""
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def in_words(self) -> list[str]:
        """Each filter in use, as a file says it."""
        return self._in_words(self.chosen)

    @property
    def besides_action(self) -> list[str]:
        """The same without the action, for a heading that names it."""
        return self._in_words({name: value for name, value in self.chosen.items() if name != "action"})

    def _in_words(self, chosen: dict[str, Any]) -> list[str]:
        words = []
        for name, value in chosen.items():
            labels = dict(getattr(self.fields[name], "choices", []))
            shown = f"{value:%-d %B %Y}" if name in ("since", "until") else labels.get(value, value)
            words.append(f"{self.fields[name].label}: {shown}")
        return words


def names_until(plan: Plan) -> list[str]:
    """Everybody who has changed the plan, under the names of that time."""
    changes = PlanChange.objects.filter(recorded_at__lt=plan.moment).exclude(by_name="")
    return list(changes.order_by("by_name").values_list("by_name", flat=True).distinct())

"""The way into the action list: the query string as a checked form, and the same filter in words."""

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import StrIndex
from django.http import QueryDict

from actions.models import Status
from actions.models.known import Fold, KnownActionQuerySet, lead_marks
from actions.plan import Plan
from web.forms import PortalForm

STRENGTHS = {"strong": "X", "supporting": "O"}
ON = {"on", "true", "yes", "1"}
OFF = {"", "off", "false", "no", "0"}
SINGLE = ("q", "vital_few", "strength", "theme", "cluster", "cross_cluster", "lead", "awaited", "overdue")
WORDS_AT_MOST = 12
NOT_FILTERS = ("page", "per_page", "sort")


def words_of(q: str | None) -> list[str]:
    """The words of a search, each once, in order."""
    return list(dict.fromkeys((q or "").split()))[:WORDS_AT_MOST]


class OnField(forms.BooleanField):
    """A tick box in an address: `on`, or not there. Anything else is an error, not a tick."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs, "widget": OnInput})

    def to_python(self, value: Any) -> bool:
        text = str(value or "").casefold()
        if text in ON:
            return True
        if text in OFF:
            return False
        raise ValidationError(f"“{value}” is neither on nor off.")


class OnInput(forms.CheckboxInput):
    """Hands on what the address says, so that the field can check it; ticked only where it says on."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, check_test=lambda value: str(value).casefold() in ON)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.get(name, "")

    def format_value(self, value: Any) -> None:
        return None


class GivenMultiple(forms.CheckboxSelectMultiple):
    """Passes over `status=` with nothing behind it, as every other field does."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return [value for value in super().value_from_datadict(data, files, name) or [] if value]


class OnFilter(django_filters.Filter):  # type: ignore[misc]  # django-filter has no types
    field_class = OnField


class FilterForm(PortalForm):
    """Rejects a single-value parameter given more than once."""

    small_choices = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if isinstance(self.data, QueryDict):
            for name in SINGLE:
                given = set(self.data.getlist(name))
                if len(given) > 1 and name not in self.errors:
                    self.add_error(
                        name, f"Given {len(given)} times with different values; one at a time, please."
                    )
        return cleaned


def _choice(label: str, empty: str, **kwargs: Any) -> django_filters.ChoiceFilter:
    return django_filters.ChoiceFilter(label=label, empty_label=empty, **kwargs)


class ActionFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Everything is applied together, so that `vital_few` and `strength` speak of one relationship."""

    q = django_filters.CharFilter(
        label="Search",
        max_length=200,
        help_text="Every word, in the action, its outcome measure and its leads.",
    )
    vital_few = _choice("Vital few", "Any")
    strength = _choice(
        "Strength", "Strong or supporting", choices=[(key, key.capitalize()) for key in STRENGTHS]
    )
    theme = _choice("Theme", "Any")
    cluster = _choice("Cluster", "Any")
    cross_cluster = OnFilter(label="Also the cross-cluster actions", help_text="Beside those of the cluster.")
    lead = _choice("Lead partner", "Any")
    status = django_filters.MultipleChoiceFilter(
        label="Status", choices=[(s.value, s.label) for s in Status], widget=GivenMultiple
    )
    awaited = OnFilter(label="Update awaited", help_text="Nothing submitted in the open period yet.")
    overdue = OnFilter(label="Update overdue")

    class Meta:
        form = FilterForm

    def __init__(self, data: QueryDict, plan: Plan) -> None:
        super().__init__(data, queryset=plan.actions())
        self.plan = plan
        choices = {
            "vital_few": [(vf.code, f"{vf.code} {vf.name}") for vf in plan.vital_fews],
            "theme": [(theme.slug, theme.name) for theme in plan.themes],
            "cluster": [(cluster.slug, cluster.name) for cluster in plan.clusters],
            "lead": [(partner.slug, partner.name) for partner in plan.partners],
        }
        for name, pairs in choices.items():
            self.filters[name].extra["choices"] = pairs
            self.filters[name].extra["error_messages"] = {
                "invalid_choice": f"The plan has no {self.filters[name].label.lower()} “%(value)s”."
            }
        for name in ("strength", "status"):
            known = ", ".join(key for key, _ in self.filters[name].extra["choices"])
            self.filters[name].extra["error_messages"] = {
                "invalid_choice": f"“%(value)s” is none of: {known}.",
            }

    @property
    def key(self) -> tuple[object, ...]:
        """Names what a valid filter lets through, whatever order and page."""
        chosen = self.form.cleaned_data
        return tuple((name, str(chosen.get(name) or "")) for name in self.filters)

    def filter_queryset(self, queryset: KnownActionQuerySet) -> KnownActionQuerySet:
        chosen = self.form.cleaned_data
        for apply in (self._by_words, self._by_relationship, self._by_place, self._by_lead, self._by_state):
            queryset = apply(queryset, chosen)
        return queryset

    def _by_words(self, queryset: KnownActionQuerySet, chosen: dict[str, Any]) -> KnownActionQuerySet:
        """Every word, in the action's wording or in the name of one of its leads; all in one pass over the wording."""
        words = words_of(chosen["q"])
        if not words:
            return queryset
        wording = self.plan.versions().order_by().filter(row_id=OuterRef("action"))
        for place, word in enumerate(words):
            found = {f"_text_{place}": StrIndex(F("folded"), Fold(Value(word)))}
            for mark in lead_marks(self._partners_named(word)):
                found[f"_lead_{place}_{len(found)}"] = StrIndex(OuterRef("leads"), Value(mark))
            matches = Q()
            for name in found:
                matches |= Q(**{f"{name}__gt": 0})
            wording = wording.alias(**found).filter(matches)
        return queryset.filter(Exists(wording))

    def _partners_named(self, word: str) -> list[int]:
        return [
            partner.row_id for partner in self.plan.partners if word.casefold() in partner.name.casefold()
        ]

    def _by_relationship(self, queryset: KnownActionQuerySet, chosen: dict[str, Any]) -> KnownActionQuerySet:
        code, strength = chosen["vital_few"], chosen["strength"]
        if not (code or strength):
            return queryset
        keys = {vital_few.code: vital_few.row_id for vital_few in self.plan.vital_fews}
        return queryset.for_vital_few(keys[code] if code else None, STRENGTHS.get(strength, ""))

    def _by_place(self, queryset: KnownActionQuerySet, chosen: dict[str, Any]) -> KnownActionQuerySet:
        if chosen["theme"]:
            queryset = queryset.filter(
                theme=next(t.row_id for t in self.plan.themes if t.slug == chosen["theme"])
            )
        if chosen["cluster"]:
            wanted = [c.row_id for c in self.plan.clusters if c.slug == chosen["cluster"]]
            if chosen["cross_cluster"]:
                wanted += [c.row_id for c in self.plan.clusters if c.is_cross_cluster]
            queryset = queryset.filter(cluster__in=wanted)
        return queryset

    def _by_lead(self, queryset: KnownActionQuerySet, chosen: dict[str, Any]) -> KnownActionQuerySet:
        if not chosen["lead"]:
            return queryset
        partner = next(p.row_id for p in self.plan.partners if p.slug == chosen["lead"])
        return queryset.led_by([partner])

    def _by_state(self, queryset: KnownActionQuerySet, chosen: dict[str, Any]) -> KnownActionQuerySet:
        if chosen["status"]:
            queryset = queryset.filter(rank__in=[Status(value).rank for value in chosen["status"]])
        if chosen["awaited"]:
            queryset = queryset.filter(self.plan.awaited)
        return queryset.filter(self.plan.overdue) if chosen["overdue"] else queryset


def filter_of(data: QueryDict, plan: Plan) -> ActionFilter:
    """The filter that an address asks for. At present a valid one is made once for each version of the plan."""
    key = (
        "filter",
        tuple((name, tuple(values)) for name, values in sorted(data.lists()) if name not in NOT_FILTERS),
    )
    found = plan.remember(key, lambda: ActionFilter(data, plan))
    return found if found.is_valid() else ActionFilter(data, plan)

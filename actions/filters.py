"""The way into a list: the query string as a checked form, and the rows that it lets through."""

from copy import copy
from typing import Any, Self, TypeVar

import django_filters
from django import forms
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import StrIndex
from django.http import QueryDict

from actions.filter_fields import DayFilter, OnFilter, SeveralFilter
from actions.models import Status
from actions.models.known import Among, Fold, KnownActionQuerySet, lead_marks
from actions.plan import Plan
from web.forms import PortalForm

STRENGTHS = {"strong": "X", "supporting": "O"}
SINGLE = (
    "q", "vital_few", "strength", "cross_cluster", "awaited", "overdue", "changed_since", "not_reported_since",
)  # fmt: skip
WORDS_AT_MOST = 12
NOT_FILTERS = ("page", "per_page", "sort")
FilterT = TypeVar("FilterT", bound="ListFilter")


def words_of(q: str | None) -> list[str]:
    """The words of a search, each once, in order."""
    return list(dict.fromkeys((q or "").split()))[:WORDS_AT_MOST]


class FilterForm(PortalForm):
    """Rejects a single-value parameter given more than once."""

    small_choices = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if isinstance(self.data, QueryDict):
            for name in SINGLE:
                given = set(self.data.getlist(name))
                if len(given) > 1 and name not in self.errors:
                    self.add_error(name, f"Only one value is allowed here; the address has {len(given)}.")
        return cleaned


class ListFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """The filters of both lists. All apply together, so `vital_few` and `strength` mean the same relationship."""

    q = django_filters.CharFilter(
        label="Search",
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    vital_few = django_filters.ChoiceFilter(label="Vital few", empty_label="Any")
    strength = django_filters.ChoiceFilter(
        label="Strength",
        empty_label="Strong or supporting",
        choices=[(key, key.capitalize()) for key in STRENGTHS],
    )
    cluster = SeveralFilter(label="Cluster")
    status = SeveralFilter(label="Status", choices=[(s.value, s.label) for s in Status])
    lead = SeveralFilter(label="Lead partner")
    theme = SeveralFilter(label="Theme")
    cross_cluster = OnFilter(label="Include cross-cluster actions")
    awaited = OnFilter(label="Update awaited in this period")
    overdue = OnFilter(label="Update overdue")
    changed_since = DayFilter(label="Changed since")
    not_reported_since = DayFilter(label="No update since")

    class Meta:
        form = FilterForm

    def __init__(self, data: QueryDict, plan: Plan) -> None:
        super().__init__(data, queryset=self.rows(plan))
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
                "invalid_choice": f"“%(value)s” is not one of: {known}.",
            }

    @staticmethod
    def rows(plan: Plan) -> "QuerySet[Any]":
        """Everything that the list can show."""
        raise NotImplementedError

    def on(self, plan: Plan) -> Self:
        """The same filter on another state of the plan, with the same choices."""
        found = copy(self)
        found.plan, found.queryset = plan, self.rows(plan)
        found.__dict__.pop("_qs", None)
        return found

    @property
    def size(self) -> int:
        """How many rows there are without a filter."""
        return self.plan.size

    @property
    def key(self) -> tuple[object, ...]:
        """Names what a valid filter lets through, whatever order and page."""
        chosen = self.form.cleaned_data
        return (type(self).__name__, *((name, str(chosen.get(name) or "")) for name in self.filters))

    def filter_queryset(self, queryset: Any) -> Any:
        return self.narrowed(queryset, self.form.cleaned_data)

    def narrowed(self, queryset: Any, chosen: dict[str, Any]) -> Any:
        """Those of `queryset`, known rows, that `chosen` lets through: a value of each field."""
        raise NotImplementedError

    def rows_without(self, *names: str) -> Any:
        """Rows, of actions or of measures: what a valid filter lets through where these fields are left empty."""
        left = {name: None if name in names else value for name, value in self.form.cleaned_data.items()}
        return self.narrowed(self.rows(self.plan), left)

    def keys_by_number(self) -> list[int] | None:
        """The keys of the actions of a valid filter, by number, where they are known without asking the database."""
        return None

    def is_empty(self, *without: str) -> bool:
        """Whether a valid filter lets everything through, with the fields in `without` left empty."""
        return not any(value for name, value in self.form.cleaned_data.items() if name not in without)

    def by_plan(self, actions: KnownActionQuerySet, chosen: dict[str, Any]) -> KnownActionQuerySet:
        """By what the plan says of an action: its relationships, theme, cluster and leads."""
        for narrow in (self._by_relationship, self._by_place, self._by_lead):
            actions = narrow(actions, chosen)
        return actions

    def _by_relationship(self, actions: KnownActionQuerySet, chosen: dict[str, Any]) -> KnownActionQuerySet:
        code, strength = chosen["vital_few"], chosen["strength"]
        if not (code or strength):
            return actions
        keys = {vital_few.code: vital_few.row_id for vital_few in self.plan.vital_fews}
        return actions.for_vital_few(keys[code] if code else None, STRENGTHS.get(strength, ""))

    def _by_place(self, actions: KnownActionQuerySet, chosen: dict[str, Any]) -> KnownActionQuerySet:
        if chosen["theme"]:
            actions = actions.filter(theme__in=_keys(self.plan.themes, chosen["theme"]))
        if chosen["cluster"]:
            wanted = _keys(self.plan.clusters, chosen["cluster"])
            if chosen["cross_cluster"]:
                wanted += [one.row_id for one in self.plan.clusters if one.is_cross_cluster]
            actions = actions.filter(cluster__in=wanted)
        return actions

    def _by_lead(self, actions: KnownActionQuerySet, chosen: dict[str, Any]) -> KnownActionQuerySet:
        return actions.led_by(_keys(self.plan.partners, chosen["lead"])) if chosen["lead"] else actions

    def partners_named(self, word: str) -> list[int]:
        return [
            partner.row_id for partner in self.plan.partners if word.casefold() in partner.name.casefold()
        ]


class ActionFilter(ListFilter):
    """Which actions the list shows."""

    @staticmethod
    def rows(plan: Plan) -> "QuerySet[Any]":
        return plan.actions()

    def narrowed(self, queryset: Any, chosen: dict[str, Any]) -> Any:
        queryset = self.by_plan(self._by_words(queryset, chosen), chosen)
        if chosen["status"]:
            queryset = queryset.filter(rank__in=_ranks(chosen))
        if chosen["awaited"]:
            queryset = queryset.filter(self.plan.awaited)
        if chosen["overdue"]:
            queryset = queryset.filter(self.plan.overdue)
        if chosen["changed_since"]:
            queryset = queryset.filter(self.plan.action_changed_since(chosen["changed_since"]))
        if chosen["not_reported_since"]:
            queryset = queryset.filter(self.plan.action_silent_since(chosen["not_reported_since"]))
        return queryset

    def keys_by_number(self) -> list[int] | None:
        """Of a search at present, with no other filter."""
        words = words_of(self.form.cleaned_data["q"])
        return self.plan.keys_found(self._named(words)) if words and self.is_empty("q") else None

    def _named(self, words: list[str]) -> dict[str, list[int]]:
        return {word: self.partners_named(word) for word in words}

    def _by_words(self, queryset: KnownActionQuerySet, chosen: dict[str, Any]) -> KnownActionQuerySet:
        """Every word, in the action's wording or in the name of one of its leads."""
        if not (words := words_of(chosen["q"])):
            return queryset
        named = self._named(words)
        keys = self.plan.keys_found(named)
        if keys is not None:
            return queryset.filter(Among("action", keys))
        if worded := [word for word, partners in named.items() if not partners]:
            queryset = queryset.filter(self._worded(worded))  # in one pass, which no other filter shortens
        for word, partners in named.items():
            if partners:
                queryset = queryset.filter(Q(leads__in=self._led_by(partners)) | self._worded([word]))
        return queryset

    def _led_by(self, partners: list[int]) -> list[str]:
        """The values of `KnownAction.leads` with one of these partners: few, and faster to compare than to search."""
        every = self.plan.actions().order_by().values_list("leads", flat=True).distinct()
        marks = lead_marks(partners)
        written: list[str] = self.plan.remember_plan("leads", lambda: list(every))
        return [leads for leads in written if any(mark in leads for mark in marks)]

    def _worded(self, words: list[str]) -> Q:
        """The actions of a past moment whose wording has all of `words`."""
        found = {
            f"_text_{place}": StrIndex(F("folded"), Fold(Value(word))) for place, word in enumerate(words)
        }
        wording = self.plan.versions().order_by().alias(**found)
        return Q(action__in=wording.filter(**{f"{name}__gt": 0 for name in found}).values("row_id"))


class MeasureFilter(ListFilter):
    """Which outcome measures the list shows: the same filters, each about the measure where a measure has it."""

    @staticmethod
    def rows(plan: Plan) -> "QuerySet[Any]":
        return plan.measures()

    @property
    def size(self) -> int:
        return self.plan.measure_size

    def narrowed(self, queryset: Any, chosen: dict[str, Any]) -> Any:
        actions = self.by_plan(self.plan.actions().order_by(), chosen)
        queryset = queryset.filter(Exists(actions.filter(action=OuterRef("action"))))
        for word in words_of(chosen["q"]):
            queryset = queryset.filter(self._holding(word))
        if chosen["status"]:
            queryset = queryset.filter(rank__in=_ranks(chosen))
        if chosen["awaited"]:
            queryset = queryset.filter(self.plan.measure_awaited)
        if chosen["overdue"]:
            queryset = queryset.filter(self.plan.measure_overdue)
        if chosen["changed_since"]:
            queryset = queryset.filter(self.plan.measure_changed_since(chosen["changed_since"]))
        if chosen["not_reported_since"]:
            queryset = queryset.filter(self.plan.measure_silent_since(chosen["not_reported_since"]))
        return queryset

    def _holding(self, word: str) -> Q:
        """`word` in the measure's own wording, in its action's, or in the name of one of its leads."""
        needle = Fold(Value(word))
        measure = self.plan.measure_versions().order_by().filter(row_id=OuterRef("measure"))
        action = self.plan.versions().order_by().filter(row_id=OuterRef("action"))
        found = Q(Exists(measure.alias(_at=StrIndex(Fold(F("text")), needle)).filter(_at__gt=0)))
        found |= Q(Exists(action.alias(_at=StrIndex(Fold(F("title")), needle)).filter(_at__gt=0)))
        if partners := self.partners_named(word):
            led = self.plan.actions().order_by().led_by(partners)
            found |= Q(Exists(led.filter(action=OuterRef("action"))))
        return found


def _keys(items: list[Any], slugs: list[str]) -> list[int]:
    return [item.row_id for item in items if item.slug in slugs]


def _ranks(chosen: dict[str, Any]) -> list[int]:
    return [Status(value).rank for value in chosen["status"]]


def filter_of(kind: type[FilterT], data: QueryDict, plan: Plan) -> FilterT:
    """The filter that an address asks for. A valid one is made once for each version of the plan's rows."""
    key = (
        kind.__name__,
        tuple((name, tuple(values)) for name, values in sorted(data.lists()) if name not in NOT_FILTERS),
    )
    made = plan.remember_plan(key, lambda: kind(data, plan))
    return made.on(plan) if made.is_valid() else kind(data, plan)

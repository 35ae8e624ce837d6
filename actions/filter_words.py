"""The filter of a list in words, and shortcuts to what a search names."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.formats import date_format

from actions.filters import NOT_FILTERS, ListFilter, words_of
from actions.models import Status
from actions.plan import Plan
from actions.rows import ActionState, MeasureState


@dataclass(frozen=True)
class Part:
    """One part of a filter in words, with the address of the list without it."""

    words: str
    without: str


def parts_of(filterset: ListFilter) -> list[Part]:
    """A valid filter in words, part by part: “Food & Drink”, “strong for VF3”."""
    chosen = filterset.form.cleaned_data
    found = [*_of_plan(filterset, chosen), *_of_progress(chosen)]
    return [Part(words, query_without(filterset.data, names)) for words, names in found]


Words = Iterator[tuple[str, tuple[str, ...]]]


def _of_plan(filterset: ListFilter, chosen: dict[str, Any]) -> Words:
    """Words for what the plan says of an action, each with the parameters that ask for it."""

    def named(name: str) -> str:
        labels = dict(filterset.filters[name].extra["choices"])
        return " or ".join(labels[value] for value in chosen[name])

    if chosen["q"]:
        yield f"with the words “{' '.join(words_of(chosen['q']))}”", ("q",)
    if chosen["theme"]:
        yield f"theme {named('theme')}", ("theme",)
    if chosen["cluster"]:
        yield named("cluster"), ("cluster", "cross_cluster")
        scopes = {cluster.slug for cluster in filterset.plan.clusters if cluster.is_cross_cluster}
        if chosen["cross_cluster"] and not scopes & set(chosen["cluster"]):
            yield "with the cross-cluster actions", ("cross_cluster",)
    if chosen["vital_few"]:
        strength = f"{chosen['strength']} for" if chosen["strength"] else "strong or supporting for"
        yield f"{strength} {chosen['vital_few']}", ("vital_few", "strength")
    elif chosen["strength"]:
        yield f"{chosen['strength']} for any vital few", ("strength",)
    if chosen["lead"]:
        yield f"led by {named('lead')}", ("lead",)


def _of_progress(chosen: dict[str, Any]) -> Words:
    """The same for how it is going."""
    if chosen["status"]:
        yield " or ".join(Status(value).label for value in chosen["status"]), ("status",)
    if chosen["awaited"]:
        yield "update awaited", ("awaited",)
    if chosen["overdue"]:
        yield "update overdue", ("overdue",)
    for name, words in (("changed_since", "changed since"), ("not_reported_since", "no update since")):
        if chosen[name]:
            yield f"{words} {date_format(chosen[name], 'j F Y')}", (name,)


def query_without(data: QueryDict, names: tuple[str, ...]) -> str:
    """The query string without `names`, without empty parameters, and back on the first page."""
    rest = data.copy()
    for name in (*names, "page"):
        rest.pop(name, None)
    for name in [name for name in rest if not any(rest.getlist(name))]:
        rest.pop(name)
    return rest.urlencode()


def query_with(data: QueryDict, **parameters: str) -> str:
    """The query string with these parameters instead of its own, without those that are empty, and without order."""
    rest = QueryDict(query_without(data, (*parameters, *NOT_FILTERS)), mutable=True)
    rest.update({name: value for name, value in parameters.items() if value})
    return rest.urlencode()


@dataclass(frozen=True)
class Hint:
    """A page that the search names, such as the theme of that name."""

    words: str
    url: str


def hints_for(q: str, plan: Plan) -> list[Hint]:
    """Pages for a search that is the name of a theme, cluster, vital few or lead, or an action's number."""
    wanted = q.strip().casefold()
    if not wanted:
        return []
    kinds: tuple[tuple[str, Any, Callable[[Any], str]], ...] = (
        ("a theme", plan.themes, lambda item: item.name),
        ("a cluster", plan.clusters, lambda item: item.name),
        ("a lead partner", plan.partners, lambda item: item.name),
        ("a vital few", plan.vital_fews, lambda item: item.name),
        ("a vital few", plan.vital_fews, lambda item: item.code),
    )
    found = [
        Hint(f"“{named(item)}” is also the name of {kind}", item.get_absolute_url())
        for kind, items, named in kinds
        for item in items
        if named(item).casefold() == wanted
    ]
    if wanted.isdecimal() and len(wanted) < 8:
        action = plan.versions().filter(number=int(wanted)).first()
        if action:
            found.append(
                Hint(f"“{action.number}” is also the number of an action", action.get_absolute_url())
            )
    return found


def found_in(row: ActionState | MeasureState, words: list[str]) -> str:
    """Where a row has the words of a search: “action, lead”."""
    action = row if isinstance(row, ActionState) else row.action
    places = {
        "action": action.title,
        "outcome measure": row.outcome_text if isinstance(row, ActionState) else row.measure.text,
        "lead": " ".join(lead.partner.name for lead in action.leads),
    }
    return ", ".join(
        place for place, text in places.items() if any(word.casefold() in text.casefold() for word in words)
    )

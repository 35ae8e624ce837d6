"""The filter of the action list in words, and other ways to what a search looks for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from actions.filters import ActionFilter, words_of
from actions.models import Status
from actions.plan import Plan
from actions.rows import ActionState


@dataclass(frozen=True)
class Part:
    """One part of a filter in words, with the address of the list without it."""

    words: str
    without: str


def parts_of(filterset: ActionFilter) -> list[Part]:
    """A valid filter in words, part by part: “Food & Drink”, “strong for VF3”."""
    chosen = filterset.form.cleaned_data
    label = {name: dict(filterset.filters[name].extra["choices"]) for name in ("theme", "cluster", "lead")}
    scopes = {cluster.slug for cluster in filterset.plan.clusters if cluster.is_cross_cluster}
    parts: list[tuple[str, tuple[str, ...]]] = []
    if chosen["q"]:
        parts.append((f"with the words “{' '.join(words_of(chosen['q']))}”", ("q",)))
    if chosen["theme"]:
        parts.append((f"theme {label['theme'][chosen['theme']]}", ("theme",)))
    if chosen["cluster"]:
        parts.append((label["cluster"][chosen["cluster"]], ("cluster", "cross_cluster")))
        if chosen["cross_cluster"] and chosen["cluster"] not in scopes:
            parts.append(("with the cross-cluster actions", ("cross_cluster",)))
    if chosen["vital_few"]:
        strength = f"{chosen['strength']} for" if chosen["strength"] else "strong or supporting for"
        parts.append((f"{strength} {chosen['vital_few']}", ("vital_few", "strength")))
    elif chosen["strength"]:
        parts.append((f"{chosen['strength']} for any vital few", ("strength",)))
    if chosen["lead"]:
        parts.append((f"led by {label['lead'][chosen['lead']]}", ("lead",)))
    if chosen["status"]:
        parts.append((" or ".join(Status(value).label for value in chosen["status"]), ("status",)))
    if chosen["awaited"]:
        parts.append(("update awaited", ("awaited",)))
    if chosen["overdue"]:
        parts.append(("update overdue", ("overdue",)))
    return [Part(words, query_without(filterset.data, names)) for words, names in parts]


def query_without(data: QueryDict, names: tuple[str, ...]) -> str:
    """The query string without `names`, and back on the first page."""
    rest = data.copy()
    for name in (*names, "page"):
        rest.pop(name, None)
    for name in [name for name in rest if not any(rest.getlist(name))]:
        rest.pop(name)
    return rest.urlencode()


@dataclass(frozen=True)
class Hint:
    """Another way to what was searched for: “a theme of that name”, with its address."""

    words: str
    url: str


def hints_for(q: str, plan: Plan) -> list[Hint]:
    """Where a search is the name of a theme, a cluster, a vital few or a lead, or the number of an action."""
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
            found.append(Hint(f"{action} has this number", action.get_absolute_url()))
    return found


def found_in(row: ActionState, words: list[str]) -> str:
    """Where the words of a search stand in this action: “action, lead”."""
    places = {
        "action": row.title,
        "outcome measure": row.outcome_text,
        "lead": " ".join(lead.partner.name for lead in row.leads),
    }
    return ", ".join(
        place for place, text in places.items() if any(word.casefold() in text.casefold() for word in words)
    )

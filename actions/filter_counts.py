"""Counts of what a filter lets through; and how many rows each of its choices would give, for all in one query."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery

from actions.counts import StatusCounts
from actions.filters import STRENGTHS, ListFilter
from actions.models import KnownAction, Status
from actions.models.status import WORST_FIRST

CHOICES = ("cluster", "theme", "lead", "status", "vital_few", "strength", "cross_cluster")
COUNTED_AT_MOST = 5_000  # unfiltered rows; above this, counting takes longer than the page
OF_PLAN = (
    "theme",
    "cluster",
    "leads",
    "marks",
)  # the columns that have the values of the choices, and "rank"
BY_PROGRESS = ("status", "awaited", "overdue", "changed_since", "not_reported_since")  # what updates decide
Counts = Counter[str]  # rows by the value of a choice


@dataclass(frozen=True)
class Choices:
    """`counts`: for each field, how many rows each choice alone would give; `total`: how many the filter gives."""

    counts: dict[str, Counts]
    total: int


def counts_of_choices(filterset: ListFilter) -> dict[str, Counts]:
    """For each field of a valid filter; empty where there are more than COUNTED_AT_MOST rows."""
    return _choices(filterset).counts if is_counted(filterset) else {}


def is_counted(filterset: ListFilter) -> bool:
    return filterset.size <= COUNTED_AT_MOST


def count_of(filterset: ListFilter) -> int:
    """How many rows a valid filter lets through."""
    if is_counted(filterset):
        return _choices(filterset).total
    rows: QuerySet[Any] = filterset.qs
    remember = filterset.plan.remember if _asks_for_progress(filterset) else filterset.plan.remember_plan
    return remember(("count", filterset.key), rows.order_by().count)


def _asks_for_progress(filterset: ListFilter) -> bool:
    return any(filterset.form.cleaned_data[name] for name in BY_PROGRESS)


def _choices(filterset: ListFilter) -> Choices:
    """Unless the filter asks for progress, an update changes nothing but the counts by status."""
    plan, key = filterset.plan, ("choices", filterset.key)
    if _asks_for_progress(filterset):
        return plan.remember(key, lambda: _counted(filterset, (*OF_PLAN, "rank")))
    found = plan.remember_plan(key, lambda: _counted(filterset, OF_PLAN))
    by_rank = plan.remember((*key, "status"), lambda: _by_rank(filterset))
    return Choices(found.counts | {"status": _statuses(by_rank)}, found.total)


def _by_rank(filterset: ListFilter) -> dict[Any, int]:
    rows: QuerySet[Any] = filterset.qs
    return dict(rows.order_by().values_list("rank").annotate(n=Count("pk")))


def _statuses(by_rank: Mapping[Any, int]) -> Counts:
    return Counter({one.value: by_rank.get(rank, 0) for rank, one in enumerate(WORST_FIRST)})


def _counted(filterset: ListFilter, columns: tuple[str, ...]) -> Choices:
    """A group counts for every field if it meets what all ask for, and for one if it fails that one alone."""
    met = _met(filterset)
    by_value: list[dict[Any, int]] = [defaultdict(int) for _ in columns]
    total = 0
    for *values, rows in _groups(filterset, columns):
        failed = [place for place, value in enumerate(values) if not met[place](value)]
        if not failed:
            total += rows
            for found, value in zip(by_value, values, strict=True):
                found[value] += rows
        elif len(failed) == 1:
            by_value[failed[0]][values[failed[0]]] += rows
    return Choices(_by_choice(filterset, dict(zip(columns, by_value, strict=True))), total)


def _met(filterset: ListFilter) -> list[Callable[[Any], bool]]:
    """For each column of a group: whether its value meets the filter. Worked out once for each value."""
    plan, chosen = filterset.plan, filterset.form.cleaned_data
    slugs = {*chosen["cluster"]}
    clusters = {
        one.row_id
        for one in plan.clusters
        if not slugs or one.slug in slugs or (chosen["cross_cluster"] and one.is_cross_cluster)
    }
    themes = {one.row_id for one in plan.themes if not chosen["theme"] or one.slug in chosen["theme"]}
    leads = {str(one.row_id) for one in plan.partners if one.slug in chosen["lead"]}
    ranks = {Status(value).rank for value in chosen["status"]} or set(range(len(WORST_FIRST)))
    code, strength = chosen["vital_few"], chosen["strength"]
    marks = set(_marks(filterset, code, strength)) if code or strength else None
    return [
        themes.__contains__,
        clusters.__contains__,
        cache(lambda text: not leads or any(lead[:-1] in leads for lead in text.split())),
        cache(lambda text: marks is None or not marks.isdisjoint(text.split())),
        ranks.__contains__,
    ]


def _marks(filterset: ListFilter, code: str | None, strength: str | None) -> Iterator[str]:
    """“1X”, “2X”: what is among an action's marks if it is related to this vital few, or any, with this strength."""
    for one in filterset.plan.vital_fews:
        if not code or one.code == code:
            yield from (
                f"{one.row_id}{mark}" for name, mark in STRENGTHS.items() if strength in (None, "", name)
            )


def _by_choice(filterset: ListFilter, found: dict[str, dict[Any, int]]) -> dict[str, Counts]:
    """The rows of each column by the values that an address has."""
    plan, chosen = filterset.plan, filterset.form.cleaned_data
    by_lead: Counter[str] = Counter()
    for text, rows in found["leads"].items():
        for key in {lead[:-1] for lead in text.split()}:
            by_lead[key] += rows
    crossing = sum(found["cluster"][one.row_id] for one in plan.clusters if one.is_cross_cluster)
    more = crossing if chosen["cross_cluster"] else 0
    of_marks = [(frozenset(text.split()), rows) for text, rows in found["marks"].items()]

    def having(code: str | None, strength: str | None) -> int:
        marks = set(_marks(filterset, code, strength))
        return sum(rows for of, rows in of_marks if not marks.isdisjoint(of))

    return {
        "theme": Counter({one.slug: found["theme"][one.row_id] for one in plan.themes}),
        "cluster": Counter(
            {
                one.slug: found["cluster"][one.row_id] + (0 if one.is_cross_cluster else more)
                for one in plan.clusters
            }
        ),
        "lead": Counter({one.slug: by_lead[str(one.row_id)] for one in plan.partners}),
        "status": _statuses(found.get("rank", {})),
        "vital_few": Counter({one.code: having(one.code, chosen["strength"]) for one in plan.vital_fews}),
        "strength": Counter({name: having(chosen["vital_few"], name) for name in STRENGTHS}),
    }


def _groups(filterset: ListFilter, columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """What the filter lets through without any of its choices, in groups: the same whatever is chosen. One query."""
    rest = [pair for pair in filterset.form.cleaned_data.items() if pair[0] not in CHOICES]
    key = ("groups", type(filterset).__name__, *((name, str(value)) for name, value in rest if value))
    if "rank" in columns:
        return filterset.plan.remember(key, lambda: list(_grouped(filterset, columns)))
    return filterset.plan.remember_plan(key, lambda: list(_grouped(filterset, columns)))


def _grouped(filterset: ListFilter, columns: Iterable[str]) -> "QuerySet[Any, tuple[Any, ...]]":
    rows = filterset.rows_without(*CHOICES).order_by()
    if rows.model is not KnownAction:
        of_action = filterset.plan.actions().order_by().filter(action=OuterRef("action"))
        named = {f"of_{name}": Subquery(of_action.values(name)[:1]) for name in columns if name != "rank"}
        rows = rows.annotate(**named)
        columns = [name if name == "rank" else f"of_{name}" for name in columns]
    found: QuerySet[Any, tuple[Any, ...]] = rows.values(*columns).annotate(n=Count("pk"))
    return found.values_list(*columns, "n")


def status_counts_of(filterset: ListFilter) -> StatusCounts:
    """The actions of a valid filter by status."""
    plan = filterset.plan
    if filterset.is_empty():
        return plan.counts()
    return plan.remember(("counts", filterset.key), lambda: plan.counts_of(filterset.qs))


def counts_by_mark(filterset: ListFilter, *without: str) -> dict[str, StatusCounts]:
    """The actions of a valid filter by status, for each vital few and strength, as `Plan.counts_by` has them.

    Fields in `without` are left empty.
    """
    plan = filterset.plan
    if filterset.is_empty(*without):
        return plan.counts_by("marks")
    key = ("counts by mark", filterset.key, without)
    return plan.remember(key, lambda: plan.counts_of_by(filterset.rows_without(*without), "marks"))


def crossing_of(filterset: ListFilter, *without: str) -> list[tuple[int, int, str, int]]:
    """How many actions of a valid filter have the same theme, cluster and marks; fields in `without` are left empty."""
    plan = filterset.plan
    if filterset.is_empty(*without):
        return plan.remember_plan("crossing", lambda: plan.crossing(plan.actions()))
    key = ("crossing", filterset.key, without)
    return plan.remember(key, lambda: plan.crossing(filterset.rows_without(*without)))

"""`manage.py check_figures`: recalculates every known row from updates and versions, and compares."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from actions.models import (
    Action,
    ActionVersion,
    KnownAction,
    KnownMeasure,
    LeadVersion,
    OutcomeMeasure,
    OutcomeMeasureVersion,
    ProgressUpdate,
    RelationshipVersion,
)
from actions.worked_out import (
    Difference,
    LedBy,
    Mark,
    OfAction,
    OfMeasure,
    Place,
    Span,
    Title,
    Update,
    action_spans,
    differences,
    measure_spans,
)
from history import check as history_check
from history import clock
from history.check import COMPARED_AT_MOST, VersionCheck, between, in_words, key_ranges

Keys = tuple[int, int]
TIMES = ("known_from", "known_until")


class FigureCheck:
    """Recalculates every figure of all time, holding one range of keys in memory."""

    def __init__(self) -> None:
        self.compared = 0

    def differences(self) -> Iterator[str]:
        """Yield a line for each difference as it is found, all from one snapshot of the database."""
        with clock.snapshot():
            versions = VersionCheck()
            yield from versions.differences()
            self.compared += versions.compared
            yield from self._of_measures()
            yield from self._of_actions()

    def _of_measures(self) -> Iterator[str]:
        places, kept, updates = OutcomeMeasureVersion.objects, KnownMeasure.objects, ProgressUpdate.objects
        for keys in key_ranges(
            [(places.all(), "row_id"), (kept.all(), "measure_id"), (updates.all(), "measure_id")]
        ):
            known = _spans(kept.all(), "measure_id", OfMeasure, keys)
            worked_out = _measures_in(keys)
            for key in sorted(known.keys() | worked_out.keys()):
                for one in self._compare(known[key], worked_out[key], OfMeasure):
                    yield _line(_measure_named(key), one)

    def _of_actions(self) -> Iterator[str]:
        titles, kept = ActionVersion.objects, KnownAction.objects
        for keys in key_ranges([(titles.all(), "row_id"), (kept.all(), "action_id")]):
            known = _spans(kept.all(), "action_id", OfAction, keys)
            worked_out = _actions_in(keys)
            for key in sorted(known.keys() | worked_out.keys()):
                for one in self._compare(known[key], worked_out[key], OfAction):
                    yield _line(_action_named(key), one)

    def _compare(self, kept: list[Any], worked_out: list[Any], figures: Any) -> Iterator[Difference]:
        self.compared += len(worked_out) * len(figures._fields)
        return differences(kept, worked_out)


def faults() -> list[str]:
    """A quick check for `/health/ready`: one line for each fault."""
    return [
        *history_check.faults(),
        *_without_figures(Action, KnownAction, "action"),
        *_without_figures(OutcomeMeasure, KnownMeasure, "measure"),
    ]


def _without_figures(model: type[Any], known: type[Any], column: str) -> Iterator[str]:
    """Every live row needs one open known row; a constraint rules out a second."""
    names = model._meta.verbose_name_plural
    rows, kept = model.objects.count(), known.objects.open().count()
    if rows != kept:
        yield f"There are {rows} {names}, and figures of {kept}."
    elif rows <= COMPARED_AT_MOST:
        figures = known.objects.open().filter(**{column: OuterRef("pk")})
        if lacking := model.objects.order_by().filter(~Exists(figures)).count():
            yield f"{lacking} of {rows} {names} have no figures."


# Reading a range of keys at a time


class _Groups(defaultdict[int, list[Any]]):
    """Lists by key, in the order of the rows."""

    def __init__(self) -> None:
        super().__init__(list)


def _grouped(rows: Any, key: str, columns: tuple[str, ...], make: Callable[..., Any]) -> _Groups:
    """Group `rows` by the column `key`, each row converted by `make`."""
    found = _Groups()
    for value, group in groupby(rows.values_list(key, *columns).iterator(), key=lambda row: row[0]):
        found[value] += [make(*row[1:]) for row in group]
    return found


def _spans(query: Any, key: str, values: Any, keys: Keys, **renamed: str) -> _Groups:
    """The rows of a range as spans of `values`; `renamed` maps fields to columns with another name."""
    columns = (*TIMES, *(renamed.get(name, name) for name in values._fields))
    rows = between(query.order_by(key, "known_from", "pk"), key, keys)
    return _grouped(rows, key, columns, lambda since, until, *row: Span(since, until, values(*row)))


def _measures_in(keys: Keys) -> _Groups:
    """What should be known of the measures of a range."""
    places = _spans(OutcomeMeasureVersion.objects.all(), "row_id", Place, keys, measure_id="row_id")
    updates = _updates(between(ProgressUpdate.objects.all(), "measure_id", keys))
    found = _Groups()
    for key, versions in places.items():
        found[key] = measure_spans(versions, updates[key])
    return found


def _actions_in(keys: Keys) -> _Groups:
    """What should be known of the actions of a range."""
    titles = _spans(ActionVersion.objects.all(), "row_id", Title, keys)
    leads = _spans(LeadVersion.objects.all(), "action_id", LedBy, keys)
    marks = _spans(RelationshipVersion.objects.all(), "action_id", Mark, keys)
    places = _spans(OutcomeMeasureVersion.objects.all(), "action_id", Place, keys, measure_id="row_id")
    here = between(OutcomeMeasureVersion.objects.order_by(), "action_id", keys).values("row_id")
    updates = _updates(ProgressUpdate.objects.filter(measure__in=here))
    found = _Groups()
    for key, versions in titles.items():
        measures: list[Span[tuple[int, OfMeasure]]] = []
        by_measure = sorted(places[key], key=lambda span: span.values.measure_id)
        for measure, group in groupby(by_measure, key=lambda span: span.values.measure_id):
            spans = measure_spans(list(group), updates[measure])
            measures += [Span(since, until, (measure, values)) for since, until, values in spans]
        found[key] = action_spans(versions, leads[key], marks[key], measures)
    return found


def _updates(query: Any) -> _Groups:
    in_order = query.order_by("measure_id", "recorded_at", "pk")
    return _grouped(in_order, "measure_id", Update._fields, Update)


# In words


def _line(name: str, one: Difference) -> str:
    since = f"{timezone.localtime(one.since):%-d %B %Y %H:%M}"
    if not one.figure:
        rows = "1 row" if one.kept == 1 else f"{one.kept} rows"
        return f"{name}, known since {since}: {rows}, worked out {one.worked_out}."
    figure = one.figure.removesuffix("_id")
    return f"{name}, known since {since}: {figure} is {in_words(one.kept)}, worked out {in_words(one.worked_out)}."


def _action_named(key: int) -> str:
    last = ActionVersion.objects.filter(row_id=key).order_by("-known_from", "-pk").first()
    return f"Action {last.number}" if last else f"The action with key {key}"


def _measure_named(key: int) -> str:
    last = OutcomeMeasureVersion.objects.filter(row_id=key).order_by("-known_from", "-pk").first()
    return f"{_action_named(last.action_id)}, measure {last.order}" if last else f"The measure with key {key}"

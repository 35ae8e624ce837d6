"""Loads the framework's fixture: fills an empty plan, and changes a plan that differs only on request.

Set-based, and a chunk of the fixture at a time: the number of statements grows with the number of chunks, not of rows,
and neither the fixture nor the plan is ever in memory whole.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models, transaction
from django.db.models import F, Value
from django.db.models.functions import Cast, Concat

from actions.models import Action, Lead, Relationship
from history.clock import plan_change
from history.models import PlanChange
from partners.models import Partner
from strategy.framework_fixture import Record, read_records

# In the order in which rows are written: each model after those that its rows refer to.
KEYS = {
    "strategy.vitalfew": ("code",),
    "strategy.theme": ("slug",),
    "strategy.cluster": ("slug",),
    "partners.partner": ("slug",),
    "actions.action": ("number",),
    "actions.lead": ("action", "partner"),
    "actions.relationship": ("action", "vital_few"),
    "actions.outcomemeasure": ("action", "order"),
    "actions.sourcecell": ("line", "column"),
}
REFERRED_TO = [label for label, key in KEYS.items() if len(key) == 1]
RECORDS_AT_ONCE = 10_000  # of some 600 actions
ROWS_A_STATEMENT = 1_000
# Unique columns, and a value of each that no row of the fixture has: rows may exchange what must be unique.
ORDER_ASIDE = F("order") + 1000  # no framework has so many vital fews, nor an action so many leads
NAME_ASIDE = Concat(Value("… "), Cast("pk", models.CharField()))
ASIDE: dict[str, dict[str, Any]] = {
    "strategy.vitalfew": {"order": ORDER_ASIDE},
    "strategy.theme": {"name": NAME_ASIDE},
    "strategy.cluster": {"name": NAME_ASIDE},
    "partners.partner": {"name": NAME_ASIDE, "kind": Partner.Kind.BODY},
    "actions.lead": {"order": ORDER_ASIDE},
}
Key = tuple[Any, ...]
Values = dict[str, Any]  # of a row, by column
PrimaryKeys = dict[str, dict[Key, int]]  # by model and natural key
Item = TypeVar("Item")


@dataclass
class Comparison:
    """The fixture beside the database: what is missing here, what differs, and what only the database has."""

    missing: list[Record] = field(default_factory=list)
    differing: list[tuple[models.Model, models.Model, list[str]]] = field(default_factory=list)
    only_here: list[models.Model] = field(default_factory=list)

    def in_words(self) -> list[str]:
        """One line for each difference."""
        lines = [f"{_record_named(record)}: in the framework but not here" for record in self.missing]
        for here, there, names in self.differing:
            for name in names:
                lines.append(
                    f"{_named(here)}, {name}: here “{getattr(here, name)}”, "
                    f"in the framework “{getattr(there, name)}”"
                )
        return lines + [f"{_named(row)}: here but not in the framework" for row in self.only_here]


def load(fixture: Path, *, overwrite: bool = False) -> Comparison:
    """Fill an empty plan from `fixture`. Return what differed before, which is nothing for an empty plan.

    A plan that differs is changed only with `overwrite`, as one change in its history.
    Raises OSError if the fixture cannot be read and ValueError if it is not a framework fixture.
    """
    with transaction.atomic():
        if not Action.objects.exists():
            reason = f"The framework table ({fixture.name})"
            with plan_change(by=None, reason=reason, kind=PlanChange.Kind.IMPORT):
                _write(_records_of(fixture))
            return Comparison()
        before = compare(fixture)
        if overwrite and (before.missing or before.differing or before.only_here):
            with plan_change(by=None, reason=f"Set back to {fixture.name}", kind=PlanChange.Kind.IMPORT):
                _make_way(before)
                _write(_records_of(fixture))
        return before


def compare(fixture: Path) -> Comparison:
    """What differs between `fixture` and the database, in the fields that the fixture has."""
    result, keys = Comparison(), _keys_here()
    in_fixture: dict[str, set[int]] = defaultdict(set)
    for records in _chunks(_records_of(fixture), RECORDS_AT_ONCE):
        found = {label: iter(_beside(label, some, keys)) for label, some in _by_model(records).items()}
        differing: dict[str, list[tuple[int, Values, Values]]] = defaultdict(list)
        for place, record in enumerate(records):
            there, here = next(found[record["model"]])
            # a row that refers to one that is missing here is missing with it
            if there is None or here is None:
                result.missing.append(record)
                continue
            in_fixture[record["model"]].add(here["id"])
            if _differing(there, here):
                differing[record["model"]].append((place, there, here))
        result.differing += _as_instances(differing)
    for label in KEYS:
        result.only_here += _only_here(label, keys, in_fixture[label])
    return result


# --- The fixture ---------------------------------------------------------


def _records_of(fixture: Path) -> Iterator[Record]:
    has_actions = False
    with fixture.open(encoding="utf-8") as stream:
        for record in read_records(stream):
            label, fields = str(record.get("model")), record.get("fields")
            if label not in KEYS:
                raise ValueError(f"it has records of {label}")
            if not isinstance(fields, dict) or not set(KEYS[label]) <= fields.keys():
                raise ValueError(f"{record} needs {' and '.join(KEYS[label])}")
            has_actions = has_actions or label == "actions.action"
            yield record
    if not has_actions:
        raise ValueError("it has no actions")


def _by_model(records: Iterable[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        found[record["model"]].append(record)
    return found


def _chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _values_of(record: Record, keys: PrimaryKeys) -> Values | None:
    """The record by column; None if it refers to a row that is not here. Raises ValueError if it is invalid."""
    options, values = _model(record["model"])._meta, {}
    try:
        for name, value in record["fields"].items():
            column: Any = options.get_field(name)
            if column.is_relation and value is not None:
                referred = keys[column.related_model._meta.label_lower].get(tuple(value))
                if referred is None:
                    return None
                values[column.attname] = referred
            else:
                values[column.attname] = column.to_python(value)
    except (FieldDoesNotExist, ValidationError, TypeError, KeyError) as error:
        raise ValueError(f"{record}: {error}") from error
    return values


# --- The rows here -------------------------------------------------------


@cache
def _model(label: str) -> type[models.Model]:
    return apps.get_model(label)


@cache
def _key_columns(label: str) -> tuple[str, ...]:
    options = _model(label)._meta
    return tuple(options.get_field(name).attname for name in KEYS[label])  # type: ignore[union-attr]  # no reverse ones


def _columns(label: str) -> list[str]:
    return [column.attname for column in _model(label)._meta.concrete_fields]


def _keys_here() -> PrimaryKeys:
    return {
        label: {(key,): pk for pk, key in _model(label)._default_manager.values_list("pk", KEYS[label][0])}
        for label in REFERRED_TO
    }


def _beside(
    label: str, records: list[Record], keys: PrimaryKeys
) -> Iterable[tuple[Values | None, Values | None]]:
    """For each record its values, and those of the row here with the same key; None for what is missing."""
    columns = _key_columns(label)
    valued = [_values_of(record, keys) for record in records]
    first = {values[columns[0]] for values in valued if values}
    rows = _model(label)._default_manager.filter(**{f"{columns[0]}__in": first}).order_by()
    here = {tuple(row[column] for column in columns): row for row in rows.values(*_columns(label))}
    for there in valued:
        yield there, here.get(tuple(there[column] for column in columns)) if there else None


def _only_here(label: str, keys: PrimaryKeys, in_fixture: set[int]) -> Iterator[models.Model]:
    rows = _model(label)._default_manager.all()
    known = keys[label].values() if label in keys else rows.values_list("pk", flat=True).iterator()
    for some in _chunks((pk for pk in known if pk not in in_fixture), ROWS_A_STATEMENT):
        values = rows.filter(pk__in=some).values(*_columns(label))
        yield from _instances(label, (row for row in values if not _is_declined(row)))


def _instances(label: str, rows: Iterable[Values]) -> list[models.Model]:
    """Unsaved, with the rows that they refer to, so that naming them asks the database nothing."""
    found = [_model(label)(**values) for values in rows]
    relations = [column.name for column in _model(label)._meta.concrete_fields if column.is_relation]
    models.prefetch_related_objects(found, *relations)
    return found


def _as_instances(
    differing: dict[str, list[tuple[int, Values, Values]]],
) -> Iterator[tuple[models.Model, models.Model, list[str]]]:
    """The rows here, those of the fixture and the names of the fields that differ, in the fixture's order."""
    found = []
    for label, rows in differing.items():
        here = _instances(label, (here for _, _, here in rows))
        there = _instances(label, (there for _, there, _ in rows))
        for (place, *values), one, other in zip(rows, here, there, strict=True):
            names = [_model(label)._meta.get_field(column).name for column in _differing(*values)]
            found.append((place, one, other, names))
    for _, one, other, names in sorted(found, key=lambda each: each[0]):
        yield one, other, names


def _differing(there: Values, here: Values) -> Values:
    """What the fixture has instead of what is here, by column."""
    wanted = there
    if _is_declined(here):  # accepting a lead that the framework suggests is no difference, declining it is
        wanted = {**there, "acceptance": there.get("acceptance", Lead.Acceptance.SUGGESTED)}
    return {column: value for column, value in wanted.items() if value != here[column]}


def _is_declined(row: Values) -> bool:
    return row.get("acceptance") == Lead.Acceptance.DECLINED


# --- Writing -------------------------------------------------------------


def _make_way(before: Comparison) -> None:
    """Deletes leads and relationships that are not in the fixture, unless someone has answered or reported on them.

    Such a lead becomes declined. What is unique and about to change gets a value that the fixture has nowhere.
    """
    for some in _chunks(
        (row.pk for row in before.only_here if isinstance(row, Relationship)), ROWS_A_STATEMENT
    ):
        Relationship.objects.filter(pk__in=some).delete()
    for some in _chunks((row.pk for row in before.only_here if isinstance(row, Lead)), ROWS_A_STATEMENT):
        Lead.objects.filter(pk__in=some, answers__isnull=True).delete()
        Lead.objects.filter(pk__in=some).update(acceptance=Lead.Acceptance.DECLINED)
    for label, columns in ASIDE.items():
        model = _model(label)
        for name, aside in columns.items():
            changed = [row for row, _, names in before.differing if name in names]
            moving = changed + before.only_here if name == "order" else changed
            for some in _chunks((row.pk for row in moving if isinstance(row, model)), ROWS_A_STATEMENT):
                model._default_manager.filter(pk__in=some).update(**{name: aside})


def _write(records: Iterable[Record]) -> None:
    """Make the plan as the records have it. Raises ValueError if one refers to a row that does not exist."""
    keys = _keys_here()
    for some in _chunks(records, RECORDS_AT_ONCE):
        by_model = _by_model(some)
        for label in KEYS:
            if label in by_model:
                _write_rows(label, by_model[label], keys)


def _write_rows(label: str, records: list[Record], keys: PrimaryKeys) -> None:
    """Update the rows that differ, create those that are missing, and add the new primary keys to `keys`."""
    model, columns = _model(label), _key_columns(label)
    new: dict[Key, Values] = {}
    changed: dict[int, Values] = defaultdict(dict)
    for record, (there, here) in zip(records, _beside(label, records, keys), strict=True):
        if there is None:
            raise ValueError(f"{_record_named(record)} refers to a row that does not exist")
        if here is None:
            new.setdefault(tuple(there[column] for column in columns), {}).update(there)
        elif differing := _differing(there, here):
            here.update(differing)
            changed[here["id"]].update(differing)
    alike: dict[tuple[str, ...], list[models.Model]] = defaultdict(list)
    for pk, values in changed.items():
        alike[tuple(values)].append(model(pk=pk, **values))
    for changing, rows in alike.items():
        names = [model._meta.get_field(column).name for column in changing]
        model._default_manager.bulk_update(rows, names, batch_size=ROWS_A_STATEMENT)
    created = model._default_manager.bulk_create(
        [model(**values) for values in new.values()], batch_size=ROWS_A_STATEMENT
    )
    if label in keys:
        keys[label].update(zip(new, (row.pk for row in created), strict=True))


def _named(row: models.Model) -> str:
    return f"{row._meta.verbose_name} {row}"


def _record_named(record: Record) -> str:
    """By its key, as there is no row to name it: “lead 9, universities”."""
    key = [record["fields"][name] for name in KEYS[record["model"]]]
    parts = [part for value in key for part in (value if isinstance(value, list) else [value])]
    return f"{_model(record['model'])._meta.verbose_name} {', '.join(map(str, parts))}"

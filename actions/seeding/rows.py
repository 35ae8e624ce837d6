"""The fixture's records and the rows here, side by side: as values by column, a chunk at a time."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Cast, Concat

from actions.models import Lead
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
    "partners.partner": {"name": NAME_ASIDE, "kind": Partner.Kind.ORGANISATION},
    "actions.lead": {"order": ORDER_ASIDE},
}
Key = tuple[Any, ...]
Values = dict[str, Any]  # of a row, by column
PrimaryKeys = dict[str, dict[Key, int]]  # by model and natural key
Item = TypeVar("Item")


# --- The fixture ---------------------------------------------------------


def records_of(fixture: Path) -> Iterator[Record]:
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


def records_by_model(records: Iterable[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        found[record["model"]].append(record)
    return found


def in_chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def values_of(record: Record, keys: PrimaryKeys) -> Values | None:
    """The record by column; None if it refers to a row that is not here. Raises ValueError if it is invalid."""
    options, values = model_named(record["model"])._meta, {}
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
def model_named(label: str) -> type[models.Model]:
    return apps.get_model(label)


@cache
def key_columns(label: str) -> tuple[str, ...]:
    options = model_named(label)._meta
    return tuple(options.get_field(name).attname for name in KEYS[label])  # type: ignore[union-attr]  # no reverse ones


def all_columns(label: str) -> list[str]:
    return [column.attname for column in model_named(label)._meta.concrete_fields]


def keys_here() -> PrimaryKeys:
    return {
        label: {
            (key,): pk for pk, key in model_named(label)._default_manager.values_list("pk", KEYS[label][0])
        }
        for label in REFERRED_TO
    }


def beside(
    label: str, records: list[Record], keys: PrimaryKeys
) -> Iterable[tuple[Values | None, Values | None]]:
    """For each record its values, and those of the row here with the same key; None for what is missing."""
    columns = key_columns(label)
    valued = [values_of(record, keys) for record in records]
    first = {values[columns[0]] for values in valued if values}
    rows = model_named(label)._default_manager.filter(**{f"{columns[0]}__in": first}).order_by()
    here = {tuple(row[column] for column in columns): row for row in rows.values(*all_columns(label))}
    for there in valued:
        yield there, here.get(tuple(there[column] for column in columns)) if there else None


def only_in_database(label: str, keys: PrimaryKeys, in_fixture: set[int]) -> Iterator[models.Model]:
    rows = model_named(label)._default_manager.all()
    known = keys[label].values() if label in keys else rows.values_list("pk", flat=True).iterator()
    for some in in_chunks((pk for pk in known if pk not in in_fixture), ROWS_A_STATEMENT):
        values = rows.filter(pk__in=some).values(*all_columns(label))
        yield from instances_of(label, (row for row in values if not is_declined(row)))


def instances_of(label: str, rows: Iterable[Values]) -> list[models.Model]:
    """Unsaved, with the rows that they refer to, so that naming them asks the database nothing."""
    found = [model_named(label)(**values) for values in rows]
    relations = [column.name for column in model_named(label)._meta.concrete_fields if column.is_relation]
    models.prefetch_related_objects(found, *relations)
    return found


def as_instances(
    differing: dict[str, list[tuple[int, Values, Values]]],
) -> Iterator[tuple[models.Model, models.Model, list[str]]]:
    """The rows here, those of the fixture and the names of the fields that differ, in the fixture's order."""
    found = []
    for label, rows in differing.items():
        here = instances_of(label, (here for _, _, here in rows))
        there = instances_of(label, (there for _, there, _ in rows))
        for (place, *values), one, other in zip(rows, here, there, strict=True):
            names = [model_named(label)._meta.get_field(column).name for column in differing_values(*values)]
            found.append((place, one, other, names))
    for _, one, other, names in sorted(found, key=lambda each: each[0]):
        yield one, other, names


def differing_values(there: Values, here: Values) -> Values:
    """What the fixture has instead of what is here, by column."""
    wanted = there
    if is_declined(here):  # accepting a suggested lead is not a difference; declining it is
        wanted = {**there, "acceptance": there.get("acceptance", Lead.Acceptance.SUGGESTED)}
    return {column: value for column, value in wanted.items() if value != here[column]}


def is_declined(row: Values) -> bool:
    return row.get("acceptance") == Lead.Acceptance.DECLINED

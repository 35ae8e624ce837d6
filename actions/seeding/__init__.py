"""Loads the framework's fixture: fills an empty plan, and changes a plan that differs only on request.

Set-based, and a chunk of the fixture at a time: the number of statements grows with the number of chunks, not of rows,
and neither the fixture nor the plan is ever in memory whole.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.db import models, transaction

from actions.models import Action, Lead, Relationship
from actions.seeding.rows import (
    ASIDE,
    KEYS,
    RECORDS_AT_ONCE,
    ROWS_A_STATEMENT,
    Key,
    PrimaryKeys,
    Values,
    as_instances,
    beside,
    differing_values,
    in_chunks,
    key_columns,
    keys_here,
    model_named,
    only_in_database,
    records_by_model,
    records_of,
)
from history.clock import plan_change
from history.models import PlanChange
from strategy.framework_fixture import Record


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
            reason = f"Framework table ({fixture.name})"
            with plan_change(by=None, reason=reason, kind=PlanChange.Kind.IMPORT):
                _write(records_of(fixture))
            return Comparison()
        before = compare(fixture)
        if overwrite and (before.missing or before.differing or before.only_here):
            with plan_change(by=None, reason=f"Set back to {fixture.name}", kind=PlanChange.Kind.IMPORT):
                _make_way(before)
                _write(records_of(fixture))
        return before


def compare(fixture: Path) -> Comparison:
    """What differs between `fixture` and the database, in the fields that the fixture has."""
    result, keys = Comparison(), keys_here()
    in_fixture: dict[str, set[int]] = defaultdict(set)
    for records in in_chunks(records_of(fixture), RECORDS_AT_ONCE):
        found = {label: iter(beside(label, some, keys)) for label, some in records_by_model(records).items()}
        differing: dict[str, list[tuple[int, Values, Values]]] = defaultdict(list)
        for place, record in enumerate(records):
            there, here = next(found[record["model"]])
            # a row that refers to one that is missing here is missing with it
            if there is None or here is None:
                result.missing.append(record)
                continue
            in_fixture[record["model"]].add(here["id"])
            if differing_values(there, here):
                differing[record["model"]].append((place, there, here))
        result.differing += as_instances(differing)
    for label in KEYS:
        result.only_here += only_in_database(label, keys, in_fixture[label])
    return result


# --- Writing -------------------------------------------------------------


def _make_way(before: Comparison) -> None:
    """Deletes leads and relationships that are not in the fixture, unless someone has answered or reported on them.

    Such a lead becomes declined. What is unique and about to change gets a value that the fixture has nowhere.
    """
    for some in in_chunks(
        (row.pk for row in before.only_here if isinstance(row, Relationship)), ROWS_A_STATEMENT
    ):
        Relationship.objects.filter(pk__in=some).delete()
    for some in in_chunks((row.pk for row in before.only_here if isinstance(row, Lead)), ROWS_A_STATEMENT):
        Lead.objects.filter(pk__in=some, answers__isnull=True).delete()
        Lead.objects.filter(pk__in=some).update(acceptance=Lead.Acceptance.DECLINED)
    for label, columns in ASIDE.items():
        model = model_named(label)
        for name, aside in columns.items():
            changed = [row for row, _, names in before.differing if name in names]
            moving = changed + before.only_here if name == "order" else changed
            for some in in_chunks((row.pk for row in moving if isinstance(row, model)), ROWS_A_STATEMENT):
                model._default_manager.filter(pk__in=some).update(**{name: aside})


def _write(records: Iterable[Record]) -> None:
    """Make the plan as the records have it. Raises ValueError if one refers to a row that does not exist."""
    keys = keys_here()
    for some in in_chunks(records, RECORDS_AT_ONCE):
        by_model = records_by_model(some)
        for label in KEYS:
            if label in by_model:
                _write_rows(label, by_model[label], keys)


def _write_rows(label: str, records: list[Record], keys: PrimaryKeys) -> None:
    """Update the rows that differ, create those that are missing, and add the new primary keys to `keys`."""
    model, columns = model_named(label), key_columns(label)
    new: dict[Key, Values] = {}
    changed: dict[int, Values] = defaultdict(dict)
    for record, (there, here) in zip(records, beside(label, records, keys), strict=True):
        if there is None:
            raise ValueError(f"{_record_named(record)} refers to a row that does not exist")
        if here is None:
            new.setdefault(tuple(there[column] for column in columns), {}).update(there)
        elif differing := differing_values(there, here):
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
    return f"{model_named(record['model'])._meta.verbose_name} {', '.join(map(str, parts))}"

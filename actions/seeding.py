"""The framework's fixture into the database: the first time whole, later only as far as somebody says so."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models, transaction
from django.db.models import F

from actions.models import Action, Lead, Relationship
from history.clock import plan_change
from history.models import PlanChange
from strategy.models import VitalFew

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
OUT_OF_THE_WAY = 1000  # no framework has so many vital fews, nor an action so many leads
Record = dict[str, Any]
Rows = dict[str, dict[tuple[Any, ...], models.Model]]  # by model and key


@dataclass
class Comparison:
    """The fixture beside the database: what is missing here, what differs, and what only the database has."""

    missing: list[Record] = field(default_factory=list)
    differing: list[tuple[models.Model, models.Model, list[str]]] = field(default_factory=list)
    only_here: list[models.Model] = field(default_factory=list)

    def in_words(self) -> list[str]:
        """One line a difference."""
        lines = [f"{_record_named(record)}: stands in the framework, not here" for record in self.missing]
        for here, there, names in self.differing:
            for name in names:
                lines.append(
                    f"{_named(here)}, {name}: here “{getattr(here, name)}”, "
                    f"in the framework “{getattr(there, name)}”"
                )
        return lines + [f"{_named(row)}: stands here, not in the framework" for row in self.only_here]


def load(fixture: Path, *, overwrite: bool = False) -> Comparison:
    """Bring the plan to what `fixture` says, and answer with what differed before.

    An empty database is filled; a plan that differs is changed only with `overwrite`, as one change of its history.
    Raises OSError where the fixture cannot be read and ValueError where it is none of a framework.
    """
    records = _records_of(fixture)
    with transaction.atomic():
        if not Action.objects.exists():
            reason = f"The framework table ({fixture.name})"
            with plan_change(by=None, reason=reason, kind=PlanChange.Kind.IMPORT):
                _write(records)
            return Comparison()
        before = _compare(records)
        if overwrite and before.in_words():
            with plan_change(by=None, reason=f"Set back to {fixture.name}", kind=PlanChange.Kind.IMPORT):
                _make_way(before)
                _write(records)
        return before


def compare(fixture: Path) -> Comparison:
    """What differs between `fixture` and the database, field by field of those that the fixture has."""
    return _compare(_records_of(fixture))


def _records_of(fixture: Path) -> list[Record]:
    records = json.loads(fixture.read_text(encoding="utf-8"))
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise ValueError("a list of records was expected")
    if strange := {str(record.get("model")) for record in records} - set(KEYS):
        raise ValueError(f"it has records of {', '.join(sorted(strange))}")
    if not any(record["model"] == "actions.action" for record in records):
        raise ValueError("it has no actions")
    for record in records:
        if not set(KEYS[record["model"]]) <= set(record.get("fields") or ()):
            raise ValueError(f"{record} has not all of {', '.join(KEYS[record['model']])}")
    return records


def _rows_here() -> Rows:
    return {
        label: {_key(label, row): row for row in apps.get_model(label)._default_manager.all()}
        for label in KEYS
    }


def _key(label: str, row: models.Model) -> tuple[Any, ...]:
    return tuple(row.serializable_value(name) for name in KEYS[label])


def _row_of(record: Record, here: Rows) -> models.Model | None:
    """The unsaved row; None where it refers to one that is not here. Raises ValueError where it is none."""
    model = apps.get_model(record["model"])
    values: dict[str, Any] = {}
    try:
        for name, value in record["fields"].items():
            column: Any = model._meta.get_field(name)
            if column.is_relation and value is not None:
                referred = here[column.related_model._meta.label_lower].get(tuple(value))
                if referred is None:
                    return None
                values[name] = referred
            else:
                values[name] = column.to_python(value)
    except (FieldDoesNotExist, ValidationError, TypeError) as error:
        raise ValueError(f"{record}: {error}") from error
    row: models.Model = model(**values)
    return row


def _compare(records: list[Record]) -> Comparison:
    result, here = Comparison(), _rows_here()
    named: set[models.Model] = set()
    for record in records:
        there = _row_of(record, here)
        # a row that refers to one that is missing here is missing with it
        standing = here[record["model"]].get(_key(record["model"], there)) if there else None
        if there is None or standing is None:
            result.missing.append(record)
            continue
        named.add(standing)
        if names := _differing(record, there, standing):
            result.differing.append((standing, there, names))
    only_here = [row for rows in here.values() for row in rows.values() if row not in named]
    result.only_here = [row for row in only_here if not _is_declined(row)]
    return result


def _differing(record: Record, there: models.Model, standing: models.Model) -> list[str]:
    names = list(record["fields"])
    if _is_declined(standing):  # accepting what the framework suggests is no difference, declining it is
        names.append("acceptance")
    return [name for name in names if there.serializable_value(name) != standing.serializable_value(name)]


def _is_declined(row: models.Model) -> bool:
    return isinstance(row, Lead) and row.acceptance == Lead.Acceptance.DECLINED


def _make_way(before: Comparison) -> None:
    """Of what only the portal has, leads and relationships go; what people answered or reported on stays."""
    for row in before.only_here:
        if isinstance(row, Relationship) or (isinstance(row, Lead) and not row.answers.exists()):
            type(row)._default_manager.filter(pk=row.pk).delete()
        elif isinstance(row, Lead):
            Lead.objects.filter(pk=row.pk).update(acceptance=Lead.Acceptance.DECLINED)
    for model in (VitalFew, Lead):  # two that changed places would stand in each other's way
        changed = [row for row, _, _ in before.differing] + before.only_here
        keys = [row.pk for row in changed if isinstance(row, model)]
        model._default_manager.filter(pk__in=keys).update(order=F("order") + OUT_OF_THE_WAY)


def _write(records: list[Record]) -> None:
    """Every record as the fixture has it. Raises ValueError where one refers to what is neither there nor here."""
    here = _rows_here()
    for record in records:
        label = record["model"]
        there = _row_of(record, here)
        if there is None:
            raise ValueError(f"{_record_named(record)} refers to what it lacks")
        standing = here[label].setdefault(_key(label, there), there)
        names = _differing(record, there, standing)
        if standing is there or names:
            for name in names:
                setattr(standing, name, getattr(there, name))
            standing.save()


def _named(row: models.Model) -> str:
    return f"{row._meta.verbose_name} {row}"


def _record_named(record: Record) -> str:
    """By its key, as it is not here to speak for itself: “lead 9, universities”."""
    key = [record["fields"][name] for name in KEYS[record["model"]]]
    parts = [part for value in key for part in (value if isinstance(value, list) else [value])]
    return f"{apps.get_model(record['model'])._meta.verbose_name} {', '.join(map(str, parts))}"

"""The framework's fixture into the database: the first time whole, later only as far as somebody says so."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.core.serializers.base import DeserializationError
from django.core.serializers.python import Deserializer
from django.db import models, transaction
from django.db.models import F

from actions.models import Action, Lead, PlanChange, Relationship, plan_change
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


@dataclass
class Comparison:
    """The fixture beside the database: records that are missing here, rows that differ, and that only it has."""

    missing: list[Record] = field(default_factory=list)
    differing: list[tuple[models.Model, dict[str, Any]]] = field(default_factory=list)
    only_here: list[models.Model] = field(default_factory=list)

    def in_words(self) -> list[str]:
        """One line a difference."""
        lines = [f"{_record_named(record)}: stands in the framework, not here" for record in self.missing]
        for row, values in self.differing:
            for name, value in values.items():
                lines.append(
                    f"{_named(row)}, {name}: here “{getattr(row, name)}”, in the framework “{value}”"
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
                for record in records:
                    _row_of(record).save()
            return Comparison()
        before = _compare(records)
        if overwrite and before.in_words():
            with plan_change(by=None, reason=f"Set back to {fixture.name}", kind=PlanChange.Kind.IMPORT):
                _set_back(records, before)
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


def _row_of(record: Record) -> models.Model:
    """The unsaved row. Raises ObjectDoesNotExist where it refers to a row that is not here."""
    try:
        [found] = Deserializer([record])
    except (DeserializationError, FieldDoesNotExist) as error:
        if isinstance(error.__context__, ObjectDoesNotExist):
            raise ObjectDoesNotExist(str(error)) from error
        raise ValueError(str(error)) from error
    row: models.Model = found.object
    return row


def _standing(record: Record, row: models.Model) -> models.Model | None:
    key = {name: row.serializable_value(name) for name in KEYS[record["model"]]}
    found: models.Model | None = type(row)._default_manager.filter(**key).first()
    return found


def _compare(records: list[Record]) -> Comparison:
    result = Comparison()
    named: dict[str, set[Any]] = {label: set() for label in KEYS}
    for record in records:
        try:
            row = _row_of(record)
            standing = _standing(record, row)
        except ObjectDoesNotExist:  # a row that refers to one that is missing here is missing with it
            standing = None
        if standing is None:
            result.missing.append(record)
            continue
        named[record["model"]].add(standing.pk)
        if differing := _differing(record, row, standing):
            result.differing.append((standing, differing))
    for label, known in named.items():
        result.only_here += apps.get_model(label)._default_manager.exclude(pk__in=known)
    result.only_here = [row for row in result.only_here if not _is_declined(row)]
    return result


def _differing(record: Record, row: models.Model, standing: models.Model) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in record["fields"]}
    if _is_declined(standing):  # accepting what the framework suggests is no difference, declining it is
        values["standing"] = Lead.Standing.SUGGESTED.value
    return {name: value for name, value in values.items() if value != getattr(standing, name)}


def _is_declined(row: models.Model) -> bool:
    return isinstance(row, Lead) and row.standing == Lead.Standing.DECLINED


def _set_back(records: list[Record], before: Comparison) -> None:
    """The framework's rows as it has them. Of rows that only the portal has, people's answers and reports are kept."""
    for row in before.only_here:
        if isinstance(row, Relationship) or (isinstance(row, Lead) and not row.answers.exists()):
            row.delete()
        elif isinstance(row, Lead):
            Lead.objects.filter(pk=row.pk).update(standing=Lead.Standing.DECLINED)
    for model in (VitalFew, Lead):  # two that changed places would stand in each other's way
        changed = [row for row, _ in before.differing] + before.only_here
        keys = [row.pk for row in changed if isinstance(row, model)]
        model.objects.filter(pk__in=keys).update(order=F("order") + OUT_OF_THE_WAY)
    for record in records:
        row = _row_of(record)
        standing = _standing(record, row)
        if standing is None:
            row.save()
        elif differing := _differing(record, row, standing):
            for name, value in differing.items():
                setattr(standing, name, value)
            standing.save()


def _named(row: models.Model) -> str:
    return f"{row._meta.verbose_name} {row}"


def _record_named(record: Record) -> str:
    """By its key, as it is not here to speak for itself: “lead 9, universities”."""
    key = [record["fields"][name] for name in KEYS[record["model"]]]
    parts = [part for value in key for part in (value if isinstance(value, list) else [value])]
    return f"{apps.get_model(record['model'])._meta.verbose_name} {', '.join(map(str, parts))}"

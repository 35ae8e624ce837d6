"""The framework's fixture into the database: the first time whole, later only as far as somebody says so."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.core.serializers.python import Deserializer
from django.db import models, transaction

from actions.models import Action, Lead, PlanChange, Relationship, plan_change

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


@dataclass
class Comparison:
    """The fixture beside the database: rows that are missing here, that differ, and that only the database has."""

    missing: list[models.Model] = field(default_factory=list)
    differing: list[tuple[models.Model, dict[str, Any]]] = field(default_factory=list)
    only_here: list[models.Model] = field(default_factory=list)

    def in_words(self) -> list[str]:
        """One line a difference."""
        lines = [f"{_named(row)}: stands in the framework, not here" for row in self.missing]
        for row, values in self.differing:
            for name, value in values.items():
                lines.append(
                    f"{_named(row)}, {name}: here “{getattr(row, name)}”, in the framework “{value}”"
                )
        return lines + [f"{_named(row)}: stands here, not in the framework" for row in self.only_here]


def load(fixture: Path, *, overwrite: bool = False) -> Comparison:
    """Bring the plan to what `fixture` says, and answer with what differed before.

    An empty database is filled; a plan that differs is changed only with `overwrite`, as one change of its history.
    """
    with transaction.atomic():
        if not Action.objects.exists():
            before = Comparison()
            with plan_change(
                by=None, reason=f"The framework table ({fixture.name})", kind=PlanChange.Kind.IMPORT
            ):
                for _, row, _ in _rows_of(fixture):
                    row.save()
            return before
        before = compare(fixture)
        if overwrite and before.in_words():
            with plan_change(by=None, reason=f"Set back to {fixture.name}", kind=PlanChange.Kind.IMPORT):
                _apply(before)
        return before


def compare(fixture: Path) -> Comparison:
    """What differs between `fixture` and the database, field by field of those that the fixture has."""
    result = Comparison()
    named: dict[type[models.Model], set[Any]] = {}
    for label, row, names in _rows_of(fixture):
        model = type(row)
        key = {name: row.serializable_value(name) for name in KEYS[label]}
        standing = model._default_manager.filter(**key).first() if None not in key.values() else None
        if standing is None:
            result.missing.append(row)
            continue
        named.setdefault(model, set()).add(standing.pk)
        differing = {
            name: getattr(row, name) for name in names if getattr(row, name) != getattr(standing, name)
        }
        if differing:
            result.differing.append((standing, differing))
    for model in (Action, Lead, Relationship):
        result.only_here += model._default_manager.exclude(pk__in=named.get(model, set()))
    return result


def _rows_of(fixture: Path) -> Iterator[tuple[str, models.Model, list[str]]]:
    """Label, unsaved row and names of the fields given, for each record. Earlier rows may be saved in between."""
    for record in json.loads(fixture.read_text(encoding="utf-8")):
        try:
            for found in Deserializer([record]):
                yield record["model"], found.object, list(record["fields"])
        except ObjectDoesNotExist:  # a row that refers to one that is missing here is missing with it
            continue


def _apply(before: Comparison) -> None:
    for row, values in before.differing:
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
    for row in before.missing:
        row.save()
    for row in before.only_here:
        if isinstance(row, Relationship):  # an action or a lead may have reports and answers, and stays
            row.delete()


def _named(row: models.Model) -> str:
    return f"{row._meta.verbose_name} {row}"

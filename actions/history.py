"""The history of an action in words: what changed in the plan, when, by whom and why; and what its source said."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from actions.models import (
    ActionVersion,
    LeadVersion,
    OutcomeMeasureVersion,
    PlanChange,
    RelationshipVersion,
    SourceCell,
    Version,
    as_number,
)
from actions.models.history import VersionQuerySet
from actions.plan import Plan
from actions.rows import ActionRow
from partners.models import User

FIELDS: dict[type[Any], tuple[str, ...]] = {
    ActionVersion: ("number", "title", "theme", "cluster", "outcome_text"),
    LeadVersion: ("partner", "standing"),
    RelationshipVersion: ("strength",),
    OutcomeMeasureVersion: ("text", "year", "baseline", "target", "unit", "target_date", "revised_date"),
}
# What an action's own columns of the source were read into; the outcome measure's follows its year.
ACTION_HEADINGS = {
    "Theme": ("theme",),
    "Cluster": ("cluster",),
    "Action": ("title",),
    "Action No": ("number",),
    "Outcome Measure": ("outcome_text",),
}
OUTCOME_YEAR = re.compile(r"(?<=Outcome Measure) \d{4}$")


@dataclass
class PlanEvent:
    """One change of the plan as far as it touched one action."""

    when: datetime
    change: PlanChange | None
    lines: list[str] = field(default_factory=list)

    @property
    def by(self) -> User | None:
        return self.change.by if self.change else None

    @property
    def reason(self) -> str:
        return self.change.reason if self.change else ""

    @property
    def who(self) -> str:
        """In words, also where no person did it, or nobody knows."""
        if self.by:
            return str(self.by)
        if self.change and self.change.kind != PlanChange.Kind.EDIT:
            return str(self.change.get_kind_display())
        return "Changed outside the portal"


def events_of(action_id: int, plan: Plan) -> list[PlanEvent]:
    """What changed in the plan for this action, newest first, up to the plan's moment."""
    events: dict[tuple[datetime, int | None], PlanEvent] = {}

    def note(when: datetime, change: PlanChange | None, line: str) -> None:
        key = (when, change.pk if change else None)
        events.setdefault(key, PlanEvent(when, change)).lines.append(line)

    for model in FIELDS:
        for versions in _chains(model, action_id, plan):
            before = None
            for version in versions:
                for line in _difference(before, version):
                    note(version.known_from, version.change, line)
                before = version
            if before and before.known_until and (plan.moment is None or before.known_until < plan.moment):
                note(before.known_until, before.end_change, f"{_name(before)} removed: {_value(before)}")
    return sorted(events.values(), key=lambda event: event.when, reverse=True)


def _chains(model: type[Version], action_id: int, plan: Plan) -> Iterable[list[Any]]:
    """The lasting versions of each row of `model` that belongs to the action, each chain in order of time."""
    versions = _versions_of(model, action_id).lasting().select_related("change__by", "end_change__by")
    related = {LeadVersion: "partner", RelationshipVersion: "vital_few"}.get(model)
    if related:
        versions = versions.select_related(related)
    if plan.moment:
        versions = versions.filter(known_from__lt=plan.moment)
    chains: dict[int, list[Any]] = defaultdict(list)
    for version in versions.order_by("known_from", "pk"):
        chains[version.row_id].append(version)
    return chains.values()


def _versions_of(model: type[Version], action_id: int) -> VersionQuerySet[Any]:
    own = {"row_id": action_id} if model is ActionVersion else {"action": action_id}
    versions: VersionQuerySet[Any] = model.objects.filter(**own)
    return versions


def _difference(before: Any, version: Any) -> Iterable[str]:
    if before is None:
        imported = version.change and version.change.kind != PlanChange.Kind.EDIT
        if not imported:
            yield f"{_name(version)} added: {_value(version)}"
        elif isinstance(version, ActionVersion):
            yield "The action as the framework has it"
        return
    for name in FIELDS[type(version)]:
        old, new = getattr(before, name), getattr(version, name)
        if old != new:
            label = str(version._meta.get_field(name).verbose_name)
            yield f"{_name(version)}, {label}: {_shown(before, name)} → {_shown(version, name)}"


def _name(version: Any) -> str:
    if isinstance(version, LeadVersion):
        return f"Lead {version.partner}"
    if isinstance(version, RelationshipVersion):
        return f"Relationship to {version.vital_few.code}"
    if isinstance(version, OutcomeMeasureVersion):
        return f"Measure {version.order}"
    return "Action"


def _value(version: Any) -> str:
    return _shown(version, FIELDS[type(version)][-1 if isinstance(version, LeadVersion) else 0])


def _shown(version: Any, name: str) -> str:
    display = getattr(version, f"get_{name}_display", None)
    value = display() if display else getattr(version, name)
    if isinstance(value, date):
        value = f"{value:%-d %B %Y}"
    elif isinstance(value, Decimal):
        value = as_number(value)
    return "none" if value in (None, "") else f"“{value}”"


@dataclass(frozen=True)
class Provenance:
    """A cell of the source, and whether the plan still says what was made of it."""

    cell: SourceCell
    changed: bool


def provenance_of(row: ActionRow, vital_few_codes: Iterable[str]) -> list[Provenance]:
    """The source cells of an action, each with whether a person has changed since what was imported from it."""
    changed = _changed_headings(row.version.row_id, vital_few_codes)
    cells = SourceCell.objects.filter(action=row.version.row_id)
    return [Provenance(cell, OUTCOME_YEAR.sub("", cell.heading) in changed) for cell in cells]


def _changed_headings(action_id: int, codes: Iterable[str]) -> set[str]:
    """The headings whose content differs between the last import and now."""
    changed = {
        heading for heading, names in ACTION_HEADINGS.items() if _differs(ActionVersion, action_id, *names)
    }
    then, now = _imported_and_now(RelationshipVersion, action_id, "vital_few__code", "strength")
    changed |= {code for code in codes if dict(then).get(code) != dict(now).get(code)}
    if _differs(LeadVersion, action_id, "partner", "order"):
        changed.add("Suggested Lead")
    if _differs(OutcomeMeasureVersion, action_id, "text", "year", "target"):
        changed.add("Outcome Measure")
    return changed


def _differs(model: type[Version], action_id: int, *names: str) -> bool:
    then, now = _imported_and_now(model, action_id, *names)
    return then != now


def _imported_and_now(model: type[Version], action_id: int, *names: str) -> tuple[set[Any], set[Any]]:
    """What the rows of an action say in these fields: as last imported, and now."""
    versions = _versions_of(model, action_id)
    if model is LeadVersion:
        versions = versions.exclude(standing=LeadVersion.Standing.DECLINED)
    imported = versions.lasting().filter(change__kind=PlanChange.Kind.IMPORT).order_by("known_from", "pk")
    then = {row_id: values for row_id, *values in imported.values_list("row_id", *names)}
    now = {row_id: values for row_id, *values in versions.at(None).values_list("row_id", *names)}
    return {tuple(values) for values in then.values()}, {tuple(values) for values in now.values()}

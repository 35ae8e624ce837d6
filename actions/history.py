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
    RelationshipVersion,
    SourceCell,
    as_number,
)
from actions.plan import Plan
from actions.rows import ActionState
from history.models import KnownQuerySet, PlanChange, Version
from partners.models import PartnerVersion
from strategy.models import ClusterVersion, ThemeVersion, VitalFewVersion

FIELDS: dict[type[Any], tuple[str, ...]] = {
    ActionVersion: ("number", "title", "theme", "cluster", "outcome_text"),
    LeadVersion: ("partner", "acceptance"),
    RelationshipVersion: ("strength",),
    OutcomeMeasureVersion: ("text", "year", "baseline", "target", "unit", "target_date", "revised_date"),
}
# What an action's own columns of the source were read into; the outcome measure's follows its year.
ACTION_HEADINGS = {
    "Theme": "theme_id",
    "Cluster": "cluster_id",
    "Action": "title",
    "Action No": "number",
    "Outcome Measure": "outcome_text",
}
OUTCOME_YEAR = re.compile(r"(?<=Outcome Measure) \d{4}$")


@dataclass
class PlanEvent:
    """One change of the plan as far as it touched one action."""

    when: datetime
    change: PlanChange | None
    lines: list[str] = field(default_factory=list)

    @property
    def reason(self) -> str:
        return self.change.reason if self.change else ""

    @property
    def who(self) -> str:
        """In words, also where no person did it, or nobody knows."""
        if self.change and self.change.by_name:
            return self.change.by_name
        if self.change and self.change.kind != PlanChange.Kind.EDIT:
            return str(self.change.get_kind_display())
        return "Changed outside the portal"


class Names:
    """What themes, clusters, partners and vital fews were called at a time: a rename rewords no older line."""

    MODELS: dict[str, type[Any]] = {
        "theme": ThemeVersion,
        "cluster": ClusterVersion,
        "partner": PartnerVersion,
        "vital_few": VitalFewVersion,
    }

    def __init__(self) -> None:
        self._chains: dict[tuple[str, int], list[Any]] = {}

    def of(self, kind: str, key: int, when: datetime) -> str:
        """The name that the row `key` had at `when`, or first got after it."""
        if (kind, key) not in self._chains:
            versions = self.MODELS[kind].objects.filter(row_id=key).order_by("known_from")
            self._chains[kind, key] = list(versions)
        chain = self._chains[kind, key]
        then = [version for version in chain if version.known_from <= when] or chain[:1]
        found = then[-1]
        return str(found.code if kind == "vital_few" else found.name)


def events_of(action_id: int, plan: Plan) -> list[PlanEvent]:
    """What changed in the plan for this action, newest first, up to the plan's moment."""
    events: dict[tuple[datetime, int | None], PlanEvent] = {}
    names = Names()

    def note(when: datetime, change: PlanChange | None, line: str) -> None:
        key = (when, change.pk if change else None)
        events.setdefault(key, PlanEvent(when, change)).lines.append(line)

    for model in FIELDS:
        for versions in _chains(model, action_id, plan):
            before = None
            for version in versions:
                for line in _difference(before, version, names):
                    note(version.known_from, version.change, line)
                before = version
            if before and before.known_until and before.known_until < plan.moment:
                removed = f"{_name(before, names, before.known_until)} removed: {_value(before, names)}"
                note(before.known_until, before.end_change, removed)
    return sorted(events.values(), key=lambda event: event.when, reverse=True)


def _chains(model: type[Version], action_id: int, plan: Plan) -> Iterable[list[Any]]:
    """The versions of each row of `model` that belongs to the action, each chain in order of time."""
    versions = _versions_of(model, action_id).filter(known_from__lt=plan.moment)
    chains: dict[int, list[Any]] = defaultdict(list)
    for version in versions.select_related("change", "end_change").order_by("known_from", "pk"):
        chains[version.row_id].append(version)
    return chains.values()


def _versions_of(model: type[Version], action_id: int) -> KnownQuerySet[Any]:
    own = {"row_id": action_id} if model is ActionVersion else {"action": action_id}
    versions: KnownQuerySet[Any] = model.objects.filter(**own)
    return versions


def _difference(before: Any, version: Any, names: Names) -> Iterable[str]:
    if before is None:
        imported = version.change and version.change.kind != PlanChange.Kind.EDIT
        if not imported:
            yield f"{_name(version, names, version.known_from)} added: {_value(version, names)}"
        elif isinstance(version, ActionVersion):
            yield "The action as the framework has it"
        return
    for name in FIELDS[type(version)]:
        if _raw(before, name) != _raw(version, name):
            label = str(version._meta.get_field(name).verbose_name)
            what = f"{_name(version, names, version.known_from)}, {label}"
            yield f"{what}: {_shown(before, name, names, version.known_from)} → {_shown(version, name, names)}"


def _raw(version: Any, name: str) -> Any:
    return getattr(version, version._meta.get_field(name).attname)


def _name(version: Any, names: Names, when: datetime) -> str:
    if isinstance(version, LeadVersion):
        return f"Lead {names.of('partner', version.partner_id, when)}"
    if isinstance(version, RelationshipVersion):
        return f"Relationship to {names.of('vital_few', version.vital_few_id, when)}"
    if isinstance(version, OutcomeMeasureVersion):
        return f"Measure {version.order}"
    return "Action"


def _value(version: Any, names: Names) -> str:
    return _shown(version, FIELDS[type(version)][-1 if isinstance(version, LeadVersion) else 0], names)


def _shown(version: Any, name: str, names: Names, when: datetime | None = None) -> str:
    """The field's value in words, with names as they were `when` (as the version began)."""
    display = getattr(version, f"get_{name}_display", None)
    value = display() if display else _raw(version, name)
    if name in Names.MODELS:
        value = names.of(name, value, when or version.known_from)
    elif isinstance(value, date):
        value = f"{value:%-d %B %Y}"
    elif isinstance(value, Decimal):
        value = as_number(value)
    return "none" if value in (None, "") else f"“{value}”"


@dataclass(frozen=True)
class Provenance:
    """A cell of the source, and whether the plan still says what was made of it."""

    cell: SourceCell
    changed: bool


def provenance_of(row: ActionState, plan: Plan) -> list[Provenance]:
    """The source cells of an action, each with whether what was imported from it has changed by the plan's moment."""
    changed = _changed_headings(row, plan)
    cells = SourceCell.objects.filter(action=row.id)
    return [Provenance(cell, OUTCOME_YEAR.sub("", cell.heading) in changed) for cell in cells]


def _changed_headings(row: ActionState, plan: Plan) -> set[str]:
    """The headings whose content differs between the last import and the plan's moment."""
    imported, now = _imported_and_now(ActionVersion, row, plan, *ACTION_HEADINGS.values())
    then, present = (next(iter(values), None) for values in (imported, now))
    changed = {
        name
        for place, name in enumerate(ACTION_HEADINGS)
        if then and present and then[place] != present[place]
    }
    then, now = _imported_and_now(RelationshipVersion, row, plan, "vital_few_id", "strength")
    codes = {vital_few.row_id: vital_few.code for vital_few in plan.vital_fews}
    changed |= {codes.get(key, "") for key, _ in then ^ now}
    if _differs(LeadVersion, row, plan, "partner_id", "order") or _renamed(row, plan, "partner"):
        changed.add("Suggested Lead")
    if _differs(OutcomeMeasureVersion, row, plan, "order", "text", "year", "target"):
        changed.add("Outcome Measure")
    changed |= {kind.capitalize() for kind in ("theme", "cluster") if _renamed(row, plan, kind)}
    return changed


def _renamed(row: ActionState, plan: Plan, kind: str) -> bool:
    """Whether the theme, the cluster or a lead of the action has another name than the one imported last."""
    items = [lead.partner for lead in row.leads] if kind == "partner" else [getattr(row, kind)]
    keys = [item.row_id for item in items]
    versions = Names.MODELS[kind].objects.filter(row_id__in=keys, known_from__lt=plan.moment)
    imported = versions.filter(change__kind=PlanChange.Kind.IMPORT).order_by("known_from", "pk")
    names = {version.row_id: version.name for version in imported}
    return any(names.get(item.row_id, item.name) != item.name for item in items)


def _differs(model: type[Version], row: ActionState, plan: Plan, *names: str) -> bool:
    then, now = _imported_and_now(model, row, plan, *names)
    return then != now


def _imported_and_now(
    model: type[Version], row: ActionState, plan: Plan, *names: str
) -> tuple[set[Any], set[Any]]:
    """What the rows of an action say in these fields: as last imported, and at the plan's moment."""
    versions = _versions_of(model, row.id)
    if model is LeadVersion:
        versions = versions.exclude(acceptance=LeadVersion.Acceptance.DECLINED)
    imported = versions.filter(change__kind=PlanChange.Kind.IMPORT, known_from__lt=plan.moment)
    then = {
        key: tuple(values)
        for key, *values in imported.order_by("known_from", "pk").values_list("row_id", *names)
    }
    return set(then.values()), set(versions.at(plan.moment).values_list(*names))

"""The history of an action in words: what changed in the plan, when, by whom and why; and what its source said."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from actions.models import (
    ActionVersion,
    LeadVersion,
    OutcomeMeasureVersion,
    PlanChange,
    RelationshipVersion,
    SourceCell,
    Version,
)
from actions.plan import Plan
from actions.rows import ActionRow
from partners.models import User

FIELDS: dict[type[Any], tuple[str, ...]] = {
    ActionVersion: ("number", "title", "theme", "cluster", "outcome_text"),
    LeadVersion: ("partner", "standing"),
    RelationshipVersion: ("strength",),
    OutcomeMeasureVersion: ("text", "year", "baseline", "target", "unit", "target_date", "revised_date"),
}


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
    own = {"row_id": action_id} if model is ActionVersion else {"action": action_id}
    versions = model.objects.lasting().filter(**own).select_related("change__by", "end_change__by")
    related = {LeadVersion: "partner", RelationshipVersion: "vital_few"}.get(model)
    if related:
        versions = versions.select_related(related)
    if plan.moment:
        versions = versions.filter(known_from__lt=plan.moment)
    chains: dict[int, list[Any]] = defaultdict(list)
    for version in versions.order_by("known_from", "pk"):
        chains[version.row_id].append(version)
    return chains.values()


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
    return [
        Provenance(cell, cell.heading in changed or cell.heading.split(" 2")[0] in changed) for cell in cells
    ]


def _changed_headings(action_id: int, codes: Iterable[str]) -> set[str]:
    """The headings whose content differs between the import and now."""
    first = ActionVersion.objects.filter(row_id=action_id).order_by("known_from", "pk").first()
    now = ActionVersion.objects.at(None).filter(row_id=action_id).first()
    changed: set[str] = set()
    headings = {"theme_id": "Theme", "cluster_id": "Cluster", "title": "Action", "number": "Action No"}
    for name, heading in headings.items():
        if first and now and getattr(first, name) != getattr(now, name):
            changed.add(heading)
    changed |= {heading for heading, differs in _related_changes(action_id, list(codes)).items() if differs}
    if first and now and first.outcome_text != now.outcome_text:
        changed.add("Outcome Measure")
    return changed


def _related_changes(action_id: int, codes: list[str]) -> dict[str, bool]:
    imported = {"action": action_id, "change__kind": PlanChange.Kind.IMPORT}
    marks = RelationshipVersion.objects.filter(**imported).values_list("vital_few__code", "strength")
    marks_now = (
        RelationshipVersion.objects.at(None)
        .filter(action=action_id)
        .values_list("vital_few__code", "strength")
    )
    then, now = dict(marks), dict(marks_now)
    leads = set(LeadVersion.objects.filter(**imported).values_list("partner", flat=True))
    leads_now = set(
        LeadVersion.objects.at(None)
        .filter(action=action_id)
        .exclude(standing=LeadVersion.Standing.DECLINED)
        .values_list("partner", flat=True)
    )
    texts = set(OutcomeMeasureVersion.objects.filter(**imported).values_list("text", flat=True))
    texts_now = set(
        OutcomeMeasureVersion.objects.at(None).filter(action=action_id).values_list("text", flat=True)
    )
    return {
        **{code: then.get(code) != now.get(code) for code in codes},
        "Suggested Lead": leads != leads_now,
        "Outcome Measure": texts != texts_now,
    }

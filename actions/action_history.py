"""The history of one action: what changed in the plan, when, by whom and why; and the source it was read from."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from actions.models import (
    ActionVersion,
    LeadVersion,
    OutcomeMeasureVersion,
    RelationshipVersion,
    SourceCell,
)
from actions.plan import Plan
from actions.rows import ActionState
from history.models import PlanChange, Version
from history.words import Names, by_row, changes_of, removal_of, who_changed

MODELS: tuple[type[Any], ...] = (ActionVersion, LeadVersion, RelationshipVersion, OutcomeMeasureVersion)
# The field that each of an action's own columns of the source was read into. The year is cut off "Outcome Measure".
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
    """One change of the plan, reduced to one action."""

    when: datetime
    change: PlanChange | None
    lines: list[str] = field(default_factory=list)

    @property
    def reason(self) -> str:
        return self.change.reason if self.change else ""

    @property
    def who(self) -> str:
        return who_changed(self.change)


def names_of(plan: Plan) -> Names:
    """The names known at the plan's moment; a plan of the present keeps them until it changes."""
    return Names(plan.moment, plan.remember_plan)


@dataclass(frozen=True)
class Provenance:
    """A cell of the source, and whether the plan has changed since it was read."""

    cell: SourceCell
    changed: bool


class ActionHistory:
    """Every version of an action and of its leads, relationships and measures, up to the plan's moment."""

    def __init__(self, action_id: int, plan: Plan) -> None:
        self._action_id = action_id
        self._plan = plan
        self._names = names_of(plan)
        self._chains = {model: self._read(model) for model in MODELS}

    def _read(self, model: type[Any]) -> list[list[Any]]:
        """The versions of each row of `model` that belongs to the action, each chain in order of time."""
        own = {"row_id" if model is ActionVersion else "action": self._action_id}
        versions = model.objects.filter(**own, known_from__lt=self._plan.moment)
        chains = by_row(versions.select_related("change", "end_change")).values()
        return [run for chain in chains for run in runs_of(chain)]

    # What changed

    def events(self) -> list[PlanEvent]:
        """What changed in the plan for this action, newest first."""
        found: dict[tuple[datetime, int | None], PlanEvent] = {}
        for when, change, line in self._lines():
            key = (when, change.pk if change else None)
            found.setdefault(key, PlanEvent(when, change)).lines.append(line)
        return sorted(found.values(), key=lambda event: event.when, reverse=True)

    def _lines(self) -> Iterator[tuple[datetime, PlanChange | None, str]]:
        for chain in (chain for chains in self._chains.values() for chain in chains):
            for before, version in zip([None, *chain], chain, strict=False):
                for changed in changes_of(before, version, self._names):
                    yield version.known_from, version.change, changed.line
            last = chain[-1]
            if not self._is_known(last):
                yield last.known_until, last.end_change, removal_of(last, self._names).line

    def _is_known(self, version: Version) -> bool:
        """Whether the version still holds at the plan's moment."""
        return version.known_until is None or version.known_until >= self._plan.moment

    # Where it comes from

    def provenance(self, row: ActionState) -> list[Provenance]:
        """The source cells of the action, each with whether what was imported from it has changed since."""
        changed = self._changed_headings(row)
        cells = self._plan.source_cells().filter(action=self._action_id)
        return [Provenance(cell, OUTCOME_YEAR.sub("", cell.heading) in changed) for cell in cells]

    def _changed_headings(self, row: ActionState) -> set[str]:
        """The headings whose content differs between the last import and the plan's moment."""
        changed = {
            heading
            for heading, name in ACTION_HEADINGS.items()
            if self._differs(ActionVersion, name) and self._imported(ActionVersion, name)
        }
        marks = ("vital_few_id", "strength")
        then, now = self._imported(RelationshipVersion, *marks), self._now(RelationshipVersion, *marks)
        codes = {vital_few.row_id: vital_few.code for vital_few in self._plan.vital_fews}
        changed |= {codes.get(key, "") for key, _ in then ^ now}
        if self._differs(LeadVersion, "partner_id", "order") or self._renamed(row, "partner"):
            changed.add("Suggested Lead")
        if self._differs(OutcomeMeasureVersion, "order", "text", "year", "target"):
            changed.add("Outcome Measure")
        return changed | {kind.capitalize() for kind in ("theme", "cluster") if self._renamed(row, kind)}

    def _differs(self, model: type[Version], *names: str) -> bool:
        return self._imported(model, *names) != self._now(model, *names)

    def _imported(self, model: type[Version], *names: str) -> set[Any]:
        """The values of these fields at the last import."""
        last = (
            [version for version in chain if is_import(version) and _counts(version)]
            for chain in self._chains[model]
        )
        return {_values(versions[-1], names) for versions in last if versions}

    def _now(self, model: type[Version], *names: str) -> set[Any]:
        """The values of these fields at the plan's moment."""
        last = (chain[-1] for chain in self._chains[model])
        return {_values(version, names) for version in last if self._is_known(version) and _counts(version)}

    def _renamed(self, row: ActionState, kind: str) -> bool:
        """Whether the theme, the cluster or a lead of the action has another name than the one imported last."""
        items = row.lead_partners if kind == "partner" else [getattr(row, kind)]
        for item in items:
            versions = self._names.chain(item.live, item.row_id)
            imported = [version for version in versions if is_import(version)]
            if imported and imported[-1].name != item.name:
                return True
        return False


def runs_of(chain: list[Any]) -> list[list[Any]]:
    """The versions of a row, cut where it moved to another action or did not exist.

    What moves is removed, and added.
    """
    runs: list[list[Any]] = []
    for version in chain:
        last = runs[-1][-1] if runs else None
        if last and (owner_of(last), last.known_until) == (owner_of(version), version.known_from):
            runs[-1].append(version)
        else:
            runs.append([version])
    return runs


def owner_of(version: Any) -> int:
    """The key of the action that the version belongs to."""
    return int(version.row_id if isinstance(version, ActionVersion) else version.action_id)


def is_import(version: Version) -> bool:
    return version.change is not None and version.change.kind == PlanChange.Kind.IMPORT


def _counts(version: Version) -> bool:
    """A partner who declined does not lead."""
    return getattr(version, "acceptance", None) != LeadVersion.Acceptance.DECLINED


def _values(version: Version, names: Iterable[str]) -> tuple[Any, ...]:
    return tuple(getattr(version, name) for name in names)

"""What people changed in the plan between two moments, over all actions: dates, wording, leads, relationships."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from actions.action_history import MODELS, PlanEvent, is_import, names_of, owner_of, runs_of
from actions.models import ActionVersion, LeadVersion, OutcomeMeasureVersion, RelationshipVersion
from actions.plan import Plan
from history.models import PlanChange, Version
from history.words import Names, by_row, changes_of, raw, removal_of

KINDS: dict[type[Any], str] = {
    ActionVersion: "Action",
    LeadVersion: "Lead",
    RelationshipVersion: "Relationship",
    OutcomeMeasureVersion: "Outcome measure",
}
DATE_FIELDS = ("target_date", "revised_date")
ROWS_AT_MOST = 5_000  # of each model


@dataclass(frozen=True)
class RevisedDates:
    """A measure's target date: the original one, the one before the edit and the new one."""

    original: date | None
    previous: date | None
    new: date | None


@dataclass(frozen=True)
class PlanEdit:
    """One line of what somebody changed. `dates` only where a target date was revised."""

    when: datetime
    number: int  # of the action
    kind: str
    line: str
    change: PlanChange | None
    dates: RevisedDates | None = None

    @property
    def who(self) -> str:
        return PlanEvent(self.when, self.change).who

    @property
    def why(self) -> str:
        return self.change.reason if self.change else ""


def edits_between(plan: Plan, since: datetime) -> list[PlanEdit]:
    """Every edit recorded from `since` up to the plan's moment, newest first; what an import adds is none."""
    return plan.remember_plan(("edits since", since), lambda: _edits(plan, since))


def _edits(plan: Plan, since: datetime) -> list[PlanEdit]:
    names = names_of(plan)
    found = [edit for model in MODELS for edit in _of_model(plan, model, since, names)]
    return sorted(found, key=lambda edit: (-edit.when.timestamp(), edit.number, edit.kind, edit.line))


def _of_model(plan: Plan, model: type[Any], since: datetime, names: Names) -> Iterator[PlanEdit]:
    """The edits of the newest rows touched. Two queries; new rows of an import are no edits."""
    began = Q(known_from__gte=since, known_from__lt=plan.moment) & ~Q(change__kind=PlanChange.Kind.IMPORT)
    ended = Q(known_until__gte=since, known_until__lt=plan.moment)
    newest = model.objects.filter(began | ended).order_by("-known_from", "-pk")[:ROWS_AT_MOST]
    touched = model.objects.filter(pk__in=newest.values("pk")).order_by()
    known = model.objects.filter(known_from__lt=plan.moment).exclude(known_until__lt=since)
    chains = known.filter(row_id__in=touched.values("row_id"))
    owner = "row_id" if model is ActionVersion else "action"
    actions = ActionVersion.objects.filter(row_id__in=chains.values(owner), known_from__lt=plan.moment)
    numbers = dict(actions.order_by("known_from").values_list("row_id", "number"))
    for chain in by_row(chains.select_related("change", "end_change")).values():
        for run in runs_of(chain):
            yield from _of_run(plan, run, since, names, numbers[owner_of(run[0])])


def _of_run(plan: Plan, run: list[Any], since: datetime, names: Names, action: int) -> Iterator[PlanEdit]:
    kind = KINDS[type(run[0])]
    for before, version in zip([None, *run], run, strict=False):
        if version.known_from < since or (before is None and is_import(version)):
            continue
        for line, dates in _lines(before, version, names):
            yield PlanEdit(version.known_from, action, kind, line, version.change, dates)
    last = run[-1]
    if last.known_until is not None and since <= last.known_until < plan.moment:
        yield PlanEdit(last.known_until, action, kind, removal_of(last, names).line, last.end_change)


def _lines(before: Any, version: Version, names: Names) -> Iterator[tuple[str, RevisedDates | None]]:
    for changed in changes_of(before, version, names):
        yield changed.line, _revised(before, version) if changed.field in DATE_FIELDS else None


def _revised(before: Any, version: Any) -> RevisedDates:
    previous = raw(before, "revised_date") or raw(before, "target_date")
    return RevisedDates(version.target_date, previous, version.revised_date or version.target_date)

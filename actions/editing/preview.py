"""What an edit would change, in the words that the history will have: written, read and undone again."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Q

from actions.action_history import MODELS
from actions.editing.write import WantedAction, edit_action, has_reports, status_of
from actions.models import Action, ActionVersion, OutcomeMeasure, Status
from history import clock
from history.clock import MICROSECOND
from history.models import PlanChange
from history.words import Changed, Names, changes_of, removal_of
from partners.models import User


def preview_of_edit(
    *, action: Action, wanted: WantedAction, seen: int, reason: str, by: User
) -> list[Changed]:
    """What `edit_action` with the same arguments would change; it raises the same, and nothing is kept."""
    with clock.writing():
        closed = list(_closed(action, wanted))
        change = edit_action(action=action, wanted=wanted, seen=seen, reason=reason, by=by)
        found = [*changes_in(change, action.pk), *closed]
        transaction.set_rollback(True)
    return found


def changes_in(change: PlanChange, action_id: int) -> list[Changed]:
    """What a change of the plan changed in one action. Two queries for each kind of row."""
    names = Names(change.recorded_at + MICROSECOND)
    return [line for model in MODELS for line in _changes_of_model(model, change, action_id, names)]


def _changes_of_model(
    model: type[Any], change: PlanChange, action_id: int, names: Names
) -> Iterator[Changed]:
    own = {"row_id" if model is ActionVersion else "action": action_id}
    touched = model.objects.filter(Q(change=change) | Q(end_change=change), **own).select_related("change")
    ended = {one.row_id: one for one in touched if one.end_change_id == change.pk}
    for version in touched:
        if version.change_id == change.pk:
            yield from changes_of(ended.pop(version.row_id, None), version, names)
    for version in ended.values():
        yield removal_of(version, names)


def _closed(action: Action, wanted: WantedAction) -> Iterator[Changed]:
    """The measures that are retired by an update, because somebody has reported on them."""
    retired = [key for key, one in wanted.measures.items() if one.retired]
    for measure in OutcomeMeasure.objects.filter(action=action, pk__in=retired):
        if has_reports(measure):
            what = f"Measure {measure.order}, status"
            yield Changed(what, str(status_of(measure).label), str(Status.CLOSED.label), "status")

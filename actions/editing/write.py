"""The one place that writes an action with its measures, leads and relationships."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import IntegrityError
from django.db.models import Max, ProtectedError

from actions.editing.state import MEASURE_FIELDS, at_stamp
from actions.models import (
    Action,
    EvidenceFile,
    Lead,
    OutcomeMeasure,
    OutcomeMeasureVersion,
    ProgressUpdate,
    Relationship,
    Status,
    UpdateDraft,
)
from actions.updates import latest_update, submit_update
from history import clock
from history.clock import plan_change
from history.models import PlanChange
from partners.models import Partner, User


class EditRefused(Exception):
    """The plan cannot be changed like this; the message says why, for people."""


class ChangedSince(Exception):
    """Somebody changed the action after the form was opened."""


@dataclass(frozen=True)
class WantedMeasure:
    """What an outcome measure should say, by field; or that it is retired, and when the board decided that."""

    values: dict[str, Any]
    retired: bool = False
    decided_on: date | None = None


@dataclass(frozen=True)
class WantedAction:
    """An action as an editor wants it. Keys are those of live rows; an empty mark or lead is none."""

    title: str
    outcome_text: str
    theme: int
    cluster: int
    marks: dict[int, str]  # vital few -> X, O or ""
    leads: dict[int, str]  # partner -> acceptance, or "" to remove it
    measures: dict[int, WantedMeasure] = field(default_factory=dict)
    new_measures: list[dict[str, Any]] = field(default_factory=list)


def edit_action(*, action: Action, wanted: WantedAction, seen: int, reason: str, by: User) -> PlanChange:
    """Write the action as wanted, as one change. `seen` is the stamp at which the form showed the action.

    Raises ChangedSince if anybody has changed it after that, and EditRefused.
    """
    with refusals(), plan_change(by=by, reason=reason) as change:
        if is_changed_since(action.pk, seen):
            raise ChangedSince
        _write(Action.objects.get(pk=action.pk), wanted, reason, by)
    return change


def add_action(*, number: int, wanted: WantedAction, reason: str, by: User) -> Action:
    """Add an action with its measures, leads and relationships, as one change. Raises EditRefused."""
    with refusals(), plan_change(by=by, reason=reason):
        check_number(number)
        action = Action.objects.create(
            number=number,
            title=wanted.title,
            outcome_text=wanted.outcome_text,
            theme_id=wanted.theme,
            cluster_id=wanted.cluster,
        )
        _write(action, wanted, reason, by)
    return action


def check_number(number: int) -> None:
    """Raise EditRefused if there is such an action already."""
    if Action.objects.filter(number=number).exists():
        raise EditRefused(f"There is already an action {number}. Choose another number.")


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what the database refuses into EditRefused. The forms say more, before it comes to that."""
    try:
        yield
    except (IntegrityError, ProtectedError) as error:
        raise EditRefused("The plan does not allow this. Check the dates, targets and leads.") from error


def is_changed_since(action_id: int, seen: int) -> bool:
    """Whether a row of the action differs from what it was at the stamp `seen`."""
    then, now = at_stamp(action_id, seen), at_stamp(action_id, clock.read().stamp)
    return (then and then.texts) != (now and now.texts)


def close_action(*, action: Action, seen: int, reason: str, decided_on: date, by: User) -> int:
    """Close every unfinished measure of the action, as the board decided. Returns how many.

    `seen` is the key of the latest update on the action that the reader had seen; 0 if there was none. Raises
    EditRefused if there is a later one.
    """
    with clock.writing():
        if last_update_on(action) != seen:
            raise EditRefused("Somebody has submitted an update on this action since you opened the page.")
        measures = open_measures(action)
        if not measures:
            raise EditRefused("Every measure of this action is already complete or closed.")
        for measure in measures:
            close_measure(measure, reason=reason, decided_on=decided_on, by=by)
    return len(measures)


def last_update_on(action: Action) -> int:
    """The key of the latest update on any of its measures; 0 if there is none."""
    last = ProgressUpdate.objects.filter(measure__action=action).aggregate(last=Max("pk"))["last"]
    return last or 0


def open_measures(action: Action) -> list[OutcomeMeasure]:
    """Its measures that are neither complete nor closed."""
    measures = OutcomeMeasure.objects.filter(action=action)
    return [one for one in measures if not status_of(one).is_final]


def status_of(measure: OutcomeMeasure) -> Status:
    """The status of the last update on the measure."""
    latest = latest_update(measure.pk)
    return latest.status_now if latest else Status.NOT_REPORTED


def close_measure(measure: OutcomeMeasure, *, reason: str, decided_on: date, by: User) -> ProgressUpdate:
    """Submit “Closed, not completed”, for the action's first lead. Raises EditRefused without one."""
    lead = Lead.objects.filter(action=measure.action).exclude(acceptance=Lead.Acceptance.DECLINED).first()
    if lead is None:
        raise EditRefused("Add a lead first: an update is always for a partner.")
    latest = latest_update(measure.pk)
    update = ProgressUpdate(
        measure=measure,
        status=Status.CLOSED,
        comment=reason,
        decided_on=decided_on,
        on_behalf_of=lead.partner,
    )
    return submit_update(update=update, by=by, seen=latest.pk if latest else None)


def set_empty_target_dates(*, day: date, expected: int, reason: str, by: User) -> int:
    """Set the original target date of every measure that has none, as one change. Returns how many.

    Raises EditRefused if they are not as many as `expected`, which the preview showed, or if there are none.
    """
    with plan_change(by=by, reason=reason):
        count = OutcomeMeasure.objects.filter(target_date=None).update(target_date=day)
        if count != expected or not count:
            raise EditRefused("The measures without a target date have changed. Check them again.")
    return count


def _write(action: Action, wanted: WantedAction, reason: str, by: User) -> None:
    action.title, action.outcome_text = wanted.title, wanted.outcome_text
    action.theme_id, action.cluster_id = wanted.theme, wanted.cluster
    action.save()
    _write_marks(action, wanted.marks)
    _write_leads(action, wanted.leads)
    last = OutcomeMeasureVersion.objects.filter(action=action.pk).aggregate(last=Max("order"))["last"] or 0
    for place, values in enumerate(wanted.new_measures, start=last + 1):
        OutcomeMeasure.objects.create(action=action, order=place, **values)
    retired = []
    for measure in OutcomeMeasure.objects.filter(action=action, pk__in=wanted.measures):
        if wanted.measures[measure.pk].retired:
            retired.append(measure)
        else:
            _write_measure(measure, wanted.measures[measure.pk].values)
    for measure in sorted(retired, key=has_reports):  # updates last: each has a later stamp than the change
        retire_measure(measure, wanted.measures[measure.pk].decided_on, reason, by)


def _write_marks(action: Action, marks: dict[int, str]) -> None:
    known = {one.vital_few_id: one for one in Relationship.objects.filter(action=action)}
    for key, strength in marks.items():
        if key in known and not strength:
            known[key].delete()
        elif strength and (key not in known or known[key].strength != strength):
            Relationship.objects.update_or_create(
                action=action, vital_few_id=key, defaults={"strength": strength}
            )


def _write_leads(action: Action, leads: dict[int, str]) -> None:
    known = {one.partner_id: one for one in Lead.objects.filter(action=action)}
    last = max((one.order for one in known.values()), default=0)
    for key, acceptance in leads.items():
        lead = known.get(key)
        if lead and not acceptance:
            _remove_lead(lead)
        elif lead and lead.acceptance != acceptance:
            lead.acceptance = acceptance
            lead.save()
        elif acceptance and not lead:
            last += 1
            partner = Partner.objects.get(pk=key)
            Lead.objects.create(action=action, partner=partner, order=last, acceptance=acceptance)


def _remove_lead(lead: Lead) -> None:
    """Delete the lead; one that has responded stays as declined, so that its response stays readable."""
    if waiting := lead.answers.filter(decision="pending").first():
        raise EditRefused(f"{waiting.lead.partner} has responded. Decide on the response first.")
    if lead.answers.exists():
        lead.acceptance = Lead.Acceptance.DECLINED
        lead.save()
    else:
        lead.delete()


def _write_measure(measure: OutcomeMeasure, values: dict[str, Any]) -> None:
    changed = [name for name in MEASURE_FIELDS if name in values and getattr(measure, name) != values[name]]
    for name in changed:
        setattr(measure, name, values[name])
    if changed:
        measure.save(update_fields=changed)


def retire_measure(measure: OutcomeMeasure, decided_on: date | None, reason: str, by: User) -> None:
    """Take a measure out of the plan if nobody has reported on it; otherwise close it. Raises EditRefused."""
    if not has_reports(measure):
        measure.delete()
    elif decided_on is None:
        raise EditRefused("Give the date of the board’s decision.")
    else:
        close_measure(measure, reason=reason, decided_on=decided_on, by=by)


def has_reports(measure: OutcomeMeasure) -> bool:
    """Whether anybody has reported, proposed or drafted anything on the measure."""
    drafted = UpdateDraft.objects.filter(measure=measure) or EvidenceFile.objects.filter(measure=measure)
    return measure.updates.exists() or measure.proposals.exists() or bool(drafted)

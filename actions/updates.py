"""Submitting updates: the one place that creates a progress update."""

import secrets
from collections.abc import Iterable

from actions.models import MeasureProposal, OutcomeMeasure, ProgressUpdate, UpdateDraft
from actions.models.status import REPEATABLE
from actions.rows import MeasureState
from history import clock
from partners.models import Partner, User


class UpdatedSince(Exception):
    """Somebody submitted an update on the measure after the form was opened; `latest` is that update."""

    def __init__(self, latest: ProgressUpdate) -> None:
        super().__init__(f"{latest.author_name} submitted an update on {latest.measure} since")
        self.latest = latest


def latest_update(measure_id: int) -> ProgressUpdate | None:
    return ProgressUpdate.objects.with_evidence().filter(measure=measure_id).newest_first().first()


def submit_update(
    *, update: ProgressUpdate, by: User, seen: int | None, proposal: MeasureProposal | None = None
) -> ProgressUpdate:
    """Submit the unsaved `update` and return it as recorded. A used `once_key` returns what it recorded before.

    `seen` is the key of the last update that the author had seen. Raises UpdatedSince if there is a later one.
    Deletes the author's draft on the measure. A proposed baseline or unit waits for staff to decide.
    """
    with clock.writing():
        if before := _submitted_before(update, by):
            return before
        _refuse_if_later(update.measure_id, seen)
        recorded = _record(update, by)
        if proposal is not None:
            proposal.asked_by, proposal.asked_by_name = by, str(by)
            proposal.save()
        UpdateDraft.objects.filter(measure=update.measure_id, author=by).delete()
        return recorded


def submit_no_change(
    *, row: MeasureState, by: User, on_behalf_of: Partner, seen: int | None, once_key: str
) -> ProgressUpdate:
    """Submit “no change since last time”; only for On track and Not started.

    Raises UpdatedSince if there is a later update than `seen`, and ValueError if the status requires a comment.
    """
    with clock.writing():
        measure = OutcomeMeasure.objects.get(pk=row.id)
        repeated = ProgressUpdate(
            measure=measure, no_change=True, on_behalf_of=on_behalf_of, once_key=once_key
        )
        if before := _submitted_before(repeated, by):
            return before
        _refuse_if_later(measure.pk, seen)
        latest = latest_update(measure.pk)
        if latest is None or latest.status not in REPEATABLE:
            raise ValueError(f"{row.name} needs a comment")
        repeated.status = latest.status
        return _record(repeated, by)


def _refuse_if_later(measure_id: int, seen: int | None) -> None:
    """Raises UpdatedSince if the last update on the measure is not the one `seen`."""
    newest = ProgressUpdate.objects.filter(measure=measure_id).newest_first().values_list("pk", flat=True)
    last = newest.first()
    if last is not None and last != seen:
        raise UpdatedSince(ProgressUpdate.objects.with_evidence().get(pk=last))


def submitted_before(once_key: str, measure_id: int, by: User) -> ProgressUpdate | None:
    """What this form recorded the first time, for a double click or a reloaded page."""
    same = ProgressUpdate.objects.filter(once_key=once_key, author=by, measure=measure_id)
    return same.with_evidence().first()


def _submitted_before(update: ProgressUpdate, by: User) -> ProgressUpdate | None:
    """The same for `update`. A key that somebody else used is replaced; our own forms never cause that."""
    keys = ProgressUpdate.objects.filter(once_key=update.once_key).values_list("pk", flat=True)
    if not (key := next(iter(keys), None)):
        return None
    same = ProgressUpdate.objects.with_evidence().get(pk=key)
    if (same.author_id, same.measure_id) != (by.pk, update.measure_id):
        update.once_key = secrets.token_urlsafe(24)
        return None
    return same


def _record(update: ProgressUpdate, by: User) -> ProgressUpdate:
    update.author, update.author_role = by, by.role
    update.save(force_insert=True)
    update.refresh_from_db(fields=["recorded_at", "author_name", "partner_name"])
    return update


def repeatable(rows: Iterable[MeasureState]) -> list[MeasureState]:
    """The rows that offer “no change since last time”: awaited, and On track or Not started."""
    return [row for row in rows if row.awaited and row.status in REPEATABLE]

"""Filing reports: the one place where a progress update is made."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from actions.models import EvidenceFile, MeasureProposal, OutcomeMeasure, ProgressUpdate, Status, UpdateDraft
from actions.models.status import REPEATABLE
from actions.rows import MeasureRow
from partners.models import Partner, User
from partners.permissions import partners_reported_for


@dataclass(frozen=True)
class Report:
    """What somebody says of a measure."""

    status: Status
    comment: str = ""
    next_step: str = ""
    evidence: str = ""
    evidence_url: str = ""
    evidence_file: EvidenceFile | None = None
    completed_on: date | None = None
    decided_on: date | None = None
    value: Decimal | None = None
    proposed_baseline: Decimal | None = None
    proposed_unit: str = ""


class ReportedSince(Exception):
    """Somebody reported on the measure since the form was opened; `latest` is what they filed."""

    def __init__(self, latest: ProgressUpdate) -> None:
        super().__init__(f"{latest.author} reported on {latest.measure} since")
        self.latest = latest


def latest_update(measure_id: int) -> ProgressUpdate | None:
    return ProgressUpdate.objects.with_people().filter(measure=measure_id).newest_first().first()


@transaction.atomic
def file_report(
    *,
    measure: OutcomeMeasure,
    report: Report,
    by: User,
    on_behalf_of: Partner,
    seen: int | None,
    once_key: str,
    corrects: ProgressUpdate | None = None,
) -> ProgressUpdate:
    """File `report`, and answer with it; the same `once_key` again answers with what was filed the first time.

    `seen` is the last update that the author knew of. Raises ReportedSince where there is a later one.
    Drafts of the author on the measure are gone afterwards, and a proposed baseline or unit waits for staff.
    """
    # two at once come here one after the other: the measure's row is locked, and SQLite has one writer anyway
    OutcomeMeasure.objects.select_for_update().get(pk=measure.pk)
    if before := ProgressUpdate.objects.filter(once_key=once_key, author=by, measure=measure).first():
        return before
    latest = latest_update(measure.pk)
    if latest is not None and latest.pk != seen:
        raise ReportedSince(latest)
    update = ProgressUpdate.objects.create(
        measure=measure,
        status=report.status,
        comment=report.comment,
        next_step=report.next_step,
        evidence=report.evidence,
        evidence_url=report.evidence_url,
        evidence_file=report.evidence_file,
        completed_on=report.completed_on,
        decided_on=report.decided_on,
        value=report.value,
        corrects=corrects,
        author=by,
        author_role=by.role,
        on_behalf_of=on_behalf_of,
        once_key=_unused(once_key),
    )
    if report.proposed_baseline is not None or report.proposed_unit:
        MeasureProposal.objects.create(
            measure=measure, baseline=report.proposed_baseline, unit=report.proposed_unit, proposed_by=by
        )
    UpdateDraft.objects.filter(measure=measure, author=by).delete()
    return update


@transaction.atomic
def file_no_change(
    *, row: MeasureRow, by: User, on_behalf_of: Partner, seen: int | None, once_key: str
) -> ProgressUpdate:
    """A dated report that repeats the last status, for On track and Not started alone.

    Raises ReportedSince where somebody reported since, and ValueError where the status is one that needs words.
    """
    measure = OutcomeMeasure.objects.select_for_update().get(pk=row.id)
    if before := ProgressUpdate.objects.filter(once_key=once_key, author=by, measure=measure).first():
        return before
    latest = latest_update(measure.pk)
    if latest is not None and latest.pk != seen:
        raise ReportedSince(latest)
    if latest is None or latest.status not in REPEATABLE:
        raise ValueError(f"{row.name} cannot be repeated without words")
    return ProgressUpdate.objects.create(
        measure=measure,
        status=latest.status,
        no_change=True,
        author=by,
        author_role=by.role,
        on_behalf_of=on_behalf_of,
        once_key=_unused(once_key),
    )


def _unused(once_key: str) -> str:
    """The key of the form; a fresh one where another report has it, which no form of ours brings about."""
    taken = ProgressUpdate.objects.filter(once_key=once_key).exists()
    return secrets.token_urlsafe(24) if taken else once_key


def speaking_for(own: set[int], row: MeasureRow) -> set[int]:
    """Of a lead's `own` partners, those for whom they may report on this measure.

    Where all partners lead together, each lead speaks for their own.
    """
    leads = [lead.partner for lead in row.action.leads]
    return (
        own if any(partner.is_everyone for partner in leads) else own & {partner.row_id for partner in leads}
    )


def own_partners_for(user: User, row: MeasureRow) -> list[Partner]:
    """The partners for whom `user` may report on this measure; for staff its leads, or any where it has none."""
    if user.is_staff and not row.action.leads:
        return list(Partner.objects.all())
    if user.is_staff:
        keys = {lead.partner.row_id for lead in row.action.leads}
    else:
        keys = speaking_for(partners_reported_for(user), row)
    return list(Partner.objects.filter(pk__in=keys))


def repeatable(rows: Iterable[MeasureRow]) -> list[MeasureRow]:
    """Those for which “no change since last time” is offered: asked to report, and On track or Not started."""
    return [row for row in rows if row.awaited and row.status in REPEATABLE]

"""Drafts of updates, visible to their author alone; also saved when a form arrives after the session has expired."""

from contextlib import suppress
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.http.request import RawPostDataException
from django.utils import timezone

from actions import evidence
from actions.models import EvidenceFile, LeadVersion, OutcomeMeasure, UpdateDraft
from actions.permissions import may_submit
from partners.models import PartnerVersion, User
from web.characters import holdable

SALT = "actions.drafts"
FORM_DAYS = 60
TYPED = (
    "status",
    "comment",
    "recovery_step",
    "board_request",
    "evidence",
    "evidence_url",
    "completed_on",
    "decided_on",
    "value",
    "baseline",
    "unit",
    "on_behalf_of",
    "seen",
    "corrects",
)
LONGEST = 20_000


def form_key(user: User, measure: OutcomeMeasure) -> str:
    """A signed token naming the author and measure the form was opened for."""
    return signing.dumps([user.pk, measure.pk], salt=SALT)


def keep_typed(
    *, measure: OutcomeMeasure, author: User, typed: dict[str, Any], evidence_file: EvidenceFile | None = None
) -> UpdateDraft:
    """Save the form's fields unchecked, emptied ones too. A new file replaces the one in the draft."""
    draft, _ = UpdateDraft.objects.get_or_create(measure=measure, author=author)
    draft.typed = {name: plain(typed[name]) for name in TYPED if name in typed}
    draft.saved_at = timezone.now()
    draft.save()
    hold_file(draft, evidence_file)
    return draft


def hold_file(draft: UpdateDraft, file: EvidenceFile | None) -> None:
    """Put `file` into the draft, in place of the one it holds."""
    if file is None or file == draft.evidence_file:
        return
    replaced, draft.evidence_file = draft.evidence_file, file
    draft.save(update_fields=["evidence_file"])
    evidence.forget(replaced)


def plain(typed: Any) -> str:
    """Text that every page and database can hold, at most LONGEST characters."""
    return holdable(str(typed)[:LONGEST])


def discard(*, measure_id: int, author: User) -> None:
    """Delete the author's draft on a measure, and its file."""
    for draft in UpdateDraft.objects.filter(measure=measure_id, author=author):
        held = draft.evidence_file
        draft.delete()
        evidence.forget(held)


def drop_file(draft: UpdateDraft) -> None:
    """Remove the file from a draft."""
    held, draft.evidence_file = draft.evidence_file, None
    draft.save(update_fields=["evidence_file"])
    evidence.forget(held)


def keep_unsent(request: HttpRequest) -> UpdateDraft | None:
    """Save a draft from an update that arrives without a session, or from a form older than the sign-in.

    Nothing is submitted. The draft belongs to the person the form was opened for. None where the request holds no
    such form, or its author may no longer sign in or submit.
    """
    key = request.POST.get("form_key", "")
    try:
        author_id, measure_id = signing.loads(key, salt=SALT, max_age=FORM_DAYS * 24 * 3600)
    except (signing.BadSignature, RawPostDataException):
        return None
    if request.user.is_authenticated and request.user.pk != author_id:
        return None
    author = User.objects.filter(pk=author_id, is_active=True).first()
    measure = OutcomeMeasure.objects.select_related("action").filter(pk=measure_id).first()
    if author is None or measure is None or request.path != measure.update_url or not _leads(author, measure):
        return None
    draft = keep_typed(measure=measure, author=author, typed=request.POST.dict())
    with suppress(ValidationError):
        hold_file(draft, sound_file(request, measure, author))
    return draft


def _leads(author: User, measure: OutcomeMeasure) -> bool:
    """Whether the author may still submit updates on the measure."""
    leads = LeadVersion.objects.open().filter(action=measure.action)
    partners = leads.exclude(acceptance=LeadVersion.Acceptance.DECLINED).values("partner")
    return may_submit(author, PartnerVersion.objects.open().filter(row_id__in=partners))


def sound_file(request: HttpRequest, measure: OutcomeMeasure, author: User) -> EvidenceFile | None:
    """Store the uploaded file and return it; None without one. Raises ValidationError if it is not accepted."""
    upload = request.FILES.get("evidence_file")
    if upload is None:
        return None
    return evidence.keep(upload, evidence.check_upload(upload), measure=measure, by=author)

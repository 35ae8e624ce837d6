"""Drafts of updates, visible to their author alone; also saved when a form arrives after the session has expired."""

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
    replaced = draft.evidence_file if evidence_file else None
    draft.evidence_file = evidence_file or draft.evidence_file
    draft.save()
    evidence.forget(replaced)
    return draft


def plain(typed: Any) -> str:
    """Text that every database can store: no NUL, no lone surrogates, and at most LONGEST characters."""
    return str(typed)[:LONGEST].replace("\0", "").encode("utf-8", "ignore").decode()


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
    return keep_typed(
        measure=measure,
        author=author,
        typed=request.POST.dict(),
        evidence_file=sound_file(request, measure, author),
    )


def _leads(author: User, measure: OutcomeMeasure) -> bool:
    """Whether the author may still submit updates on the measure."""
    leads = LeadVersion.objects.open().filter(action=measure.action)
    partners = leads.exclude(acceptance=LeadVersion.Acceptance.DECLINED).values("partner")
    return may_submit(author, PartnerVersion.objects.open().filter(row_id__in=partners))


def sound_file(request: HttpRequest, measure: OutcomeMeasure, author: User) -> EvidenceFile | None:
    """Store the uploaded file and return it; None without one, or if it is not accepted."""
    upload = request.FILES.get("evidence_file")
    if upload is None:
        return None
    try:
        return evidence.keep(upload, evidence.check_upload(upload), measure=measure, by=author)
    except ValidationError:
        return None

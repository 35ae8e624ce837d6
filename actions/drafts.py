"""Half-written updates: kept for their author alone, also when the session lapsed before they were sent."""

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
    "next_step",
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
    """Keep what stands in the form, unchecked. A file that is held already stays unless another takes its place."""
    draft, _ = UpdateDraft.objects.get_or_create(measure=measure, author=author)
    draft.typed = {name: plain(typed[name]) for name in TYPED if typed.get(name)}
    draft.saved_at = timezone.now()
    replaced = draft.evidence_file if evidence_file else None
    draft.evidence_file = evidence_file or draft.evidence_file
    draft.save()
    evidence.forget(replaced)
    return draft


def plain(typed: Any) -> str:
    """Text that every database holds: no NUL and no lone surrogate, and not without end."""
    return str(typed)[:LONGEST].replace("\0", "").encode("utf-8", "ignore").decode()


def discard(*, measure_id: int, author: User) -> None:
    """Drop the author's draft on a measure, and its file."""
    for draft in UpdateDraft.objects.filter(measure=measure_id, author=author):
        held = draft.evidence_file
        draft.delete()
        evidence.forget(held)


def drop_file(draft: UpdateDraft) -> None:
    """Take the held file away from a draft."""
    held, draft.evidence_file = draft.evidence_file, None
    draft.save(update_fields=["evidence_file"])
    evidence.forget(held)


def keep_unsent(request: HttpRequest) -> UpdateDraft | None:
    """The words of a report that arrives when its author is signed out, or with a form older than their sign-in.

    Nothing is filed. They are kept for the person to whom the form was given, and for nobody else; None where the
    request holds no such form, or its author may not sign in any more.
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
    """Whether the author may still report on the measure."""
    leads = LeadVersion.objects.open().filter(action=measure.action)
    partners = leads.exclude(acceptance=LeadVersion.Acceptance.DECLINED).values("partner")
    return may_submit(author, PartnerVersion.objects.open().filter(row_id__in=partners))


def sound_file(request: HttpRequest, measure: OutcomeMeasure, author: User) -> EvidenceFile | None:
    """The file that came with the request, stored; None where there is none, or it is of a kind that is not taken."""
    upload = request.FILES.get("evidence_file")
    if upload is None:
        return None
    try:
        return evidence.keep(upload, evidence.check_upload(upload), measure=measure, by=author)
    except ValidationError:
        return None

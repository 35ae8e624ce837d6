"""Adding, renaming and merging partners.

Each is one change of the plan; pages as at an earlier day show partners as they were.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from django.db.models import Max, Q
from django.utils import timezone
from django.utils.text import slugify

from actions.models import Lead, LeadAnswer
from history.clock import plan_change
from partners.models import Invitation, Partner, PersonChange, User
from partners.people import standing_of

RESERVED = {"new"}  # addresses under /partners/
# When a lead of both becomes one, the answer that says more is kept.
STRONGER = (Lead.Acceptance.ACCEPTED, Lead.Acceptance.SUGGESTED, Lead.Acceptance.DECLINED)


class MergeRefused(Exception):
    """The partners cannot be merged. The message says why."""


class MovedSince(Exception):
    """What would move is no longer what the preview showed."""


def slug_of(name: str) -> str:
    """The address of a partner of this name: “Food & Drink Forum” is food-drink-forum."""
    return slugify(name)[:200]


def name_fault(name: str, partner: Partner | None = None) -> str:
    """Why a partner cannot have this name; empty if it can."""
    others = Partner.objects.exclude(pk=partner.pk) if partner else Partner.objects.all()
    if found := others.filter(name__iexact=name).first():
        was = f", which was merged into {found.merged_into}" if found.merged_into else ""
        return f"There is a partner called {found}{was}. Choose another name."
    slug = slug_of(name)
    if not slug:
        return "The name needs letters or numbers."
    if partner is None and (slug in RESERVED or others.filter(slug=slug).exists()):
        return f"The address of this partner would be “{slug}”, which is taken. Choose another name."
    return ""


def add_partner(*, name: str, kind: str, reason: str, by: User) -> Partner:
    """Add a partner at the end of the list. It leads nothing yet."""
    with plan_change(by=by, reason=reason):
        last = Partner.objects.aggregate(last=Max("order"))["last"] or 0
        return Partner.objects.create(name=name, slug=slug_of(name), kind=kind, order=last + 1)


def edit_partner(*, partner: Partner, name: str, kind: str, reason: str, by: User) -> None:
    """Rename a partner from now on. Its address stays, so that links to it keep working."""
    with plan_change(by=by, reason=reason):
        Partner.objects.filter(pk=partner.pk).update(name=name, kind=kind)


@dataclass(frozen=True)
class Merge:
    """What moves when `gone` turns out to be the same partner as `kept`."""

    gone: Partner
    kept: Partner
    moved: list[Lead] = field(default_factory=list)  # of actions that the kept partner does not lead
    joint: list[tuple[Lead, Lead]] = field(default_factory=list)  # of actions that both lead: gone's, kept's
    people: list[User] = field(default_factory=list)
    invitations: list[Invitation] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Names exactly what moves, for the form of the preview."""
        parts = (
            (self.gone.pk, self.kept.pk),
            [(lead.pk, lead.acceptance) for lead in self.moved],
            [(one.pk, one.acceptance, other.pk, other.acceptance) for one, other in self.joint],
            [person.pk for person in self.people],
            [invitation.pk for invitation in self.invitations],
        )
        return sha256(repr(parts).encode()).hexdigest()[:32]


def merge_of(*, gone: Partner, kept: Partner) -> Merge:
    """Work out what moves. Raises MergeRefused."""
    _check_merge(gone, kept)
    leads = Lead.objects.filter(partner__in=(gone, kept)).select_related("action").order_by("action__number")
    of_kept = {lead.action_id: lead for lead in leads if lead.partner_id == kept.pk}
    of_gone = [lead for lead in leads if lead.partner_id == gone.pk]
    return Merge(
        gone,
        kept,
        moved=[lead for lead in of_gone if lead.action_id not in of_kept],
        joint=[(lead, of_kept[lead.action_id]) for lead in of_gone if lead.action_id in of_kept],
        people=list(User.objects.filter(partners=gone).order_by("name", "pk")),
        invitations=list(Invitation.objects.waiting().filter(partner=gone).order_by("pk")),
    )


def _check_merge(gone: Partner, kept: Partner) -> None:
    if gone.pk == kept.pk:
        raise MergeRefused("Choose another partner: this is the same one.")
    for one in (gone, kept):
        if one.is_everyone:
            raise MergeRefused(f"{one} is all partners together, and cannot be merged.")
        if one.merged_into_id:
            raise MergeRefused(f"{one} has already been merged.")
    waiting = LeadAnswer.objects.filter(Q(lead__partner=gone) | Q(proposed=gone), decision="pending")
    numbers = sorted(set(waiting.values_list("lead__action__number", flat=True)))
    if numbers:
        which = ", ".join(map(str, numbers))
        raise MergeRefused(
            f"Decide on the responses about {gone} first (action {which}): see “Decisions needed” on Today."
        )


def merge_partners(*, gone: Partner, kept: Partner, seen: str, reason: str, by: User) -> Merge:
    """Move everything of `gone` to `kept`, as one change. Returns what moved.

    The row of `gone` stays, because updates refer to it, but no list offers it. Raises MergeRefused, and MovedSince if
    `seen` is not the key of what would move now.
    """
    with plan_change(by=by, reason=reason):
        gone, kept = Partner.objects.get(pk=gone.pk), Partner.objects.get(pk=kept.pk)
        merge = merge_of(gone=gone, kept=kept)
        if merge.key != seen:
            raise MovedSince
        for lead in merge.moved:
            Lead.objects.filter(pk=lead.pk).update(partner=kept)
        for lead, other in merge.joint:
            _become_one(lead, other)
        _move_people(merge, reason, by)
        _move_invitations(merge)
        Partner.objects.filter(pk=gone.pk).update(merged_into=kept)
        return merge


def _become_one(gone: Lead, kept: Lead) -> None:
    """The kept partner's lead takes the stronger answer. One that was answered stays, as declined, with its answer."""
    best = min((gone.acceptance, kept.acceptance), key=STRONGER.index)
    if gone.answers.exists():
        Lead.objects.filter(pk=gone.pk).update(acceptance=Lead.Acceptance.DECLINED)
    else:
        Lead.objects.filter(pk=gone.pk).delete()
    Lead.objects.filter(pk=kept.pk).update(acceptance=best)


def _move_people(merge: Merge, reason: str, by: User) -> None:
    for person in merge.people:
        before = standing_of(person)
        person.partners.add(merge.kept)
        person.partners.remove(merge.gone)
        PersonChange.objects.create(
            person=person,
            kind=PersonChange.Kind.MOVED,
            before=before,
            after=standing_of(person),
            reason=reason,
            by=by,
        )


def _move_invitations(merge: Merge) -> None:
    """A second invitation of one person for the kept partner is withdrawn."""
    invited = {email.lower() for email in _waiting_for(merge.kept)}
    for invitation in merge.invitations:
        twice = invitation.email.lower() in invited
        changed = {"revoked_at": timezone.now()} if twice else {"partner": merge.kept}
        Invitation.objects.filter(pk=invitation.pk).update(**changed)
        invited.add(invitation.email.lower())


def _waiting_for(partner: Partner) -> Iterable[str]:
    return Invitation.objects.waiting().filter(partner=partner).values_list("email", flat=True)

"""Invitations: made and sent by staff, accepted once by the person who has the link."""

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from partners.models import Invitation, User, invitation_expiry, new_invitation_key
from web import mail

SALT = "partners.invitations"


class NotToBeHad(Exception):
    """The invitation cannot be accepted: used, revoked, expired, or for an account that is closed or not a lead's."""


def link_of(invitation: Invitation) -> str:
    """The signed address that the e-mail carries."""
    token = signing.Signer(salt=SALT).sign_object([invitation.pk, invitation.key])
    return str(settings.PORTAL_ADDRESS) + reverse("invitation_accept", args=[token])


def by_token(token: str) -> Invitation | None:
    """The invitation that a link names; None where the link was tampered with, or sent anew since."""
    try:
        pk, key = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Invitation.objects.select_related("partner", "invited_by").filter(pk=pk, key=key).first()


class NotSent(Exception):
    """The mail server did not take the invitation; it stands, and can be sent again."""


def send(invitation: Invitation) -> None:
    """E-mail the link, and remember when. Raises NotSent."""
    context = {"invitation": invitation, "link": link_of(invitation)}
    try:
        mail.send(
            to=invitation.email,
            subject=f"Report for {invitation.partner} in the Strategy Action Framework",
            text=render_to_string("partners/email/invitation.txt", context),
        )
    except OSError as error:  # smtplib's errors are OSErrors
        raise NotSent from error
    Invitation.objects.filter(pk=invitation.pk).update(sent_at=timezone.now())


def send_again(invitation: Invitation) -> None:
    """With a new link and a new expiry; the old link is void. Raises NotToBeHad, NotSent."""
    with transaction.atomic():
        found = Invitation.objects.select_for_update().get(pk=invitation.pk)
        if found.accepted_at or found.revoked_at:
            raise NotToBeHad
        found.key, found.expires_at = new_invitation_key(), invitation_expiry()
        found.save(update_fields=["key", "expires_at"])
    send(found)


def revoke(invitation: Invitation) -> None:
    """Void the link. Raises NotToBeHad once accepted or revoked."""
    changed = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    if not changed:
        raise NotToBeHad


@transaction.atomic
def accept(invitation: Invitation, *, name: str) -> User:
    """Make the person (or find them) and bring them to the partner. Signs nobody in.

    Raises NotToBeHad; a closed account stays closed.
    """
    found = Invitation.objects.select_for_update().select_related("partner").get(pk=invitation.pk)
    if not found.is_open:
        raise NotToBeHad
    user = _known(found.email) or _made(found.email, name)
    if not user.is_active or not user.is_lead:
        raise NotToBeHad
    user.partners.add(found.partner)
    found.accepted_at, found.accepted_by = timezone.now(), user
    found.save(update_fields=["accepted_at", "accepted_by"])
    return user


def _known(email: str) -> User | None:
    return User.objects.filter(email__iexact=email).first()


def _made(email: str, name: str) -> User:
    """A new lead; or the one that another invitation of theirs, accepted at the same moment, has just made."""
    try:
        with transaction.atomic():
            return User.objects.create_user(email, name=name, role=User.Role.LEAD)
    except IntegrityError:
        return User.objects.get(email__iexact=email)

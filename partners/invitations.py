"""Sending, withdrawing and accepting invitations."""

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from partners.models import Invitation, User, invitation_expiry, new_invitation_key
from web import mail
from web.context_processors import identity

SALT = "partners.invitations"


class InvitationUnavailable(Exception):
    """The invitation was used, withdrawn or has expired, or its account is closed or is not a partner lead's."""


def link_of(invitation: Invitation) -> str:
    """The signed address in the e-mail."""
    token = signing.Signer(salt=SALT).sign_object([invitation.pk, invitation.key])
    return str(settings.PORTAL_ADDRESS) + reverse("invitation_accept", args=[token])


def by_token(token: str) -> Invitation | None:
    """The invitation of a link, or None if the link was altered or replaced by a newer one."""
    try:
        pk, key = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Invitation.objects.select_related("partner", "invited_by").filter(pk=pk, key=key).first()


class NotSent(Exception):
    """The mail server refused the e-mail. The invitation is saved and can be sent again."""


def send(invitation: Invitation) -> None:
    """E-mail the link and record the time. Raises NotSent."""
    context = {"invitation": invitation, "link": link_of(invitation), "portal": identity()}
    try:
        mail.send(
            to=invitation.email,
            subject=f"Submit updates for {invitation.partner}",
            text=render_to_string("partners/email/invitation.txt", context),
        )
    except OSError as error:  # smtplib's errors are OSErrors
        raise NotSent from error
    Invitation.objects.filter(pk=invitation.pk).update(sent_at=timezone.now())


def send_again(invitation: Invitation) -> None:
    """Send a new link with a new expiry date. The old link stops working. Raises InvitationUnavailable, NotSent."""
    with transaction.atomic():
        found = Invitation.objects.select_for_update().get(pk=invitation.pk)
        if found.accepted_at or found.revoked_at:
            raise InvitationUnavailable
        found.key, found.expires_at = new_invitation_key(), invitation_expiry()
        found.save(update_fields=["key", "expires_at"])
    send(found)


def revoke(invitation: Invitation) -> None:
    """Withdraw the invitation. Raises InvitationUnavailable if it was accepted or withdrawn before."""
    changed = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    if not changed:
        raise InvitationUnavailable


@transaction.atomic
def accept(invitation: Invitation, *, name: str) -> User:
    """Create the account, if there is none, and let it report for the partner. Signs nobody in.

    Raises InvitationUnavailable. A closed account stays closed.
    """
    found = Invitation.objects.select_for_update().select_related("partner").get(pk=invitation.pk)
    if not found.is_open:
        raise InvitationUnavailable
    user = _existing(found.email) or _created(found.email, name)
    if not user.is_active or not user.is_lead:
        raise InvitationUnavailable
    user.partners.add(found.partner)
    found.accepted_at, found.accepted_by = timezone.now(), user
    found.save(update_fields=["accepted_at", "accepted_by"])
    return user


def _existing(email: str) -> User | None:
    return User.objects.filter(email__iexact=email).first()


def _created(email: str, name: str) -> User:
    """Create a lead, or return the one that another invitation, accepted at the same moment, has just created."""
    try:
        with transaction.atomic():
            return User.objects.create_user(email, name=name, role=User.Role.LEAD)
    except IntegrityError:
        return User.objects.get(email__iexact=email)

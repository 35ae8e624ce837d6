"""Sending, withdrawing and accepting invitations."""

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from outbox.models import Kind, Mail, last_mails
from outbox.posting import post, withdraw
from partners.models import Invitation, User, invitation_expiry, new_invitation_key
from web.context_processors import identity

SALT = "partners.invitations"


class InvitationUnavailable(Exception):
    """The invitation was used, withdrawn or has expired, or its account is closed or is not a partner lead's."""


def link_of(invitation: Invitation) -> str:
    """The signed address in the e-mail."""
    token = signing.Signer(salt=SALT).sign_object([invitation.pk, invitation.key])
    return str(settings.PORTAL_ADDRESS) + reverse("invitation_accept", args=[token])


def with_mails() -> list[Invitation]:
    """Every invitation, newest first, each with its last e-mail as `mail`."""
    found = list(Invitation.objects.select_related("partner", "invited_by", "accepted_by"))
    mails = last_mails(_about(invitation) for invitation in found)
    for invitation in found:
        invitation.mail = mails.get(_about(invitation))
    return found


def _about(invitation: Invitation) -> str:
    """What its e-mails are about, in the outbox."""
    return f"invitation:{invitation.pk}"


def by_token(token: str) -> Invitation | None:
    """The invitation of a link, or None if the link was altered or replaced by a newer one."""
    try:
        pk, key = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Invitation.objects.select_related("partner", "invited_by").filter(pk=pk, key=key).first()


def send(invitation: Invitation) -> None:
    """Put the e-mail with the link in the outbox, and record the time."""
    context = {"invitation": invitation, "link": link_of(invitation), "portal": identity()}
    post(
        kind=Kind.INVITATION,
        to=invitation.email,
        subject=f"Submit updates for {invitation.partner}",
        text=render_to_string("partners/email/invitation.txt", context),
        about=_about(invitation),
        expires_at=invitation.expires_at,
    )
    Invitation.objects.filter(pk=invitation.pk).update(sent_at=timezone.now())


@transaction.atomic
def send_again(invitation: Invitation) -> None:
    """Send a new link with a new expiry date. The old link stops working. Raises InvitationUnavailable."""
    found = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if found.accepted_at or found.revoked_at:
        raise InvitationUnavailable
    found.key, found.expires_at = new_invitation_key(), invitation_expiry()
    found.save(update_fields=["key", "expires_at"])
    _withdraw_mails(found, "Sent again with a new link.")
    send(found)


def revoke(invitation: Invitation) -> None:
    """Withdraw the invitation. Raises InvitationUnavailable if it was accepted or withdrawn before."""
    changed = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    if not changed:
        raise InvitationUnavailable
    _withdraw_mails(invitation, "The invitation was withdrawn.")


def _withdraw_mails(invitation: Invitation, why: str) -> None:
    withdraw(Mail.objects.filter(about=_about(invitation)), why)


@transaction.atomic
def accept(invitation: Invitation, *, name: str) -> User:
    """Create the account, if there is none, and let it submit updates for the partner. Signs nobody in.

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

"""Posting: an e-mail becomes a row in the caller's transaction, and leaves after the commit."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from email.utils import parseaddr
from typing import Any, NotRequired, TypedDict, Unpack

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from outbox import background
from outbox.models import TO_LOOK_AT, Attachment, Kind, Mail, MailQuerySet, State

File = tuple[str, bytes, str]  # name, content, content type
URGENT = (Kind.SIGN_IN, Kind.ACCOUNT)


class Letter(TypedDict):
    """What an e-mail is made of. Without a `key`, which says what it is for, each one is an e-mail of its own."""

    kind: Kind
    to: str
    subject: str
    text: str
    html: NotRequired[str]
    attachments: NotRequired[Sequence[File]]
    key: NotRequired[str]
    about: NotRequired[str]
    person: NotRequired[Any]
    expires_at: NotRequired[datetime | None]


@transaction.atomic
def post(**letter: Unpack[Letter]) -> Mail | None:
    """Put an e-mail in the outbox. It leaves after the caller's transaction commits, outside the request.

    Returns None if there is one with its key already.
    """
    mail = write(**letter)
    if mail:
        background.wake_after_commit()
    return mail


@transaction.atomic
def write(**letter: Unpack[Letter]) -> Mail | None:
    """Write what `post` posts, and wake nobody: the next run sends it."""
    files = letter.pop("attachments", ())
    key = letter.pop("key", "") or f"{letter['kind']}/{secrets.token_urlsafe(24)}"
    given = {**letter, "subject": " ".join(letter["subject"].split())}
    fields = given | {"urgent": letter["kind"] in URGENT, "message_id": _message_id()}
    mail, is_new = Mail.objects.get_or_create(key=key, defaults=fields)
    if not is_new:
        return None
    Attachment.objects.bulk_create(
        Attachment(mail=mail, name=name, content=content, content_type=content_type)
        for name, content, content_type in files
    )
    return mail


def send_again(mail: Mail) -> bool:
    """Let an e-mail that failed or is not confirmed be sent once more. False if it is neither, or of no use now."""
    now = timezone.now()
    found = Mail.objects.for_page().get(pk=mail.pk)
    if not found.can_be_sent_again(now):
        return False
    again = Mail.objects.filter(pk=mail.pk, state__in=TO_LOOK_AT).update(
        state=State.WAITING, not_before=now, tries=0, why="", claim="", handed_at=None, mailbox_refused=False
    )
    background.wake_after_commit()
    return bool(again)


def withdraw(mails: MailQuerySet, why: str) -> int:
    """Keep waiting e-mails from being sent, and return how many. What is being sent goes out."""
    return mails.filter(state=State.WAITING).update(state=State.WITHDRAWN, why=why)


def forget_address(to: str, stand_in: str) -> None:
    """Put `stand_in` in place of an address in the ledger, drop the words of its e-mails, and send none that wait."""
    mails = Mail.objects.filter(to__iexact=to)
    withdraw(mails, "The person's name was removed.")
    Attachment.objects.filter(mail__in=mails).delete()
    mails.update(to=stand_in, subject=F("kind"), text="", html="", why="")


def _message_id() -> str:
    """The same at every try, so that a mailbox can recognise a second copy."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{secrets.token_hex(16)}@{domain}>"

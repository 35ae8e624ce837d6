"""Sending what waits: each e-mail once, even if a process is killed at any point.

A row is claimed by one UPDATE, committed before the try. It is marked as handed over, committed too, at the last moment
before the mail server has all of it. Killed before that, it is sent by the next run; killed after, nobody knows: it is
listed as not confirmed, and only staff send it again. Marking fails if another process has taken the claim back
meanwhile, and then nothing is sent.
"""

import logging
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, Q
from django.utils import timezone

from outbox.failures import Failure, failure_of
from outbox.models import ENDED, SECRET, Attachment, Kind, Mail, MailQuerySet, State
from outbox.process import identity, is_gone
from outbox.transport import deliver

PAUSES = tuple(
    timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60, 240, 720, 720, 720)
)  # two days in all
CLAIM_LASTS = timedelta(
    minutes=15
)  # longer than a try: a mail server gets EMAIL_TIMEOUT seconds for each answer
KEEP_TEXT = timedelta(days=30)
STOPPED = "The process that was sending it stopped."
PERHAPS = "The process stopped, or the connection broke, before the mail server confirmed the e-mail."
TOO_LATE = "It could not be sent in time."

logger = logging.getLogger(__name__)


class ClaimLost(Exception):
    """Another process has taken the e-mail over."""


@dataclass
class Sent:
    """What a run did, in numbers of e-mails."""

    sent: int = 0
    later: int = 0
    failed: int = 0
    unconfirmed: int = 0

    def in_words(self) -> str:
        return (
            f"{self.sent} sent, {self.later} to be tried again, {self.failed} failed, "
            f"{self.unconfirmed} not confirmed."
        )


def send_waiting(stopping: Callable[[], bool] = lambda: False) -> Sent:
    """Send what is due, until nothing is left, the mail server cannot be reached or the process is `stopping`.

    Call it outside a transaction.
    """
    must_commit()
    done = Sent()
    tidy(timezone.now())
    for mail in _claimed():
        failure = _try(mail, done)
        if failure and failure.of_server:
            done.later += _postpone_others(failure)
            break
        if stopping():
            break
    return done


def must_commit() -> None:
    """Raise where a claim would not be committed at once."""
    if connection.in_atomic_block:
        raise RuntimeError("E-mail is sent outside a transaction: what is claimed must be committed first.")


def tidy(now: datetime) -> None:
    """Take back what stopped processes were sending, end what is too late, and forget texts that are not needed."""
    for mail in Mail.objects.filter(state=State.SENDING).only(
        "pk", "claim", "claimed_at", "claimed_by", "handed_at"
    ):
        assert mail.claimed_at  # noqa: S101  a constraint
        if mail.claimed_at < now - CLAIM_LASTS or is_gone(mail.claimed_by):
            _take_back(mail, now)
    late = Mail.objects.filter(state=State.WAITING, expires_at__lte=now)
    late.update(state=State.FAILED, why=TOO_LATE)
    old = Q(state__in=ENDED, made_at__lt=now - KEEP_TEXT)
    Attachment.objects.filter(mail__in=Mail.objects.filter(old)).delete()
    _forget(Mail.objects.filter(old | Q(kind__in=SECRET, expires_at__lte=now)).exclude(text=""))


def next_due() -> datetime | None:
    """When the next e-mail is to be sent; None if none is waiting."""
    waiting = Mail.objects.filter(state=State.WAITING).order_by("not_before")
    return waiting.values_list("not_before", flat=True).first()


def _claimed() -> Iterator[Mail]:
    """Each e-mail that is due, claimed for this process alone, one at a time."""
    while True:
        now, token = timezone.now(), secrets.token_hex(16)
        key = Mail.objects.due(now).values_list("pk", flat=True).first()
        if key is None:
            return
        claimed = Mail.objects.filter(pk=key, state=State.WAITING).update(
            state=State.SENDING,
            claim=token,
            claimed_at=now,
            claimed_by=identity(),
            handed_at=None,
            tries=F("tries") + 1,
            tried_at=now,
        )
        if claimed:  # and nobody else was faster
            yield Mail.objects.prefetch_related("attachments").get(pk=key)


def _try(mail: Mail, done: Sent) -> Failure | None:
    """Send one e-mail, and write down what came of it."""
    mine = Mail.objects.filter(pk=mail.pk, claim=mail.claim)

    def hand_over() -> None:
        if not mine.filter(state=State.SENDING, handed_at=None).update(handed_at=timezone.now()):
            raise ClaimLost

    def delivered() -> None:
        mine.update(state=State.SENT, sent_at=timezone.now(), why="", mailbox_refused=False)
        Attachment.objects.filter(mail=mail.pk).delete()
        if mail.is_secret:
            _forget(mine)
        done.sent += 1

    try:
        deliver(mail, hand_over, delivered)
    except ClaimLost:
        return None
    except Exception as error:
        return _write_down(mail, mine, failure_of(error), error, done)
    return None


def _write_down(mail: Mail, mine: MailQuerySet, failure: Failure, error: Exception, done: Sent) -> Failure:
    """Record a failed try.

    After the hand-over it counts as failed only if the server refused; otherwise it is not confirmed.
    """
    unknown = None if isinstance(error, OSError) else error
    logger.warning("E-mail %s (%s) was not sent: %s", mail.pk, mail.kind, failure.why, exc_info=unknown)
    mine = mine.filter(state=State.SENDING)
    perhaps = not failure.was_refused and mine.filter(handed_at__isnull=False)
    if perhaps and perhaps.update(state=State.UNCONFIRMED, why=PERHAPS):
        done.unconfirmed += 1
        return failure
    if failure.for_good or mail.tries > len(PAUSES):
        given_up = "" if failure.for_good else f" Given up after {mail.tries} tries."
        done.failed += mine.update(
            state=State.FAILED, why=failure.why + given_up, mailbox_refused=failure.mailbox_refused
        )
        if mail.kind == Kind.SIGN_IN:
            _forget(Mail.objects.filter(pk=mail.pk))
        return failure
    again = timezone.now() + PAUSES[mail.tries - 1]
    done.later += mine.update(
        state=State.WAITING, not_before=again, why=failure.why, handed_at=None, claim=""
    )
    return failure


def _postpone_others(failure: Failure) -> int:
    """Let what is due wait a minute as well, as it would fail for the same reason."""
    now = timezone.now()
    due = Mail.objects.filter(state=State.WAITING, not_before__lte=now)
    return due.update(not_before=now + PAUSES[0], why=failure.why)


def _take_back(mail: Mail, now: datetime) -> None:
    claimed = Mail.objects.filter(pk=mail.pk, claim=mail.claim, state=State.SENDING)
    if not claimed.filter(handed_at=None).update(state=State.WAITING, not_before=now, claim="", why=STOPPED):
        claimed.update(state=State.UNCONFIRMED, why=PERHAPS)


def _forget(mails: MailQuerySet) -> None:
    """Blank the texts; subject, kind and times stay."""
    mails.update(text="", html="")

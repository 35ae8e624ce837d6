"""E-mails, each with its ledger: to whom, for what, when it was tried, sent or why not."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone


class State(models.TextChoices):
    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    UNCONFIRMED = "unconfirmed", "Not confirmed"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Kind(models.TextChoices):
    SIGN_IN = "sign-in", "Sign-in code"
    ACCOUNT = "account", "About an account"
    INVITATION = "invitation", "Invitation"
    REMINDER = "reminder", "Reminder"
    SUMMARY = "summary", "Summary for staff"
    PAPER = "paper", "Board paper"


SECRET = (Kind.SIGN_IN, Kind.ACCOUNT, Kind.INVITATION)  # their text lets somebody in: no page shows it
ENDED = (State.SENT, State.FAILED, State.UNCONFIRMED, State.WITHDRAWN)
TO_LOOK_AT = (State.FAILED, State.UNCONFIRMED)


class MailQuerySet(models.QuerySet["Mail"]):
    def due(self, now: datetime) -> Self:
        """Waiting to be sent now, what somebody waits for first."""
        waiting = self.filter(state=State.WAITING, not_before__lte=now)
        return waiting.order_by("-urgent", "not_before", "pk")

    def going_out(self) -> Self:
        """Sent, or still to be sent, or perhaps sent."""
        return self.exclude(state__in=(State.FAILED, State.WITHDRAWN))

    def for_page(self) -> Self:
        """Without the texts, which the ledger does not show."""
        return self.defer("text", "html").annotate(has_text=~Q(text="")).select_related("person")


class Mail(models.Model):
    """An e-mail to one address. `key` says what it is for, so that the same one cannot be written twice."""

    key = models.CharField(max_length=200, unique=True, editable=False)
    kind = models.CharField(max_length=12, choices=Kind)
    about = models.CharField(max_length=100, blank=True, db_index=True, help_text="What it belongs to.")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    to = models.EmailField()
    subject = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    message_id = models.CharField(max_length=200, editable=False)
    urgent = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=timezone.now)
    not_before = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Not sent after this.")
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    why = models.TextField(blank=True, help_text="Why the last try failed.")
    mailbox_refused = models.BooleanField(default=False, help_text="The mail server refused the address.")
    claim = models.CharField(max_length=32, blank=True)
    claimed_at = models.DateTimeField(null=True)
    claimed_by = models.CharField(max_length=200, blank=True)
    handed_at = models.DateTimeField(null=True, help_text="From here on, the mail server may have it.")

    objects = MailQuerySet.as_manager()
    has_text: Any  # where `for_page` looked

    class Meta:
        ordering = ("-made_at", "-pk")
        indexes = (
            models.Index(
                "urgent",
                "not_before",
                condition=Q(state__in=("waiting", "sending")),
                name="mail_to_be_sent",
            ),
            models.Index("state", "made_at", name="mail_by_state"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(state__in=State.values), name="mail_state_known"),
            models.CheckConstraint(
                condition=~Q(state="sending") | ~Q(claim="") & Q(claimed_at__isnull=False),
                name="mail_being_sent_is_claimed",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="mail_sent_at_some_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} to {self.to}"

    @property
    def is_secret(self) -> bool:
        return self.kind in SECRET

    def can_be_sent_again(self, now: datetime) -> bool:
        """Whether staff may send it again: it did not certainly arrive, its text is there and still of use."""
        in_time = self.expires_at is None or self.expires_at > now
        return self.state in TO_LOOK_AT and in_time and bool(self.has_text)

    @property
    def is_to_look_at(self) -> bool:
        return self.state in TO_LOOK_AT


class Attachment(models.Model):
    mail = models.ForeignKey(Mail, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    content = models.BinaryField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name


def refused_addresses() -> set[str]:
    """The addresses whose mailbox refused the last e-mail to them for good."""
    tried = Mail.objects.filter(to=OuterRef("to"), state__in=(State.SENT, State.FAILED))
    last = Subquery(tried.order_by("-tried_at", "-pk").values("pk")[:1])
    refused = Mail.objects.filter(mailbox_refused=True, state=State.FAILED, pk=last)
    return {address.lower() for address in refused.values_list("to", flat=True)}


def failed_mails() -> MailQuerySet:
    """What was not sent, newest first, without what was sent again."""
    return Mail.objects.filter(state=State.FAILED).order_by(F("tried_at").desc(nulls_last=True), "-pk")


def unconfirmed_mails() -> MailQuerySet:
    """What may have been sent or not, newest first: staff decide whether to send it again."""
    return Mail.objects.filter(state=State.UNCONFIRMED).order_by("-tried_at", "-pk")


def last_mails(about: Iterable[str]) -> dict[str, Mail]:
    """The newest e-mail about each of these, without its text. One query."""
    found = Mail.objects.for_page().filter(about__in=list(about)).order_by("made_at", "pk")
    return {mail.about: mail for mail in found}

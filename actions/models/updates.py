"""Progress updates, their evidence files and their drafts."""

import secrets
from datetime import datetime
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from actions.models.framework import OutcomeMeasure
from actions.models.status import CHOOSABLE, REPEATABLE, TROUBLED, Status
from history.models import StampField
from partners.models import Partner, User
from strategy.framework_table import EVERYONE


def evidence_path(evidence: "EvidenceFile", filename: str) -> str:
    """A random path for a new file: uploaded names never reach the file system."""
    return f"evidence/{secrets.token_hex(16)}"


class EvidenceFile(models.Model):
    """A file uploaded as evidence, stored outside the web root and served as an attachment."""

    measure = models.ForeignKey(OutcomeMeasure, on_delete=models.PROTECT, related_name="+")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    file = models.FileField(upload_to=evidence_path)
    name = models.CharField(max_length=200, help_text="The file name when it was uploaded.")
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="Bytes.")

    class Meta:
        ordering = ("-uploaded_at", "-pk")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("evidence_file", args=[self.pk])


class ProgressUpdateQuerySet(models.QuerySet["ProgressUpdate"]):
    def newest_first(self) -> Self:
        return self.order_by("-recorded_at", "-pk")

    def with_evidence(self) -> Self:
        return self.select_related("evidence_file")

    def first_demonstration(self) -> datetime | None:
        """When the first demonstration update was recorded, or None."""
        invented = self.filter(is_demonstration=True).order_by("recorded_at")
        return invented.values_list("recorded_at", flat=True).first()


class ProgressUpdate(models.Model):
    """An update on an outcome measure. Triggers on both databases reject any change or deletion."""

    measure = models.ForeignKey(OutcomeMeasure, on_delete=models.PROTECT, related_name="updates")
    status = models.CharField(max_length=15, choices=[(s.value, s.label) for s in CHOOSABLE])
    comment = models.TextField(blank=True, max_length=5000)
    next_step = models.TextField("recovery step or request to the board", blank=True, max_length=5000)
    evidence = models.TextField(blank=True, max_length=5000)
    evidence_url = models.URLField("evidence on the web", blank=True, max_length=500)
    evidence_file = models.ForeignKey(
        EvidenceFile, on_delete=models.PROTECT, null=True, blank=True, related_name="updates"
    )
    completed_on = models.DateField("date the outcome was met", null=True, blank=True)
    decided_on = models.DateField("date of the board's decision", null=True, blank=True)
    value = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    no_change = models.BooleanField("no change since last time", default=False)
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrected_by"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="updates")
    author_role = models.CharField(
        max_length=10, choices=User.Role, help_text="The author's role when they submitted it."
    )
    on_behalf_of = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="updates")
    author_name = models.CharField(max_length=254, blank=True, editable=False, help_text="At that time.")
    partner_name = models.CharField(max_length=200, blank=True, editable=False, help_text="At that time.")
    recorded_at = StampField()
    once_key = models.CharField(
        max_length=64,
        unique=True,
        default=secrets.token_urlsafe,
        help_text="One form, one update: a double click submits once.",
    )
    is_demonstration = models.BooleanField("demonstration", default=False)

    objects = ProgressUpdateQuerySet.as_manager()

    # Set by the plan on a “no change” update: the update whose words it confirms.
    confirms: "ProgressUpdate | None" = None

    class Meta:
        ordering = ("-recorded_at", "-pk")
        indexes = (
            models.Index("measure", F("recorded_at").desc(), F("id").desc(), name="update_newest"),
            models.Index(fields=("recorded_at",), name="update_recorded"),
            models.Index(
                fields=("recorded_at",), condition=Q(is_demonstration=True), name="update_demonstration"
            ),
        )
        constraints = (
            models.CheckConstraint(condition=Q(status__in=CHOOSABLE), name="update_status_known"),
            models.CheckConstraint(
                condition=~Q(comment="") | Q(status=Status.COMPLETE) | Q(no_change=True),
                name="update_comment_given",
            ),
            models.CheckConstraint(
                condition=~Q(next_step="") | ~Q(status__in=TROUBLED), name="update_next_step_when_troubled"
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.COMPLETE)
                | (
                    Q(completed_on__isnull=False)
                    & (~Q(evidence="") | ~Q(evidence_url="") | Q(evidence_file__isnull=False))
                ),
                name="update_complete_with_evidence",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.CLOSED) | Q(decided_on__isnull=False, author_role=User.Role.STAFF),
                name="update_closed_by_staff_with_date",
            ),
            models.CheckConstraint(
                condition=Q(no_change=False) | Q(status__in=REPEATABLE),
                name="update_no_change_where_repeatable",
            ),
        )

    def __str__(self) -> str:
        return f"{self.measure}: {self.get_status_display()}"

    @property
    def status_now(self) -> Status:
        return Status(self.status)

    @property
    def partner_in_words(self) -> str:
        return "all partners" if self.partner_name == EVERYONE else self.partner_name

    @property
    def submitted_by(self) -> str:
        """The author and the partner, under the names they had when the update was submitted."""
        if self.author_role == User.Role.STAFF:
            return f"{self.author_name} (City Growth staff), for {self.partner_in_words}"
        return person_and_partner(self.author_name, self.partner_name)

    @property
    def quoted(self) -> "ProgressUpdate":
        """The update to quote: this one or, for “no change”, the one whose words it confirms."""
        return self.confirms or self

    @property
    def confirmed(self) -> str:
        """“confirmed unchanged 17 August 2026” for “no change”, otherwise empty. Shown after the words of `quoted`."""
        return (
            f"confirmed unchanged {timezone.localtime(self.recorded_at):%-d %B %Y}" if self.no_change else ""
        )

    @property
    def comment_in_full(self) -> str:
        """The comment for a file or an e-mail; for “no change”, the comment it confirms and when."""
        if not self.no_change:
            return self.comment
        return f"{self.quoted.comment or 'No change since last time'} ({self.confirmed})"

    @property
    def evidence_in_words(self) -> str:
        """Text, web address and file name of the evidence, for a file or an e-mail."""
        quoted = self.quoted
        parts = (
            quoted.evidence,
            quoted.evidence_url,
            quoted.evidence_file.name if quoted.evidence_file else "",
        )
        return " · ".join(part for part in parts if part)


class UpdateDraft(models.Model):
    """A half-written update, visible to its author alone. Deleted when it is submitted or discarded."""

    measure = models.ForeignKey(OutcomeMeasure, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    typed = models.JSONField(default=dict, help_text="The form's fields as typed, unchecked.")
    evidence_file = models.ForeignKey(
        EvidenceFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("measure", "author"), name="draft_once_a_measure"),)

    def __str__(self) -> str:
        return f"Draft by {self.author} on {self.measure}"


def person_and_partner(person: str, partner: str) -> str:
    """“Uma University, Universities”; without the partner where the person's name already ends with it."""
    return person if person.endswith(partner) else f"{person}, {partner}"


def percent_of_target(value: Decimal | None, target: Decimal | None) -> Decimal | None:
    """`value` as a percentage of `target`; None where either is missing or the target is 0. Blank is not zero."""
    if value is None or not target:
        return None
    return value * 100 / target

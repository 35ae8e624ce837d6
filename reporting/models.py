"""Reporting periods and board meetings."""

from datetime import date
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, F, Q, Value, When

from actions.models import OutcomeMeasure
from history import clock
from history.models import StampField, Version, history_of
from reporting.constraints import NoOverlap


class BoardMeetingFields(models.Model):
    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=100)
    held_on = models.DateField()
    note = models.TextField(
        "covering note",
        blank=True,
        max_length=5000,
        help_text="Shown at the top of the paper for this meeting.",
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class BoardMeeting(BoardMeetingFields):
    """A meeting of the board. What it knew is the plan as at the end of that day."""

    class Meta:
        ordering = ("-held_on",)
        constraints = (
            models.UniqueConstraint(fields=("slug",), name="meeting_slug_once"),
            models.UniqueConstraint(fields=("held_on",), name="meeting_one_a_day"),
        )


class ReportingPeriodFields(models.Model):
    """`opens`, `due` and `closes` are days in Europe/London. Staff open and close a period by hand."""

    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=100)
    opens = models.DateField(help_text="Updates count for the period from this day.")
    due = models.DateField(help_text="The last day to submit an update. From the next day it is overdue.")
    closes = models.DateField(help_text="The last day of the period.")
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    meeting = models.ForeignKey(
        BoardMeeting,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The board meeting that gets the paper of this period.",
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None and self.closed_at is None

    @property
    def state(self) -> str:
        """One word: planned, open or closed."""
        if self.opened_at is None:
            return "planned"
        return "open" if self.closed_at is None else "closed"


class ReportingPeriodQuerySet(models.QuerySet["ReportingPeriod"]):
    def overlapping(self, opens: date, closes: date) -> Self:
        return self.filter(opens__lte=closes, closes__gte=opens)

    def open(self) -> Self:
        return self.filter(opened_at__isnull=False, closed_at__isnull=True)


class ReportingPeriod(ReportingPeriodFields):
    objects = ReportingPeriodQuerySet.as_manager()

    class Meta:
        ordering = ("-opens", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("name",), name="period_name_once"),
            models.UniqueConstraint(fields=("slug",), name="period_slug_once"),
            models.UniqueConstraint(  # NULL, so never equal, for a period that is planned or closed
                Case(When(closed_at__isnull=True, opened_at__isnull=False, then=Value(1))),
                name="period_one_open",
                violation_error_message="Another reporting period is open.",
            ),
            models.CheckConstraint(
                condition=Q(opens__lte=F("due"), due__lte=F("closes")),
                name="period_dates_in_order",
                violation_error_message="The dates must be in this order: opens, updates due, last day.",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(opened_at__isnull=False),
                name="period_closed_after_opened",
                violation_error_message="Only an open period can be closed.",
            ),
            NoOverlap(start="opens", end="closes", name="period_no_overlap"),
        )

    def clean(self) -> None:
        """Report dates out of order and overlapping periods at their fields."""
        wrong: dict[str, str] = {}
        if self.opens and self.due and self.due < self.opens:
            wrong["due"] = f"The due date must be {self.opens:%-d %B %Y}, when the period opens, or later."
        last = self.due if self.due and "due" not in wrong else self.opens
        if last and self.closes and self.closes < last:
            which = "the due date" if last == self.due else "when the period opens"
            wrong["closes"] = f"The last day must be {last:%-d %B %Y}, {which}, or later."
        if self.opens and self.closes and "closes" not in wrong:
            wrong |= self._overlap(self.opens, self.closes)
        if wrong:
            raise ValidationError(wrong)

    def _overlap(self, opens: date, closes: date) -> dict[str, str]:
        other = ReportingPeriod.objects.overlapping(opens, closes).exclude(pk=self.pk).first()
        if other is None:
            return {}
        field = "opens" if other.opens <= opens else "closes"
        return {field: f"This period overlaps {other}, {other.opens:%-d %B %Y} to {other.closes:%-d %B %Y}."}


@history_of(ReportingPeriod)
class ReportingPeriodVersion(ReportingPeriodFields, Version):
    worded = ("name", "slug", "opens", "due", "closes", "opened_at", "closed_at", "meeting")
    field_words = {
        "opened_at": "opened",
        "closed_at": "closed",
        "due": "updates due",
        "closes": "last day",
        "meeting": "board meeting that gets the paper",
    }

    class Meta(Version.Meta):
        ordering = ("-opens", "-row_id")

    @property
    def in_short(self) -> str:
        return f"opens {self.opens:%-d %B %Y}, due {self.due:%-d %B %Y}"


@history_of(BoardMeeting)
class BoardMeetingVersion(BoardMeetingFields, Version):
    worded = ("name", "slug", "held_on", "note")
    field_words = {"held_on": "date"}
    added_as = "held_on"

    class Meta(Version.Meta):
        ordering = ("-held_on", "-row_id")


class PublishedPaper(models.Model):
    """The board's paper and workbook of a closed period, as published: the same bytes for ever.

    Reopening a period and closing it again publishes the next version; the versions before stay. Triggers refuse any
    change or deletion.
    """

    period = models.ForeignKey(ReportingPeriod, on_delete=models.PROTECT, related_name="papers")
    version = models.PositiveSmallIntegerField(help_text="1 for the first closing of the period.")
    moment = models.DateTimeField(help_text="When the period was closed: what was known before it counts.")
    published_at = StampField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    published_by_name = models.CharField(
        max_length=254, blank=True, editable=False, help_text="Their name at the time."
    )
    figures = models.JSONField(help_text="Every figure of the paper, for `check_papers`.")
    pdf = models.BinaryField()
    pdf_sha256 = models.CharField(max_length=64)
    workbook = models.BinaryField()
    workbook_sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ("-moment", "-version")
        constraints = (
            models.UniqueConstraint(fields=("period", "version"), name="paper_version_once_a_period"),
            models.UniqueConstraint(fields=("period", "moment"), name="paper_moment_once_a_period"),
        )

    def __str__(self) -> str:
        return f"{self.period}, version {self.version}"


class CalendarKey(models.Model):
    """The random text behind a person's calendar address. A new text invalidates the old address.

    There is no row until they first change it.
    """

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    nonce = models.CharField(max_length=64)
    renewed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Calendar of {self.person}"


class NotMe(models.Model):
    """A lead's answer to a reminder: somebody else should report on this measure. Staff decide, once."""

    class Decision(models.TextChoices):
        OPEN = "open", "Waiting for City Growth"
        DISMISSED = "dismissed", "Dismissed"
        HANDED_ON = "handed-on", "Handed on"

    measure = models.ForeignKey(OutcomeMeasure, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    person_name = models.CharField(max_length=254, editable=False, help_text="Their name at the time.")
    hand_to = models.CharField(max_length=200, help_text="A name, an e-mail address, or both.")
    note = models.TextField(blank=True, max_length=2000)
    asked_at = models.DateTimeField(default=clock.now)
    decision = models.CharField(max_length=10, choices=Decision, default=Decision.OPEN)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decision_note = models.TextField(blank=True, max_length=2000)

    class Meta:
        ordering = ("asked_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("measure", "person"), condition=Q(decision="open"), name="not_me_one_open"
            ),
            models.CheckConstraint(
                condition=Q(decision="open", decided_by=None, decided_at=None)
                | Q(
                    decision__in=("dismissed", "handed-on"),
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                name="not_me_decided_by_someone",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_name}: not {self.measure}"

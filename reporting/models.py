"""Reporting periods and board meetings."""

from datetime import date
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, F, Q, Value, When

from history.models import Version, history_of


class ReportingPeriodFields(models.Model):
    """`opens`, `due` and `closes` are days in Europe/London. Staff open and close a period by hand."""

    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=100)
    opens = models.DateField(help_text="Updates count for the period from this day.")
    due = models.DateField(help_text="The last day to submit an update. From the next day it is overdue.")
    closes = models.DateField(help_text="The last day of the period.")
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

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
                violation_error_message="The dates must be in this order: opens, due, closes.",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(opened_at__isnull=False),
                name="period_closed_after_opened",
                violation_error_message="Only an open period can be closed.",
            ),
        )

    def clean(self) -> None:
        if self.opens and self.closes:
            others = ReportingPeriod.objects.overlapping(self.opens, self.closes).exclude(pk=self.pk)
            if other := others.first():
                raise ValidationError(
                    f"This period overlaps {other}, {other.opens:%-d %B %Y} to {other.closes:%-d %B %Y}."
                )


class BoardMeetingFields(models.Model):
    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=100)
    held_on = models.DateField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class BoardMeeting(BoardMeetingFields):
    """A board meeting. It is shown the plan as at the end of its day."""

    class Meta:
        ordering = ("-held_on",)
        constraints = (
            models.UniqueConstraint(fields=("slug",), name="meeting_slug_once"),
            models.UniqueConstraint(fields=("held_on",), name="meeting_one_a_day"),
        )


@history_of(ReportingPeriod)
class ReportingPeriodVersion(ReportingPeriodFields, Version):
    class Meta(Version.Meta):
        ordering = ("-opens", "-row_id")


@history_of(BoardMeeting)
class BoardMeetingVersion(BoardMeetingFields, Version):
    class Meta(Version.Meta):
        ordering = ("-held_on", "-row_id")

"""The plan's history: every version of every plan row, typed, with the time for which it held.

Nobody writes these rows: triggers do (`actions.triggers`), so `.update()`, `bulk_create`, the admin and raw SQL are
all recorded. A `PlanChange` that is open in the same transaction lends them its author, reason and time.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import ClassVar, Self, TypeVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from actions.models.plan import (
    Action,
    ActionFields,
    Lead,
    LeadFields,
    OutcomeMeasure,
    OutcomeMeasureFields,
    Relationship,
    RelationshipFields,
)
from partners.models import Partner, PartnerFields, User
from strategy.models import Cluster, ClusterFields, Theme, ThemeFields, VitalFew, VitalFewFields


class PlanChange(models.Model):
    """Who changed the plan, when and why. Rows changed outside of one have a history without an author."""

    class Kind(models.TextChoices):
        IMPORT = "import", "Imported"
        EDIT = "edit", "Changed by a person"
        DEMONSTRATION = "demonstration", "Demonstration"

    kind = models.CharField(max_length=15, choices=Kind, default=Kind.EDIT)
    recorded_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)
    is_open = models.BooleanField(default=False)

    class Meta:
        ordering = ("recorded_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("is_open",), condition=Q(is_open=True), name="plan_change_one_open"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=("import", "edit", "demonstration")), name="plan_change_kind_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.reason}"


@contextmanager
def plan_change(
    *,
    by: User | None,
    reason: str,
    kind: PlanChange.Kind = PlanChange.Kind.EDIT,
    recorded_at: datetime | None = None,
) -> Iterator[PlanChange]:
    """Everything changed in the plan inside this block is one change, by `by`, for `reason`.

    One transaction: an error inside undoes the whole change. `recorded_at` is for demonstrations alone.
    """
    with transaction.atomic():
        change = PlanChange.objects.create(
            by=by, reason=reason, kind=kind, recorded_at=recorded_at or timezone.now(), is_open=True
        )
        yield change
        PlanChange.objects.filter(pk=change.pk).update(is_open=False)


V = TypeVar("V", bound="Version")


class VersionQuerySet(models.QuerySet[V]):
    def at(self, moment: datetime | None) -> Self:
        """The versions known just before `moment`; those that stand now, without one."""
        if moment is None:
            return self.filter(known_until__isnull=True)
        return self.filter(Q(known_until__isnull=True) | Q(known_until__gte=moment), known_from__lt=moment)

    def lasting(self) -> Self:
        """Without those that were replaced within the change that made them, and so never stood."""
        return self.filter(Q(known_until__isnull=True) | Q(known_until__gt=F("known_from")))


class Version(models.Model):
    """A plan row as it was from `known_from` up to, not including, `known_until`."""

    live: ClassVar[type[models.Model]]

    row_id = models.BigIntegerField()
    known_from = models.DateTimeField()
    known_until = models.DateTimeField(null=True)
    change = models.ForeignKey(PlanChange, on_delete=models.PROTECT, null=True, related_name="+")
    end_change = models.ForeignKey(PlanChange, on_delete=models.PROTECT, null=True, related_name="+")

    objects = VersionQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = (
            models.UniqueConstraint(
                fields=("row_id",), condition=Q(known_until__isnull=True), name="%(class)s_one_open"
            ),
            models.CheckConstraint(
                condition=Q(known_until__isnull=True) | Q(known_until__gte=F("known_from")),
                name="%(class)s_in_order",
            ),
        )
        indexes = (models.Index(fields=("row_id", "known_from"), name="%(class)s_known"),)

    @classmethod
    def kept_fields(cls) -> list[models.Field]:  # type: ignore[type-arg]  # any field at all
        """The fields that the version shares with its live row, in order."""
        own = {field.name for field in Version._meta.local_fields} | {"id"}
        return [field for field in cls._meta.local_fields if field.name not in own]


VERSIONS: list[type[Version]] = []


def history_of(live: type[models.Model]) -> Callable[[type[V]], type[V]]:
    """Class decorator: the rows of `live` leave their history in the decorated class."""

    def register(version: type[V]) -> type[V]:
        version.live = live
        VERSIONS.append(version)
        return version

    return register


@history_of(VitalFew)
class VitalFewVersion(VitalFewFields, Version):
    class Meta(Version.Meta):
        ordering = ("order", "row_id")


@history_of(Theme)
class ThemeVersion(ThemeFields, Version):
    class Meta(Version.Meta):
        ordering = ("order", "row_id")


@history_of(Cluster)
class ClusterVersion(ClusterFields, Version):
    class Meta(Version.Meta):
        ordering = ("order", "row_id")


@history_of(Partner)
class PartnerVersion(PartnerFields, Version):
    class Meta(Version.Meta):
        ordering = ("name", "row_id")


@history_of(Action)
class ActionVersion(ActionFields, Version):
    class Meta(Version.Meta):
        ordering = ("number", "row_id")


@history_of(Lead)
class LeadVersion(LeadFields, Version):
    class Meta(Version.Meta):
        ordering = ("action", "order", "row_id")


@history_of(Relationship)
class RelationshipVersion(RelationshipFields, Version):
    class Meta(Version.Meta):
        ordering = ("action", "vital_few", "row_id")


@history_of(OutcomeMeasure)
class OutcomeMeasureVersion(OutcomeMeasureFields, Version):
    class Meta(Version.Meta):
        ordering = ("action", "order", "row_id")

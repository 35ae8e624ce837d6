"""What any row that changes over time needs: a clock to stamp it, changes with an author, versions.

Only triggers write versions (`history.triggers`), so `.update()`, `bulk_create`, the admin and raw SQL are all
recorded. The `PlanChange` open in the same transaction gives them its author and reason.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.text import capfirst

if TYPE_CHECKING:
    from history.words import Names

UNSTAMPED = datetime(1970, 1, 1, tzinfo=UTC)


class StampField(models.DateTimeField):  # type: ignore[type-arg]  # as generic as Django's own
    """A time set by the database. Any value the writer sends is ignored: read it again after saving."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"default": UNSTAMPED, "editable": False, **kwargs})

    def pre_save(self, model_instance: models.Model, add: bool) -> datetime:
        return UNSTAMPED if add else getattr(model_instance, self.attname)


class Nothing(models.Model):
    """An always empty table: a deferred reference to it cannot be committed (see `Clock.must_end`)."""

    def __str__(self) -> str:
        return "nothing"


class Clock(models.Model):
    """One row with the last stamps. Writers of history lock it until commit, so stamps are in commit order."""

    stamp = models.BigIntegerField(default=0, help_text="Microseconds since 1970, UTC.")
    plan_stamp = models.BigIntegerField(
        default=0, help_text="The last stamp of a row with versions: progress updates leave it alone."
    )
    change = models.ForeignKey("PlanChange", on_delete=models.DO_NOTHING, null=True, related_name="+")
    must_end = models.ForeignKey(
        Nothing,
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="+",
        help_text="Set while a change is open. It refers to nothing, so a change left open cannot be committed.",
    )
    door = models.CharField(
        max_length=20, blank=True, help_text="Why the past may be written; empty when it may not."
    )

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="clock_one_row"),)

    def __str__(self) -> str:
        return str(self.stamp)


class PlanChange(models.Model):
    """Who changed the plan, when and why. Rows changed outside one have a history without an author."""

    class Kind(models.TextChoices):
        IMPORT = "import", "Imported"
        EDIT = "edit", "Changed by a person"
        DEMONSTRATION = "demonstration", "Demonstration"

    kind = models.CharField(max_length=15, choices=Kind, default=Kind.EDIT)
    recorded_at = StampField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(
        "changed by", max_length=254, blank=True, editable=False, help_text="Their name at the time."
    )
    reason = models.TextField(blank=True)

    class Meta:
        verbose_name, verbose_name_plural = "change to the plan", "changes to the plan"
        ordering = ("recorded_at", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=("import", "edit", "demonstration")), name="plan_change_kind_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.reason}"


K = TypeVar("K", bound="Known")


class KnownQuerySet(models.QuerySet[K]):
    def at(self, moment: datetime) -> Self:
        """What was known just before `moment`."""
        return self.filter(Q(known_until__isnull=True) | Q(known_until__gte=moment), known_from__lt=moment)

    def open(self) -> Self:
        """What is known at present."""
        return self.filter(known_until__isnull=True)


class Known(models.Model):
    """Something known from `known_from` up to, but not including, `known_until`."""

    known_from = models.DateTimeField()
    known_until = models.DateTimeField(null=True)

    objects = KnownQuerySet.as_manager()

    class Meta:
        abstract = True


class Version(Known):
    """A row of the plan as it was for a time."""

    live: ClassVar[type[models.Model]]
    derived: ClassVar[dict[str, str]] = {}  # columns only the version has -> SQL over NEW
    # How a change of the row is described (`history.words`): the fields that count, what they are called where their
    # own name would not do ("" is the heading alone), and the one that stands for a row that is added or removed.
    worded: ClassVar[tuple[str, ...]] = ()
    field_words: ClassVar[dict[str, str]] = {}
    added_as: ClassVar[str] = ""
    imported_as: ClassVar[str] = ""

    row_id = models.BigIntegerField()
    change = models.ForeignKey(PlanChange, on_delete=models.PROTECT, null=True, related_name="+")
    end_change = models.ForeignKey(PlanChange, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        abstract = True
        constraints = (
            models.UniqueConstraint(
                fields=("row_id",), condition=Q(known_until__isnull=True), name="%(class)s_one_open"
            ),
            models.CheckConstraint(
                condition=Q(known_until__isnull=True) | Q(known_until__gt=F("known_from")),
                name="%(class)s_in_order",
            ),
        )
        indexes = (
            models.Index(fields=("row_id", "known_from"), name="%(class)s_known"),
            # what the log of all changes reads: few rows of a plan have ended
            models.Index(
                fields=("known_until",), condition=Q(known_until__isnull=False), name="%(class)s_ended"
            ),
        )

    @property
    def known_as(self) -> str:
        """What rows that refer to this one call it."""
        return str(self)

    @property
    def in_short(self) -> str:
        """What a row that is added or removed says; empty where one field says it: `added_as`."""
        return ""

    def heading(self, names: "Names", when: datetime) -> str:
        """What the row is called in a line of the history: “Theme Image & Identity”."""
        return f"{capfirst(str(self.live._meta.verbose_name))} {self.known_as}"

    def what(self, name: str, names: "Names") -> str:
        """What the field `name` is called there: “Measure 2, target date”."""
        heading = self.heading(names, self.known_from)
        label = self.field_words.get(name, str(getattr(self._meta.get_field(name), "verbose_name", name)))
        return f"{heading}, {label}" if label else heading

    @classmethod
    def kept_fields(cls) -> list[models.Field]:  # type: ignore[type-arg]  # any field at all
        """The fields shared with the live row, in order."""
        own = {field.name for field in Version._meta.local_fields} | {"id", "known_from", "known_until"}
        return [field for field in cls._meta.local_fields if field.name not in own | set(cls.derived)]


VERSIONS: list[type[Version]] = []
V = TypeVar("V", bound=Version)


def history_of(live: type[models.Model]) -> Callable[[type[V]], type[V]]:
    """Class decorator: store the history of `live` in the decorated class."""

    def register(version: type[V]) -> type[V]:
        version.live = live
        VERSIONS.append(version)
        return version

    return register

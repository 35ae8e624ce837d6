"""What was known of a measure and of an action, and from when until when.

Triggers write these rows (`actions.known`) in the transaction of the progress update or of the change to the plan, so
“as at” any moment is the same query as now. The updates and the plan's versions remain the truth:
`manage.py check_figures` recalculates every figure from them and lists any difference.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Self

from django.db import connection, models
from django.db.models import BooleanField, F, Func, Q, TextField, Value
from django.db.models.functions import StrIndex

from actions.models.framework import Action, OutcomeMeasure
from actions.models.status import WORST_FIRST, Status
from actions.models.updates import ProgressUpdate
from history.models import Known, KnownQuerySet
from strategy.models import Cluster, Theme

NEVER = datetime(1900, 1, 1, tzinfo=UTC)  # not NULL: the two databases sort NULL to opposite ends
OPEN, ENDED = Q(known_until__isnull=True), Q(known_until__isnull=False)
IN_ORDER = Q(known_until__isnull=True) | Q(known_until__gt=F("known_from"))


class Fold(Func):
    """The text with its case folded by the database."""

    function = "portal_fold"
    output_field = TextField()


def folded(words: list[str]) -> list[str]:
    """The words with their case folded by the database."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(['portal_fold(%s)'] * len(words))}", words)
        return list(cursor.fetchone())


class Among(Func):
    """Whether the key in `field` is one of `keys`: one parameter, however many they are."""

    output_field = BooleanField()

    def __init__(self, field: str, keys: Iterable[int]) -> None:
        super().__init__(F(field), Value(json.dumps(list(keys))))

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        joiner = " IN (SELECT value FROM json_each("
        return self.as_sql(compiler, connection, template="%(expressions)s))", arg_joiner=joiner, **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        joiner, template = " IN (SELECT json_array_elements_text(", "%(expressions)s::json)::bigint)"
        return self.as_sql(compiler, connection, template=template, arg_joiner=joiner, **extra)


def lead_marks(partners: Iterable[int]) -> list[str]:
    """The texts to look for in `KnownAction.leads`: one of these partners leads, suggested or accepted."""
    return [f" {key}{mark} " for key in partners for mark in "sa"]


def lead_keys(leads: str) -> list[int]:
    """The keys of the partners in `KnownAction.leads`, in order."""
    return [int(one[:-1]) for one in leads.split()]


class KnownActionQuerySet(KnownQuerySet["KnownAction"]):
    """Selects actions by what they belong to; keys are primary keys of live rows."""

    def for_vital_few(self, vital_few: int | None, strength: str = "") -> Self:
        """Related to this vital few (or any), with this strength: X strong, O supporting, blank either."""
        if vital_few is None:
            return self._holding("marks", [f"{strength} "] if strength else [" "])
        return self._holding("marks", [f" {vital_few}{mark} " for mark in strength or "XO"])

    def led_by(self, partners: Iterable[int]) -> Self:
        """Led by one of these partners, suggested or accepted."""
        return self._holding("leads", lead_marks(partners))

    def without_accepted_lead(self) -> Self:
        """With no accepted lead."""
        return self.alias(_accepted=StrIndex(F("leads"), Value("a "))).filter(_accepted=0)

    def _holding(self, field: str, texts: Iterable[str]) -> Self:
        """`field` contains one of `texts`. Faster than LIKE, which is Python on SQLite, and case-sensitive."""
        wanted = Q(pk__in=[])
        found = self
        for number, text in enumerate(texts):
            name = f"_{field}_{number}"
            found = found.alias(**{name: StrIndex(F(field), Value(text))})
            wanted |= Q(**{f"{name}__gt": 0})
        return found.filter(wanted)


class KnownMeasure(Known):
    """How a measure was doing for a time: its last update, and what still holds from earlier ones.

    The `before_…` fields hold what was known before the last update, so that a correction can start from there.
    """

    measure = models.ForeignKey(
        OutcomeMeasure, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    action = models.ForeignKey(Action, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    order = models.PositiveSmallIntegerField()
    target_date = models.DateField(null=True)
    rank = models.PositiveSmallIntegerField(help_text="Of the status; 0 is the worst.")
    update = models.ForeignKey(ProgressUpdate, on_delete=models.DO_NOTHING, null=True, related_name="+")
    words = models.ForeignKey(
        ProgressUpdate,
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="+",
        help_text="The last update that was more than “no change”.",
    )
    reported_at = models.DateTimeField(help_text="When somebody last reported.")
    troubled_since = models.DateTimeField(
        null=True, help_text="Off track or At risk without a break since then."
    )
    value = models.DecimalField(max_digits=14, decimal_places=2, null=True, help_text="The latest value.")
    before_words = models.ForeignKey(ProgressUpdate, on_delete=models.DO_NOTHING, null=True, related_name="+")
    before_troubled_since = models.DateTimeField(null=True)
    before_value = models.DecimalField(max_digits=14, decimal_places=2, null=True)

    class Meta:
        ordering = ("action_id", "order", "measure_id")
        constraints = (
            models.UniqueConstraint(fields=("measure",), condition=OPEN, name="known_measure_one_open"),
            models.CheckConstraint(condition=IN_ORDER, name="known_measure_in_order"),
        )
        indexes = (
            models.Index(fields=("measure", "known_from"), name="known_measure_then"),
            models.Index(fields=("action", "known_from"), name="known_measure_of_action_then"),
            models.Index(fields=("action", "rank", "order"), condition=OPEN, name="known_measure_of_action"),
        )

    def __str__(self) -> str:
        return f"{self.measure}: {self.status.label}"

    @property
    def status(self) -> Status:
        return WORST_FIRST[self.rank]


class KnownAction(Known):
    """How an action was doing for a time: its worst measure, and what lists filter, sort and count by."""

    action = models.ForeignKey(Action, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    number = models.PositiveIntegerField()
    theme = models.ForeignKey(Theme, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    cluster = models.ForeignKey(Cluster, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    leads = models.TextField(help_text="“ 12s  15a ”: partner, and s suggested or a accepted, in order.")
    marks = models.TextField(help_text="“ 1X  3O ”: vital few and strength.")
    measures = models.PositiveSmallIntegerField(help_text="How many it has.")
    shown_by = models.PositiveSmallIntegerField(help_text="How many of them have the status that it shows.")
    rank = models.PositiveSmallIntegerField(help_text="Of the worst of its measures; 0 is the worst.")
    worst_measure = models.ForeignKey(
        OutcomeMeasure, on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    update = models.ForeignKey(ProgressUpdate, on_delete=models.DO_NOTHING, null=True, related_name="+")
    words = models.ForeignKey(ProgressUpdate, on_delete=models.DO_NOTHING, null=True, related_name="+")
    reported_at = models.DateTimeField(help_text="When somebody last reported on the worst measure.")
    silent_since = models.DateTimeField(
        null=True, help_text="Of its measures that are not finished, the report that is longest ago."
    )
    target_date = models.DateField(
        null=True, help_text="Of its measures that are not finished, the earliest."
    )
    troubled_since = models.DateTimeField(null=True, help_text="Of its measures in trouble, the longest.")

    objects = KnownActionQuerySet.as_manager()  # type: ignore[misc]  # more methods than the base

    class Meta:
        ordering = ("number", "action_id")
        constraints = (
            models.UniqueConstraint(fields=("action",), condition=OPEN, name="known_action_one_open"),
            models.CheckConstraint(condition=IN_ORDER, name="known_action_in_order"),
        )
        indexes = (
            models.Index(fields=("action", "known_from"), name="known_action_then"),
            # Together these two serve “as at”. One index over both would tempt SQLite to serve the present with it.
            # With the rank, they count the actions by status as at a moment without reading a row. (SQLite reads a row
            # to see that it is open, unless the index has `known_until`.)
            models.Index(
                fields=("known_from", "rank", "known_until"), condition=OPEN, name="known_action_open_since"
            ),
            models.Index(
                fields=("known_until", "known_from", "rank"), condition=ENDED, name="known_action_ended"
            ),
            # Likewise what every page of figures counts at present.
            models.Index(
                fields=("marks", "rank", "silent_since", "target_date"),
                condition=OPEN,
                name="known_action_counts",
            ),
            # The action ends each order: with it the index gives the rows of a page without sorting; with the leads,
            # a search reads nothing else.
            models.Index(
                fields=("number", "action", "leads", "known_until"),
                condition=OPEN,
                name="known_action_number",
            ),
            models.Index(fields=("theme", "number", "action"), condition=OPEN, name="known_action_theme"),
            models.Index(fields=("cluster", "number", "action"), condition=OPEN, name="known_action_cluster"),
            models.Index(fields=("rank", "number", "action"), condition=OPEN, name="known_action_rank"),
            models.Index(
                fields=("reported_at", "number", "action"), condition=OPEN, name="known_action_reported"
            ),
        )

    def __str__(self) -> str:
        return f"Action {self.number}: {self.status.label}"

    @property
    def status(self) -> Status:
        return WORST_FIRST[self.rank]

"""What the lists ask of measures, and of actions since a date: conditions on what is known."""

from datetime import date
from functools import cached_property

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from actions.models import OutcomeMeasureVersion
from actions.models.status import FINAL
from actions.plan.base import NOBODY, PlanBase
from history.clock import start_of

FIRST_FINAL = min(status.rank for status in FINAL)


class MeasuresPlan(PlanBase):
    """Which measures are late, and what changed since a date."""

    def measure_versions(self) -> "QuerySet[OutcomeMeasureVersion]":
        """The measures' own rows: wording, baseline, target, dates."""
        return self._at(OutcomeMeasureVersion.objects.all())  # type: ignore[no-any-return]  # one of several models

    @cached_property
    def measure_size(self) -> int:
        """How many outcome measures the plan has."""
        return self.remember_plan("measure size", self.measures().order_by().count)

    def of_action(self, field: str) -> Subquery:
        """An expression on measures: `field` of what is known of the measure's action."""
        return Subquery(self.actions().order_by().filter(action=OuterRef("action")).values(field)[:1])

    @property
    def measure_awaited(self) -> Q:
        """Measures asked for an update in the open period and not reported on yet."""
        return Q(rank__lt=FIRST_FINAL, reported_at__lt=self.opens) if self.calendar.period else NOBODY

    @property
    def measure_overdue(self) -> Q:
        """Awaited after the due date."""
        return self.measure_awaited if self.is_past_due else NOBODY

    def measure_silent_since(self, day: date) -> Q:
        """Unfinished measures with no update on `day` or later."""
        return Q(rank__lt=FIRST_FINAL, reported_at__lt=start_of(day))

    def action_silent_since(self, day: date) -> Q:
        """Actions with such a measure."""
        return Q(silent_since__lt=start_of(day))

    def measure_changed_since(self, day: date) -> Q:
        """Measures updated, or reworded or given other targets or dates, on `day` or later."""
        start = start_of(day)
        wording = self.measure_versions().order_by().filter(row_id=OuterRef("measure"))
        return Q(known_from__gte=start) | Q(Exists(wording.filter(known_from__gte=start)))

    def action_changed_since(self, day: date) -> Q:
        """Actions that changed on `day` or later, or that have such a measure."""
        start = start_of(day)
        wording = self.versions().order_by().filter(row_id=OuterRef("action"))
        measures = self.measures().order_by().filter(action=OuterRef("action"))
        measure_wording = self.measure_versions().order_by().filter(action=OuterRef("action"))
        return Q(known_from__gte=start) | Q(
            *(Exists(rows.filter(known_from__gte=start)) for rows in (wording, measures, measure_wording)),
            _connector=Q.OR,
        )

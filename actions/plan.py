"""The plan as at a moment: the one object that hands out what a page or file reads, now or then alike.

Nothing here knows of HTTP. Figures that are computed and never typed (status of an action, due, overdue, past target
date, direction) are computed here and nowhere else.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    DateTimeField,
    Exists,
    IntegerField,
    Max,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from actions.models import (
    ActionVersion,
    ClusterVersion,
    LeadVersion,
    OutcomeMeasureVersion,
    PartnerVersion,
    ProgressUpdate,
    RelationshipVersion,
    Status,
    ThemeVersion,
    VitalFewVersion,
)
from actions.models.status import WORST_FIRST
from actions.models.updates import ProgressUpdateQuerySet
from actions.rows import ActionRow, LeadRow, MeasureRow

NEVER = datetime(1900, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Period:
    """A reporting period, in whole days."""

    name: str
    opens: date
    due: date
    closes: date


@dataclass(frozen=True)
class Meeting:
    """A board meeting; what the board knew is the plan as at the end of `held_on`."""

    name: str
    slug: str
    held_on: date


@dataclass(frozen=True)
class Calendar:
    """What gives “due”, “overdue” and “since the last meeting” their meaning at the plan's moment."""

    period: Period | None = None
    next_period: Period | None = None
    last_meeting: Meeting | None = None


def start_of(day: date) -> datetime:
    """The first moment of `day` in Europe/London."""
    return timezone.make_aware(datetime.combine(day, time.min))


def end_of(day: date) -> datetime:
    """The moment at which `day` is over in Europe/London: what was known before it was known that day."""
    return start_of(day + timedelta(days=1))


class Plan:
    """The plan as at `moment` (what was known just before it), or as it stands, without one."""

    def __init__(self, calendar: Calendar | None = None, moment: datetime | None = None) -> None:
        self.calendar = calendar or Calendar()
        self.moment = moment

    @property
    def today(self) -> date:
        """The last whole or begun day of which the plan knows."""
        return (
            timezone.localdate(self.moment - timedelta(microseconds=1))
            if self.moment
            else timezone.localdate()
        )

    # What the plan is made of

    @cached_property
    def vital_fews(self) -> list[VitalFewVersion]:
        return list(VitalFewVersion.objects.at(self.moment))

    @cached_property
    def themes(self) -> list[ThemeVersion]:
        return list(ThemeVersion.objects.at(self.moment))

    @cached_property
    def clusters(self) -> list[ClusterVersion]:
        """In the order of the source; Cross-cluster, a scope, is among them and marked as such."""
        return list(ClusterVersion.objects.at(self.moment))

    @cached_property
    def partners(self) -> list[PartnerVersion]:
        return list(PartnerVersion.objects.at(self.moment))

    @cached_property
    def size(self) -> int:
        """How many actions the plan has."""
        return ActionVersion.objects.at(self.moment).count()

    @cached_property
    def outcome_heading(self) -> str:
        """“Outcome Measure 2008”; without the year where measures have several."""
        years = set(
            OutcomeMeasureVersion.objects.at(self.moment).order_by().values_list("year", flat=True).distinct()
        )
        return f"Outcome Measure {years.pop()}" if len(years) == 1 else "Outcome Measure"

    def leads(self) -> QuerySet[LeadVersion]:
        """Those who lead, suggested or accepted; who declined does not."""
        return LeadVersion.objects.at(self.moment).exclude(standing=LeadVersion.Standing.DECLINED)

    def relationships(self) -> QuerySet[RelationshipVersion]:
        return RelationshipVersion.objects.at(self.moment)

    def updates(self) -> ProgressUpdateQuerySet:
        known = ProgressUpdate.objects.newest_first()
        return known.filter(recorded_at__lt=self.moment) if self.moment else known

    def measures(self) -> QuerySet[Any]:
        """Measures with `last_update_id`, `rank` (0 is the worst status) and `awaited` (asked, and silent)."""
        updates = self.updates().filter(measure=OuterRef("row_id"))
        measures: QuerySet[Any] = OutcomeMeasureVersion.objects.at(self.moment).annotate(
            last_update_id=Subquery(updates.values("pk")[:1]),
            last_status=Subquery(updates.values("status")[:1]),
        )
        measures = measures.annotate(rank=_rank_of("last_status"))
        if not self.calendar.period:
            measures = measures.annotate(awaited=Value(False))
            return measures
        reported = updates.filter(recorded_at__gte=start_of(self.calendar.period.opens))
        final = [status.rank for status in Status if status.is_final]
        measures = measures.annotate(
            awaited=Case(
                When(rank__in=final, then=Value(False)),
                When(Exists(reported), then=Value(False)),
                default=Value(True),
                output_field=BooleanField(),
            )
        )
        return measures

    def actions(self) -> QuerySet[Any]:
        """Actions with `rank` (of the worst of their measures), `overdue` and `last_updated`."""
        measures = self.measures().filter(action=OuterRef("row_id"))
        updates = self.updates().filter(measure__action=OuterRef("row_id"))
        return ActionVersion.objects.at(self.moment).annotate(
            rank=Coalesce(Subquery(measures.order_by("rank").values("rank")[:1]), Status.NOT_REPORTED.rank),
            overdue=Exists(measures.filter(awaited=True)) if self.is_past_due else Value(False),
            last_updated=Coalesce(  # never empty: the two databases sort empty ones to opposite ends
                Subquery(
                    updates.order_by()
                    .values("measure__action")
                    .annotate(last=Max("recorded_at"))
                    .values("last")
                ),
                Value(NEVER, DateTimeField()),
            ),
        )

    @property
    def is_past_due(self) -> bool:
        """The open period's last day for reports in time is over."""
        return self.calendar.period is not None and self.today > self.calendar.period.due

    # Rows for pages and sheets

    def rows(self, actions: Iterable[ActionVersion]) -> list[ActionRow]:
        """`actions` in their order, each with all that stands on its row. Six queries, however many there are."""
        chosen = list(actions)
        ids = [action.row_id for action in chosen]
        themes = {theme.row_id: theme for theme in self.themes}
        clusters = {cluster.row_id: cluster for cluster in self.clusters}
        leads = self._leads_by_action(ids)
        marks = self._marks_by_action(ids)
        rows = [
            ActionRow(
                version=action,
                theme=themes[action.theme_id],
                cluster=clusters[action.cluster_id],
                leads=leads[action.row_id],
                marks=marks[action.row_id],
            )
            for action in chosen
        ]
        self._give_measures({row.version.row_id: row for row in rows})
        return rows

    def row(self, number: int) -> ActionRow:
        """One action. Raises ActionVersion.DoesNotExist where the plan has none of that number."""
        return self.rows([self.actions().get(number=number)])[0]

    def _leads_by_action(self, ids: Sequence[int]) -> dict[int, list[LeadRow]]:
        partners = {partner.row_id: partner for partner in self.partners}
        leads: dict[int, list[LeadRow]] = defaultdict(list)
        for lead in self.leads().filter(action__in=ids).order_by("action", "order", "row_id"):
            leads[lead.action_id].append(LeadRow(lead.row_id, partners[lead.partner_id], lead.standing))
        return leads

    def _marks_by_action(self, ids: Sequence[int]) -> dict[int, dict[str, str]]:
        codes = {vital_few.row_id: vital_few.code for vital_few in self.vital_fews}
        marks: dict[int, dict[str, str]] = defaultdict(dict)
        for relationship in self.relationships().filter(action__in=ids):
            marks[relationship.action_id][codes[relationship.vital_few_id]] = relationship.strength
        return marks

    def _give_measures(self, rows: dict[int, ActionRow]) -> None:
        measures = self.measures().filter(action__in=list(rows)).order_by("action", "order", "row_id")
        meeting = self.calendar.last_meeting
        if meeting:
            then = self.updates().filter(measure=OuterRef("row_id"), recorded_at__lt=end_of(meeting.held_on))
            measures = measures.annotate(meeting_status=Subquery(then.values("status")[:1]))
        standing = list(measures)
        last = [measure.last_update_id for measure in standing if measure.last_update_id]
        updates = ProgressUpdate.objects.with_people().in_bulk(last)
        for measure in standing:
            row = rows[measure.action_id]
            status = WORST_FIRST[measure.rank]
            row.measures.append(
                MeasureRow(
                    measure=measure,
                    action=row,
                    update=updates.get(measure.last_update_id),
                    status=status,
                    meeting_status=Status(measure.meeting_status or Status.NOT_REPORTED) if meeting else None,
                    awaited=measure.awaited,
                    overdue=measure.awaited and self.is_past_due,
                    past_target=bool(
                        measure.target_date and measure.target_date < self.today and not status.is_final
                    ),
                )
            )


def _rank_of(status: str) -> Case:
    """SQL for the rank of the status in the field named `status`; nothing there is Not yet reported."""
    return Case(
        *(When(**{status: member}, then=Value(member.rank)) for member in Status),
        default=Value(Status.NOT_REPORTED.rank),
        output_field=IntegerField(),
    )

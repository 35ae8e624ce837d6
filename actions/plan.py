"""The plan as at a moment: the one object that hands out what a page or file reads, now or then alike.

Nothing here knows of HTTP. What is computed and never typed is worked out by the database (`actions.known`), or here,
and nowhere else: awaited, overdue, past target date, direction, counts.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from actions.calendar import Calendar
from actions.counts import NOTHING, Counted, StatusCounts
from actions.models import (
    ActionVersion,
    KnownAction,
    KnownMeasure,
    LeadVersion,
    OutcomeMeasureVersion,
    ProgressUpdate,
    RelationshipVersion,
    Status,
)
from actions.models.known import NEVER, KnownActionQuerySet
from actions.models.status import FINAL, WORST_FIRST
from actions.models.updates import ProgressUpdateQuerySet
from actions.rows import ActionState, LeadState, MeasureState
from history import clock, memo
from history.clock import day_of, end_of, start_of
from history.models import KnownQuerySet
from partners.models import PartnerVersion
from strategy.models import ClusterVersion, ThemeVersion, VitalFewVersion

T = TypeVar("T")
CHUNK = 500
UNFINISHED = Q(rank__lt=min(status.rank for status in FINAL))
NOBODY = Q(pk__in=[])


class Plan:
    """The plan as known just before `moment`; at present, without one."""

    def __init__(self, calendar: Calendar | None = None, moment: datetime | None = None, stamp: int | None = None) -> None:
        self.is_present = moment is None or stamp is not None
        if moment is None:
            moment, stamp = clock.read()
        self.moment: datetime = moment
        self.stamp = stamp
        self.calendar = calendar or Calendar()

    @property
    def today(self) -> date:
        """The date the plan is read on: the day that `moment` falls in."""
        return day_of(self.moment)

    @property
    def version(self) -> tuple[object, ...] | None:
        """Names this state of the plan: pages of the same version are alike. None of a past moment."""
        return (self.stamp, self.today, self.calendar) if self.is_present else None

    def remember(self, what: object, make: Callable[[], T]) -> T:
        """What `make` works out from this plan alone; at present it is worked out once for each version."""
        if not self.is_present:
            return make()
        return memo.remember((connection.settings_dict["NAME"], self.version, what), make)

    def _at(self, rows: KnownQuerySet[Any]) -> Any:
        return rows.open() if self.is_present else rows.at(self.moment)

    # What the plan is made of

    @cached_property
    def vital_fews(self) -> list[VitalFewVersion]:
        return self.remember("vital fews", lambda: list(self._at(VitalFewVersion.objects.all())))

    @cached_property
    def themes(self) -> list[ThemeVersion]:
        return self.remember("themes", lambda: list(self._at(ThemeVersion.objects.all())))

    @cached_property
    def clusters(self) -> list[ClusterVersion]:
        """In the order of the source; Cross-cluster, a scope, is among them and marked as such."""
        return self.remember("clusters", lambda: list(self._at(ClusterVersion.objects.all())))

    @cached_property
    def partners(self) -> list[PartnerVersion]:
        return self.remember("partners", lambda: list(self._at(PartnerVersion.objects.all())))

    @cached_property
    def size(self) -> int:
        """How many actions the plan has."""
        return self.counts().total

    @cached_property
    def outcome_heading(self) -> str:
        """“Outcome Measure 2008”; without the year where measures have several."""
        return self.remember("outcome heading", self._outcome_heading)

    def _outcome_heading(self) -> str:
        measures = self._at(OutcomeMeasureVersion.objects.order_by())
        years = set(measures.values_list("year", flat=True).distinct())
        return f"Outcome Measure {years.pop()}" if len(years) == 1 else "Outcome Measure"

    @cached_property
    def has_demonstration_progress(self) -> bool:
        """Whether invented progress is among what is shown."""
        return self.remember("demonstration", lambda: self.updates().filter(is_demonstration=True).exists())

    def versions(self) -> "QuerySet[ActionVersion]":
        """The actions' own rows: wording, theme, cluster."""
        return self._at(ActionVersion.objects.all())  # type: ignore[no-any-return]  # one of several models

    def leads(self) -> "QuerySet[LeadVersion]":
        """Those who lead, suggested or accepted; a partner who declined does not."""
        leads: QuerySet[LeadVersion] = self._at(LeadVersion.objects.all())
        return leads.exclude(acceptance=LeadVersion.Acceptance.DECLINED)

    def relationships(self) -> "QuerySet[RelationshipVersion]":
        return self._at(RelationshipVersion.objects.all())  # type: ignore[no-any-return]  # one of several models

    def updates(self) -> ProgressUpdateQuerySet:
        known = ProgressUpdate.objects.newest_first()
        return known if self.is_present else known.filter(recorded_at__lt=self.moment)

    def actions(self) -> KnownActionQuerySet:
        """What is known of each action, in number order: to filter, sort, count and page."""
        return self._at(KnownAction.objects.order_by("number", "action_id"))  # type: ignore[no-any-return]  # likewise

    def measures(self) -> "QuerySet[KnownMeasure]":
        """What is known of each outcome measure."""
        return self._at(KnownMeasure.objects.all())  # type: ignore[no-any-return]  # one of several models

    # What is late

    @cached_property
    def opens(self) -> datetime:
        """When the open period began; without one, the beginning of time: nothing is asked for."""
        return start_of(self.calendar.period.opens) if self.calendar.period else NEVER

    @property
    def awaited(self) -> Q:
        """Actions asked for an update in the open period, with a measure that nobody has reported on yet."""
        return Q(silent_since__lt=self.opens) if self.calendar.period else NOBODY

    @property
    def overdue(self) -> Q:
        """Awaited after the due date."""
        return self.awaited if self.is_past_due else NOBODY

    @property
    def past_target(self) -> Q:
        """Actions with an unfinished measure whose original target date is over."""
        return Q(target_date__lt=self.today)

    @property
    def is_past_due(self) -> bool:
        """The open period's due date is over."""
        return self.calendar.period is not None and self.today > self.calendar.period.due

    # Counts

    def counts(self) -> StatusCounts:
        """Every action of the plan by status."""
        return self.remember("counts", lambda: self.counts_of(self.actions()))

    def counts_of(self, actions: KnownActionQuerySet) -> StatusCounts:
        """These actions by status. One query."""
        return StatusCounts.of(group for _, group in self._groups(actions, None))

    def counts_by(self, field: str) -> dict[str, StatusCounts]:
        """Every action of the plan by status, for each value of `theme`, `cluster`, `leads` or `marks`. One query.

        Keys are those of live rows, as text; of marks the vital few's with the strength behind it: “3X”. An action
        counts under each of its leads and marks.
        """
        return self.remember(("counts by", field), lambda: self._counts_by(field))

    def counts_of_vital_few(self, vital_few: VitalFewVersion) -> StatusCounts:
        """The actions related to this vital few, strong and supporting together, by status."""
        by_mark = self.counts_by("marks")
        return by_mark.get(f"{vital_few.row_id}X", NOTHING) + by_mark.get(f"{vital_few.row_id}O", NOTHING)

    def _counts_by(self, field: str) -> dict[str, StatusCounts]:
        found: dict[str, list[Counted]] = defaultdict(list)
        for value, group in self._groups(self.actions(), field):
            keys = [str(value)] if field in ("theme", "cluster") else str(value).split()
            for key in keys:
                found[key.rstrip("sa") if field == "leads" else key].append(group)
        return {key: StatusCounts.of(groups) for key, groups in found.items()}

    def _groups(self, actions: KnownActionQuerySet, field: str | None) -> Iterator[tuple[Any, Counted]]:
        by = [field] if field else []
        numbers = actions.order_by().values(*by, "rank").annotate(
            n=Count("id"),
            n_awaited=Count("id", filter=self.awaited),
            n_past=Count("id", filter=self.past_target),
        )
        for row in numbers.values_list(*by, "rank", "n", "n_awaited", "n_past"):
            rank, n, awaited, past = row[-4:]
            overdue = awaited if self.is_past_due else 0
            yield (row[0] if field else None), Counted(rank, n, awaited, overdue, past)

    # Rows for pages and sheets

    def rows(self, actions: Iterable[KnownAction]) -> list[ActionState]:
        """`actions` in their order, each with all that a row shows. Two queries, whatever the number of actions."""
        chosen = list(actions)
        ids = [known.action_id for known in chosen]
        versions = {version.row_id: version for version in self.versions().filter(row_id__in=ids)}
        then = self._meeting_ranks(ids)
        return [self._row(known, versions[known.action_id], then) for known in chosen]

    def in_chunks(self, actions: KnownActionQuerySet) -> Iterator[ActionState]:
        """All of `actions` in their order with their updates, a few hundred at a time: for files of any length."""
        chunk: list[KnownAction] = []
        for known in actions.iterator(chunk_size=CHUNK):
            chunk.append(known)
            if len(chunk) == CHUNK:
                yield from self.with_updates(self.rows(chunk))
                chunk = []
        yield from self.with_updates(self.rows(chunk))

    def row(self, number: int) -> ActionState:
        """One action with its measures. Raises ActionVersion.DoesNotExist where the plan has none of that number."""
        known = self.actions().filter(number=number).first()
        if known is None:
            raise ActionVersion.DoesNotExist(f"The plan has no action {number}.")
        return self.with_measures(self.rows([known]))[0]

    def _row(self, known: KnownAction, version: ActionVersion, then: dict[int, int]) -> ActionState:
        meeting = self.calendar.last_meeting and known.measures
        awaited = known.silent_since is not None and known.silent_since < self.opens
        return ActionState(
            known=known,
            version=version,
            theme=self._themes[known.theme_id],
            cluster=self._clusters[known.cluster_id],
            leads=[self._lead(one) for one in known.leads.split()],
            marks={self._codes[int(one[:-1])]: one[-1] for one in known.marks.split()},
            meeting_status=WORST_FIRST[then.get(known.action_id, Status.NOT_REPORTED.rank)] if meeting else None,
            awaited=awaited,
            overdue=awaited and self.is_past_due,
            past_target=bool(known.target_date and known.target_date < self.today),
        )

    def _lead(self, one: str) -> LeadState:
        acceptance = LeadVersion.Acceptance.SUGGESTED if one[-1] == "s" else LeadVersion.Acceptance.ACCEPTED
        return LeadState(self._partners[int(one[:-1])], acceptance)

    @cached_property
    def _themes(self) -> dict[int, ThemeVersion]:
        return {theme.row_id: theme for theme in self.themes}

    @cached_property
    def _clusters(self) -> dict[int, ClusterVersion]:
        return {cluster.row_id: cluster for cluster in self.clusters}

    @cached_property
    def _partners(self) -> dict[int, PartnerVersion]:
        return {partner.row_id: partner for partner in self.partners}

    @cached_property
    def _codes(self) -> dict[int, str]:
        return {vital_few.row_id: vital_few.code for vital_few in self.vital_fews}

    def _meeting_ranks(self, ids: list[int]) -> dict[int, int]:
        meeting = self.calendar.last_meeting
        if not meeting or not ids:
            return {}
        then = KnownAction.objects.at(end_of(meeting.held_on)).filter(action__in=ids)
        return dict(then.order_by().values_list("action", "rank"))

    def with_updates(self, rows: list[ActionState]) -> list[ActionState]:
        """`rows` with the last update of the measure that each shows. Two queries."""
        wanted = {key for row in rows for key in (row.known.update_id, row.known.words_id) if key}
        updates = ProgressUpdate.objects.with_evidence().in_bulk(list(wanted))
        worst = {row.known.worst_measure_id: row for row in rows if row.known.worst_measure_id}
        measures: Any = self._at(OutcomeMeasureVersion.objects.filter(row_id__in=list(worst)))
        for version in measures:
            row = worst[version.row_id]
            row.worst_order, row.worst_dates = version.order, (version.target_date, version.revised_date)
        for row in rows:
            row.update, row.words = updates.get(row.known.update_id), updates.get(row.known.words_id)  # type: ignore[arg-type]
        return rows

    def with_measures(self, rows: list[ActionState]) -> list[ActionState]:
        """`rows` with all their measures, each with its last update. Four queries."""
        by_action = {row.id: row for row in rows}
        known = list(self.measures().filter(action__in=list(by_action)).order_by("action_id", "order", "measure_id"))
        ids = [one.measure_id for one in known]
        versions: Any = self._at(OutcomeMeasureVersion.objects.filter(row_id__in=ids))
        by_id = {version.row_id: version for version in versions}
        wanted = {key for one in known for key in (one.update_id, one.words_id) if key}
        updates = ProgressUpdate.objects.with_evidence().in_bulk(list(wanted))
        then = self._measures_at_meeting(ids)
        for one in known:
            action = by_action[one.action_id]
            action.measures.append(self._measure(one, by_id[one.measure_id], action, updates, then))
            if one.measure_id == action.known.worst_measure_id:
                action.update, action.words = updates.get(one.update_id), updates.get(one.words_id)  # type: ignore[arg-type]
                version = by_id[one.measure_id]
                action.worst_order = one.order
                action.worst_dates = (version.target_date, version.revised_date)
        return rows

    def _measures_at_meeting(self, ids: list[int]) -> dict[int, int]:
        meeting = self.calendar.last_meeting
        if not meeting:
            return {}
        then = KnownMeasure.objects.at(end_of(meeting.held_on)).filter(measure__in=ids)
        return dict(then.order_by().values_list("measure", "rank"))

    def _measure(
        self,
        known: KnownMeasure,
        version: OutcomeMeasureVersion,
        action: ActionState,
        updates: dict[int, ProgressUpdate],
        then: dict[int, int],
    ) -> MeasureState:
        unfinished = not known.status.is_final
        awaited = unfinished and known.reported_at < self.opens
        meeting = self.calendar.last_meeting
        return MeasureState(
            known=known,
            measure=version,
            action=action,
            update=updates.get(known.update_id),  # type: ignore[arg-type]  # None is no key of it
            words=updates.get(known.words_id),  # type: ignore[arg-type]  # likewise
            meeting_status=WORST_FIRST[then.get(known.measure_id, Status.NOT_REPORTED.rank)] if meeting else None,
            awaited=awaited,
            overdue=awaited and self.is_past_due,
            past_target=bool(unfinished and known.target_date and known.target_date < self.today),
        )

    # What moved since the last meeting

    def moved(self, direction: str) -> KnownActionQuerySet:
        """Actions that are `better`, `worse` or `new` since the last meeting, as `Direction.between` has it."""
        meeting = self.calendar.last_meeting
        if meeting is None:
            return self.actions().none()
        none, closed = Status.NOT_REPORTED.rank, Status.CLOSED.rank
        changed = self.actions().filter(known_from__gte=end_of(meeting.held_on), measures__gt=0)
        compared = changed.annotate(then=self.then_rank("rank"))
        if direction == "new":
            return compared.filter(Q(then=none) | Q(then__isnull=True)).exclude(rank=none)
        between = compared.exclude(Q(then__in=(none, closed)) | Q(rank=closed))
        return between.filter(rank__lt=F("then")) if direction == "worse" else between.filter(rank__gt=F("then"))

    def then_rank(self, field: str) -> Any:
        """SQL: `field` of the action as known at the last meeting."""
        assert self.calendar.last_meeting is not None  # noqa: S101  asked only where there was a meeting
        then = KnownAction.objects.at(end_of(self.calendar.last_meeting.held_on))
        return Subquery(then.filter(action=OuterRef("action")).order_by().values(field)[:1])

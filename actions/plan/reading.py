"""Rows for pages and exports: what a list, an action's page or a file shows."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

from django.db.models import Max, OuterRef, QuerySet, Subquery

from actions.models import (
    ActionVersion,
    KnownAction,
    KnownMeasure,
    LeadAnswer,
    LeadVersion,
    MeasureProposal,
    OutcomeMeasureVersion,
    ProgressUpdate,
    SourceCell,
    Status,
    UpdateQuestion,
)
from actions.models.known import KnownActionQuerySet
from actions.models.status import WORST_FIRST
from actions.plan.wording import WordedPlan
from actions.rows import ActionState, LeadState, MeasureState, RequestState
from history.models import PlanChange
from partners.models import PartnerVersion
from strategy.models import ClusterVersion, ThemeVersion

CHUNK = 500
Updates = dict[int, ProgressUpdate]
KnownT = TypeVar("KnownT", KnownAction, KnownMeasure)


def _chunks(rows: "QuerySet[KnownT]") -> Iterator[list[KnownT]]:
    found = rows.iterator(chunk_size=CHUNK)
    while chunk := list(islice(found, CHUNK)):
        yield chunk


class ReadPlan(WordedPlan):
    """Builds ActionStates and MeasureStates with a fixed number of queries."""

    def rows(self, actions: Iterable[KnownAction]) -> list[ActionState]:
        """Rows for `actions`, in their order. Three queries at most, whatever the number of actions."""
        chosen = list(actions)
        ids = [known.action_id for known in chosen]
        versions = self._wording(ids)
        then = self._meeting_ranks(ids)
        return [self._row(known, versions[known.action_id], then) for known in chosen]

    def measure_rows(self, measures: Iterable[KnownMeasure]) -> list[MeasureState]:
        """`measures` in their order, each with its action, its last update and the date of its value. Eight queries."""
        chosen = list(measures)
        actions = self.actions().filter(action__in={one.action_id for one in chosen})
        by_id = {one.id: one for row in self.with_measures(self.rows(actions)) for one in row.measures}
        rows = [by_id[known.measure_id] for known in chosen]
        valued = (
            self.updates()
            .order_by()
            .filter(measure__in=[row.id for row in rows if row.known.value is not None], value__isnull=False)
        )
        uncorrected = valued.exclude(corrected_by__recorded_at__lt=self.moment)
        dates = dict(uncorrected.values_list("measure").annotate(Max("recorded_at")))
        for row in rows:
            row.valued_at = dates.get(row.id)
        return rows

    def measures_in_chunks(self, measures: "QuerySet[KnownMeasure]") -> Iterator[MeasureState]:
        """All of `measures` in their order, a few hundred at a time: for files of any length."""
        for chunk in _chunks(measures):
            yield from self.measure_rows(chunk)

    def in_chunks(self, actions: KnownActionQuerySet) -> Iterator[ActionState]:
        """All of `actions` in their order with their updates, a few hundred at a time: for files of any length."""
        for chunk in _chunks(actions):
            yield from self.with_updates(self.rows(chunk))

    def row(self, number: int) -> ActionState:
        """One action with its measures and every update on them.

        Raises ActionVersion.DoesNotExist if the plan has no such number.
        """
        return self.with_measures(self.rows([self._action(number)]), all_updates=True)[0]

    def state_of(self, number: int) -> tuple[object, ...]:
        """Names the state of an action and of its measures, with the questions about them. Three queries.

        Raises ActionVersion.DoesNotExist if the plan has no such number.
        """
        action = self._action(number)
        of_action = self.measures().filter(action=action.action_id).order_by("pk")
        measures: list[Any] = list(of_action.values_list("pk", "measure"))
        asked = UpdateQuestion.objects.filter(
            update__measure__in=[key for _, key in measures], asked_at__lt=self.moment
        )
        questions = tuple(asked.order_by("pk").values_list("pk", flat=True))
        return (action.pk, action.known_from, tuple(measures), questions)

    def requests(self, row: ActionState) -> list[RequestState]:
        """What was asked of City Growth about the action, newest first of each kind: answers, then proposals.

        `row` has its measures. Leads and measures are those of the action at the plan's moment.
        """
        known: QuerySet[LeadVersion] = self._at(LeadVersion.objects.filter(action=row.id))
        leads = {lead.row_id: lead.partner_id for lead in known}
        orders = {measure.id: measure.measure.order for measure in row.measures}
        answers = LeadAnswer.objects.filter(lead__in=leads, asked_at__lt=self.moment)
        proposals = MeasureProposal.objects.filter(measure__in=orders, asked_at__lt=self.moment)
        found = [
            RequestState(
                answer,
                self._partners[leads[answer.lead_id]],
                self._partners[answer.proposed_id] if answer.proposed_id else None,
                answer.was_decided(self.moment),
            )
            for answer in answers
        ]
        return found + [
            RequestState(proposal, orders[proposal.measure_id], None, proposal.was_decided(self.moment))
            for proposal in proposals
        ]

    def measure(self, number: int, order: int) -> MeasureState:
        """One measure with its action, neither of them compared with the last meeting. Four queries.

        Raises ActionVersion.DoesNotExist or OutcomeMeasureVersion.DoesNotExist where the plan has none of that number.
        """
        action = self._action(number)
        row = self._row(action, self._wording([action.action_id])[action.action_id], {})
        known = self.measures().filter(action=action.action_id, order=order).first()
        if known is None:
            raise OutcomeMeasureVersion.DoesNotExist(f"Action {number} has no measure {order}.")
        version = self._measure_wording([known.measure_id])[known.measure_id]
        return self._measure(known, version, row, self._updates_of([known], None), {})

    def source_cells(self) -> "QuerySet[SourceCell]":
        """The cells of the source document. None where a later import may have replaced them: they have no history."""
        changed = self.remember_plan("later import", self._is_imported_again)
        return SourceCell.objects.none() if changed else SourceCell.objects.all()

    def _is_imported_again(self) -> bool:
        """Whether the framework was imported again after the plan's moment."""
        if self.is_present:
            return False
        imports = PlanChange.objects.filter(kind=PlanChange.Kind.IMPORT).order_by("pk")
        return any(at >= self.moment for at in imports.values_list("recorded_at", flat=True)[1:])

    def _action(self, number: int) -> KnownAction:
        known = self.actions().filter(number=number).first()
        if known is None:
            raise ActionVersion.DoesNotExist(f"The plan has no action {number}.")
        return known

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
            meeting_status=WORST_FIRST[then.get(known.action_id, Status.NOT_REPORTED.rank)]
            if meeting
            else None,
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
        return {partner.row_id: partner for partner in self.all_partners}

    @cached_property
    def _codes(self) -> dict[int, str]:
        return {vital_few.row_id: vital_few.code for vital_few in self.vital_fews}

    def with_dates(self, rows: list[ActionState]) -> list[ActionState]:
        """`rows` with the place and dates of the measure whose status each shows. One query."""
        worst = {row.known.worst_measure_id: row for row in rows if row.known.worst_measure_id}
        for key, version in self._measure_wording(worst).items():
            row = worst[key]
            row.worst_order, row.worst_dates = version.order, (version.target_date, version.revised_date)
        return rows

    def with_updates(self, rows: list[ActionState]) -> list[ActionState]:
        """`rows` with the last update of the measure whose status each shows, and its dates. Two queries."""
        wanted = {key for row in rows for key in (row.known.update_id, row.known.words_id) if key}
        updates = ProgressUpdate.objects.with_evidence().in_bulk(list(wanted))
        for row in self.with_dates(rows):
            row.update, row.words = _last_and_words(row.known, updates)
        return rows

    def with_measures(self, rows: list[ActionState], *, all_updates: bool = False) -> list[ActionState]:
        """Add all measures to each row, each with its last update or with all of them. Four queries."""
        by_action = {row.id: row for row in rows}
        of_rows = self.measures().filter(action__in=list(by_action))
        known = list(of_rows.order_by("action_id", "order", "measure_id"))
        ids = [one.measure_id for one in known]
        by_id = self._measure_wording(ids)
        updates = self._updates_of(known, ids if all_updates else None)
        then = self._measures_at_meeting(ids)
        for one in known:
            action = by_action[one.action_id]
            measure = self._measure(one, by_id[one.measure_id], action, updates, then)
            action.measures.append(measure)
            if one.measure_id == action.known.worst_measure_id:
                action.update, action.words, action.worst_order = measure.update, measure.words, one.order
                action.worst_dates = (measure.measure.target_date, measure.measure.revised_date)
        if all_updates:
            by_measure = {measure.id: measure for row in rows for measure in row.measures}
            for update in updates.values():
                by_measure[update.measure_id].updates.append(update)
        return rows

    def _updates_of(self, known: Iterable[KnownMeasure], all_of: list[int] | None) -> Updates:
        """The updates that these rows name by key; every update on the measures `all_of`, newest first, if given."""
        if all_of is not None:
            words = KnownMeasure.objects.filter(update=OuterRef("pk")).order_by().values("words")[:1]
            updates: Any = self.updates().with_evidence().filter(measure__in=all_of)
            found = {one.pk: one for one in updates.annotate(words_key=Subquery(words))}
            for one in found.values():
                one.confirms = found.get(one.words_key) if one.no_change else None
            return found
        wanted = {key for one in known for key in (one.update_id, one.words_id) if key}
        return ProgressUpdate.objects.with_evidence().in_bulk(list(wanted))

    def _measure(
        self,
        known: KnownMeasure,
        version: OutcomeMeasureVersion,
        action: ActionState,
        updates: Updates,
        then: dict[int, int],
    ) -> MeasureState:
        unfinished = not known.status.is_final
        awaited = unfinished and known.reported_at < self.opens
        meeting = self.calendar.last_meeting
        update, words = _last_and_words(known, updates)
        return MeasureState(
            known=known,
            measure=version,
            action=action,
            update=update,
            words=words,
            meeting_status=WORST_FIRST[then.get(known.measure_id, Status.NOT_REPORTED.rank)]
            if meeting
            else None,
            awaited=awaited,
            overdue=awaited and self.is_past_due,
            past_target=bool(unfinished and known.target_date and known.target_date < self.today),
        )


def _last_and_words(
    known: KnownAction | KnownMeasure, updates: Updates
) -> tuple[ProgressUpdate | None, ProgressUpdate | None]:
    """The last update, and the last that was more than “no change”: the first quotes the second where they differ."""
    last, words = updates.get(known.update_id or 0), updates.get(known.words_id or 0)
    if last and last.no_change:
        last.confirms = words
    return last, words

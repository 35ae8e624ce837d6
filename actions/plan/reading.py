"""Rows for pages and exports: what a list, an action's page or a file shows."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from actions.models import (
    ActionVersion,
    KnownAction,
    KnownMeasure,
    LeadAnswer,
    LeadVersion,
    MeasureProposal,
    OutcomeMeasureVersion,
    ProgressUpdate,
    Status,
)
from actions.models.known import KnownActionQuerySet
from actions.models.status import WORST_FIRST
from actions.plan.base import PlanBase
from actions.rows import ActionState, LeadState, MeasureState, RequestState
from history.clock import end_of
from partners.models import PartnerVersion
from strategy.models import ClusterVersion, ThemeVersion

CHUNK = 500


class ReadPlan(PlanBase):
    """Builds ActionStates and MeasureStates with a fixed number of queries."""

    def rows(self, actions: Iterable[KnownAction]) -> list[ActionState]:
        """Rows for `actions`, in their order. Three queries at most, whatever the number of actions."""
        chosen = list(actions)
        ids = [known.action_id for known in chosen]
        versions = {version.row_id: version for version in self.versions().filter(row_id__in=ids)}
        then = self._meeting_ranks(ids)
        return [self._row(known, versions[known.action_id], then) for known in chosen]

    def in_chunks(self, actions: KnownActionQuerySet) -> Iterator[ActionState]:
        """Yield rows with updates for all `actions`, reading a few hundred at a time: for files of any length."""
        chunk: list[KnownAction] = []
        for known in actions.iterator(chunk_size=CHUNK):
            chunk.append(known)
            if len(chunk) == CHUNK:
                yield from self.with_updates(self.rows(chunk))
                chunk = []
        yield from self.with_updates(self.rows(chunk))

    def row(self, number: int) -> ActionState:
        """One action with its measures and every update on them.

        Raises ActionVersion.DoesNotExist if the plan has no such number.
        """
        return self.with_measures(self.rows([self._action(number)]), all_updates=True)[0]

    def requests(self, row: ActionState) -> list[RequestState]:
        """Requests to City Growth about the action: answers of leads, then proposals, each newest first."""
        answers = LeadAnswer.objects.filter(lead__action=row.id, asked_at__lt=self.moment)
        proposals = MeasureProposal.objects.filter(measure__action=row.id, asked_at__lt=self.moment)
        found = [
            RequestState(
                answer,
                self._partners[answer.lead.partner_id],
                self._partners[answer.proposed_id] if answer.proposed_id else None,
                answer.was_decided(self.moment),
            )
            for answer in answers.select_related("lead")
        ]
        return found + [
            RequestState(proposal, proposal.measure.order, None, proposal.was_decided(self.moment))
            for proposal in proposals.select_related("measure")
        ]

    def measure(self, number: int, order: int) -> MeasureState:
        """One measure with its action, neither of them compared with the last meeting. Four queries.

        Raises ActionVersion.DoesNotExist or OutcomeMeasureVersion.DoesNotExist where the plan has none of that number.
        """
        action = self._action(number)
        row = self._row(action, self.versions().get(row_id=action.action_id), {})
        known = self.measures().filter(action=action.action_id, order=order).first()
        if known is None:
            raise OutcomeMeasureVersion.DoesNotExist(f"Action {number} has no measure {order}.")
        version: Any = self._at(OutcomeMeasureVersion.objects.filter(row_id=known.measure_id)).get()
        return self._measure(known, version, row, self._updates_of([known], None), {})

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
        """Add to each row the last update of the measure it shows. Two queries."""
        wanted = {key for row in rows for key in (row.known.update_id, row.known.words_id) if key}
        updates = ProgressUpdate.objects.with_evidence().in_bulk(list(wanted))
        worst = {row.known.worst_measure_id: row for row in rows if row.known.worst_measure_id}
        measures: Any = self._at(OutcomeMeasureVersion.objects.filter(row_id__in=list(worst)))
        for version in measures:
            row = worst[version.row_id]
            row.worst_order, row.worst_dates = version.order, (version.target_date, version.revised_date)
        for row in rows:
            row.update, row.words = updates.get(row.known.update_id), updates.get(row.known.words_id)
        return rows

    def with_measures(self, rows: list[ActionState], *, all_updates: bool = False) -> list[ActionState]:
        """Add all measures to each row, each with its last update or with all of them. Four queries."""
        by_action = {row.id: row for row in rows}
        of_rows = self.measures().filter(action__in=list(by_action))
        known = list(of_rows.order_by("action_id", "order", "measure_id"))
        ids = [one.measure_id for one in known]
        versions: Any = self._at(OutcomeMeasureVersion.objects.filter(row_id__in=ids))
        by_id = {version.row_id: version for version in versions}
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

    def _updates_of(
        self, known: Iterable[KnownMeasure], all_of: list[int] | None
    ) -> dict[int, ProgressUpdate]:
        """The updates these rows refer to; or every update on the measures `all_of`, newest first."""
        if all_of is not None:
            return {one.pk: one for one in self.updates().with_evidence().filter(measure__in=all_of)}
        wanted = {key for one in known for key in (one.update_id, one.words_id) if key}
        return ProgressUpdate.objects.with_evidence().in_bulk(list(wanted))

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
            meeting_status=WORST_FIRST[then.get(known.measure_id, Status.NOT_REPORTED.rank)]
            if meeting
            else None,
            awaited=awaited,
            overdue=awaited and self.is_past_due,
            past_target=bool(unfinished and known.target_date and known.target_date < self.today),
        )

"""What a row takes from rows with versions and from the last meeting: no update changes it."""

from collections.abc import Iterable

from actions.models import ActionVersion, KnownAction, KnownMeasure, OutcomeMeasureVersion
from actions.plan.base import PlanBase
from history.clock import is_settled


class WordedPlan(PlanBase):
    """Wording and the ranks at the last meeting, read once for the rows of a page."""

    def _wording(self, ids: Iterable[int]) -> dict[int, ActionVersion]:
        """The versions of these actions by the keys of their live rows."""
        return self.remember_few(
            "wording", ids, lambda some: {one.row_id: one for one in self.versions().filter(row_id__in=some)}
        )

    def _measure_wording(self, ids: Iterable[int]) -> dict[int, OutcomeMeasureVersion]:
        """The versions of these measures by the keys of their live rows."""

        def read(some: list[int]) -> dict[int, OutcomeMeasureVersion]:
            found = self._at(OutcomeMeasureVersion.objects.filter(row_id__in=some))
            return {one.row_id: one for one in found}

        return self.remember_few("measure's wording", ids, read)

    def _meeting_ranks(self, ids: list[int]) -> dict[int, int]:
        meeting = self.calendar.last_meeting
        if not meeting or not ids:
            return {}

        def read(some: list[int]) -> dict[int, int]:
            then = KnownAction.objects.at(meeting.known_at).filter(action__in=some)
            return dict(then.order_by().values_list("action", "rank"))

        if not is_settled(meeting.known_at, self.stamp):
            return read(ids)
        return self.remember_few(("ranks at", meeting.known_at), ids, read)

    def _measures_at_meeting(self, ids: list[int]) -> dict[int, int]:
        meeting = self.calendar.last_meeting
        if not meeting:
            return {}
        then = KnownMeasure.objects.at(meeting.known_at).filter(measure__in=ids)
        return dict(then.order_by().values_list("measure", "rank"))

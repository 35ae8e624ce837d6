"""What a row takes from rows with versions and from the last meeting: no update changes it."""

from collections.abc import Iterable
from functools import cached_property

from actions.models import ActionVersion, KnownAction, KnownMeasure, OutcomeMeasureVersion
from actions.models.known import folded
from actions.plan.base import PlanBase
from history import memo
from history.clock import is_settled


class WordedPlan(PlanBase):
    """Wording and the ranks at the last meeting, read once for the rows of a page."""

    def keys_worded(self, words: list[str]) -> list[int] | None:
        """The keys of the present actions whose wording has all of `words`; None for a past moment.

        The present plan's texts stay in memory, so that a search takes a tenth of a pass over the table. Texts of the
        past, which are many and rarely searched, do not.
        """
        if self.present is None:
            return None
        texts = self._texts(self.present.plan_stamp)
        if (asked := tuple(words)) not in self._found:
            left = texts
            for word in folded(
                words
            ):  # a comprehension a word: all() of a generator takes five times as long
                left = [pair for pair in left if word in pair[1]]
            self._found[asked] = [action for action, _ in left]
        return self._found[asked]

    @cached_property
    def _found(self) -> dict[tuple[str, ...], list[int]]:
        """What this page has searched for: each choice beside the list counts with it."""
        return {}

    def _texts(self, plan_stamp: int) -> list[tuple[int, str]]:
        rows = self.versions().order_by().values_list("row_id", "folded")
        return memo.remember_latest("texts", self._key(plan_stamp), lambda: list(rows))

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

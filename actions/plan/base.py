"""The plan as at a moment: its parts, and what is late. Nothing here knows about HTTP."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from actions.calendar import Calendar
from actions.models import (
    ActionVersion,
    KnownAction,
    KnownMeasure,
    LeadVersion,
    OutcomeMeasureVersion,
    ProgressUpdate,
    RelationshipVersion,
)
from actions.models.known import NEVER, KnownActionQuerySet
from actions.models.updates import ProgressUpdateQuerySet
from history import clock, memo
from history.clock import Present, day_of, end_of, start_of
from history.models import KnownQuerySet
from partners.models import PartnerVersion
from strategy.models import ClusterVersion, ThemeVersion, VitalFewVersion

T = TypeVar("T")
KnownT = TypeVar("KnownT", KnownAction, KnownMeasure)
NOBODY = Q(pk__in=[])
FEW = 100  # rows: no page shows more


def first_demonstration(present: Present) -> datetime | None:
    """When the first invented update was recorded, or None."""
    name = connection.settings_dict["NAME"]

    def read() -> datetime | None:
        key = (name, "demonstration", present.stamp)
        return memo.remember(key, ProgressUpdate.objects.first_demonstration)

    # once there is one, only an import could bring an earlier one, with a stamp of the plan
    return memo.remember((name, "demonstration of plan", present.plan_stamp), read) or read()


class PlanBase:
    """The plan as known just before `moment`, or at present."""

    def __init__(
        self,
        calendar: Calendar | None = None,
        moment: datetime | None = None,
        present: Present | None = None,
        settled: Present | None = None,
    ) -> None:
        """`settled` is the present in which a past `moment` is settled: what follows from it may then be kept."""
        if moment is None:
            present = clock.read()
            moment = present.moment
        self.moment: datetime = moment
        self.present = present
        self.settled = settled
        self.calendar = calendar or Calendar()

    @property
    def is_present(self) -> bool:
        return self.present is not None

    @property
    def stamp(self) -> int | None:
        """The last stamp; None for a past moment."""
        return self.present.stamp if self.present else None

    @cached_property
    def today(self) -> date:
        """The date the plan is read on: the day `moment` falls in."""
        return day_of(self.moment)

    @property
    def is_end_of_day(self) -> bool:
        """Whether the plan shows everything known on `today`, and that day is over."""
        return self.moment == end_of(self.today)

    @property
    def as_at(self) -> str:
        """The moment in words: “3 October 2026 at 14:05”, “31 March 2008, end of the day”."""
        if self.is_end_of_day:
            return f"{date_format(self.today, 'j F Y')}, end of the day"
        return date_format(timezone.localtime(self.moment), "j F Y \\a\\t H:i")

    @property
    def version(self) -> tuple[object, ...] | None:
        """Names this state of the plan: pages of the same version are alike. None for a moment that is not settled."""
        if self.present:
            return (self.present.stamp, self.today, self.calendar)
        if self.settled:  # an import may still write the past, with a stamp of the plan
            return ("as at", self.moment, self.settled.plan_stamp, day_of(self.settled.moment), self.calendar)
        return None

    def remember(self, what: object, make: Callable[[], T]) -> T:
        """What `make` works out from this plan alone, worked out once for each version."""
        return make() if self.version is None else memo.remember(self._key(*self.version, what), make)

    def remember_plan(self, what: object, make: Callable[[], T]) -> T:
        """The same for what depends only on rows with versions, so that progress updates do not discard it."""
        if self.present is None:
            return self.remember(("plan", what), make)
        return memo.remember(self._key("plan", self.present.plan_stamp, what), make)

    def remember_state(self, what: object, make: Callable[[], T]) -> T:
        """The same for what also depends on today, on the calendar and on known rows that `what` names by key.

        So an update discards only what shows its own action or measure.
        """
        return make() if self.version is None else memo.remember(self._key(what, *self._around), make)

    def remember_pieces(
        self,
        what: str,
        rows: Iterable[KnownT],
        make: Callable[[list[KnownT]], Mapping[KnownT, T]],
        *about: object,
    ) -> list[T]:
        """A piece for each of these known rows, in their order, remembered as by `remember_state`."""
        chosen = list(rows)
        if self.version is None:
            made = make(chosen)
            return [made[one] for one in chosen]
        state = self._key(what, about, *self._around)
        found = memo.remember_pieces({one: (state, one.pk, one.known_from) for one in chosen}, make)
        return [found[one] for one in chosen]

    def remember_few(
        self, what: object, keys: Iterable[int], read: Callable[[list[int]], dict[int, T]]
    ) -> dict[int, T]:
        """What `read` finds for these keys in rows with versions; for a page of them, remembered for each key.

        It may find nothing for some. For files, which have thousands, everything is read each time.
        """
        wanted = list(dict.fromkeys(keys))
        if self.present is None or len(wanted) > FEW:
            return read(wanted)
        state = self._key("plan", self.present.plan_stamp, what)

        def made(missing: list[int]) -> dict[int, T | None]:
            return dict.fromkeys(missing) | read(missing)

        found = memo.remember_pieces({key: (state, key) for key in wanted}, made)
        return {key: one for key, one in found.items() if one is not None}

    @property
    def _around(self) -> tuple[object, ...]:
        """Names the state of everything but progress: of rows with versions, today's date and the calendar."""
        if self.present is None:
            return self.version or ()
        return (self.present.plan_stamp, self.today, self.calendar.period, self.calendar.last_meeting)

    @staticmethod
    def _key(*parts: object) -> tuple[object, ...]:
        return (connection.settings_dict["NAME"], *parts)

    def _at(self, rows: KnownQuerySet[Any]) -> Any:
        return rows.open() if self.is_present else rows.at(self.moment)

    # What the plan is made of

    @cached_property
    def vital_fews(self) -> list[VitalFewVersion]:
        return self.remember_plan("vital fews", lambda: list(self._at(VitalFewVersion.objects.all())))

    @cached_property
    def themes(self) -> list[ThemeVersion]:
        return self.remember_plan("themes", lambda: list(self._at(ThemeVersion.objects.all())))

    @cached_property
    def clusters(self) -> list[ClusterVersion]:
        """In the order of the source, including Cross-cluster, which is a scope and marked as one."""
        return self.remember_plan("clusters", lambda: list(self._at(ClusterVersion.objects.all())))

    @cached_property
    def partners(self) -> list[PartnerVersion]:
        """Without those that were merged into another one by then."""
        return [partner for partner in self.all_partners if partner.merged_into_id is None]

    @cached_property
    def all_partners(self) -> list[PartnerVersion]:
        """By name, capital and small letters alike."""

        def read() -> list[PartnerVersion]:
            found = self._at(PartnerVersion.objects.order_by())
            return sorted(found, key=lambda partner: (partner.name.casefold(), partner.row_id))

        return self.remember_plan("partners", read)

    @cached_property
    def outcome_heading(self) -> str:
        """“Outcome Measure 2008”, or without the year if measures have different ones."""
        return self.remember_plan("outcome heading", self._outcome_heading)

    def _outcome_heading(self) -> str:
        measures = self._at(OutcomeMeasureVersion.objects.order_by())
        years = set(measures.values_list("year", flat=True).distinct())
        return f"Outcome Measure {years.pop()}" if len(years) == 1 else "Outcome Measure"

    @cached_property
    def has_demonstration_progress(self) -> bool:
        """Whether the plan includes invented progress."""
        first = first_demonstration(self.present or self.settled or clock.read())
        return first is not None and first < self.moment

    def versions(self) -> "QuerySet[ActionVersion]":
        """The actions' wording, theme and cluster."""
        return self._at(ActionVersion.objects.all())  # type: ignore[no-any-return]  # one of several models

    def leads(self) -> "QuerySet[LeadVersion]":
        """Suggested and accepted leads; a partner who declined does not lead."""
        leads: QuerySet[LeadVersion] = self._at(LeadVersion.objects.all())
        return leads.exclude(acceptance=LeadVersion.Acceptance.DECLINED)

    def relationships(self) -> "QuerySet[RelationshipVersion]":
        return self._at(RelationshipVersion.objects.all())  # type: ignore[no-any-return]  # one of several models

    def updates(self) -> ProgressUpdateQuerySet:
        known = ProgressUpdate.objects.newest_first()
        return known if self.is_present else known.filter(recorded_at__lt=self.moment)

    def actions(self) -> KnownActionQuerySet:
        """What is known of each action, by number: filter, sort, count and page these."""
        return self._at(KnownAction.objects.order_by("number", "action_id"))  # type: ignore[no-any-return]  # likewise

    def actions_of(self, keys: list[int]) -> dict[int, KnownAction]:
        """What is known of these actions, by the keys of their live rows."""
        return {one.action_id: one for one in self.actions().order_by().filter(action__in=keys)}

    def measures(self) -> "QuerySet[KnownMeasure]":
        """What is known of each outcome measure."""
        return self._at(KnownMeasure.objects.all())  # type: ignore[no-any-return]  # one of several models

    # What is late

    @cached_property
    def opens(self) -> datetime:
        """When the open period began; without one, the beginning of time, so nothing is awaited."""
        return start_of(self.calendar.period.opens) if self.calendar.period else NEVER

    @property
    def awaited(self) -> Q:
        """Actions with a measure still waiting for an update in the open period."""
        return Q(silent_since__lt=self.opens) if self.calendar.period else NOBODY

    @property
    def overdue(self) -> Q:
        """Awaited after the due date."""
        return self.awaited if self.is_past_due else NOBODY

    @property
    def past_target(self) -> Q:
        """Actions with an unfinished measure whose original target date has passed."""
        return Q(target_date__lt=self.today)

    @cached_property
    def is_past_due(self) -> bool:
        """Whether the open period's due date has passed."""
        return self.calendar.period is not None and self.today > self.calendar.period.due

"""The lines of the log: for a page of events, what changed in words. A fixed number of queries for any page."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby, islice
from typing import Any, NamedTuple

from django.db.models import Q

from actions.action_history import names_of
from actions.models import ActionVersion
from actions.plan import Plan
from history.models import PlanChange
from history.words import Changed, Names, changes_of, removal_of, who_changed
from reporting.changes.events import ENDED, OF_CHANGE, events_of
from reporting.changes.kinds import DATE, DATE_FIELDS, KINDS, Kind

CHUNK = 500


class Event(NamedTuple):
    """A version that ended or began, or an import. `place` is that in KINDS."""

    at: datetime
    place: int
    event: int
    pk: int


@dataclass(frozen=True)
class LogLine:
    """One thing that changed: when, by whom and why; what it is, and what it said before and after."""

    when: datetime
    change: PlanChange | None
    kind: str
    changed: Changed
    number: int | None = None  # of the action that it belongs to
    url: str = ""
    is_for_staff: bool = False  # whether only staff may follow `url`

    @property
    def who(self) -> str:
        return who_changed(self.change)

    @property
    def why(self) -> str:
        return self.change.reason if self.change else ""

    @property
    def what(self) -> str:
        """“Action 7: Measure 1, target date”, “Theme Retail: name”, “Board meeting added: June meeting”."""
        words, deed = self.changed.what, self.changed.deed
        if self.number is not None:
            return f"Action {self.number}: {words}{f' {deed}' if deed else ''}"
        if deed:
            return f"{self.kind} {deed}: {words.removeprefix(f'{self.kind} ')}"
        return ": ".join(words.rsplit(", ", 1)) if self.changed.field else words


@dataclass(frozen=True)
class LogGroup:
    """The lines of one change of the plan."""

    when: datetime
    who: str
    why: str
    lines: list[LogLine]


class ChangeLog:
    """The changes of the plan that a valid filter lets through, as known at the plan's moment."""

    def __init__(self, plan: Plan, chosen: dict[str, Any]) -> None:
        self.plan, self.chosen = plan, chosen
        self.names: Names = names_of(plan)

    @cached_property
    def count(self) -> int:
        """How many rows changed; a row that changed in several fields has several lines."""
        key = ("changes", tuple(sorted((name, str(value)) for name, value in self.chosen.items())))
        found: int = self.plan.remember_plan(key, events_of(self.plan, self.chosen).count)
        return found

    def page(self, first: int, size: int) -> list[LogGroup]:
        """The lines of `size` events from the place `first` on, in groups of one change."""
        events = [Event(*row) for row in events_of(self.plan, self.chosen)[first : first + size]]
        groups = groupby(self._lines(events), key=lambda line: (line.when, line.who, line.why))
        return [LogGroup(when, who, why, list(lines)) for (when, who, why), lines in groups]

    def every_line(self) -> Iterator[LogLine]:
        """All lines, a few hundred events at a time: for a file of any length."""
        rows = iter(events_of(self.plan, self.chosen).iterator(chunk_size=CHUNK))
        while chunk := [Event(*row) for row in islice(rows, CHUNK)]:
            yield from self._lines(chunk)

    def _lines(self, events: list[Event]) -> Iterator[LogLine]:
        found = {(OF_CHANGE, pk): change for pk, change in self._imports(events).items()}
        versions, after = self._versions(events)
        numbers = self._numbers(versions.items())
        for event in events:
            if event.place == OF_CHANGE:
                change = found[OF_CHANGE, event.pk]
                yield LogLine(event.at, change, "Import", Changed(_import_in_words(change)))
                continue
            kind, version = KINDS[event.place], versions[event.place, event.pk]
            yield from self._of_version(kind, version, event, after, numbers)

    def _imports(self, events: Iterable[Event]) -> dict[int, PlanChange]:
        return PlanChange.objects.in_bulk([event.pk for event in events if event.place == OF_CHANGE])

    def _versions(self, events: list[Event]) -> tuple[dict[tuple[int, int], Any], dict[Any, Any]]:
        """The versions of the events, and those that came after them by place, row and time. A query a kind."""
        by_place: dict[int, list[Event]] = defaultdict(list)
        for event in events:
            by_place[event.place].append(event)
        by_place.pop(OF_CHANGE, None)
        versions: dict[tuple[int, int], Any] = {}
        after: dict[Any, Any] = {}
        for place, some in by_place.items():
            model = KINDS[place].version
            wanted = model.objects.filter(pk__in=[event.pk for event in some])
            times = {event.at for event in some if event.event == ENDED}
            later = Q(row_id__in=wanted.order_by().values("row_id"), known_from__in=times)
            rows = model.objects.filter(Q(pk__in=[event.pk for event in some]) | later)
            for version in rows.select_related("change", "end_change"):
                versions[place, version.pk] = version
                after[place, version.row_id, version.known_from] = version
        return versions, after

    def _numbers(self, versions: Iterable[tuple[tuple[int, int], Any]]) -> dict[int, int]:
        """The numbers of the actions that these versions belong to. One query."""
        keys = {getattr(one, KINDS[place].action) for (place, _), one in versions if KINDS[place].action}
        known = ActionVersion.objects.filter(row_id__in=keys, known_from__lt=self.plan.moment)
        return dict(known.order_by("known_from").values_list("row_id", "number"))

    def _of_version(
        self, kind: Kind, version: Any, event: Event, after: dict[Any, Any], numbers: dict[int, int]
    ) -> Iterator[LogLine]:
        number = numbers[getattr(version, kind.action)] if kind.action else None
        now = after.get((event.place, version.row_id, event.at)) if event.event == ENDED else None
        if event.event != ENDED:
            change, lines = version.change, list(changes_of(None, version, self.names))
        elif now is None:
            change, lines = version.end_change, [removal_of(version, self.names)]
        else:
            change, lines = now.change, list(changes_of(version, now, self.names))
        is_gone = event.event == ENDED and now is None
        url = "" if is_gone and number is None else kind.url_of(now or version, number)
        for line in lines:
            is_date = line.field in DATE_FIELDS
            if self.chosen.get("kind") == DATE and not is_date:
                continue
            label = "Target date" if is_date else kind.label
            yield LogLine(event.at, change, label, line, number, url, kind.is_for_staff)


def _import_in_words(change: PlanChange) -> str:
    demonstration = change.kind == PlanChange.Kind.DEMONSTRATION
    return "Demonstration data added" if demonstration else "Framework imported"

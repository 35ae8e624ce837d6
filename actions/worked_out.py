"""What should be known of a measure and an action, worked out from updates and versions.

Plain Python over tuples, with no queries, written independently of the SQL in `actions.known`; `actions.check`
compares the two. Field names are those of `KnownMeasure` and `KnownAction`.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Generic, NamedTuple, TypeVar

from actions.models.status import FINAL, TROUBLED, Status

V = TypeVar("V")
NEVER_REPORTED = datetime(1900, 1, 1, tzinfo=UTC)
WORST = {status: place for place, status in enumerate(Status)}


class Span(NamedTuple, Generic[V]):
    """What was known from `since` up to, but not including, `until`."""

    since: datetime
    until: datetime | None
    values: V


class Update(NamedTuple):
    id: int
    recorded_at: datetime
    status: str
    value: Decimal | None
    no_change: bool
    corrects_id: int | None


class Place(NamedTuple):
    """The parts of a measure's version that figures depend on."""

    measure_id: int
    action_id: int
    order: int
    target_date: date | None


class Title(NamedTuple):
    """The parts of an action's version that figures depend on."""

    number: int
    theme_id: int
    cluster_id: int


class LedBy(NamedTuple):
    order: int
    row_id: int
    partner_id: int
    acceptance: str


class Mark(NamedTuple):
    vital_few_id: int
    strength: str


class OfMeasure(NamedTuple):
    action_id: int
    order: int
    target_date: date | None
    rank: int
    update_id: int | None
    words_id: int | None
    reported_at: datetime
    troubled_since: datetime | None
    value: Decimal | None
    before_words_id: int | None
    before_troubled_since: datetime | None
    before_value: Decimal | None


class OfAction(NamedTuple):
    number: int
    theme_id: int
    cluster_id: int
    leads: str
    marks: str
    measures: int
    shown_by: int
    rank: int
    worst_measure_id: int | None
    update_id: int | None
    words_id: int | None
    reported_at: datetime
    silent_since: datetime | None
    target_date: date | None
    troubled_since: datetime | None


class AfterUpdate(NamedTuple):
    """What is known after an update: the last words, the trouble, the value."""

    update_id: int | None = None
    status: str = Status.NOT_REPORTED
    at: datetime = NEVER_REPORTED
    words_id: int | None = None
    troubled_since: datetime | None = None
    value: Decimal | None = None


NOTHING = AfterUpdate()


def after_each(updates: Iterable[Update]) -> Iterator[tuple[AfterUpdate, AfterUpdate]]:
    """For each update, yield what is known after it, and what was known before it (or before the one it corrects)."""
    known = [NOTHING]
    for update in updates:
        corrected = known.pop() if update.corrects_id is not None and len(known) > 1 else NOTHING
        before = known[-1]
        troubled = None
        if update.status in TROUBLED:  # if the corrected update was in trouble too, the trouble began with it
            troubled = before.troubled_since or corrected.troubled_since or update.recorded_at
        words = before.words_id if update.no_change else update.id
        value = before.value if update.value is None else update.value
        known.append(AfterUpdate(update.id, update.status, update.recorded_at, words, troubled, value))
        yield known[-1], before


def measure_spans(places: Sequence[Span[Place]], updates: Sequence[Update]) -> list[Span[OfMeasure]]:
    """What should be known of a measure at each time. `updates` are in the order they were recorded."""
    known = [(NOTHING, NOTHING), *after_each(updates)]
    recorded = [update.recorded_at for update in updates]
    found = []
    for since, until in _pieces(places, recorded):
        for place in _known_at(places, since):
            now, before = known[bisect_right(recorded, since)]
            values = OfMeasure(
                action_id=place.action_id,
                order=place.order,
                target_date=place.target_date,
                rank=WORST[Status(now.status)],
                update_id=now.update_id,
                words_id=now.words_id,
                reported_at=now.at,
                troubled_since=now.troubled_since,
                value=now.value,
                before_words_id=before.words_id,
                before_troubled_since=before.troubled_since,
                before_value=before.value,
            )
            found.append(Span(since, until, values))
    return found


def action_spans(
    titles: Sequence[Span[Title]],
    leads: Sequence[Span[LedBy]],
    marks: Sequence[Span[Mark]],
    measures: Sequence[Span[tuple[int, OfMeasure]]],
) -> list[Span[OfAction]]:
    """What should be known of an action at each time. Each of `measures` comes with its key."""
    return [
        Span(
            since,
            until,
            _of_action(title, _known_at(leads, since), _known_at(marks, since), _known_at(measures, since)),
        )
        for since, until in _pieces([*titles, *leads, *marks, *measures], ())
        for title in _known_at(titles, since)
    ]


def _of_action(
    title: Title, leads: list[LedBy], marks: list[Mark], measures: list[tuple[int, OfMeasure]]
) -> OfAction:
    in_order = sorted(measures, key=lambda one: (one[1].rank, one[1].order, one[0]))
    worst_id, worst = in_order[0] if in_order else (None, None)
    unfinished = [one for _, one in measures if one.rank < min(WORST[status] for status in FINAL)]
    led = [
        f" {lead.partner_id}{lead.acceptance[0]} " for lead in sorted(leads) if lead.acceptance != "declined"
    ]
    return OfAction(
        number=title.number,
        theme_id=title.theme_id,
        cluster_id=title.cluster_id,
        leads="".join(led),
        marks="".join(f" {mark.vital_few_id}{mark.strength} " for mark in sorted(marks)),
        measures=len(measures),
        shown_by=sum(one.rank == in_order[0][1].rank for _, one in measures),
        rank=worst.rank if worst else WORST[Status.NOT_REPORTED],
        worst_measure_id=worst_id,
        update_id=worst.update_id if worst else None,
        words_id=worst.words_id if worst else None,
        reported_at=worst.reported_at if worst else NEVER_REPORTED,
        silent_since=min((one.reported_at for one in unfinished), default=None),
        target_date=min((one.target_date for one in unfinished if one.target_date), default=None),
        troubled_since=min((one.troubled_since for _, one in measures if one.troubled_since), default=None),
    )


class Difference(NamedTuple):
    """From `since`, the database has `kept` instead of `worked_out`. `figure` is empty if rows are missing or extra."""

    since: datetime
    figure: str
    kept: Any
    worked_out: Any


def differences(kept: Sequence[Span[V]], worked_out: Sequence[Span[V]]) -> Iterator[Difference]:
    """Yield where two accounts of the same time differ, once for each figure."""
    said: set[tuple[str, Any, Any]] = set()
    for since, _ in _pieces([*kept, *worked_out], ()):
        now = set(_differing(_known_at(kept, since), _known_at(worked_out, since)))
        for figure, here, there in sorted(now - said, key=str):
            yield Difference(since, figure, here, there)
        said = now


def _differing(kept: list[Any], worked_out: list[Any]) -> Iterator[tuple[str, Any, Any]]:
    if len(kept) != len(worked_out):
        yield "", len(kept), len(worked_out)
    elif kept and kept != worked_out:
        for here, there in zip(kept, worked_out, strict=True):
            for name, one, other in zip(here._fields, here, there, strict=True):
                if one != other:
                    yield name, one, other


def _pieces(
    spans: Iterable[Span[Any]], moments: Iterable[datetime]
) -> Iterator[tuple[datetime, datetime | None]]:
    """The time covered by all `spans`, cut wherever one begins or ends and at each of `moments`."""
    cuts = set(moments)
    for span in spans:
        cuts.add(span.since)
        if span.until:
            cuts.add(span.until)
    in_order = sorted(cuts)
    yield from zip(in_order, [*in_order[1:], None], strict=True)


def _known_at(spans: Iterable[Span[V]], moment: datetime) -> list[V]:
    return [
        span.values for span in spans if span.since <= moment and (span.until is None or moment < span.until)
    ]

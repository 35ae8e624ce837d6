"""The database's time, snapshots to read from, turns to write in, and the one door to the past."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from threading import RLock
from typing import Any, NamedTuple

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from history.dialect import dialect_of
from history.models import Clock, Known, PlanChange, Version
from web.events import event

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# Waiting writers poll SQLite's lock, which is unfair and slow. The threads of one process queue here instead.
_one_thread = RLock()


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970, UTC; exact."""
    return (moment - EPOCH) // MICROSECOND


def moment_of(count: int) -> datetime:
    """The inverse of `microseconds`."""
    return EPOCH + timedelta(microseconds=count)


def start_of(day: date) -> datetime:
    """Midnight at the start of `day` (Europe/London)."""
    return timezone.make_aware(datetime.combine(day, time.min))


def end_of(day: date) -> datetime:
    """Midnight at the end of `day` (Europe/London). Anything recorded before it counts as known that day."""
    return start_of(day + timedelta(days=1))


def day_of(moment: datetime) -> date:
    """The day (Europe/London) that `moment` falls in; midnight belongs to the day it ends."""
    return timezone.localdate(moment - MICROSECOND)


class Present(NamedTuple):
    """The present moment, later than every stamp so far, and the last two stamps (see `Clock`)."""

    moment: datetime
    stamp: int
    plan_stamp: int


def day_in_london(moment: datetime) -> date:
    """The calendar day of a moment (Europe/London), cached by the hour because lists ask for thousands."""
    return _day_of_hour(moment.year, moment.month, moment.day, moment.hour)


@lru_cache(maxsize=10_000)
def _day_of_hour(year: int, month: int, day: int, hour: int) -> date:
    return timezone.localdate(datetime(year, month, day, hour, tzinfo=UTC))


def read() -> Present:
    """Read the present. Raises ImproperlyConfigured if the clock has no row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT portal_now(), stamp, plan_stamp FROM history_clock WHERE id = 1")
        row = cursor.fetchone()
    if row is None:
        raise ImproperlyConfigured("The history has no clock. Run `manage.py migrate`.")
    now, stamp, plan_stamp = row
    return Present(moment_of(max(now, stamp + 1)), stamp, plan_stamp)


def now() -> datetime:
    """The present moment by the database, later than every stamp so far."""
    return read().moment


def take_turn() -> None:
    """Lock the clock's row until the transaction ends, so that writers go one at a time.

    Every writer takes this lock before any other, so writers never deadlock.
    """
    if connection.vendor == "postgresql":
        Clock.objects.select_for_update().get(pk=1)


@contextmanager
def writing() -> Iterator[None]:
    """Open a transaction that writes history, one writer at a time."""
    # Inside a transaction this thread already has its turn; waiting here could deadlock with whoever waits for it.
    queues = connection.vendor == "sqlite" and not connection.in_atomic_block
    with _one_thread if queues else nullcontext(), transaction.atomic():
        take_turn()
        yield


def stamp() -> datetime:
    """Advance the clock and return the stamp, for rows no trigger stamps. Call it inside `writing()`."""
    with connection.cursor() as cursor:
        cursor.execute(dialect_of(connection.vendor).advance())
    return moment_of(Clock.objects.get(pk=1).stamp)


def is_settled(moment: datetime, stamp: int | None) -> bool:
    """Whether nothing can be recorded before `moment` any more, given the last stamp."""
    return stamp is not None and stamp >= microseconds(moment) - 1


def settle(moment: datetime) -> None:
    """Make sure that nothing is ever stamped before `moment` from now on.

    Waits for a writer still at work. A moment settles once; after that, this takes no lock.
    """
    last = microseconds(moment) - 1
    if Clock.objects.filter(pk=1, stamp__gte=last).exists():
        return
    with writing():
        Clock.objects.filter(pk=1, stamp__lt=last).update(stamp=last)


@contextmanager
def snapshot() -> Iterator[None]:
    """Read one state of the database, whatever others commit meanwhile.

    Has no effect inside another transaction, whose isolation level applies.
    """
    if connection.in_atomic_block:
        yield
        return
    connection.ensure_connection()
    switch: Any = _repeatable_read if connection.vendor == "postgresql" else _deferred
    with switch():
        yield


@contextmanager
def _repeatable_read() -> Iterator[None]:
    """For PostgreSQL. Set on the connection, so that BEGIN names the level: a round trip less on every page."""
    raw: Any = connection.connection
    level, raw.isolation_level = raw.isolation_level, "REPEATABLE READ"
    try:
        with transaction.atomic():
            yield
    finally:
        if not raw.closed:
            raw.isolation_level = level


@contextmanager
def _deferred() -> Iterator[None]:
    """For SQLite, whose other transactions take the lock for writing at once."""
    mode, connection.transaction_mode = connection.transaction_mode, "DEFERRED"  # type: ignore[attr-defined]  # SQLite's
    try:
        with transaction.atomic():
            connection.transaction_mode = mode  # type: ignore[attr-defined]  # likewise
            yield
    finally:
        connection.transaction_mode = mode  # type: ignore[attr-defined]  # likewise


@contextmanager
def plan_change(
    *,
    by: AbstractBaseUser | None,
    reason: str,
    kind: PlanChange.Kind = PlanChange.Kind.EDIT,
) -> Iterator[PlanChange]:
    """Record everything changed in the plan inside this block as one change, with one stamp.

    It is one transaction: an error inside undoes the whole change.
    """
    with writing():
        change = PlanChange.objects.create(by_id=by.pk if by else None, reason=reason, kind=kind)
        change.refresh_from_db(fields=["recorded_at", "by_name"])
        yield change
        Clock.objects.filter(pk=1).update(change=None, must_end=None)
        about: dict[str, Any] = {"change": change.pk, "kind": change.kind, "user": change.by_id}
        transaction.on_commit(lambda: event("plan_change", **about))


def know_from(moment: datetime, models: Iterable[type[Known]]) -> None:
    """Backdate the first row of each chain in `models` to `moment`. Works only inside `the_past`."""
    for model in models:
        ordering: Any = model._meta.ordering
        key = "row_id" if issubclass(model, Version) else ordering[-1]
        rows: Any = model.objects
        earlier = rows.filter(known_from__lt=OuterRef("known_from"), **{key: OuterRef(key)})
        rows.filter(~Exists(earlier), known_from__gt=moment).update(known_from=moment)


@contextmanager
def the_past(why: str) -> Iterator[Callable[[datetime], None]]:
    """Write the past, for a demonstration, a restore or an import. There is no other way to do it.

    Yields a function that sets the time of the rows written next. Raises IntegrityError once anyone has submitted an
    update: the database refuses. Afterwards the clock is at least where it was.
    """
    with writing():
        before = Clock.objects.get(pk=1).stamp
        Clock.objects.filter(pk=1).update(door=why)
        latest = before

        def at(moment: datetime) -> None:
            nonlocal latest
            latest = max(latest, Clock.objects.get(pk=1).stamp)
            Clock.objects.filter(pk=1).update(stamp=microseconds(moment))

        yield at
        latest = max(latest, Clock.objects.get(pk=1).stamp)
        another = latest + 1  # a new state of the plan, so nothing remembered applies to it
        Clock.objects.filter(pk=1).update(stamp=another, plan_stamp=another)
        Clock.objects.filter(pk=1).update(door="")

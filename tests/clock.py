"""Sets the time for tests: when the next rows are recorded, and what the database believes is now.

The portal can write the past only through `history.clock.the_past`, and only before the first update. Tests need more:
the databases of the suite have that rule with an exception for `recorded_at`, put there once, as it takes long.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from config.sqlite import base
from history import functions, memo, triggers
from history.clock import microseconds
from history.dialect import dialect_of

RULE = "the_past_is_shut_once_there_is_progress"
DOOR = "a test"


def days_ago(days: float) -> datetime:
    """The same British time of day, `days` days ago: not 24 hours each, as the clocks may have changed since."""
    return timezone.make_aware(timezone.localtime().replace(tzinfo=None) - timedelta(days=days))


@contextmanager
def recorded_at(moment: datetime) -> Iterator[None]:
    """Record what is written inside at `moment`, each further stamp a microsecond later.

    Write the updates of an action in chronological order: known rows continue from the last one.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT stamp FROM history_clock WHERE id = 1")
        before = cursor.fetchone()[0]
        opened = "UPDATE history_clock SET door = %s, stamp = %s WHERE id = 1", (DOOR, microseconds(moment))
        try:
            with transaction.atomic():
                cursor.execute(*opened)
        except IntegrityError:  # the rules were reinstalled
            let_tests_in()
            cursor.execute(*opened)
        yield
        after = f"CASE WHEN stamp > {before} THEN stamp ELSE {before} END + 1"
        cursor.execute(
            f"UPDATE history_clock SET door = '', stamp = {after}, plan_stamp = {after} WHERE id = 1"
        )
    memo.forget()


@contextmanager
def database_clock(moment: datetime) -> Iterator[None]:
    """Stop the database's clock at `moment` inside the block."""
    set_clock(moment)
    try:
        yield
    finally:
        set_clock(None)
        memo.forget()


def set_clock(moment: datetime | None) -> None:
    """Stop the database's clock at `moment`, or let it run again."""
    memo.forget()
    count = None if moment is None else microseconds(moment)
    if connection.vendor == "sqlite":
        base.clock = base.system_clock if count is None else lambda: count
        return
    shown = f"AS $$ SELECT {count}::bigint $$"
    with connection.cursor() as cursor:
        cursor.execute(
            functions.PORTAL_NOW
            if count is None
            else f"CREATE OR REPLACE FUNCTION portal_now() RETURNS bigint LANGUAGE sql VOLATILE {shown}"
        )


def let_tests_in() -> None:
    """Put a rule that `recorded_at` may pass in the place of the one that shuts the past."""
    dialect = dialect_of(connection.vendor)
    [trigger] = [one for one in triggers.all_triggers(dialect) if one.name == RULE]
    with connection.cursor() as cursor:
        for sql in dialect.create(replace(trigger, when=f"NEW.door <> '{DOOR}' AND {trigger.when}")):
            cursor.execute(sql)

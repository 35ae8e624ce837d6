"""Sets the time for tests: when the next rows are recorded, and what the database believes is now.

The portal can write the past only through `history.clock.the_past`, and only before the first update. Tests need more,
so they remove that rule for the length of a block.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction

from config.sqlite import base
from history import functions, memo, triggers
from history.clock import microseconds
from history.dialect import PREFIX, dialect_of
from history.models import Clock

RULE = "the_past_is_shut_once_there_is_progress"


@contextmanager
def recorded_at(moment: datetime) -> Iterator[None]:
    """Record what is written inside at `moment`, each further stamp a microsecond later.

    Write the updates of an action in chronological order: known rows continue from the last one.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            on = ' ON "history_clock"' if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {PREFIX}{RULE}{on}")
        before = Clock.objects.get(pk=1).stamp
        Clock.objects.filter(pk=1).update(door="a test")
        Clock.objects.filter(pk=1).update(stamp=microseconds(moment))
        yield
        after = Clock.objects.get(pk=1).stamp
        another = max(before, after) + 1
        Clock.objects.filter(pk=1).update(stamp=another, plan_stamp=another)
        Clock.objects.filter(pk=1).update(door="")
        _put_back()
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


def _put_back() -> None:
    dialect = dialect_of(connection.vendor)
    [trigger] = [one for one in triggers.all_triggers(dialect) if one.name == RULE]
    with connection.cursor() as cursor:
        for sql in dialect.create(trigger):
            cursor.execute(sql)

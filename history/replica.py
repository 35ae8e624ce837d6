"""Reading from a streaming replica of PostgreSQL, where DATABASE_REPLICA_URL names one.

The replica serves only what the primary would: everything recorded so far, and everything this reader has written.
Where it is behind, down or not a replica, the primary serves.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections

REPLICA = "replica"
SECONDS_LEFT_ALONE = 10  # after it did not answer
POSITION = re.compile(r"[0-9A-F]{1,8}/[0-9A-F]{1,8}")  # in PostgreSQL's log, as it writes it
HAS_IT_ALL = """
    SELECT pg_is_in_recovery() AND stamp >= %s AND COALESCE(pg_last_wal_replay_lsn() >= NULLIF(%s, '')::pg_lsn, true)
    FROM history_clock WHERE id = 1
"""
_left_alone_until = 0.0  # by time.monotonic()


def is_there() -> bool:
    """Whether the settings name a replica."""
    return REPLICA in connections.settings


def position() -> str:
    """How far the primary's log has come: what a reader who wrote just now must be shown."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_lsn()")
        return str(cursor.fetchone()[0])


@contextmanager
def reading(written: str) -> Iterator[None]:
    """Inside, `django.db.connection` is the replica's, if that has everything; else it stays the primary's.

    `written` is the `position` after this reader's last write, empty if there was none. If it is not a valid
    position, the portal did not set it: the primary serves.
    """
    other = None if connection.in_atomic_block or not is_there() else _with_everything(written)
    if other is None:
        yield
        return
    primary = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = other
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = primary


def _with_everything(written: str) -> Any:
    """The replica's connection, or None where it lacks anything."""
    global _left_alone_until  # noqa: PLW0603  one process, one memory of when it last failed
    if time.monotonic() < _left_alone_until or (written and not POSITION.fullmatch(written)):
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT stamp FROM history_clock WHERE id = 1")
        (stamp,) = cursor.fetchone()
    replica = connections[REPLICA]
    try:
        with replica.cursor() as cursor:
            cursor.execute(HAS_IT_ALL, [stamp, written])
            row = cursor.fetchone()
    except DatabaseError:
        replica.close()
        _left_alone_until = time.monotonic() + SECONDS_LEFT_ALONE
        return None
    return replica if row and row[0] else None

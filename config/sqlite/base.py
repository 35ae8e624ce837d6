"""Django's SQLite back end, plus a clock and case folding for the portal's triggers and filters."""

import re
import sqlite3
import time
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3 import base, operations


def system_clock() -> int:
    """Microseconds since 1970, UTC."""
    return time.time_ns() // 1000


clock: Callable[[], int] = system_clock  # the database's only clock; only tests replace it


class DatabaseOperations(operations.DatabaseOperations):
    def adapt_datetimefield_value(self, value: datetime | None) -> Any:
        """Always six decimals, as the triggers write them: SQLite compares times as text."""
        adapted = super().adapt_datetimefield_value(value)
        return f"{adapted}.000000" if isinstance(adapted, str) and "." not in adapted else adapted


class CountingCursor(base.SQLiteCursorWrapper):
    """Counts the rows that are read, for the log of requests: SQLite does not report a row count in advance."""

    wrapper: "DatabaseWrapper"

    def fetchone(self) -> Any:
        row = super().fetchone()
        self.wrapper.rows_read += row is not None
        return row

    def fetchmany(self, *args: Any, **kwargs: Any) -> list[Any]:
        rows = super().fetchmany(*args, **kwargs)
        self.wrapper.rows_read += len(rows)
        return rows

    def fetchall(self) -> list[Any]:
        rows = super().fetchall()
        self.wrapper.rows_read += len(rows)
        return rows


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
    rows_read = 0

    def create_cursor(self, name: str | None = None) -> CountingCursor:
        cursor: CountingCursor = self.connection.cursor(factory=CountingCursor)
        cursor.wrapper = self
        return cursor

    def get_new_connection(self, conn_params: dict[str, Any]) -> sqlite3.Connection:
        connection: sqlite3.Connection = super().get_new_connection(conn_params)
        connection.create_function("like", 2, _like, deterministic=True)
        connection.create_function("like", 3, _like, deterministic=True)
        connection.create_function("portal_fold", 1, _fold, deterministic=True)
        connection.create_function("portal_now", 0, _now)
        return connection


def _now() -> int:
    return clock()


def _fold(words: Any) -> str | None:
    return None if words is None else str(words).casefold()


def _like(pattern: str | None, text: Any, escape: str = "") -> bool | None:
    if pattern is None or text is None:
        return None
    return _compiled(str(pattern), escape).fullmatch(str(text).casefold()) is not None


@lru_cache(maxsize=512)
def _compiled(pattern: str, escape: str) -> re.Pattern[str]:
    parts, letters = [], iter(pattern)
    for letter in letters:
        if letter == escape:
            parts.append(re.escape(next(letters, "").casefold()))
        else:
            parts.append({"%": ".*", "_": "."}.get(letter) or re.escape(letter.casefold()))
    return re.compile("".join(parts), re.DOTALL)

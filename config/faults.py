"""Faults from outside: a database that is down, read-only or full, and a folder that cannot be written."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import DatabaseError, InterfaceError, InternalError, OperationalError, connection, transaction

# Recognised by the error text: the two drivers have no common error code.
READ_ONLY = ("readonly database", "read-only transaction", "read-only", "read only")
FULL = ("disk is full", "no space left", "disk full", "could not extend file")
ROOM_BYTES = settings.REQUEST_MAX_BYTES  # free space for one more large request


def cut_off(error: BaseException | None) -> bool:
    """Whether `error` comes from a database that is down or cannot save, whatever failed first."""
    for each in _chain(error):
        if isinstance(each, InterfaceError) or (isinstance(each, OperationalError) and not _is_bad_sql(each)):
            return True
        if isinstance(each, InternalError) and _says(each, READ_ONLY):
            return True
    return not answers()


def nothing_saved(error: BaseException | None) -> bool:
    """Whether the database refused to save. If the connection was cut off, the database may have saved."""
    return any(isinstance(each, DatabaseError) and _says(each, READ_ONLY + FULL) for each in _chain(error))


def answers() -> bool:
    """Whether the database answers. A connection that was cut off is closed, so that the next one is new."""
    try:
        connection.ensure_connection()
        if connection.in_atomic_block:  # which may be broken: ask nothing
            return not getattr(connection.connection, "closed", 0)
        if not connection.is_usable():
            connection.close()
            connection.ensure_connection()
        return connection.is_usable()
    except DatabaseError:
        return False


def why_no_writing() -> str:
    """Why the database cannot be written, in words; empty if it can. Raises DatabaseError if it is down."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE history_clock SET stamp = stamp WHERE id = 0"
            )  # no row: it waits for nobody
    except DatabaseError as error:
        if _says(error, READ_ONLY):
            return "the database is read-only"
        if _says(error, FULL):
            return "the database's disk is full"
        if _says(error, ("locked",)):
            return ""  # somebody else is writing
        raise
    return ""


def why_no_room() -> str:
    """Why no evidence can be stored, in words; empty if it can."""
    if not isinstance(default_storage, FileSystemStorage):  # not a folder of this machine
        return ""
    folder = Path(default_storage.location)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"x")
            probe.flush()
    except OSError:
        return "the evidence folder cannot be written"
    for place, name in ((folder, "evidence folder"), (database_folder(), "database")):
        if place and shutil.disk_usage(place).free < ROOM_BYTES:
            return f"the disk of the {name} is full"
    return ""


def database_folder() -> Path | None:
    """The folder of an SQLite database; None for one in memory or on a server."""
    name = Path(str(connection.settings_dict["NAME"]))
    return name.parent if connection.vendor == "sqlite" and name.is_file() else None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _says(error: BaseException, words: tuple[str, ...]) -> bool:
    return any(word in str(error).casefold() for word in words)


def _is_bad_sql(error: BaseException) -> bool:
    """SQLite calls a missing table an operational error too: that is our fault, and no reason to wait."""
    with suppress(AttributeError):
        return (
            isinstance(error.__cause__, sqlite3.Error) and error.__cause__.sqlite_errorname == "SQLITE_ERROR"
        )
    return False

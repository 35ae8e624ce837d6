"""Functions and locks of the engines: the database's clock, folding, truncation, and who may write in a migration."""

from collections.abc import Iterator
from typing import Any

from history.dialect import PREFIX, dialect_of

# The one clock. Tests replace this function and nothing else; the application's role cannot.
PORTAL_NOW = (
    "CREATE OR REPLACE FUNCTION portal_now() RETURNS bigint LANGUAGE sql VOLATILE AS "
    "$$ SELECT (extract(epoch from clock_timestamp()) * 1000000)::bigint $$"
)
PORTAL_FOLD = (
    "CREATE OR REPLACE FUNCTION portal_fold(words text) RETURNS text LANGUAGE sql IMMUTABLE AS "
    "$$ SELECT lower(words) $$"
)


def statements(vendor: str) -> Iterator[str]:
    """The functions that PostgreSQL needs; on SQLite they come with the connection (`config.sqlite`)."""
    if vendor == "postgresql":
        yield PORTAL_NOW
        yield PORTAL_FOLD


def truncate_guard(table: str) -> Iterator[str]:
    """PostgreSQL: what was recorded is not truncated either."""
    name = f"{PREFIX}{table}_truncate"
    refused = dialect_of("postgresql").refuse("what was recorded is never deleted")
    yield f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {refused}; END $$"
    yield f'DROP TRIGGER IF EXISTS {name} ON "{table}"'
    yield f'CREATE TRIGGER {name} BEFORE TRUNCATE ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION {name}()'


def lock_out(cursor: Any) -> None:
    """SQLite: this connection takes the database for itself, and keeps it between its transactions."""
    cursor.execute("PRAGMA locking_mode = EXCLUSIVE")


def let_in(cursor: Any) -> None:
    """SQLite: the next statement gives the lock back."""
    cursor.execute("PRAGMA locking_mode = NORMAL")
    cursor.execute("SELECT count(*) FROM sqlite_master")

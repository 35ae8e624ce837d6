"""SQL functions and locks: the database's clock, case folding, truncation, and exclusive access for migrations."""

from collections.abc import Iterator
from typing import Any

from history.dialect import PREFIX, dialect_of

# The one clock. Tests replace this function and nothing else; the serving role cannot.
PORTAL_NOW = (
    "CREATE OR REPLACE FUNCTION portal_now() RETURNS bigint LANGUAGE sql VOLATILE AS "
    "$$ SELECT (extract(epoch from clock_timestamp()) * 1000000)::bigint $$"
)
PORTAL_FOLD = (
    "CREATE OR REPLACE FUNCTION portal_fold(words text) RETURNS text LANGUAGE sql IMMUTABLE AS "
    "$$ SELECT lower(words) $$"
)


def statements(vendor: str) -> Iterator[str]:
    """Create the functions on PostgreSQL; on SQLite the connection provides them (`config.sqlite`)."""
    if vendor == "postgresql":
        yield PORTAL_NOW
        yield PORTAL_FOLD


def truncate_guard(table: str) -> Iterator[str]:
    """Refuse TRUNCATE, which fires no row trigger (PostgreSQL)."""
    name = f"{PREFIX}{table}_truncate"
    refused = dialect_of("postgresql").refuse("what was recorded is never deleted")
    yield f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {refused}; END $$"
    yield f'DROP TRIGGER IF EXISTS {name} ON "{table}"'
    yield f'CREATE TRIGGER {name} BEFORE TRUNCATE ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION {name}()'


def lock_out(cursor: Any) -> None:
    """Give this connection the SQLite file to itself, between its transactions too."""
    cursor.execute("PRAGMA locking_mode = EXCLUSIVE")


def let_in(cursor: Any) -> None:
    """Release the SQLite file; the lock goes with the next statement."""
    cursor.execute("PRAGMA locking_mode = NORMAL")
    cursor.execute("SELECT count(*) FROM sqlite_master")

"""Writing rows as they were once recorded, versions, stamps and all: for a restore into the same tables.

`history.clock.the_past` writes the past too, but its rows are stamped and derived again, so they would have other
keys and today's names. A restore brings back what the triggers wrote then.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from history import memo, triggers


@contextmanager
def without_triggers(connection: BaseDatabaseWrapper, tables: Iterable[str]) -> Iterator[None]:
    """One transaction, in which `tables` have no triggers. They are all back before it commits, or nothing changes.

    Raises ProgrammingError if the portal's role doesn't own the tables, and IntegrityError for dangling references.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        connection.check_constraints()  # PostgreSQL alters no table while a check of it is due
        if connection.vendor == "sqlite":
            for name in triggers.installed(connection):
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            for table in tables:
                cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        yield
        connection.check_constraints()
        if connection.vendor == "sqlite":
            triggers.install(connection)
        else:
            for table in tables:
                cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
    memo.forget()


def last_keys(connection: BaseDatabaseWrapper) -> dict[str, int]:
    """The last key that each table has given out, by table. Deleted rows count: their keys are not given again."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, seq FROM sqlite_sequence")
        else:
            cursor.execute(
                "SELECT owner.relname, coalesce(given.last_value, 0) FROM pg_sequences AS given "
                "JOIN pg_class AS sequence ON sequence.relname = given.sequencename AND sequence.relkind = 'S' "
                "AND sequence.relnamespace = 'public'::regnamespace "
                "JOIN pg_depend ON pg_depend.objid = sequence.oid AND pg_depend.deptype IN ('a', 'i') "
                "JOIN pg_class AS owner ON owner.oid = pg_depend.refobjid WHERE given.schemaname = 'public'"
            )
        return dict(cursor.fetchall())


def set_last_key(connection: BaseDatabaseWrapper, model: type[models.Model], last: int) -> None:
    """Continue the keys of a table after `last`."""
    table, column = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            if last:
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last])
        else:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, %s), %s, %s)",
                [f'"{table}"', column, max(last, 1), last > 0],
            )

"""Installs the triggers that stamp rows, write versions, keep rows append-only and enforce each app's rules.

They are derived from the models and from `history.rules`, and reinstalled after every `migrate`: SQLite drops the
triggers of a table it rebuilds, and a new field must reach the history without anyone thinking of it.
"""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from history import functions, names, roles, rules
from history.dialect import DOOR, PREFIX, UNSTAMPED_TEXT, Dialect, Trigger, dialect_of
from history.models import VERSIONS, Clock, PlanChange
from history.versions import dated, derived_columns, version_triggers

CLOCK_RULES = (
    rules.Rule(
        "clock_goes_on",
        Clock,
        "UPDATE",
        "OLD.door = '' AND NEW.door = '' AND NEW.stamp < OLD.stamp",
        "a stamp is never earlier than the one before it",
    ),
    rules.Rule(
        "clock_is_not_set_ahead",
        Clock,
        "UPDATE",
        "OLD.door = '' AND NEW.door = '' AND NEW.stamp > OLD.stamp + 1 AND NEW.stamp > portal_now()",
        "a stamp is never later than the clock",
    ),
    rules.Rule("clock_kept", Clock, "DELETE", "TRUE", "the clock is never deleted"),
    rules.Rule(
        "change_is_the_one_just_made",
        Clock,
        "UPDATE",
        "NEW.change_id IS NOT NULL AND OLD.change_id {differs} NEW.change_id AND (OLD.change_id IS NOT NULL OR "
        "NEW.must_end_id IS NULL OR NOT EXISTS (SELECT 1 FROM history_planchange AS made "
        "WHERE made.id = NEW.change_id AND made.recorded_at = {new_stamp}))",
        "a change of the plan is open already, or is over",
    ),
    rules.Rule(
        "change_open_must_end",
        Clock,
        "UPDATE",
        "NEW.change_id IS NOT NULL AND NEW.must_end_id IS NULL",
        "a change of the plan that is open must end",
    ),
)


def install(connection: BaseDatabaseWrapper) -> None:
    """Reinstall every function and trigger for the tables that exist, and start the clock."""
    tables = set(connection.introspection.table_names())
    if Clock._meta.db_table not in tables:
        return
    dialect = dialect_of(connection.vendor)
    with connection.cursor() as cursor:
        for sql in functions.statements(connection.vendor):
            cursor.execute(sql)
        cursor.execute(
            "INSERT INTO history_clock (id, stamp, plan_stamp, door) SELECT 1, 0, 0, '' "
            "WHERE NOT EXISTS (SELECT 1 FROM history_clock)"
        )
        for trigger in all_triggers(dialect):
            if trigger.table in tables:
                for sql in dialect.create(trigger):
                    cursor.execute(sql)
        for table in _never_emptied(connection.vendor):
            if table in tables:
                for sql in functions.truncate_guard(table):
                    cursor.execute(sql)
        if settings.DATABASE_APPLICATION_ROLE and connection.vendor == "postgresql":
            for sql in roles.grants(settings.DATABASE_APPLICATION_ROLE, tables):
                cursor.execute(sql)


def make_way(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers before a migration: SQLite cannot rename a table while a trigger names a missing one.

    Until `let_in`, only this connection can use the file, so nobody writes rows that leave no history.
    """
    with connection.cursor() as cursor:
        functions.lock_out(cursor)
        for name in installed(connection):
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def let_in(connection: BaseDatabaseWrapper) -> None:
    """Let others use the file again after a migration."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            functions.let_in(cursor)


def installed(connection: BaseDatabaseWrapper) -> set[str]:
    """Names of the portal's triggers in the database."""
    if connection.vendor == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'portal%'"
    else:
        query = (
            "SELECT DISTINCT tgname FROM pg_trigger "
            "WHERE NOT tgisinternal AND tgname LIKE 'portal%' AND tgenabled = 'O'"
        )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {row[0] for row in cursor.fetchall()}


def expected(connection: BaseDatabaseWrapper) -> set[str]:
    """Names of the triggers that should be in the database."""
    names = {PREFIX + trigger.name for trigger in all_triggers(dialect_of(connection.vendor))}
    return names | {f"{PREFIX}{table}_truncate" for table in _never_emptied(connection.vendor)}


def all_triggers(dialect: Dialect) -> Iterator[Trigger]:
    """Every trigger of the portal."""
    for rule in (*CLOCK_RULES, *rules.RULES):
        yield _of_rule(dialect, rule)
    for stamped in _stamped():
        yield from _of_stamped(dialect, stamped)
    for version in VERSIONS:
        yield from dated(dialect, version.live, version.kept_fields())
        yield from version_triggers(dialect, version)
        yield _ids_kept(dialect, version.live)
    for model in rules.SHOWN:
        yield from dated(dialect, model, model._meta.local_fields)
    for derive in rules.DERIVED:
        yield from derive(dialect)
    if dialect.vendor == "sqlite":
        for model in _guarded():
            yield from _never_replaced(dialect, model)


def _stamped() -> list[rules.Stamped]:
    name = "(SELECT coalesce(nullif(name, ''), email) FROM partners_user WHERE id = NEW.by_id)"
    alike = "EXISTS (SELECT 1 FROM history_planchange WHERE recorded_at >= {stamp} AND id <> NEW.id)"
    change = rules.Stamped(
        PlanChange,
        also={"by_name": f"coalesce({name}, '')"},
        then=_open_change,
        again=alike,
        names=names.OF_CHANGES,
    )
    return [change, *rules.STAMPED]


def _open_change(dialect: Dialect, stamp: str) -> Iterable[str]:
    return ("UPDATE history_clock SET change_id = NEW.id, must_end_id = 1, plan_stamp = stamp WHERE id = 1",)


def _of_rule(dialect: Dialect, rule: rules.Rule) -> Trigger:
    when = rule.when.format(
        differs=dialect.differs,
        stamp=dialect.stamp,
        door=DOOR,
        new_stamp=dialect.moment("NEW.stamp"),
    )
    refused = dialect.refuse(rule.message)
    return Trigger(rule.name, rule.model._meta.db_table, f"BEFORE {rule.event}", when, (refused,))


def _of_stamped(dialect: Dialect, stamped: rules.Stamped) -> Iterator[Trigger]:
    """PostgreSQL stamps a row before it is inserted; SQLite cannot, and updates it right after."""
    table, what = stamped.model._meta.db_table, stamped.model._meta.verbose_name
    made = "TRUE"
    advance = dialect.advance(stamped.again.format(stamp=dialect.stamp))
    if dialect.vendor == "sqlite":
        given = "".join(f', "{column}" = {sql}' for column, sql in stamped.also.items())
        stamp = f'UPDATE "{table}" SET "{stamped.field}" = {dialect.stamp}{given} WHERE id = NEW.id'  # noqa: S608
        derived = tuple(stamped.then(dialect, dialect.stamp))
        yield Trigger(f"{table}_stamped", table, "AFTER INSERT", "TRUE", (advance, stamp, *derived))
        made = f"OLD.\"{stamped.field}\" <> '{UNSTAMPED_TEXT}'"
    else:
        more = [f'NEW."{column}" := {sql}' for column, sql in stamped.also.items()]
        stamp = f'NEW."{stamped.field}" := {dialect.stamp}'
        yield Trigger(f"{table}_stamped", table, "BEFORE INSERT", "TRUE", (advance, stamp, *more))
        if derived := tuple(stamped.then(dialect, f'NEW."{stamped.field}"')):
            yield Trigger(f"{table}_then", table, "AFTER INSERT", "TRUE", derived)
    changed = f"{made} AND NOT ({names.only_a_name(dialect, stamped.model, stamped.names)})"
    for event, when in (("UPDATE", changed), ("DELETE", "TRUE")):
        done = "changed" if event == "UPDATE" else "deleted"
        refused = dialect.refuse(f"a {what} is never {done}")
        yield Trigger(f"{table}_never_{done}", table, f"BEFORE {event}", when, (refused,))


def _ids_kept(dialect: Dialect, live: type[models.Model]) -> Trigger:
    table = live._meta.db_table
    refused = dialect.refuse("the key of a row is never changed")
    return Trigger(f"{table}_id_kept", table, "BEFORE UPDATE", "OLD.id <> NEW.id", (refused,))


def _guarded() -> list[type[models.Model]]:
    found: list[type[models.Model]] = [
        Clock,
        *(stamped.model for stamped in _stamped()),
        *rules.NEVER_EMPTIED,
    ]
    found += [model for version in VERSIONS for model in (version, version.live)]
    return list(dict.fromkeys(found))


def _never_replaced(dialect: Dialect, model: type[models.Model]) -> Iterator[Trigger]:
    """Reject REPLACE, whose deletions fire no DELETE trigger unless the program turns that on."""
    table = model._meta.db_table
    refused = (dialect.refuse("a row that is kept is never replaced by another"),)
    for event, same in (("INSERT", ""), ("UPDATE", "other.id <> OLD.id AND ")):
        clashes = [
            f'EXISTS (SELECT 1 FROM "{table}" AS other WHERE {same}({clash}))'  # noqa: S608
            for clash in _clashes(model)
        ]
        yield Trigger(
            f"{table}_replaced_{event.lower()}", table, f"BEFORE {event}", " OR ".join(clashes), refused
        )


def _clashes(model: type[models.Model]) -> Iterator[str]:
    """For each plain unique constraint, SQL that is true if NEW clashes with the row `other`."""
    yield "other.id = NEW.id"
    for field in model._meta.local_fields:
        if field.unique and not field.primary_key:
            yield f'other."{field.column}" = NEW."{field.column}"'
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields and not constraint.condition:
            columns = [model._meta.get_field(name).column for name in constraint.fields]  # type: ignore[union-attr]
            yield " AND ".join(f'other."{column}" = NEW."{column}"' for column in columns)


def _never_emptied(vendor: str) -> list[str]:
    live = {version.live for version in VERSIONS}
    return (
        [model._meta.db_table for model in _guarded() if model not in live] if vendor == "postgresql" else []
    )


__all__ = ["all_triggers", "derived_columns", "expected", "install", "installed", "let_in", "make_way"]

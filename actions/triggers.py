"""What the database itself holds to: history of plan rows, append-only reports, and rules across tables.

Triggers are derived from the models and installed after every `migrate` (see `actions.apps`): a table that SQLite
rebuilds in a migration loses its triggers, and a new field must reach the history. The conditions are written once,
in SQL that both engines read; `{differs}` is the engine's null-safe “is not”.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from actions.models import VERSIONS, OutcomeMeasure, PlanChange, ProgressUpdate, Version

PREFIX = "portal_"
OPEN_CHANGE = f"(SELECT id FROM {PlanChange._meta.db_table} WHERE is_open LIMIT 1)"  # noqa: S608  own names
CHANGE_TIME = f"(SELECT recorded_at FROM {PlanChange._meta.db_table} WHERE is_open LIMIT 1)"  # noqa: S608  own names


@dataclass(frozen=True)
class Rule:
    """Refuse `event` (INSERT, UPDATE or DELETE) on `model` where `when` holds, saying `message`."""

    name: str
    model: type[models.Model]
    event: str
    when: str
    message: str


RULES: list[Rule] = [
    Rule(
        "update_kept_as_filed",
        ProgressUpdate,
        "UPDATE",
        "TRUE",
        "a progress update is never changed; file another",
    ),
    Rule("update_kept", ProgressUpdate, "DELETE", "TRUE", "a progress update is never deleted; file another"),
    Rule(
        "update_value_needs_target",
        ProgressUpdate,
        "INSERT",
        "NEW.value IS NOT NULL AND (SELECT target FROM actions_outcomemeasure WHERE id = NEW.measure_id) IS NULL",
        "a value is only for a measure with a numeric target",
    ),
    Rule(
        "measure_target_kept_with_values",
        OutcomeMeasure,
        "UPDATE",
        "OLD.target IS NOT NULL AND NEW.target IS NULL AND EXISTS "
        "(SELECT 1 FROM actions_progressupdate WHERE measure_id = OLD.id AND value IS NOT NULL)",
        "values have been reported against the target; it may change, and not go",
    ),
    Rule(
        "measure_target_date_kept",
        OutcomeMeasure,
        "UPDATE",
        "OLD.target_date IS NOT NULL AND OLD.target_date {differs} NEW.target_date",
        "the original target date stays for good; set a revised date beside it",
    ),
    Rule("change_kept", PlanChange, "DELETE", "TRUE", "the plan's history is never deleted"),
    Rule(
        "change_kept_as_made",
        PlanChange,
        "UPDATE",
        "NOT OLD.is_open OR OLD.id {differs} NEW.id OR OLD.kind {differs} NEW.kind OR OLD.by_id {differs} NEW.by_id "
        "OR OLD.reason {differs} NEW.reason OR OLD.recorded_at {differs} NEW.recorded_at",
        "who changed the plan, when and why is never changed",
    ),
]


def install(connection: BaseDatabaseWrapper) -> None:
    """Make every trigger anew, for the tables that exist."""
    tables = set(connection.introspection.table_names())
    statements = list(_all(connection.vendor, tables))
    with connection.cursor() as cursor:
        for sql in statements:
            cursor.execute(sql)


def drop(connection: BaseDatabaseWrapper) -> None:
    """Drop every trigger. SQLite alone needs it: it refuses to rename a table while a trigger names a missing one."""
    with connection.cursor() as cursor:
        for name in installed(connection):
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def installed(connection: BaseDatabaseWrapper) -> set[str]:
    """The names of the portal's triggers that the database has."""
    if connection.vendor == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'portal%'"
    else:
        query = "SELECT DISTINCT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'portal%'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {row[0] for row in cursor.fetchall()}


def expected(connection: BaseDatabaseWrapper) -> set[str]:
    """The names of the triggers that a sound database has."""
    names = {PREFIX + rule.name for rule in RULES}
    for version in VERSIONS:
        table = version.live._meta.db_table
        names |= {f"{PREFIX}{table}_{event}" for event in ("insert", "update", "delete")}
        names |= {f"{PREFIX}{version._meta.db_table}_{event}" for event in ("closing", "kept")}
    if connection.vendor == "postgresql":
        names |= {f"{PREFIX}{model._meta.db_table}_truncate" for model in _never_emptied()}
    return names


def _never_emptied() -> list[type[models.Model]]:
    return [ProgressUpdate, PlanChange, *VERSIONS]


def _all(vendor: str, tables: set[str]) -> Iterable[str]:
    trigger = _sqlite_trigger if vendor == "sqlite" else _postgres_trigger
    differs = "IS NOT" if vendor == "sqlite" else "IS DISTINCT FROM"
    for rule in RULES:
        table = rule.model._meta.db_table
        if table in tables:
            when = rule.when.format(differs=differs)
            yield from trigger(
                rule.name, table, f"BEFORE {rule.event}", when, [_refuse(vendor, rule.message)]
            )
    for version in VERSIONS:
        if {version.live._meta.db_table, version._meta.db_table} <= tables:
            yield from _history(vendor, version, differs)
    if vendor == "postgresql":
        for model in _never_emptied():
            table = model._meta.db_table
            if table in tables:
                yield from _postgres_truncate_guard(table)


def _history(vendor: str, version: type[Version], differs: str) -> Iterable[str]:
    trigger = _sqlite_trigger if vendor == "sqlite" else _postgres_trigger
    live, kept = version.live._meta.db_table, version._meta.db_table
    columns = [f'"{field.column}"' for field in version.kept_fields()]
    latest = "max" if vendor == "sqlite" else "greatest"
    # one time for a whole statement: a version ends at the very moment at which the next one begins
    now = "strftime('%Y-%m-%d %H:%M:%f', 'now')" if vendor == "sqlite" else "statement_timestamp()"
    moment = f"coalesce({CHANGE_TIME}, {now})"
    last_end = f"(SELECT max(known_until) FROM {kept} WHERE row_id = NEW.id)"  # noqa: S608  own names
    begin = (
        f"INSERT INTO {kept} (row_id, {', '.join(columns)}, known_from, change_id) "  # noqa: S608  own names
        f"VALUES (NEW.id, {', '.join('NEW.' + column for column in columns)}, "
        f"{latest}({moment}, coalesce({last_end}, {moment})), {OPEN_CHANGE})"
    )
    end = (
        f"UPDATE {kept} SET known_until = {latest}(known_from, {moment}), end_change_id = {OPEN_CHANGE} "  # noqa: S608
        "WHERE row_id = OLD.id AND known_until IS NULL"
    )
    changed = " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in columns)
    yield from trigger(f"{live}_insert", live, "AFTER INSERT", "TRUE", [begin])
    yield from trigger(f"{live}_update", live, "AFTER UPDATE", changed, [end, begin])
    yield from trigger(f"{live}_delete", live, "AFTER DELETE", "TRUE", [end])
    untouched = [
        f'OLD."{field.column}" {differs} NEW."{field.column}"'
        for field in version._meta.local_fields
        if field.name not in ("known_until", "end_change")
    ]
    refused = _refuse(vendor, "the plan's history is never changed")
    reopened = " OR ".join(["OLD.known_until IS NOT NULL", "NEW.known_until IS NULL", *untouched])
    yield from trigger(f"{kept}_closing", kept, "BEFORE UPDATE", reopened, [refused])
    yield from trigger(
        f"{kept}_kept",
        kept,
        "BEFORE DELETE",
        "TRUE",
        [_refuse(vendor, "the plan's history is never deleted")],
    )


def _refuse(vendor: str, message: str) -> str:
    text = message.replace("'", "''")
    if vendor == "sqlite":
        return f"SELECT RAISE(ABORT, '{text}')"
    return f"RAISE EXCEPTION '{text}' USING ERRCODE = 'integrity_constraint_violation'"


def _sqlite_trigger(name: str, table: str, event: str, when: str, statements: list[str]) -> Iterable[str]:
    yield f"DROP TRIGGER IF EXISTS {PREFIX}{name}"
    body = "; ".join(statements)
    yield f'CREATE TRIGGER {PREFIX}{name} {event} ON "{table}" FOR EACH ROW WHEN {when} BEGIN {body}; END'


def _postgres_trigger(name: str, table: str, event: str, when: str, statements: list[str]) -> Iterable[str]:
    body = " ".join(f"{statement};" for statement in statements)
    row = "OLD" if "DELETE" in event else "NEW"
    yield (
        f"CREATE OR REPLACE FUNCTION {PREFIX}{name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN IF {when} THEN {body} END IF; RETURN {row}; END $$"
    )
    yield f'DROP TRIGGER IF EXISTS {PREFIX}{name} ON "{table}"'
    yield (
        f'CREATE TRIGGER {PREFIX}{name} {event} ON "{table}" FOR EACH ROW EXECUTE FUNCTION {PREFIX}{name}()'
    )


def _postgres_truncate_guard(table: str) -> Iterable[str]:
    name = f"{PREFIX}{table}_truncate"
    refused = _refuse("postgresql", "what was recorded is never deleted")
    yield f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {refused}; END $$"
    yield f'DROP TRIGGER IF EXISTS {name} ON "{table}"'
    yield f'CREATE TRIGGER {name} BEFORE TRUNCATE ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION {name}()'

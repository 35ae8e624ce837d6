"""The triggers that write a live row's versions, and the rules that stop anyone else from writing them."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import models

from history.dialect import CHANGE, DOOR, Dialect, Trigger
from history.models import Version


def derived_columns(version: type[Version]) -> tuple[str, str]:
    """The names of the version's derived columns and their SQL over NEW, each list starting with a comma."""
    names = "".join(f', "{column}"' for column in version.derived)
    return names, "".join(f", {sql}" for sql in version.derived.values())


def dated(dialect: Dialect, model: type[models.Model], fields: Iterable[Any]) -> Iterator[Trigger]:
    """Move the stamp before a row of `model` is written, so that everything derived from it has the same one."""
    table = model._meta.db_table
    changed = any_differs(dialect, fields)
    for event, when in (("INSERT", "TRUE"), ("UPDATE", changed), ("DELETE", "TRUE")):
        name = f"{table}_dated_{event.lower()}"
        yield Trigger(name, table, f"BEFORE {event}", when, dialect.advance_outside_change)


def any_differs(dialect: Dialect, fields: Iterable[Any]) -> str:
    """SQL that is true if OLD and NEW differ in any of these fields."""
    return " OR ".join(f'OLD."{field.column}" {dialect.differs} NEW."{field.column}"' for field in fields)


def version_triggers(dialect: Dialect, version: type[Version]) -> Iterator[Trigger]:
    """On insert, update and delete of the live row, end its open version and begin the next."""
    live, kept = version.live._meta.db_table, version._meta.db_table
    columns = [f'"{field.column}"' for field in version.kept_fields()]
    more, more_values = derived_columns(version)
    begin = (
        f"INSERT INTO {kept} (row_id, {', '.join(columns)}{more}, known_from, change_id) "  # noqa: S608  own names
        f"VALUES (NEW.id, {', '.join('NEW.' + column for column in columns)}{more_values}, {dialect.stamp}, {CHANGE})"
    )
    # replaced or removed within the change that created it: nobody ever saw it
    never_known = (
        f"DELETE FROM {kept} WHERE row_id = OLD.id AND known_until IS NULL AND known_from = {dialect.stamp}"  # noqa: S608
    )
    end = (
        f"UPDATE {kept} SET known_until = {dialect.stamp}, end_change_id = {CHANGE} "  # noqa: S608
        "WHERE row_id = OLD.id AND known_until IS NULL"
    )
    changed = any_differs(dialect, version.kept_fields())
    yield Trigger(f"{live}_insert", live, "AFTER INSERT", "TRUE", (begin,))
    yield Trigger(f"{live}_update", live, "AFTER UPDATE", changed, (never_known, end, begin))
    yield Trigger(f"{live}_delete", live, "AFTER DELETE", "TRUE", (never_known, end))
    yield from _rules(dialect, version, columns)


def _rules(dialect: Dialect, version: type[Version], columns: list[str]) -> Iterator[Trigger]:
    """Accept a version only as the triggers write it: stamped now, and equal to the live row."""
    live, kept = version.live._meta.db_table, version._meta.db_table
    shut = f"{DOOR} = ''"

    def is_live(row: str) -> str:
        same = " AND ".join(f"NOT (live.{column} {dialect.differs} {row}.{column})" for column in columns)
        return f"EXISTS (SELECT 1 FROM {live} AS live WHERE live.id = {row}.row_id AND {same})"  # noqa: S608

    def rule(name: str, event: str, unless: str, message: str) -> Trigger:
        refused = dialect.refuse(f"the plan's history is never {message}")
        return Trigger(f"{kept}_{name}", kept, f"BEFORE {event}", f"{shut} AND NOT ({unless})", (refused,))

    as_written = (
        f"NEW.known_until IS NULL AND NEW.end_change_id IS NULL AND NEW.known_from = {dialect.stamp} "
        f"AND NOT (NEW.change_id {dialect.differs} {CHANGE}) AND {is_live('NEW')}"
    )
    untouched = " AND ".join(
        f'NOT (OLD."{field.column}" {dialect.differs} NEW."{field.column}")'
        for field in version._meta.local_fields
        if field.name not in ("known_until", "end_change")
    )
    as_ended = f"OLD.known_until IS NULL AND NEW.known_until = {dialect.stamp} AND {untouched} AND NOT {is_live('OLD')}"
    as_replaced = f"OLD.known_until IS NULL AND OLD.known_from = {dialect.stamp} AND NOT {is_live('OLD')}"
    yield rule("made", "INSERT", as_written, "written by hand")
    yield rule("closing", "UPDATE", as_ended, "changed")
    yield rule("kept", "DELETE", as_replaced, "deleted")

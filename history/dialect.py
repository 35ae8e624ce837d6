"""The SQL that SQLite and PostgreSQL spell differently, so that every rule and trigger is written once."""

from collections.abc import Iterable
from dataclasses import dataclass

PREFIX = "portal_"
UNSTAMPED_TEXT = "1970-01-01 00:00:00.000000"
DOOR = "(SELECT door FROM history_clock WHERE id = 1)"
CHANGE = "(SELECT change_id FROM history_clock WHERE id = 1)"
MARK_PLAN = "UPDATE history_clock SET plan_stamp = stamp WHERE id = 1"


@dataclass(frozen=True)
class Trigger:
    """A trigger that runs `statements` when the SQL condition `when`, over OLD and NEW, is true."""

    name: str
    table: str
    event: str  # "BEFORE INSERT", "AFTER UPDATE" …
    when: str
    statements: tuple[str, ...]


class Dialect:
    """One engine's SQL. `stamp` is the time of the row being written, as the database stamped it."""

    vendor: str
    differs: str
    latest: str
    stamp: str

    def moment(self, microseconds: str) -> str:
        """SQL that converts microseconds since 1970 to the engine's timestamps."""
        raise NotImplementedError

    def joined(self, what: str, rows: str, order: str) -> str:
        """SQL that joins the texts `what` of `rows` (FROM … WHERE …), each between spaces; '' without rows."""
        raise NotImplementedError

    def refuse(self, message: str) -> str:
        raise NotImplementedError

    def create(self, trigger: Trigger) -> Iterable[str]:
        raise NotImplementedError

    def advance(self, again: str = "TRUE") -> str:
        """SQL that moves the stamp on, and so locks the clock's row until commit.

        While the past is being written, the writer sets the stamp, and it moves only if the SQL `again` is true.
        """
        return (
            "UPDATE history_clock SET stamp = CASE WHEN door <> '' THEN stamp + 1 "  # noqa: S608  own names
            f"ELSE {self.latest}(portal_now(), stamp + 1) END WHERE id = 1 AND (door = '' OR {again})"
        )

    @property
    def advance_outside_change(self) -> tuple[str, str]:
        """The same for a row with versions, unless a change is open: everything in one change has one stamp.

        Nothing moves it while the past is being written: PostgreSQL keeps every state of the clock's row until commit,
        and would search through all of them each time.
        """
        outside = "change_id IS NULL AND door = ''"
        return f"{self.advance()} AND {outside}", f"{MARK_PLAN} AND {outside}"


class SQLite(Dialect):
    """`portal_now` and `portal_fold` are functions of the portal's own connection (`config.sqlite`)."""

    vendor = "sqlite"
    differs = "IS NOT"
    latest = "max"

    def __init__(self) -> None:
        self.stamp = f"(SELECT {self.moment('stamp')} FROM history_clock WHERE id = 1)"  # noqa: S608  own names

    def moment(self, microseconds: str) -> str:
        return (
            f"strftime('%Y-%m-%d %H:%M:%S', {microseconds} / 1000000, 'unixepoch') "
            f"|| printf('.%06d', {microseconds} % 1000000)"
        )

    def joined(self, what: str, rows: str, order: str) -> str:
        inner = f"SELECT ' ' || {what} || ' ' AS one {rows} ORDER BY {order}"
        return f"coalesce((SELECT group_concat(one, '') FROM ({inner})), '')"  # noqa: S608  own names

    def refuse(self, message: str) -> str:
        return f"SELECT RAISE(ABORT, '{_quoted(message)}')"

    def create(self, trigger: Trigger) -> Iterable[str]:
        name = PREFIX + trigger.name
        body = "; ".join(trigger.statements)
        yield f"DROP TRIGGER IF EXISTS {name}"
        yield (
            f'CREATE TRIGGER {name} {trigger.event} ON "{trigger.table}" FOR EACH ROW '
            f"WHEN {trigger.when} BEGIN {body}; END"
        )


class PostgreSQL(Dialect):
    vendor = "postgresql"
    differs = "IS DISTINCT FROM"
    latest = "greatest"

    def __init__(self) -> None:
        self.stamp = f"(SELECT {self.moment('stamp')} FROM history_clock WHERE id = 1)"  # noqa: S608  own names

    def moment(self, microseconds: str) -> str:
        return f"timestamptz 'epoch' + {microseconds} * interval '1 microsecond'"

    def joined(self, what: str, rows: str, order: str) -> str:
        return f"coalesce((SELECT string_agg(' ' || {what} || ' ', '' ORDER BY {order}) {rows}), '')"

    def refuse(self, message: str) -> str:
        return f"RAISE EXCEPTION '{_quoted(message)}' USING ERRCODE = 'integrity_constraint_violation'"

    def create(self, trigger: Trigger) -> Iterable[str]:
        name = PREFIX + trigger.name
        body = " ".join(f"{statement};" for statement in trigger.statements)
        row = "OLD" if "DELETE" in trigger.event else "NEW"
        # Runs with the owner's rights: the serving role itself may not write versions (docs/deploying.md).
        # pg_temp comes last, or a temporary table called history_clock would be taken for ours.
        # A session keeps the query plans it made while tables were empty: an import would scan them for every row.
        yield (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
            "SET search_path = public, pg_temp SET enable_seqscan = off AS $$ "
            f"BEGIN IF {trigger.when} THEN {body} END IF; RETURN {row}; END $$"
        )
        yield f'DROP TRIGGER IF EXISTS {name} ON "{trigger.table}"'
        yield (
            f'CREATE TRIGGER {name} {trigger.event} ON "{trigger.table}" '
            f"FOR EACH ROW EXECUTE FUNCTION {name}()"
        )


def dialect_of(vendor: str) -> Dialect:
    return SQLite() if vendor == "sqlite" else PostgreSQL()


def _quoted(text: str) -> str:
    return text.replace("'", "''")

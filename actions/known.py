"""The SQL with which triggers write `KnownMeasure` and `KnownAction`, written once for both engines."""

from collections.abc import Callable, Iterable, Iterator

from actions.models import (
    Action,
    KnownAction,
    KnownMeasure,
    Lead,
    OutcomeMeasure,
    ProgressUpdate,
    Relationship,
    Status,
)
from actions.models.known import NEVER
from actions.models.status import FINAL, TROUBLED, WORST_FIRST
from history.dialect import DOOR, Dialect, Trigger

MEASURES, ACTIONS = KnownMeasure._meta.db_table, KnownAction._meta.db_table
UPDATES = ProgressUpdate._meta.db_table
NEVER_SQL = f"'{NEVER:%Y-%m-%d %H:%M:%S}.000000'"
UNFINISHED = f"rank < {min(status.rank for status in FINAL)}"
IN_TROUBLE = ", ".join(f"'{status.value}'" for status in TROUBLED)
OF_MEASURE = ("measure_id", "action_id", '"order"', "target_date")
# columns that a second edit within one change sets in the row the first one wrote
IN_PLACE = {
    MEASURES: {"action_id", "order", "target_date"},
    ACTIONS: {"leads", "marks"},
}
OF_UPDATES = (
    "rank", "update_id", "words_id", "reported_at", "troubled_since", "value",
    "before_words_id", "before_troubled_since", "before_value",
)  # fmt: skip


def rank_of(status: str) -> str:
    """SQL that turns the status in the SQL `status` into its rank."""
    whens = " ".join(f"WHEN '{one.value}' THEN {one.rank}" for one in WORST_FIRST)
    return f"CASE {status} {whens} END"


def after_update(dialect: Dialect, stamp: str) -> Iterable[str]:
    """After a progress update: what is now known of its measure and its action."""
    base = {
        name: f"CASE WHEN NEW.corrects_id IS NULL THEN last.{name} ELSE last.before_{name} END"
        for name in ("words_id", "troubled_since", "value")
    }
    # if the corrected update was in trouble too, the trouble began with it
    began = f"coalesce({base['troubled_since']}, last.troubled_since, {stamp})"
    values = [
        *(f"last.{name}" for name in OF_MEASURE),
        rank_of("NEW.status"),
        "NEW.id",
        f"CASE WHEN NEW.no_change THEN {base['words_id']} ELSE NEW.id END",
        stamp,
        f"CASE WHEN NEW.status IN ({IN_TROUBLE}) THEN {began} END",
        f"coalesce(NEW.value, {base['value']})",
        *base.values(),
        stamp,
    ]
    yield _end(MEASURES, "measure_id = NEW.measure_id", stamp)
    yield (
        f"INSERT INTO {MEASURES} ({', '.join((*OF_MEASURE, *OF_UPDATES))}, known_from) "  # noqa: S608  own names
        f"SELECT {', '.join(values)} FROM {MEASURES} AS last "
        f"WHERE last.measure_id = NEW.measure_id AND last.known_until = {stamp}"
    )
    action = f"(SELECT action_id FROM {OutcomeMeasure._meta.db_table} WHERE id = NEW.measure_id)"  # noqa: S608
    yield from known_again(dialect, action, stamp)


def known_again(dialect: Dialect, action: str, stamp: str | None = None) -> Iterator[str]:
    """End the open row of an action (`action` is SQL for its key) and work out the next one from its rows."""
    stamp = stamp or dialect.stamp
    yield f"DELETE FROM {ACTIONS} WHERE {_open_since(action, stamp)}"  # noqa: S608
    yield _end(ACTIONS, f"action_id = {action}", stamp)
    of_action = f"FROM {MEASURES} AS m WHERE m.action_id = a.id AND m.known_until IS NULL"
    values = {
        "action_id": "a.id",
        "number": "a.number",
        "theme_id": "a.theme_id",
        "cluster_id": "a.cluster_id",
        "leads": leads_of(dialect, "a.id"),
        "marks": marks_of(dialect, "a.id"),
        "measures": f"(SELECT count(*) {of_action})",
        "shown_by": f"(SELECT count(*) {of_action} AND m.rank = worst.rank)",
        "rank": f"coalesce(worst.rank, {Status.NOT_REPORTED.rank})",
        "worst_measure_id": "worst.measure_id",
        "update_id": "worst.update_id",
        "words_id": "worst.words_id",
        "reported_at": f"coalesce(worst.reported_at, {NEVER_SQL})",
        "silent_since": f"(SELECT min(m.reported_at) {of_action} AND m.{UNFINISHED})",
        "target_date": f"(SELECT min(m.target_date) {of_action} AND m.{UNFINISHED})",
        "troubled_since": f"(SELECT min(m.troubled_since) {of_action})",
        "known_from": stamp,
    }
    yield (
        f"INSERT INTO {ACTIONS} ({', '.join(values)}) SELECT {', '.join(values.values())} "  # noqa: S608  own names
        f"FROM {Action._meta.db_table} AS a LEFT JOIN {MEASURES} AS worst ON worst.id = "
        f'(SELECT m.id {of_action} ORDER BY m.rank, m."order", m.measure_id LIMIT 1) WHERE a.id = {action}'
    )


def leads_of(dialect: Dialect, action: str) -> str:
    """SQL for `KnownAction.leads` of an action."""
    return dialect.joined(
        "lead.partner_id || substr(lead.acceptance, 1, 1)",
        f"FROM {Lead._meta.db_table} AS lead WHERE lead.action_id = {action} AND lead.acceptance <> 'declined'",
        'lead."order", lead.id',
    )


def marks_of(dialect: Dialect, action: str) -> str:
    """SQL for `KnownAction.marks` of an action."""
    return dialect.joined(
        "mark.vital_few_id || mark.strength",
        f"FROM {Relationship._meta.db_table} AS mark WHERE mark.action_id = {action}",
        "mark.vital_few_id",
    )


def _open_since(action: str, stamp: str) -> str:
    """SQL for the open row of an action, if it began at `stamp`.

    Not “known_from = stamp”: the engines may then use the index by time and, for every row of an import, scan all that
    the import has written so far. No index matches this coalesce.
    """
    return f"action_id = {action} AND known_until IS NULL AND coalesce(known_from, known_until) = {stamp}"


def _end(table: str, which: str, stamp: str) -> str:
    return f"UPDATE {table} SET known_until = {stamp} WHERE {which} AND known_until IS NULL"  # noqa: S608


def triggers(dialect: Dialect) -> Iterator[Trigger]:
    """Triggers on the plan's rows, and the rules that stop anyone else from writing known rows."""
    yield from _of_measures(dialect)
    yield from _of_actions(dialect)
    yield from _of_rows(dialect, Lead, "leads", leads_of, ("partner_id", "order", "acceptance"))
    yield from _of_rows(dialect, Relationship, "marks", marks_of, ("vital_few_id", "strength"))
    yield from _written_by_triggers_alone(dialect)


def _of_actions(dialect: Dialect) -> Iterator[Trigger]:
    table = Action._meta.db_table
    changed = _differ(dialect, ("number", "theme_id", "cluster_id"))
    gone = (
        f"DELETE FROM {ACTIONS} WHERE {_open_since('OLD.id', dialect.stamp)}",  # noqa: S608
        _end(ACTIONS, "action_id = OLD.id", dialect.stamp),
    )
    yield Trigger(
        f"{table}_known_insert", table, "AFTER INSERT", "TRUE", tuple(known_again(dialect, "NEW.id"))
    )
    yield Trigger(
        f"{table}_known_update", table, "AFTER UPDATE", changed, tuple(known_again(dialect, "NEW.id"))
    )
    yield Trigger(f"{table}_known_delete", table, "AFTER DELETE", "TRUE", gone)


def _of_measures(dialect: Dialect) -> Iterator[Trigger]:
    table, stamp = OutcomeMeasure._meta.db_table, dialect.stamp
    begin = (
        f"INSERT INTO {MEASURES} ({', '.join(OF_MEASURE)}, rank, reported_at, known_from) "  # noqa: S608  own names
        f'VALUES (NEW.id, NEW.action_id, NEW."order", NEW.target_date, {Status.NOT_REPORTED.rank}, '
        f"{NEVER_SQL}, {stamp})"
    )
    same_stamp = f"measure_id = OLD.id AND known_until IS NULL AND known_from = {stamp}"
    in_place = f'UPDATE {MEASURES} SET action_id = NEW.action_id, "order" = NEW."order", target_date = NEW.target_date '  # noqa: S608
    end = _end(MEASURES, f"measure_id = OLD.id AND known_from < {stamp}", stamp)
    again = (
        f"INSERT INTO {MEASURES} ({', '.join((*OF_MEASURE, *OF_UPDATES))}, known_from) "  # noqa: S608  own names
        f'SELECT NEW.id, NEW.action_id, NEW."order", NEW.target_date, {", ".join(OF_UPDATES)}, {stamp} '
        f"FROM {MEASURES} WHERE measure_id = OLD.id AND known_until = {stamp} AND NOT EXISTS "
        f"(SELECT 1 FROM {MEASURES} WHERE measure_id = OLD.id AND known_until IS NULL)"  # changed in place
    )
    actions = (*known_again(dialect, "OLD.action_id"), *known_again(dialect, "NEW.action_id"))
    yield Trigger(
        f"{table}_known_insert",
        table,
        "AFTER INSERT",
        "TRUE",
        (begin, *known_again(dialect, "NEW.action_id")),
    )
    changed = _differ(dialect, ("action_id", "order", "target_date"))
    yield Trigger(
        f"{table}_known_update",
        table,
        "AFTER UPDATE",
        changed,
        (f"{in_place} WHERE {same_stamp}", end, again, *actions),
    )
    gone = (f"DELETE FROM {MEASURES} WHERE {same_stamp}", _end(MEASURES, "measure_id = OLD.id", stamp))  # noqa: S608
    yield Trigger(
        f"{table}_known_delete",
        table,
        "AFTER DELETE",
        "TRUE",
        (*gone, *known_again(dialect, "OLD.action_id")),
    )


def _of_rows(
    dialect: Dialect,
    model: type[Lead | Relationship],
    column: str,
    joined: Callable[[Dialect, str], str],
    watched: tuple[str, ...],
) -> Iterator[Trigger]:
    """A lead or a relationship changes one column of its action's known row."""
    table = model._meta.db_table
    new, old = (tuple(_one_column(dialect, column, joined, f"{row}.action_id")) for row in ("NEW", "OLD"))
    changed = _differ(dialect, ("action_id", *watched))
    yield Trigger(f"{table}_known_insert", table, "AFTER INSERT", "TRUE", new)
    yield Trigger(f"{table}_known_update", table, "AFTER UPDATE", changed, (*old, *new))
    yield Trigger(f"{table}_known_delete", table, "AFTER DELETE", "TRUE", old)


def _one_column(
    dialect: Dialect, column: str, joined: Callable[[Dialect, str], str], action: str
) -> Iterator[str]:
    """Set one column of an action's known row: in place if the same change wrote the row, otherwise in a new row.

    An import inserts five relationships for each action. It spent most of its time recalculating whole rows.
    """
    stamp, value = dialect.stamp, joined(dialect, action)
    yield f"UPDATE {ACTIONS} SET {column} = {value} WHERE {_open_since(action, stamp)}"  # noqa: S608  own names
    yield _end(ACTIONS, f"action_id = {action} AND coalesce(known_from, known_until) < {stamp}", stamp)
    own = ("id", "known_from", "known_until", column)
    others = [f'"{field.column}"' for field in KnownAction._meta.local_fields if field.column not in own]
    yield (
        f"INSERT INTO {ACTIONS} ({', '.join(others)}, {column}, known_from) "  # noqa: S608  own names
        f"SELECT {', '.join(others)}, {value}, {stamp} FROM {ACTIONS} "
        f"WHERE action_id = {action} AND known_until IS NOT NULL AND coalesce(known_until, known_from) = {stamp} "
        f"AND NOT EXISTS (SELECT 1 FROM {ACTIONS} WHERE action_id = {action} AND known_until IS NULL) "
        f"AND EXISTS (SELECT 1 FROM {Action._meta.db_table} WHERE id = {action})"  # and the action still exists
    )


def _differ(dialect: Dialect, columns: Iterable[str]) -> str:
    return " OR ".join(f'OLD."{column}" {dialect.differs} NEW."{column}"' for column in sorted(columns))


def _written_by_triggers_alone(dialect: Dialect) -> Iterator[Trigger]:
    """Rules that stop anyone but triggers from writing known rows.

    PostgreSQL can tell a trigger's statement from any other. SQLite cannot, so it accepts only what agrees with the
    updates: the status of the newest update, and an end that is now.
    """
    shut = f"{DOOR} = ''"
    refused = (dialect.refuse("known rows are calculated, never written by hand"),)
    by_hand = "pg_trigger_depth() < 2" if dialect.vendor == "postgresql" else "FALSE"
    newest = (
        f"(SELECT {rank_of('u.status')} FROM {UPDATES} AS u WHERE u.id = NEW.update_id "  # noqa: S608  own names
        f"AND u.measure_id = NEW.measure_id AND NOT EXISTS (SELECT 1 FROM {UPDATES} AS later "
        "WHERE later.measure_id = NEW.measure_id AND later.id > u.id AND later.recorded_at <= NEW.known_from))"
    )
    worst = f"(SELECT min(rank) FROM {MEASURES} WHERE action_id = NEW.action_id AND known_until IS NULL)"  # noqa: S608
    none = Status.NOT_REPORTED.rank
    stamp = dialect.stamp
    wrong = {
        KnownMeasure: f"NEW.known_from <> {stamp} OR NEW.rank <> coalesce({newest}, {none})",
        KnownAction: f"NEW.known_from <> {stamp} OR NEW.rank <> coalesce({worst}, {none})",
    }
    for model, disagrees in wrong.items():
        table = model._meta.db_table
        columns = {str(field.column) for field in model._meta.local_fields}
        as_ended = f"NEW.known_until = {stamp} AND NOT ({_differ(dialect, columns - {'known_until'})})"
        in_place = f"OLD.known_from = {stamp} AND NOT ({_differ(dialect, columns - IN_PLACE[table])})"
        for event, when in (
            ("INSERT", f"NEW.known_until IS NOT NULL OR {disagrees}"),
            ("UPDATE", f"OLD.known_until IS NOT NULL OR NOT (({as_ended}) OR ({in_place}))"),
            ("DELETE", f"OLD.known_until IS NOT NULL OR OLD.known_from <> {dialect.stamp}"),
        ):
            name = f"{table}_worked_out_{event.lower()}"
            yield Trigger(name, table, f"BEFORE {event}", f"{shut} AND ({by_hand} OR {when})", refused)

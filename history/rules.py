"""What each app registers with the history when it is ready: its rules, what the database stamps, what it derives."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db import models

from history.dialect import Dialect, Trigger


@dataclass(frozen=True)
class Rule:
    """Refuse `event` (INSERT, UPDATE or DELETE) on `model` where `when` holds, saying `message`.

    `when` is SQL that both engines read; `{differs}` is the engine's null-safe “is not”, `{stamp}` the last stamp and
    `{door}` why the past may be written (empty when it may not).
    """

    name: str
    model: type[models.Model]
    event: str
    when: str
    message: str


@dataclass(frozen=True)
class Stamped:
    """Rows of `model` get their time from the database as they are inserted, and are never changed afterwards.

    `field` is the stamped column; `also` gives more columns as SQL over NEW. `then` gives the statements that derive
    other rows from the inserted one; it gets the dialect and the SQL for the stamp of the inserted row. `again` is SQL
    over NEW, with `{stamp}`: whether a row of the past needs a stamp of its own.
    """

    model: type[models.Model]
    also: dict[str, str] = field(default_factory=dict)
    then: Callable[[Dialect, str], Iterable[str]] = lambda dialect, stamp: ()
    field: str = "recorded_at"
    again: str = "TRUE"


RULES: list[Rule] = []
STAMPED: list[Stamped] = []
DERIVED: list[Callable[[Dialect], Iterable[Trigger]]] = []
NEVER_EMPTIED: list[type[models.Model]] = []
SHOWN: list[type[models.Model]] = []


def register(
    *,
    rules: Iterable[Rule] = (),
    stamped: Iterable[Stamped] = (),
    derived: Iterable[Callable[[Dialect], Iterable[Trigger]]] = (),
    never_emptied: Iterable[type[models.Model]] = (),
    shown: Iterable[type[models.Model]] = (),
) -> None:
    """Add to what the next `install` makes. Called once an app, from its `ready`.

    Rows of `shown` have no versions, but stand on pages of the plan: a write to them moves its stamp on.
    """
    RULES.extend(rules)
    STAMPED.extend(stamped)
    DERIVED.extend(derived)
    NEVER_EMPTIED.extend(never_emptied)
    SHOWN.extend(shown)


def kept(model: type[models.Model], what: str, *, except_when: str = "FALSE") -> list[Rule]:
    """Rules by which rows of `model` are only ever added: no UPDATE, no DELETE; but where `except_when` holds.

    An UPDATE that leaves the row as it is changes nothing, and is let through.
    """
    table = model._meta.db_table
    columns = [field.column for field in model._meta.local_fields]
    changed = " OR ".join(f'OLD."{column}" {{differs}} NEW."{column}"' for column in columns)
    return [
        Rule(
            f"{table}_kept_as_made",
            model,
            "UPDATE",
            f"({changed}) AND NOT ({except_when})",
            f"{what} is never changed",
        ),
        Rule(f"{table}_kept", model, "DELETE", f"NOT ({except_when})", f"{what} is never deleted"),
    ]

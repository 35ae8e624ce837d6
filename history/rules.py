"""What each app registers when it is ready: its rules, the rows the database stamps, the rows it derives."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db import models

from history.dialect import Dialect, Trigger


@dataclass(frozen=True)
class Rule:
    """Reject `event` (INSERT, UPDATE or DELETE) on `model` with `message` if `when` is true.

    `when` is SQL that both engines read. `{differs}` stands for the engine's null-safe “is not”, `{stamp}` for the last
    stamp and `{door}` for the reason the past may be written (empty if it may not).
    """

    name: str
    model: type[models.Model]
    event: str
    when: str
    message: str


@dataclass(frozen=True)
class Stamped:
    """Rows of `model` are stamped when they are inserted, and never change afterwards.

    `field` is the stamped column; `also` maps further columns to SQL over NEW. `then` returns the statements that
    derive other rows from the inserted one, given the dialect and the SQL for its stamp. `again` is SQL over NEW with
    `{stamp}`: whether a row written in the past needs a stamp of its own. `names` maps a column with somebody's name at
    the time to the column with that person's key (see `history.names`).
    """

    model: type[models.Model]
    also: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    then: Callable[[Dialect, str], Iterable[str]] = lambda dialect, stamp: ()
    field: str = "recorded_at"
    again: str = "TRUE"


RULES: list[Rule] = []
STAMPED: list[Stamped] = []
DERIVED: list[Callable[[Dialect], Iterable[Trigger]]] = []
NEVER_EMPTIED: list[type[models.Model]] = []
SHOWN: list[type[models.Model]] = []
NAMED: list[tuple[type[models.Model], dict[str, str]]] = []


def register(
    *,
    rules: Iterable[Rule] = (),
    stamped: Iterable[Stamped] = (),
    derived: Iterable[Callable[[Dialect], Iterable[Trigger]]] = (),
    never_emptied: Iterable[type[models.Model]] = (),
    shown: Iterable[type[models.Model]] = (),
    named: Iterable[tuple[type[models.Model], dict[str, str]]] = (),
) -> None:
    """Register what the next `install` creates. Each app calls this once, from `AppConfig.ready`.

    Models in `shown` have no versions but appear on pages of the plan, so writing to them moves the plan stamp.
    `named` lists the models that are not stamped and keep names, as `Stamped.names` does.
    """
    RULES.extend(rules)
    STAMPED.extend(stamped)
    DERIVED.extend(derived)
    NEVER_EMPTIED.extend(never_emptied)
    SHOWN.extend(shown)
    NAMED.extend(named)


def kept(model: type[models.Model], what: str, *, except_when: str = "FALSE") -> list[Rule]:
    """Rules that reject UPDATE and DELETE of `model` unless the SQL `except_when` is true.

    An UPDATE that changes nothing is allowed.
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

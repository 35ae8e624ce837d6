"""Taking a leaver's name out of what they wrote: the one change that a row which never changes allows.

An update, a change of the plan, a question and a published paper keep the name their author had at the time. Once a
person's own row is marked `name_removed`, which cannot be undone and needs a closed account and a name that starts
with “A former”, a kept name of that person may be replaced by the name in their row. Every other column stays as it
is: the triggers check both (`only_a_name`).
"""

from collections.abc import Iterator

from django.db import models

from history import rules
from history.dialect import Dialect
from history.models import PlanChange

OF_CHANGES = {"by_name": "by_id"}


def kept_names() -> Iterator[tuple[type[models.Model], str, str]]:
    """Every model, its column with a name, and its column with the key of the person."""
    found: list[tuple[type[models.Model], dict[str, str]]] = [(PlanChange, OF_CHANGES)]
    found += [(stamped.model, stamped.names) for stamped in rules.STAMPED]
    for model, names in found + rules.NAMED:
        for column, key in names.items():
            yield model, column, key


def take_out(person: int, name: str) -> None:
    """Write `name`, which the person's row has now, wherever an older one was kept. Call it inside a transaction."""
    for model, column, key in kept_names():
        kept = model._default_manager.filter(**{key: person}).exclude(**{column: name})
        kept.update(**{column: name})


def only_a_name(dialect: Dialect, model: type[models.Model], names: dict[str, str]) -> str:
    """SQL that is true if an UPDATE of `model` does nothing but replace removed names."""
    if not names:
        return "FALSE"
    same = [
        f'NOT (OLD."{field.column}" {dialect.differs} NEW."{field.column}")'
        for field in model._meta.local_fields
        if field.column not in names
    ]
    removed = [
        f'(NOT (OLD."{column}" {dialect.differs} NEW."{column}") OR EXISTS (SELECT 1 FROM partners_user AS leaver '  # noqa: S608  own names
        f'WHERE leaver.id = OLD."{key}" AND leaver.name_removed AND leaver.name = NEW."{column}"))'
        for column, key in names.items()
    ]
    any_of_them = " OR ".join(f'OLD."{column}" {dialect.differs} NEW."{column}"' for column in names)
    return " AND ".join((*same, *removed, f"({any_of_them})"))

"""An exclusion constraint on PostgreSQL; does nothing on SQLite."""

from typing import Any

from django.db import models


class NoOverlap(models.BaseConstraint):
    """The days from `start` to `end`, both included, of two rows never overlap.

    PostgreSQL holds it by an exclusion constraint, whatever two transactions do at once. SQLite has one writer at a
    time: the rule in `reporting.rules` is enough there. The model's `clean` says it in words.
    """

    def __init__(self, *, start: str, end: str, name: str) -> None:
        super().__init__(name=name)
        self.start, self.end = start, end

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        if schema_editor.connection.vendor != "postgresql":
            return ""
        start, end = (
            schema_editor.quote_name(model._meta.get_field(name).column) for name in (self.start, self.end)
        )
        name = schema_editor.quote_name(self.name)
        return f"CONSTRAINT {name} EXCLUDE USING gist (daterange({start}, {end}, '[]') WITH &&)"

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        sql = self.constraint_sql(model, schema_editor)
        return f"ALTER TABLE {schema_editor.quote_name(model._meta.db_table)} ADD {sql}" if sql else ""

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        if schema_editor.connection.vendor != "postgresql":
            return ""
        table, name = (schema_editor.quote_name(one) for one in (model._meta.db_table, self.name))
        return f"ALTER TABLE {table} DROP CONSTRAINT {name}"

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Skipped: `ReportingPeriod.clean` checks this and names the other period."""

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        return path, tuple(args), {**kwargs, "start": self.start, "end": self.end}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NoOverlap) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash((self.name, self.start, self.end))

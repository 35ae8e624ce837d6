"""Rights of the PostgreSQL role that serves the portal when another role owns the tables.

The owner migrates. The serving role reads everything and writes what people write; it cannot drop a trigger or write
what triggers write.
"""

from collections.abc import Iterator

from django.apps import apps
from django.db import models

from history import names, rules
from history.models import Clock, Known, Nothing, PlanChange

CLOCK_COLUMNS = ("stamp", "plan_stamp", "change_id", "must_end_id")  # but not the door to the past


def grants(role: str, tables: set[str]) -> Iterator[str]:
    """Statements that give `role` its rights on `tables` and revoke all others."""
    quoted = '"' + role.replace('"', '""') + '"'
    yield "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {quoted}"
    yield f"GRANT USAGE ON SCHEMA public TO {quoted}"
    yield f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {quoted}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {quoted}"
    read_only = {model._meta.db_table for model in _written_by_triggers()} | {"django_migrations"}
    append_only = {stamped.model._meta.db_table for stamped in rules.STAMPED} | {PlanChange._meta.db_table}
    for table in sorted(tables - read_only - {Clock._meta.db_table}):
        yield f'GRANT INSERT{"" if table in append_only else ", UPDATE, DELETE"} ON "{table}" TO {quoted}'
    for model, column, _ in names.kept_names():
        if (table := model._meta.db_table) in tables & append_only:
            yield f'GRANT UPDATE ("{column}") ON "{table}" TO {quoted}'
    yield f"GRANT UPDATE ({', '.join(CLOCK_COLUMNS)}) ON {Clock._meta.db_table} TO {quoted}"


def _written_by_triggers() -> Iterator[type[models.Model]]:
    """Versions and known rows."""
    yield Nothing
    yield from (model for model in apps.get_models() if issubclass(model, Known))

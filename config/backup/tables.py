"""Tables to lines of JSON and back, the same on both databases."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.backends.utils import CursorWrapper

# Signed-in sessions end with a restore. What the cache has is of no use later.
LEFT_OUT = ("sessions", "usersessions")
DJANGOS_OWN = ("contenttypes", "auth")  # remade by migrations
PLAN = ("history", "strategy", "actions", "reporting")
PEOPLE = (
    "partners.Partner",
    "partners.PartnerVersion",
    "partners.User",
    "partners.User_partners",
    "account.EmailAddress",
)
PRIVATE = ("actions.UpdateDraft",)
ROWS_AT_ONCE = 500

Model = type[models.Model]


def all_tables() -> list[Model]:
    """Every table of a backup."""
    found = [model for model in apps.get_models(include_auto_created=True) if _is_kept(model)]
    return sorted(found, key=lambda model: model._meta.db_table)


def plan_tables() -> list[Model]:
    """The tables of a portable file: the plan, its history, updates, and people without what lets them sign in."""
    return [
        model
        for model in all_tables()
        if model._meta.label in PEOPLE or (model._meta.app_label in PLAN and model._meta.label not in PRIVATE)
    ]


def replaced_tables(*, plan_only: bool) -> list[Model]:
    """The tables that are emptied before a file is restored: all, so that no row is left without what it refers to."""
    every = [*all_tables(), *(model for model in apps.get_models() if model._meta.app_label in LEFT_OUT)]
    return [model for model in every if not plan_only or model._meta.app_label not in DJANGOS_OWN]


def _is_kept(model: Model) -> bool:
    return model._meta.managed and not model._meta.proxy and model._meta.app_label not in LEFT_OUT


def columns_of(model: Model) -> list[str]:
    return [str(field.column) for field in model._meta.local_fields]


def lines(model: Model, *, plan_only: bool = False) -> Iterator[bytes]:
    """The rows of a table in the order of their keys, a line each."""
    fields = model._meta.local_fields
    for row in _rows(model, plan_only):
        values = [_plain(value) for value in row]
        if plan_only and model._meta.label == "partners.User":
            values[[field.attname for field in fields].index("password")] = "!"  # unusable password
        yield json.dumps(values, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode() + b"\n"


def _rows(model: Model, plan_only: bool) -> Iterator[tuple[Any, ...]]:
    rows = model._base_manager.order_by("pk")
    if plan_only and model._meta.label == "actions.EvidenceFile":
        rows = rows.filter(updates__isnull=False).distinct()
    names = [field.attname for field in model._meta.local_fields]
    yield from rows.values_list(*names).iterator(ROWS_AT_ONCE)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return b64encode(bytes(value)).decode() if isinstance(value, bytes | memoryview) else value


def insert(model: Model, columns: list[str], rows: Iterator[list[Any]]) -> int:
    """Insert rows as they are, and return their number. The caller has disabled the triggers."""
    fields: list[Any] = [_field_of(model, column) for column in columns]
    read = [_reader_of(field) for field in fields]
    names = ", ".join(f'"{column}"' for column in columns)
    into = f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES '  # noqa: S608  own names
    count = 0
    with connection.cursor() as cursor:
        while some := list(islice(rows, ROWS_AT_ONCE)):
            converted = [
                [
                    field.get_db_prep_save(reader(value), connection)
                    for field, reader, value in zip(fields, read, row, strict=True)
                ]
                for row in some
            ]
            _insert_rows(cursor, into, converted)
            count += len(some)
    return count


def _insert_rows(cursor: CursorWrapper, into: str, rows: list[list[Any]]) -> None:
    """Insert `rows`; in one statement on PostgreSQL, where each is a round trip."""
    places = f"({', '.join(['%s'] * len(rows[0]))})"
    if connection.vendor == "sqlite":
        cursor.executemany(into + places, rows)
    else:
        cursor.execute(into + ", ".join([places] * len(rows)), list(chain.from_iterable(rows)))


def _field_of(model: Model, column: str) -> Any:
    return next(field for field in model._meta.local_fields if field.column == column)


def _reader_of(field: Any) -> Callable[[Any], Any]:
    """What turns a value of the file into one of the field."""
    if isinstance(field, models.ForeignKey):
        return _reader_of(field.target_field)
    kinds: list[tuple[type[Any], Callable[[Any], Any]]] = [
        (models.DateTimeField, datetime.fromisoformat),
        (models.DateField, date.fromisoformat),
        (models.DecimalField, Decimal),
        (models.BinaryField, b64decode),
    ]
    for kind, convert in kinds:
        if isinstance(field, kind):
            return lambda value: None if value is None else convert(value)
    return lambda value: value

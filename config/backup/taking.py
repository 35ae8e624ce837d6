"""Taking a backup while people go on writing: one snapshot of the database, and the evidence it knows."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from actions.models import EvidenceFile
from config.backup import archive, tables
from history import clock
from history.restoring import last_keys


def take(path: Path, *, plan_only: bool = False) -> dict[str, Any]:
    """Write everything, or the plan alone, to `path`, and return the manifest. Raises OSError.

    Updates submitted meanwhile are in the next backup. Evidence is never changed once it is there, so it's read after
    the rows; a file that belonged to a draft may be gone by then, and is listed under `missing`.
    """
    chosen = tables.plan_tables() if plan_only else tables.all_tables()
    with archive.new(path) as writer:
        with clock.snapshot():
            manifest = _about(plan_only)
            keys = last_keys(connection)
            manifest["tables"] = {
                model._meta.db_table: {
                    "columns": tables.columns_of(model),
                    "last_key": keys.get(model._meta.db_table, 0),
                    **writer.table(model._meta.db_table, tables.lines(model, plan_only=plan_only)),
                }
                for model in chosen
            }
            names = _evidence(plan_only)
        for name in names:
            try:
                with default_storage.open(name) as content:
                    manifest["files"][name] = writer.file(name, content)
            except FileNotFoundError:
                manifest["missing"].append(name)
        writer.manifest(manifest)
    return manifest


def applied_migrations() -> list[list[str]]:
    """The migrations applied to this database, sorted."""
    return sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations())


def _about(plan_only: bool) -> dict[str, Any]:
    return {
        "format": archive.FORMAT,
        "kind": "plan" if plan_only else "backup",
        "version": settings.RELEASE,
        "made_at": clock.now().isoformat(timespec="microseconds"),
        "database": connection.vendor,
        "migrations": applied_migrations(),
        "tables": {},
        "files": {},
        "missing": [],
    }


def _evidence(plan_only: bool) -> list[str]:
    files = EvidenceFile.objects.order_by("pk")
    if plan_only:
        files = files.filter(updates__isnull=False).distinct()
    return list(files.values_list("file", flat=True))

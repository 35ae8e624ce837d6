"""Restoring a backup or a portable file: all of it or nothing, row for row as it was."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import DatabaseError, ProgrammingError, connection

from actions import check
from actions.models import EvidenceFile, ProgressUpdate
from config.backup import archive, tables
from config.backup.taking import applied_migrations
from history.models import PlanChange
from history.restoring import set_last_key, without_triggers
from partners.models import User

KINDS = {"backup": "a backup", "plan": "a file of export_plan"}
COMMANDS = {"backup": "restore", "plan": "import_plan"}


class RestoreRefused(Exception):
    """Nothing was changed. The message tells people why."""


def restore(path: Path, *, kind: str, replace: bool = False) -> dict[str, Any]:
    """Restore the file at `path` and return its manifest. Raises RestoreRefused or ArchiveError, with nothing changed.

    Only into a portal where nobody has done anything yet, unless `replace` says otherwise.
    """
    with archive.opened(path) as reader:
        _fits(reader.manifest, kind)
        if not replace and (found := what_is_here()):
            raise RestoreRefused(
                f"This portal is not empty: it has {found}. Use a new database, or --replace to lose what is here."
            )
        try:
            with _evidence_of(reader):
                _put_back(reader, plan_only=kind == "plan")
        except ProgrammingError as error:
            if "owner" in str(error):
                raise RestoreRefused(
                    "The database's role does not own the tables. Set DATABASE_URL to the role that does."
                ) from error
            raise
        except DatabaseError as error:
            raise RestoreRefused(
                f"The database does not take the rows: {str(error).splitlines()[0]}"
            ) from error
        cache.clear()
        ContentType.objects.clear_cache()
        return reader.manifest


def what_is_here() -> str:
    """What people have done in this portal, in words; empty if nothing but the framework is there."""
    counts = {
        "person": User.objects.count(),
        "progress update": ProgressUpdate.objects.count(),
        "change of the plan": PlanChange.objects.exclude(kind=PlanChange.Kind.IMPORT).count(),
    }
    plurals = {
        "person": "people",
        "progress update": "progress updates",
        "change of the plan": "changes of the plan",
    }
    found = [f"{count:,} {name if count == 1 else plurals[name]}" for name, count in counts.items() if count]
    return ", ".join(found)


def _fits(manifest: dict[str, Any], kind: str) -> None:
    """Refuse a file of the other kind, or of tables that are not as here."""
    if manifest["kind"] != kind:
        other = manifest["kind"]
        raise RestoreRefused(f"This is {KINDS[other]}, not {KINDS[kind]}. Use manage.py {COMMANDS[other]}.")
    theirs = {tuple(each) for each in manifest["migrations"]}
    ours = {tuple(each) for each in applied_migrations()}
    if unknown := sorted(theirs - ours):
        raise RestoreRefused(
            f"It was made by a newer portal, version {manifest['version']} ({'.'.join(unknown[0])}). "
            "Upgrade this one and run manage.py migrate, then try again."
        )
    if missing := sorted(ours - theirs):
        raise RestoreRefused(
            f"It was made by an older portal, version {manifest['version']} (before {'.'.join(missing[0])}). "
            "Restore it with that version, then upgrade."
        )


def _put_back(reader: archive.Reader, *, plan_only: bool) -> None:
    models = {model._meta.db_table: model for model in tables.all_tables()}
    emptied = tables.replaced_tables(plan_only=plan_only)
    listed = reader.manifest["tables"]
    with without_triggers(connection, [model._meta.db_table for model in emptied]):
        with connection.cursor() as cursor:
            for model in emptied:
                cursor.execute(f'DELETE FROM "{model._meta.db_table}"')  # noqa: S608  own names
        for name, table in listed.items():
            count = tables.insert(models[name], table["columns"], reader.rows(name))
            if count != table["rows"]:
                raise archive.ArchiveError(f"{name} has {count:,} rows of {table['rows']:,}.")
        if faults := check.faults():
            raise archive.ArchiveError(f"Its plan does not agree with its history. {faults[0]}")
        for name, table in listed.items():
            set_last_key(connection, models[name], table["last_key"])


@contextmanager
def _evidence_of(reader: archive.Reader) -> Iterator[None]:
    """Store the evidence before the rows that name it; if they cannot be stored, take it away again."""
    stored: list[str] = []
    try:
        for name, about in reader.manifest["files"].items():
            if default_storage.exists(name):
                _is_the_same(name, about["sha256"])
                continue
            with reader.file(name) as content:
                stored.append(default_storage.save(name, File(content, name=name)))
        yield
    except BaseException as error:
        for name in stored:
            default_storage.delete(name)
        if isinstance(error, OSError):
            raise RestoreRefused(f"The evidence cannot be stored: {error.strerror or error}.") from error
        raise


def _is_the_same(name: str, expected: str) -> None:
    with default_storage.open(name) as content:
        digest = sha256(content.read()).hexdigest()
    if digest != expected:
        raise RestoreRefused(f"The evidence folder has another file under the name {name}.")


def stray_evidence() -> list[str]:
    """Files of the evidence folder that no row names, for the administrator to look at after --replace."""
    known = {name.rpartition("/")[2] for name in EvidenceFile.objects.values_list("file", flat=True)}
    try:
        _, files = default_storage.listdir("evidence")
    except FileNotFoundError:
        return []
    return sorted(set(files) - known)

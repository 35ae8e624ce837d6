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
from django.core.management import CommandError, call_command
from django.db import DatabaseError, ProgrammingError, connection
from django.db.migrations.loader import MigrationLoader

from actions import check
from actions.models import EvidenceFile, ProgressUpdate
from config.backup import archive, tables
from config.backup.taking import applied_migrations
from history import triggers
from history.functions import lock_out
from history.models import PlanChange
from history.restoring import set_last_key, without_triggers
from partners.models import User

KINDS = {"backup": "a backup", "plan": "a file of export_plan"}
COMMANDS = {"backup": "restore", "plan": "import_plan"}
FUNCTIONS = (
    "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace "
    "AND proowner = current_user::regrole AND prokind = 'f'"
)


class RestoreRefused(Exception):
    """Nothing was changed. The message tells people why."""


class LeftEmpty(Exception):
    """The old tables are gone, and the backup could not be restored. The message tells people why."""


def restore(path: Path, *, kind: str, replace: bool = False) -> dict[str, Any]:
    """Restore the file at `path` and return its manifest. Raises RestoreRefused or ArchiveError, with nothing changed.

    Only into a portal where nobody has done anything yet, unless `replace` says otherwise.
    """
    with archive.opened(path) as reader:
        _fits(reader.manifest, kind, applied_migrations())
        if not replace and (found := what_is_here()):
            raise RestoreRefused(
                f"This portal is not empty: it has {found}. Use a new database, or --replace to lose what is here."
            )
        with _refused_in_words("The database rejected the rows"), _evidence_of(reader):
            _put_back(reader, plan_only=kind == "plan")
        cache.clear()
        ContentType.objects.clear_cache()
        return reader.manifest


def rebuild(path: Path) -> dict[str, Any]:
    """Restore a backup of this release over whatever is here, even tables that another release has migrated.

    Drops those and recreates them for this release. Raises RestoreRefused or ArchiveError with nothing changed, and
    LeftEmpty. The portal must be stopped.
    """
    ours = sorted([app, name] for app, name in MigrationLoader(None).disk_migrations)
    with archive.opened(path) as reader:
        _fits(reader.manifest, "backup", ours)
    with _refused_in_words("The tables cannot be dropped"):
        if applied_migrations() == ours:
            return restore(path, kind="backup", replace=True)
        _drop_everything()
    try:
        call_command("createcachetable", verbosity=0)
        call_command("migrate", verbosity=0)
        return restore(path, kind="backup", replace=True)
    except (RestoreRefused, archive.ArchiveError, CommandError, DatabaseError, OSError) as error:
        raise LeftEmpty(str(error)) from error


@contextmanager
def _refused_in_words(what: str) -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        if isinstance(error, ProgrammingError) and "owner" not in str(error):
            raise
        reason = f"{what}: {str(error).splitlines()[0]}"
        if "owner" in str(error):
            reason = "The database's role does not own the tables. Set DATABASE_URL to the role that does."
        raise RestoreRefused(reason) from error


def _drop_everything() -> None:
    """Drop every table, trigger and function of the database, in one transaction.

    On PostgreSQL, gives up after waiting 10 seconds for a lock.
    """
    sqlite = connection.vendor == "sqlite"
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        if sqlite:
            lock_out(cursor)
    try:
        with connection.schema_editor() as editor, connection.cursor() as cursor:
            if sqlite:
                for name in triggers.installed(connection):
                    cursor.execute(f"DROP TRIGGER {name}")
            else:
                cursor.execute("SET LOCAL lock_timeout = '10s'")
            for table in tables:
                editor.execute(editor.sql_delete_table % {"table": editor.quote_name(table)})
            if not sqlite:
                cursor.execute(FUNCTIONS)
                for (signature,) in cursor.fetchall():
                    cursor.execute(f"DROP FUNCTION {signature} CASCADE")
    finally:
        triggers.let_in(connection)


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


def _fits(manifest: dict[str, Any], kind: str, here: list[list[str]]) -> None:
    """Refuse a file of the other kind, or one made under other migrations than `here`."""
    if manifest["kind"] != kind:
        other = manifest["kind"]
        raise RestoreRefused(f"This is {KINDS[other]}, not {KINDS[kind]}. Use manage.py {COMMANDS[other]}.")
    theirs = {tuple(each) for each in manifest["migrations"]}
    ours = {tuple(each) for each in here}
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
    """Store the evidence before the rows that name it. Deletes it again if anything fails."""
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

"""Backups and portable files: complete, checked, restored row for row, on either database."""

import errno
import json
import os
import stat
import zipfile
from collections.abc import Callable
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from actions.check import FigureCheck
from actions.models import Action, EvidenceFile, ProgressUpdate, UpdateDraft
from config.backup import archive, tables
from config.backup.taking import take
from history import triggers
from history.clock import plan_change
from history.restoring import last_keys
from partners.models import User
from reporting.models import ReportingPeriod
from tests.actors import Actor
from tests.databases import copied, copy, migrated
from tests.serving import Portal
from tests.stored import BACKUP

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
Contents = dict[str, list[Any]]
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
FORM = "/actions/1/measures/1/update/"
THERE = """
from django.core.management import call_command
call_command("createcachetable")
call_command("restore", {here!r})
call_command("check_figures")
call_command("backup", {back!r})
"""


def contents(*, plan_only: bool = False) -> Contents:
    """Every row of every table, and the last key of each."""
    chosen = tables.plan_tables() if plan_only else tables.all_tables()
    keys = last_keys(connection)
    found: Contents = {}
    for model in chosen:
        name = model._meta.db_table
        found[name] = [keys.get(name, 0), *map(json.loads, tables.lines(model, plan_only=plan_only))]
    return found


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path


@pytest.fixture
def lived_in(folder: Path, lead: User, client_of: ClientOf, report: Any, period: ReportingPeriod) -> Client:
    """A portal that people have used: updates, evidence, a draft with a file, changes of the plan."""
    client = client_of(lead)
    file = SimpleUploadedFile("minutes.pdf", PDF)
    sent = {"status": "complete", "completed_on": "2026-01-31", "comment": "Naïve 😀", "once_key": "k" * 32}
    client.post(FORM, sent | {"evidence_file": file})
    file = SimpleUploadedFile("draft.pdf", PDF + b"draft")
    client.post("/actions/20/measures/1/update/", {"do": "draft", "comment": "Half", "evidence_file": file})
    report(23, 2, "off-track")
    with plan_change(by=lead, reason="A better title"):
        Action.objects.filter(number=7).update(title="A better title")
    report(7)
    return client


def restore(file: Path, command: str = "restore", **options: Any) -> str:
    output = StringIO()
    call_command(command, str(file), stdout=output, **options)
    return output.getvalue()


def refused(file: Path, words: str, command: str = "restore", **options: Any) -> None:
    """It is refused in these words, and nothing is changed."""
    before = contents()
    with pytest.raises(CommandError, match=words) as error:
        restore(file, command, **options)
    assert str(error.value).startswith("Nothing was changed. ")
    assert contents() == before


def test_a_restored_portal_is_as_it_was_row_for_row_and_goes_on(lived_in: Client, folder: Path) -> None:
    before, backup = contents(), folder / "portal.zip"
    call_command("backup", str(backup), stdout=StringIO())
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir() if path.is_file()] == ["portal.zip"]
    evidence = {path.name: path.read_bytes() for path in (folder / "files" / "evidence").iterdir()}
    assert len(evidence) == 2
    refused(backup, "This portal is not empty: it has 2 people, 3 progress updates")
    lived_in.post(FORM, {"status": "on-track", "comment": "Lost", "once_key": "l" * 32, "seen": "1"})
    for path in (folder / "files" / "evidence").iterdir():
        path.unlink()
    assert "evidence files, as at" in restore(backup, replace=True)
    assert contents() == before
    assert {path.name: path.read_bytes() for path in (folder / "files" / "evidence").iterdir()} == evidence
    assert triggers.installed(connection) == triggers.expected(connection)
    assert list(FigureCheck().differences()) == []


def test_after_a_restore_people_sign_in_and_submit(
    lived_in: Client, folder: Path, lead: User, client_of: ClientOf
) -> None:
    take(folder / "portal.zip")
    restore(folder / "portal.zip", replace=True)
    assert lived_in.get(FORM).status_code == 302  # signed out
    latest = ProgressUpdate.objects.newest_first().first()
    assert latest is not None
    client = client_of(lead)
    seen = client.get(FORM).context["form"]["seen"].value()
    sent = {"status": "on-track", "comment": "On again", "once_key": "m" * 32, "seen": seen}
    assert client.post(FORM, sent).status_code == 302
    made = ProgressUpdate.objects.newest_first()[0]
    assert (made.comment, made.pk) == ("On again", latest.pk + 1)
    assert made.recorded_at > latest.recorded_at
    assert list(FigureCheck().differences()) == []
    assert client.get("/health/ready").status_code == 200


def test_a_new_portal_counts_as_empty(framework: None, folder: Path) -> None:
    take(folder / "portal.zip")
    before = contents()
    restore(folder / "portal.zip")
    assert contents() == before


def test_a_damaged_file_is_refused_in_words(framework: None, folder: Path) -> None:
    good, bad = folder / "portal.zip", folder / "bad.zip"
    take(good)
    content = good.read_bytes()
    refused(folder / "none.zip", "There is no file")
    for damaged in (
        content[: len(content) // 2],
        content[:-3],
        b"",
        b"not a backup at all",
        content[:5000] + bytes([content[5000] ^ 1]) + content[5001:],
    ):
        bad.write_bytes(damaged)
        refused(bad, "is damaged or incomplete, or is not a backup of this portal|do not match")


def changed(good: Path, bad: Path, **about: Any) -> None:
    """The same archive with another manifest, as sound as the first."""
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w") as target:
        manifest = json.loads(source.read(archive.MANIFEST)) | about
        for name in source.namelist():
            text = json.dumps(manifest).encode() if name == archive.MANIFEST else source.read(name)
            target.writestr(name, text)
            if name == archive.MANIFEST:
                target.comment = sha256(text).hexdigest().encode()


def test_a_file_of_another_version_or_kind_is_refused_in_words(framework: None, folder: Path) -> None:
    good, bad = folder / "portal.zip", folder / "bad.zip"
    migrations = take(good)["migrations"]
    for about, words in (
        ({"format": archive.FORMAT + 1, "version": "9.0"}, "made by a newer portal, version 9.0. Upgrade"),
        (
            {"migrations": [*migrations, ["actions", "9999_later"]], "version": "9.0"},
            "newer portal, version 9.0",
        ),
        ({"migrations": migrations[:-1]}, "made by an older portal"),
        ({"tables": {}, "files": {"evidence/x": {"bytes": 1, "sha256": ""}}}, "damaged"),
    ):
        changed(good, bad, **about)
        refused(bad, words)
    refused(good, "This is a backup, not a file of export_plan. Use manage.py restore", "import_plan")


def test_a_restore_that_fails_half_way_changes_nothing(
    lived_in: Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(folder / "portal.zip")
    for path in (folder / "files" / "evidence").iterdir():
        path.unlink()
    monkeypatch.setattr("config.backup.restoring.check.faults", lambda: ["Something is wrong."])
    refused(folder / "portal.zip", "does not agree with its history. Something is wrong", replace=True)
    assert list((folder / "files" / "evidence").iterdir()) == []
    assert triggers.installed(connection) == triggers.expected(connection)


def test_a_backup_onto_a_full_disk_says_so_and_leaves_the_one_before(
    framework: None, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = folder / "portal.zip"
    target.write_bytes(b"the one before")

    def full(self: Any, *_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("config.backup.archive.Writer.table", full)
    with pytest.raises(CommandError, match=r"No backup was made: No space left on device\."):
        call_command("backup", str(target))
    assert target.read_bytes() == b"the one before"
    assert [path.name for path in folder.iterdir() if path.is_file()] == ["portal.zip"]
    with pytest.raises(CommandError, match="Name a file, or set BACKUP_FOLDER"):
        call_command("backup")


def test_a_portable_file_has_the_plan_and_nothing_private(lived_in: Client, folder: Path) -> None:
    plan = folder / "plan.zip"
    before = contents(plan_only=True)
    call_command("export_plan", str(plan), stdout=StringIO())
    with archive.opened(plan) as reader:
        assert not {"actions_updatedraft", "partners_invitation", "mfa_authenticator"} & set(
            reader.manifest["tables"]
        )
        submitted = EvidenceFile.objects.get(updates__isnull=False)
        assert list(reader.manifest["files"]) == [submitted.file.name]
        emails = {tuple(row) for row in reader.rows("partners_user")}
        assert all("!" in row and not any("pbkdf2" in str(cell) for cell in row) for row in emails)
    refused(plan, "not a backup. Use manage.py import_plan")
    restore(plan, "import_plan", replace=True)
    assert contents(plan_only=True) == before
    assert not UpdateDraft.objects.exists()
    assert list(FigureCheck().differences()) == []


@pytest.mark.skipif(connection.vendor == "sqlite", reason="the run on PostgreSQL tries both ways")
def test_from_postgresql_to_sqlite_and_back(lived_in: Client, folder: Path) -> None:
    here, there, back = (
        folder / "portal.zip",
        Portal(folder, f"sqlite:///{folder / 'portal.sqlite3'}"),
        folder / "back.zip",
    )
    before, manifest = contents(), take(here)
    copy(migrated("sqlite:"), there.database_url)
    assert "no differences" in there.manage(
        "shell", "-v0", "-c", THERE.format(here=str(here), back=str(back))
    )
    with archive.opened(back) as reader:
        assert {**reader.manifest["tables"], "made": 0} == {**manifest["tables"], "made": 0}
    restore(back, replace=True)
    assert contents() == before


def test_the_stored_backup_is_restored_on_this_database(framework: None, folder: Path) -> None:
    """Of the version before, once there is one: tests/stored.py made it, on SQLite."""
    restore(BACKUP)
    with archive.opened(BACKUP) as reader:
        for model in tables.all_tables():
            name = model._meta.db_table
            assert list(map(json.loads, tables.lines(model))) == list(reader.rows(name)), name
    assert ProgressUpdate.objects.count() == 4
    assert list(FigureCheck().differences()) == []


# What a newer release leaves in the database.
NEWER = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE later (id integer, partner_id bigint REFERENCES partners_partner)")
    cursor.execute("INSERT INTO later SELECT id, id FROM partners_partner")
    cursor.execute("ALTER TABLE outbox_mail ADD COLUMN later integer NOT NULL DEFAULT 0")
    cursor.execute(
        "INSERT INTO django_migrations (app, name, applied) VALUES ('outbox', '9999_later', CURRENT_TIMESTAMP)"
    )
"""


@pytest.mark.untraced
@pytest.mark.skipif("SOAK" not in os.environ, reason="takes a minute: part of make soak")
def test_a_backup_is_restored_over_what_a_newer_release_made(prepared_database: str, tmp_path: Path) -> None:
    first, again = tmp_path / "first.zip", tmp_path / "again.zip"
    with copied(prepared_database, tmp_path, "rebuilt") as url:
        portal = Portal(tmp_path, url)
        portal.manage("backup", str(first))
        portal.manage("shell", "-c", NEWER)
        with pytest.raises(AssertionError, match="It was made by an older portal"):
            portal.manage("restore", "--replace", str(first))
        portal.manage("restore", "--rebuild", str(first))
        portal.manage("backup", str(again))
    with archive.opened(first) as before, archive.opened(again) as after:
        assert before.manifest["tables"] == after.manifest["tables"]
        assert before.manifest["migrations"] == after.manifest["migrations"]


def test_a_rebuild_refuses_another_release_before_it_drops_anything(lived_in: Client, folder: Path) -> None:
    good, bad = folder / "portal.zip", folder / "bad.zip"
    changed(good, bad, migrations=take(good)["migrations"][:-1])
    refused(bad, "made by an older portal", rebuild=True)
    before = contents()
    assert "evidence files, as at" in restore(good, rebuild=True)
    assert contents() == before


def test_a_backup_during_writes_is_one_state(actors: list[Actor], tmp_path: Path) -> None:
    backing_up, *writing = actors
    many = "answer = [submit(number, comment=f'Update {n}') for n in range(6)]"
    for number, actor in enumerate(writing, start=20):
        actor.start(many.replace("number", str(number)))
    file = tmp_path / "portal.zip"
    imports = "from config.backup.taking import take; from config.backup.restoring import restore"
    backing_up.run(f"from pathlib import Path; file = Path({str(file)!r}); {imports}")
    backing_up.run("take(file)")
    stamps = sorted(stamp for actor in writing for stamp in actor.answer())
    backing_up.run("restore(file, kind='backup', replace=True)")
    backing_up.run("from actions.models import ProgressUpdate; from actions.check import FigureCheck")
    in_order = "ProgressUpdate.objects.order_by('pk').values_list('recorded_at', flat=True)"
    kept = backing_up.run(f"answer = [stamp.isoformat() for stamp in {in_order}]")
    assert kept == stamps[: len(kept)]  # what was acknowledged first, and nothing in between is lacking
    assert backing_up.run("answer = list(FigureCheck().differences())") == []

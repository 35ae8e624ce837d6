"""Faults from outside: evidence that cannot be stored, a database that is read-only, full or cut off."""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.test import Client

from actions.models import EvidenceFile, ProgressUpdate, UpdateDraft
from config import faults
from config.storage import EvidenceStorage
from partners.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
FORM = "/actions/1/measures/1/update/"
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def sent(**fields: Any) -> dict[str, Any]:
    file = SimpleUploadedFile("minutes.pdf", PDF)
    words = {"status": "on-track", "comment": "The network met.", "once_key": "k" * 32, "do": "submit"}
    return words | {"evidence_file": file} | fields


# Evidence


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "files"


def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full when half of the file is written: its last chunk fails."""

    def chunks(self: Any, *_: Any) -> Iterator[bytes]:
        yield PDF[:20]
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(SimpleUploadedFile, "chunks", chunks)
    monkeypatch.setattr("django.core.files.uploadedfile.InMemoryUploadedFile.chunks", chunks)


def not_writable(folder: Path) -> None:
    """Root may write everywhere, but not in a folder that is a file."""
    folder.parent.mkdir(exist_ok=True)
    folder.write_bytes(b"")


@pytest.mark.parametrize("fault", ["full", "not writable"])
@pytest.mark.parametrize("fields", [{}, {"comment": ""}, {"do": "draft"}], ids=["submit", "error", "draft"])
def test_words_are_kept_where_their_evidence_cannot_be_stored(
    lead: User,
    client_of: ClientOf,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    fields: dict[str, str],
) -> None:
    full(monkeypatch) if fault == "full" else not_writable(folder)
    response = client_of(lead).post(FORM, sent(**fields), follow=True)
    assert response.status_code == (200 if fields.get("do") else 422)
    assert "“minutes.pdf” could not be stored" in response.content.decode()
    if not fields.get("do"):
        assert 'href="#id_evidence_file"' in response.content.decode()
    draft = UpdateDraft.objects.get()
    assert draft.typed["comment"] == fields.get("comment", "The network met.")
    assert not ProgressUpdate.objects.exists()
    assert not EvidenceFile.objects.exists()
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_words_of_an_expired_session_are_kept_without_their_file(
    lead: User, client_of: ClientOf, client: Client, folder: Path
) -> None:
    key = client_of(lead).get(FORM).context["form_key"]
    not_writable(folder)
    client.post(FORM, sent(form_key=key))
    assert UpdateDraft.objects.get().typed["comment"] == "The network met."


def test_no_file_stays_where_its_row_cannot_be_written(
    lead: User, client_of: ClientOf, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(lead)

    def refuse(self: Any, *args: Any, **kwargs: Any) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr("django.db.models.query.QuerySet._insert", refuse)
    client.raise_request_exception = False
    response = client.post(FORM, sent())
    assert response.status_code == 503
    assert "Nothing was saved." in response.content.decode()
    assert [path for path in folder.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda folder, patch: not_writable(folder), "the evidence folder cannot be written"),
        (
            lambda folder, patch: patch.setattr(faults, "ROOM_BYTES", 1 << 60),
            "the disk of the evidence folder is full",
        ),
    ],
)
def test_not_ready_without_room_for_evidence(
    client: Client, folder: Path, monkeypatch: pytest.MonkeyPatch, make: Any, reason: str
) -> None:
    assert client.get("/health/ready").status_code == 200
    folder.rmdir()
    make(folder, monkeypatch)
    response = client.get("/health/ready")
    assert (response.status_code, response.json()["reason"]) == (503, reason)


@pytest.mark.once
def test_evidence_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    storage = EvidenceStorage(location=tmp_path)
    (tmp_path / "evidence").mkdir(mode=0o755)
    before = os.umask(0)
    try:
        storage.save("evidence/a", SimpleUploadedFile("a", b"x"))
        os.umask(0o777)
        storage.save("evidence/deeper/b", SimpleUploadedFile("b", b"x"))
    finally:
        os.umask(before)
    modes = {
        str(path.relative_to(tmp_path)): stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")
    }
    assert modes == {
        "evidence": 0o700,
        "evidence/a": 0o600,
        "evidence/deeper": 0o700,
        "evidence/deeper/b": 0o600,
    }


# A database that cannot save


@pytest.fixture
def read_only(lead: User) -> Iterator[Callable[[], None]]:
    """Call it to make the database read-only until the test ends."""
    sqlite = connection.vendor == "sqlite"

    def switch() -> None:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA query_only = ON" if sqlite else "SET TRANSACTION READ ONLY")

    with transaction.atomic():  # PostgreSQL: undoing it makes the transaction writable again
        yield switch
        transaction.set_rollback(True)
    if sqlite:
        connection.connection.execute("PRAGMA query_only = OFF")  # past a transaction that failed


def unavailable(response: Any) -> str:
    assert response.status_code == 503
    assert response["Retry-After"] == "60"
    text: str = response.content.decode()
    assert "The portal is not available" in text
    return text


def test_a_read_only_database_is_not_ready_and_saves_nothing(
    lead: User, client_of: ClientOf, read_only: Callable[[], None], settings: Any
) -> None:
    settings.CACHES = {"default": portal_cache()}
    client, stranger = client_of(lead), Client(raise_request_exception=False)
    client.raise_request_exception = False
    caches.close_all()
    read_only()
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.json()["reason"]) == (503, "the database is read-only")
    for fields in ({}, {"do": "draft"}, {"comment": ""}):
        text = unavailable(client.post(FORM, sent(evidence_file="", **fields)))
        assert "Nothing was saved." in text
    for typed in ({"login": lead.email, "password": PASSWORD}, {"login": lead.email, "password": "wrong"}):
        text = unavailable(stranger.post("/accounts/login/", typed))
        assert "many failed" not in text
    assert client.get("/actions/").status_code == 200  # reading goes on
    assert not ProgressUpdate.objects.exists()
    assert not UpdateDraft.objects.exists()


def test_a_session_that_cannot_be_saved_is_no_bad_request(
    lead: User, client_of: ClientOf, read_only: Callable[[], None]
) -> None:
    client = client_of(lead)
    client.raise_request_exception = False
    read_only()
    unavailable(client.post("/accounts/logout/"))


def portal_cache() -> dict[str, Any]:
    from django.core.management import call_command

    call_command("createcachetable", "portal_cache", verbosity=0)
    return {"BACKEND": "config.cache.PortalCache", "LOCATION": "portal_cache"}


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("terminating connection due to administrator command"),
        InterfaceError("connection already closed"),
        OperationalError("database or disk is full"),
    ],
)
def test_a_request_that_the_database_cuts_off_is_a_503(
    lead: User, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch, error: DatabaseError
) -> None:
    def cut(*args: Any, **kwargs: Any) -> None:
        raise error

    monkeypatch.setattr("actions.views.measure_update.submit_update", cut)
    client = client_of(lead)
    client.raise_request_exception = False
    text = unavailable(client.post(FORM, sent(evidence_file="")))
    assert ("Nothing was saved." in text) == ("full" in str(error))
    assert ("may not have been saved" in text) == ("full" not in str(error))


def test_a_missing_table_is_our_fault_and_a_500(
    lead: User, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM no_such_table")

    monkeypatch.setattr("actions.views.home.grid_of", broken)
    client = client_of(lead)
    client.raise_request_exception = False
    assert client.get("/").status_code == 500

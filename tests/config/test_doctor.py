"""`manage.py doctor`: what is well, and what to do about the rest."""

import os
import time
from io import StringIO
from pathlib import Path
from ssl import SSLCertVerificationError
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from config import doctor, faults
from history import triggers
from tests.servers import free_port

pytestmark = [pytest.mark.once, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def well(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A portal to which nothing is to do: a deployment's own checks are tried in test_checks.py."""
    settings.PRODUCTION = False
    settings.BACKUP_FOLDER = str(tmp_path)
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.PORTAL_ADDRESS = "http://testserver"
    backup = tmp_path / "portal-2026-01-01.zip"
    backup.write_bytes(b"not one")
    os.utime(backup, (time.time(),) * 2)  # files keep the machine's time, which may not be the suite's
    monkeypatch.setattr(doctor, "GIGABYTE", 1)


def said(**options: Any) -> dict[str, str]:
    """What it says, by check. It fails if and only if something is to do."""
    output = StringIO()
    failed = False
    try:
        call_command("doctor", stdout=output, **options)
    except CommandError:
        failed = True
    found = {line.split()[0]: line.partition(" ")[2].strip() for line in output.getvalue().splitlines()}
    assert failed == (set(found.values()) != {"ok"})
    return found


def test_a_portal_that_is_well(framework: None) -> None:
    assert said() == dict.fromkeys(doctor.CHECKS, "ok")


def test_each_check_says_what_to_do(
    framework: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [backup] = tmp_path.glob("*.zip")
    os.utime(backup, (time.time() - 4 * 86400,) * 2)
    settings.ALLOWED_HOSTS = ["portal.example.org"]
    settings.SECRET_KEY = "short"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    settings.CITY_LOGO = "nowhere.svg"
    monkeypatch.setattr(doctor.time, "time", lambda before=time.time: before() - 60)
    monkeypatch.setattr(faults, "ROOM_BYTES", 1 << 60)
    name = next(iter(triggers.expected(connection) - {"portal_clock_kept"}))
    monkeypatch.setattr(triggers, "installed", lambda _: triggers.expected(connection) - {name})
    found = said()
    expected = {
        "settings": "CITY_LOGO is not an image file",
        "triggers": "Triggers missing: 1. Run manage.py prepare.",
        "mail": f"Cannot connect to the mail server 127.0.0.1:{settings.EMAIL_PORT}: ",
        "cache": "Run manage.py createcachetable.",
        "secret": "SECRET_KEY is short",
        "hosts": "PORTAL_ADDRESS names testserver, which is not in ALLOWED_HOSTS",
        "clock": "ahead of this machine's. Set both by NTP.",
        "disk": "The disk of the evidence folder is full. Evidence cannot be stored.",
        "backup": "days old. Run manage.py backup",
        **dict.fromkeys(("database", "migrations", "figures", "papers"), "ok"),
    }
    assert {name: expected[name] in line for name, line in found.items()} == dict.fromkeys(
        doctor.CHECKS, True
    ), found


def test_the_rest_is_looked_at_when_the_database_is_away(
    framework: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*args: Any) -> None:
        raise OperationalError("could not connect to server\nIs it running?")

    monkeypatch.setattr(faults, "why_no_writing", gone)
    found = said(full=True)
    assert found["database"] == "The database does not answer: could not connect to server. See DATABASE_URL."
    assert found["hosts"] == found["figures"] == "ok"
    assert found["backup"].startswith("The last backup cannot be used.")


def test_an_untrusted_certificate_of_the_mail_server_is_named(
    framework: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def untrusted() -> None:
        error = SSLCertVerificationError(1, "certificate verify failed")
        error.verify_message = "unable to get local issuer certificate"
        raise error

    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "mail.example.org", 587
    monkeypatch.setattr(doctor, "get_connection", untrusted)
    assert said()["mail"] == (
        "The certificate of mail.example.org:587 is not trusted: unable to get local issuer certificate. "
        "Install its authority's certificate, or name the file in SSL_CERT_FILE."
    )

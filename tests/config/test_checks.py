"""In real use the portal refuses to start with incomplete settings, and lists all that are missing."""

from pathlib import Path
from typing import Any

import pytest

from config.checks import portal_address_is_one, real_use_is_for_real
from tests.conftest import run_bare

pytestmark = pytest.mark.once  # no database

COMPLETE = {
    "SECRET_KEY": "k" * 20 + "0123456789-abcdefghijklmnopqrstuvwxyz",
    "ALLOWED_HOSTS": "portal.example.org",
    "PORTAL_ADDRESS": "https://portal.example.org",
}
REAL = COMPLETE | {
    "DATABASE_URL": "postgres://portal:x@db.example.org:5432/portal",
    "EMAIL_URL": "smtp+tls://mail.example.org:587",
}
SERVER = ("-c", "import config.wsgi")


def reported_missing(text: str) -> list[str]:
    return [name for name in COMPLETE if f"{name} is not set: " in text]


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, list(COMPLETE)),
        (dict.fromkeys(COMPLETE, ""), list(COMPLETE)),
        ({"DEMONSTRATION": "on"}, ["SECRET_KEY"]),
        ({"DEBUG": "on"}, ["SECRET_KEY"]),
        ({"SECRET_KEY": COMPLETE["SECRET_KEY"], "ALLOWED_HOSTS": "portal.example.org"}, ["PORTAL_ADDRESS"]),
        (REAL | {"DEMONSTRATION": "off"}, []),
        ({"DEMONSTRATION": "on", "SECRET_KEY": COMPLETE["SECRET_KEY"]}, []),
    ],
)
def test_it_starts_only_with_complete_settings(
    bare_portal: Path, given: dict[str, str], missing: list[str]
) -> None:
    done = run_bare(bare_portal, *SERVER, **given)
    assert (done.returncode == 0) == (not missing), done.stderr
    assert reported_missing(done.stderr) == missing


@pytest.mark.parametrize(("given", "missing"), [({}, list(COMPLETE)), (REAL, [])])
def test_manage_py_reports_the_same(bare_portal: Path, given: dict[str, str], missing: list[str]) -> None:
    done = run_bare(bare_portal, "manage.py", "check", **given)
    assert (done.returncode == 0) == (not missing), done.stderr
    assert reported_missing(done.stderr) == missing


def test_each_error_says_what_the_setting_is_and_where_to_set_it(bare_portal: Path) -> None:
    said = run_bare(bare_portal, *SERVER).stderr
    assert "The portal does not start:" in said
    assert "a long random text, secret" in said
    assert "the portal's host names" in said
    assert said.count("Set it in the environment or in .env") == len(COMPLETE)


@pytest.mark.parametrize(
    ("given", "ids"),
    [
        ({}, []),
        ({"sqlite": True}, ["portal.ALLOW_SQLITE"]),
        ({"sqlite": True, "ALLOW_SQLITE": True}, []),
        ({"mail": "console"}, ["portal.ALLOW_UNSENT_MAIL"]),
        ({"mail": "filebased", "sqlite": True}, ["portal.ALLOW_SQLITE", "portal.ALLOW_UNSENT_MAIL"]),
        ({"mail": "dummy", "ALLOW_UNSENT_MAIL": True}, []),
        ({"mail": "console", "sqlite": True, "PRODUCTION": False}, []),
        ({"PORTAL_ADDRESS": "portal.example.org"}, ["portal.PORTAL_ADDRESS.scheme"]),
        ({"PORTAL_ADDRESS": "https://"}, ["portal.PORTAL_ADDRESS.scheme"]),
        ({"PORTAL_ADDRESS": "javascript:alert(1)"}, ["portal.PORTAL_ADDRESS.scheme"]),
    ],
)
def test_what_is_for_trying_the_portal_is_refused_in_real_use(
    settings: Any, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], ids: list[str]
) -> None:
    given = dict(given)
    engine = "config.sqlite" if given.pop("sqlite", False) else "django.db.backends.postgresql"
    backend = f"django.core.mail.backends.{given.pop('mail', 'smtp')}.EmailBackend"
    as_set = {"PRODUCTION": True, "ALLOW_SQLITE": False, "ALLOW_UNSENT_MAIL": False} | given
    for name, value in as_set.items():
        setattr(settings, name, value)
    settings.EMAIL_CONFIG = {"EMAIL_BACKEND": backend}
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", engine)
    assert [error.id for error in (*real_use_is_for_real(None), *portal_address_is_one(None))] == ids


def test_with_only_the_three_settings_nothing_starts_and_the_message_says_what_to_do(
    bare_portal: Path,
) -> None:
    """An empty EMAIL_URL or DATABASE_URL counts as unset."""
    for arguments in (SERVER, ("manage.py", "check", "--deploy")):
        done = run_bare(bare_portal, *arguments, **COMPLETE | {"EMAIL_URL": "", "DATABASE_URL": ""})
        assert done.returncode != 0
        assert "Set DATABASE_URL to a PostgreSQL database, or set ALLOW_SQLITE=on" in done.stderr
        assert "Set EMAIL_URL to a mail server" in done.stderr
        assert "Traceback" not in done.stderr or "ImproperlyConfigured" in done.stderr

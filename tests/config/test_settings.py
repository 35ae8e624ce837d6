"""What the settings make of the environment."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.conftest import run_bare

PRINT = (
    "import json; from config import settings; print(json.dumps(settings.DATABASES['default']['OPTIONS']))"
)


def options_of(bare_portal: Path, query: str) -> dict[str, Any]:
    """The database's options for a DATABASE_URL with this query."""
    given = {"SECRET_KEY": "x", "DATABASE_URL": f"postgres://portal:x@db.example.org:5432/portal{query}"}
    done = run_bare(bare_portal, "-c", PRINT, **given)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("", {"options": "-c jit=off"}),
        ("?sslmode=require", {"options": "-c jit=off", "sslmode": "require"}),
        (
            "?options=-c%20statement_timeout%3D5s&connect_timeout=3",
            {"options": "-c jit=off -c statement_timeout=5s", "connect_timeout": 3},
        ),
        ("?options=-c%20jit%3Don", {"options": "-c jit=off -c jit=on"}),  # the last one wins
    ],
)
@pytest.mark.once
def test_postgresql_compiles_no_query_and_keeps_the_options_of_its_address(
    bare_portal: Path, query: str, options: dict[str, Any]
) -> None:
    assert options_of(bare_portal, query) == options


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no jit")
def test_the_portals_connections_have_jit_off(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)


@pytest.mark.once
@pytest.mark.parametrize(("https", "prefix"), [("on", "__Host-"), ("off", "")])
def test_cookies_belong_to_this_host_alone_over_https(bare_portal: Path, https: str, prefix: str) -> None:
    code = (
        "from config import settings as s, storage; "
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, storage.MessageCookie.cookie_name, s.WRITTEN_COOKIE_NAME, "
        "s.SESSION_COOKIE_SECURE)"
    )
    given = {"SECRET_KEY": "x", "HTTPS_ONLY": https, "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = run_bare(bare_portal, "-c", code, **given)
    names = ("sessionid", "csrftoken", "messages", "portal_written")
    assert done.stdout.split() == [*(f"{prefix}{name}" for name in names), "True"]

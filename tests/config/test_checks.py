"""In real use the portal refuses to start with incomplete settings, and lists all that are missing."""

from pathlib import Path

import pytest

from tests.conftest import run_bare

COMPLETE = {
    "SECRET_KEY": "k" * 20 + "0123456789-abcdefghijklmnopqrstuvwxyz",
    "ALLOWED_HOSTS": "portal.example.org",
    "PORTAL_ADDRESS": "https://portal.example.org",
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
        *[
            ({name: value for name, value in COMPLETE.items() if name != left_out}, [left_out])
            for left_out in COMPLETE
        ],
        (COMPLETE | {"DEMONSTRATION": "off"}, []),
        ({"DEMONSTRATION": "on", "SECRET_KEY": COMPLETE["SECRET_KEY"]}, []),
    ],
)
def test_it_starts_only_with_complete_settings(
    bare_portal: Path, given: dict[str, str], missing: list[str]
) -> None:
    done = run_bare(bare_portal, *SERVER, **given)
    assert (done.returncode == 0) == (not missing), done.stderr
    assert reported_missing(done.stderr) == missing


@pytest.mark.parametrize(("given", "missing"), [({}, list(COMPLETE)), (COMPLETE, [])])
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

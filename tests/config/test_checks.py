"""An incomplete portal does not start in real use, and says all that is missing at once."""

from pathlib import Path

import pytest

from tests.conftest import run_bare

COMPLETE = {
    "SECRET_KEY": "k" * 20 + "0123456789-abcdefghijklmnopqrstuvwxyz",
    "ALLOWED_HOSTS": "portal.example.org",
    "PORTAL_ADDRESS": "https://portal.example.org",
}
SERVER = ("-c", "import config.wsgi")


def said_missing(text: str) -> list[str]:
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
def test_it_starts_only_with_what_real_use_needs(
    bare_portal: Path, given: dict[str, str], missing: list[str]
) -> None:
    done = run_bare(bare_portal, *SERVER, **given)
    assert (done.returncode == 0) == (not missing), done.stderr
    assert said_missing(done.stderr) == missing


@pytest.mark.parametrize(("given", "missing"), [({}, list(COMPLETE)), (COMPLETE, [])])
def test_the_command_line_says_the_same(bare_portal: Path, given: dict[str, str], missing: list[str]) -> None:
    done = run_bare(bare_portal, "manage.py", "check", **given)
    assert (done.returncode == 0) == (not missing), done.stderr
    assert said_missing(done.stderr) == missing


def test_what_is_missing_comes_with_what_it_is_and_where_to_set_it(bare_portal: Path) -> None:
    said = run_bare(bare_portal, *SERVER).stderr
    assert "The portal does not start:" in said
    assert "a long random text that nobody else has" in said
    assert "the host names it is reached by" in said
    assert said.count("Set it in the environment or in .env") == len(COMPLETE)

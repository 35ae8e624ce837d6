"""The CI files for GitHub and GitLab call the two commands, on every Python and PostgreSQL that the README promises."""

import re
from pathlib import Path

import pytest

from tests.servers import OLDEST_POSTGRES

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
GITHUB = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
GITLAB = (ROOT / ".gitlab-ci.yml").read_text(encoding="utf-8")
PYTHONS = {f"3.{minor}" for minor in range(11, 15)}


@pytest.mark.parametrize("text", [GITHUB, GITLAB], ids=["GitHub", "GitLab"])
def test_both_call_the_two_commands_with_a_strict_audit(text: str) -> None:
    assert re.search(r"- (run: )?make check$", text, re.MULTILINE)
    assert re.search(r"- (run: )?make test$", text, re.MULTILINE)
    assert "AUDIT: strict" in text
    assert set(re.findall(r'"(3\.\d+)"', text)) == PYTHONS


def test_github_tries_each_postgresql() -> None:
    assert set(re.findall(r'postgres: "(\d+)"', GITHUB)) == {str(n) for n in range(OLDEST_POSTGRES, 19)}


def test_what_pre_commit_calls_is_part_of_make_check() -> None:
    check = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\ncheck:")[2].partition("\nfmt:")[0]
    hooks = re.findall(r"entry: \.venv/bin/python -m (\S+)", (ROOT / ".pre-commit-config.yaml").read_text())
    assert len(hooks) == 5
    assert all(f"-m {hook}" in check for hook in hooks)

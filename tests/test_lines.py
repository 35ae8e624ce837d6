"""`python -m tests.lines`, a part of `make check`, fails for a template line of 120 characters or more."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import lines

pytestmark = pytest.mark.once


@pytest.mark.parametrize(("length", "found"), [(119, []), (120, ["a/page.html:2: 120 characters"])])
def test_a_long_line_is_reported_with_its_place(tmp_path: Path, length: int, found: list[str]) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "page.html").write_text(f"<p>\n{'x' * length}\n")
    (tmp_path / "a" / "mail.txt").write_text("x" * 400)  # a paragraph of an e-mail
    assert lines.long_lines(tmp_path) == found


def test_no_template_line_is_too_long() -> None:
    assert lines.long_lines(lines.TEMPLATES) == []


def test_the_command_fails_as_the_list_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (
        tmp_path / "tests" / "__init__.py"
    ).touch()  # or the tests of this repository are found, if they are on the path
    (tmp_path / "tests" / "lines.py").write_text(Path(lines.__file__).read_text(encoding="utf-8"))
    (tmp_path / "templates").mkdir()
    run = [sys.executable, "-m", "tests.lines"]
    own = {
        name: value for name, value in os.environ.items() if name != "PYTHONPATH"
    }  # not the tests of this repository
    assert subprocess.run(run, cwd=tmp_path, env=own, check=False).returncode == 0
    (tmp_path / "templates" / "page.html").write_text("x" * 120)
    failed = subprocess.run(run, cwd=tmp_path, env=own, check=False, capture_output=True, text=True)
    assert failed.returncode == 1
    assert "page.html:1: 120 characters" in failed.stderr

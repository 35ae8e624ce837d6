"""What `make test` says in its last lines, and the suite's own clock."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import environment, everything

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
NOW = "from datetime import date; from django.utils import timezone; print(timezone.now(), date.today())"


def test_the_last_lines_name_what_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORTAL_TEST_FAILURES", str(tmp_path / "SQLite"))
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    for name, failed in (("tests/a.py::test_one", True), ("tests/a.py::test_two", False)):
        environment.pytest_runtest_logreport(SimpleNamespace(nodeid=name, failed=failed))
    everything.summarise([("SQLite", 1, 2.0), ("PostgreSQL", 0, 3.0), ("browser", 4, 1.0)], tmp_path)
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "FAILED  SQLite: tests/a.py::test_one",
        "FAILED  browser: no test; pytest ended with status 4 (see above)",
    ]


def test_every_process_of_a_run_can_have_another_time() -> None:
    code = f"import tests.environment, subprocess, sys; {NOW}; sys.stdout.flush(); "
    code += f"subprocess.run([sys.executable, '-c', 'from django.conf import settings; settings.configure(); {NOW}'])"
    given = os.environ | {"PORTAL_TEST_NOW": "2026-10-25T23:30", "DJANGO_SETTINGS_MODULE": "config.settings"}
    given = {
        name: value
        for name, value in given.items()
        if name not in ("PYTEST_XDIST_WORKER", "PORTAL_TEST_STARTED")
    }
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=given, capture_output=True, text=True, check=True
    )
    [here, there] = done.stdout.splitlines()
    for line in (here, there):
        assert line.startswith(
            ("2026-10-25 23:29:59", "2026-10-25 23:3")
        )  # UTC: the clocks went back that morning
        assert line.endswith(" 2026-10-25")

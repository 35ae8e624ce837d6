"""The units for systemd start what there is, as systemd itself reads them."""

import configparser
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.deploy.conftest import ROOT

UNITS = sorted((ROOT / "deploy/systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
RUNNING = "/srv/portal/current/"


def read(unit: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(unit.read_text(encoding="utf-8").replace("\\\n", " "))
    return parser


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_service_starts_a_program_that_is_in_the_release_and_may_change_little(unit: Path) -> None:
    service = read(unit)["Service"]
    program, *arguments = service["ExecStart"].split()
    assert program.startswith(RUNNING)
    if program.endswith("/python"):
        assert arguments[:2] == ["-m", "gunicorn"] or arguments[0] == "manage.py"
        assert arguments[0] != "manage.py" or arguments[1] in get_commands()
    else:
        script = ROOT / program.removeprefix(RUNNING)
        assert script.stat().st_mode & stat.S_IXUSR
    assert service["User"] == "portal"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    own, data = service["ReadWritePaths"].split()
    assert own in {"/srv/portal/files", "/srv/portal/backups"}
    assert data == "-/srv/portal/data"


@pytest.mark.parametrize("unit", [u for u in UNITS if u.suffix == ".timer"], ids=lambda unit: unit.name)
def test_a_timer_has_its_service_and_makes_up_for_what_it_missed(unit: Path) -> None:
    assert unit.with_suffix(".service") in SERVICES
    timer = read(unit)["Timer"]
    assert timer["Persistent"] == "true"
    if systemd := shutil.which("systemd-analyze"):
        subprocess.run([systemd, "calendar", timer["OnCalendar"]], check=True, capture_output=True)


@pytest.mark.skipif(
    "SOAK" not in os.environ or os.geteuid() != 0, reason="writes below /srv: part of make soak, as root"
)
def test_systemd_itself_finds_nothing_wrong(tmp_path: Path) -> None:
    systemd = shutil.which("systemd-analyze")
    assert systemd, "apt-get install systemd"
    root = tmp_path / "root"
    (root / "srv/portal/current/.venv/bin").mkdir(parents=True)
    (root / "srv/portal/current/deploy").mkdir()
    (root / "etc/systemd/system").mkdir(parents=True)
    for program in (".venv/bin/python", "deploy/backup", "deploy/weekly"):
        (root / "srv/portal/current" / program).write_text("#!/bin/sh\n")
        (root / "srv/portal/current" / program).chmod(0o755)
    (root / "bin").mkdir()
    (root / "bin/kill").write_text("#!/bin/sh\n")
    (root / "bin/kill").chmod(0o755)
    for unit in UNITS:
        shutil.copy(unit, root / "etc/systemd/system")
    done = subprocess.run(
        [
            systemd,
            "verify",
            "--root",
            str(root),
            "--man=no",
            "--recursive-errors=no",
            *(u.name for u in UNITS),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")

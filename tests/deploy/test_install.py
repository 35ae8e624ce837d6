"""deploy/install: a first release, a second, one that can't be prepared, and the way back."""

import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.databases import copied
from tests.deploy.conftest import ROOT, WITH_PROGRAMS
from tests.servers import free_port

pytestmark = WITH_PROGRAMS

# Stands in for systemctl where systemd does not run: it starts and stops the one service that serves.
SYSTEMCTL = """#!/bin/sh
echo "$@" >> {folder}/systemctl.log
case "$1" in
start) cd {folder}/home/current && setsid .venv/bin/python -m gunicorn config.wsgi --bind 127.0.0.1:{port} \\
  --workers 1 \\
  --no-control-socket --pid {folder}/pid --daemon ;;
stop) [ ! -f {folder}/pid ] || {{ kill "$(cat {folder}/pid)"; while [ -f {folder}/pid ]; do sleep 0.1; done; }} ;;
esac
"""


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


class Machine:
    """A folder that stands for the machine: its releases, its settings and its systemctl."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder, self.port = folder, free_port()
        self.repository = folder / "repository"
        git(folder, "clone", "-q", str(ROOT), str(self.repository))
        for name in ("etc", "home", "units", "files"):
            (folder / name).mkdir()
        (folder / "etc/env").write_text(
            f"SECRET_KEY={'k' * 60}\nALLOWED_HOSTS=127.0.0.1\nPORTAL_ADDRESS=http://127.0.0.1:{self.port}\n"
            f"DEMONSTRATION=on\nDATABASE_URL={database_url}\nEVIDENCE_FOLDER={folder}/files\n"
        )
        (folder / "systemctl").write_text(SYSTEMCTL.format(folder=folder, port=self.port))
        (folder / "systemctl").chmod(0o755)

    def install(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "PORTAL_HOME": str(self.folder / "home"),
            "PORTAL_ETC": str(self.folder / "etc"),
            "PORTAL_USER": "root",
            "PYTHON": sys.executable,
            "SYSTEMCTL": str(self.folder / "systemctl"),
            "UNITS": str(self.folder / "units"),
            "PORTAL_READY": f"http://127.0.0.1:{self.port}/health/ready",
        }
        command = [str(self.repository / "deploy/install"), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def commit(self, file: str, text: str) -> str:
        (self.repository / file).write_text(text)
        git(self.repository, "add", "-A")
        git(self.repository, "commit", "-qm", "a release")
        return git(self.repository, "rev-parse", "HEAD")

    @property
    def current(self) -> str:
        return os.path.realpath(self.folder / "home/current")

    def is_ready(self) -> bool:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=10) as answer:
            return bool(answer.status == 200)


def test_from_the_first_release_to_the_way_back(tmp_path: Path, prepared_database: str) -> None:
    with copied(prepared_database, tmp_path, "installed") as database_url:
        machine = Machine(tmp_path, database_url)
        try:
            walk(machine)
        finally:
            subprocess.run([machine.folder / "systemctl", "stop"], check=False)
            shutil.rmtree(machine.folder / "home", ignore_errors=True)


def walk(machine: Machine) -> None:
    done = machine.install("HEAD")
    assert done.returncode == 0, done.stdout + done.stderr
    assert machine.is_ready()
    first = machine.current
    assert sorted(unit.name for unit in (machine.folder / "units").iterdir()) == sorted(
        unit.name for unit in (ROOT / "deploy/systemd").iterdir()
    )

    assert machine.install("HEAD").returncode == 1, "what serves already is not installed over itself"
    assert machine.install("no-such-release").returncode == 1

    second = machine.commit("later.txt", "a later release")
    done = machine.install(second)
    assert done.returncode == 0, done.stdout + done.stderr
    assert machine.is_ready()
    assert machine.current != first
    serving = machine.current

    broken = machine.commit("config/management/commands/prepare.py", "raise SystemExit('no')\n")
    done = machine.install(broken)
    assert done.returncode == 1
    assert "The release before serves again" in done.stderr
    assert (machine.current, machine.is_ready()) == (serving, True)

    done = machine.install("--back")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (machine.current, machine.is_ready()) == (first, True)

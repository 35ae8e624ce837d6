"""deploy/install: a first release, a second, one that can't be prepared, and the way back."""

import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

from config.backup.archive import opened
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

# A release that changes the database, and one that does so and fails.
MIGRATION = """from django.db import migrations
class Migration(migrations.Migration):
    dependencies = [("outbox", "{before}")]
    operations = [
        migrations.RunSQL("CREATE TABLE {name} (id integer)"),
        migrations.RunSQL("ALTER TABLE outbox_mail ADD COLUMN {name} integer NOT NULL DEFAULT 0"),
    ]
"""
BROKEN = """from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
class Command(BaseCommand):
    def handle(self, **options):
        call_command("migrate", verbosity=0)
        raise CommandError("no")
"""
MIGRATED = (
    "from config.backup.taking import applied_migrations; print(applied_migrations()); "
    "from django.db import connection; print(connection.introspection.table_names())"
)
COUNT_LATER = (
    "from partners.models import User; print(User.objects.filter(email='later@example.org').count())"
)


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

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the suite's own settings: a release reads its own."""
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder)}

    def install(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = self.environment | {
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

    def migration(self, name: str) -> str:
        """Commit a migration that adds a table and a column."""
        numbered = sorted((self.repository / "outbox/migrations").glob("0*.py"))
        file = f"outbox/migrations/{len(numbered) + 1:04}_{name}.py"
        return self.commit(file, MIGRATION.format(before=numbered[-1].stem, name=name))

    def manage(self, *arguments: str) -> str:
        command = [f"{self.current}/.venv/bin/python", "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=self.current, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def migrations(self) -> str:
        """What the database says, whatever release made it."""
        return self.manage("shell", "-v0", "-c", MIGRATED)

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

    second = machine.migration("later")
    done = machine.install(second)
    assert done.returncode == 0, done.stdout + done.stderr
    assert machine.is_ready()
    assert machine.current != first
    assert "later" in machine.migrations()
    serving = machine.current
    machine.manage("createsuperuser", "--noinput", "--email=later@example.org", "--name=Later")
    assert "To go back" in machine.install(first.rpartition("-")[2]).stderr

    machine.migration("broken")
    broken = machine.commit("config/management/commands/prepare.py", BROKEN)
    done = machine.install(broken)
    assert done.returncode == 1
    assert "The release before serves again" in done.stderr, done.stderr
    assert (machine.current, machine.is_ready()) == (serving, True)
    assert ("later" in machine.migrations(), "broken" in machine.migrations()) == (True, False)
    assert machine.manage("shell", "-v0", "-c", COUNT_LATER).strip() == "1"

    done = machine.install("--back")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (machine.current, machine.is_ready()) == (first, True)
    assert "later" not in machine.migrations()
    assert machine.manage("shell", "-v0", "-c", COUNT_LATER).strip() == "0"
    (left,) = (machine.folder / "home/backups").glob("portal-left-*.zip")
    with opened(left) as kept:
        assert any("later@example.org" in row for row in kept.rows("partners_user"))
    assert machine.install("--back").returncode == 1, "there is nothing before the first"

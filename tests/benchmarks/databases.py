"""The databases that are measured: made, migrated and filled, each by a process of its own."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.benchmarks.serving import ROOT
from tests.servers import postgres, run_sql, say

UPDATES_EACH, SEED = 8, 2008
PEOPLE = 50
FRAMEWORK = "framework"


@dataclass(frozen=True)
class Database:
    """A filled database. `facts` are those of `tests.benchmarks.data`: sessions, addresses, what matches."""

    name: str
    url: str
    facts: dict[str, Any]

    @property
    def actions(self) -> int:
        return int(self.facts["actions"])

    @property
    def is_framework(self) -> bool:
        return self.name == FRAMEWORK

    @property
    def file(self) -> str:
        return "/" + urlsplit(self.url).path.lstrip("/")

    @property
    def filters(self) -> str:
        """Two filters of the portal's list, and 25 rows."""
        return f"theme={self.facts['theme'][1]}&cluster={self.facts['cluster'][1]}&per_page=25"

    def page(self, name: str) -> str:
        return str(self.facts[name])

    def inside(self, job: str, **arguments: Any) -> Any:
        return inside(self.url, job, **arguments)


def inside(database_url: str, job: str, **arguments: Any) -> Any:
    """What a job of `tests.benchmarks.inside` found. Raises RuntimeError with the last line of its error."""
    environment = {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "config.settings"}
    if job == "fill" and arguments["actions"] is None:
        environment["DEMONSTRATION"] = "on"
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.inside", job],
        cwd=ROOT,
        env=os.environ | environment,
        input=json.dumps(arguments),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def places(vendor: str) -> Iterator["Places"]:
    """Where databases of `vendor` (sqlite or postgres) are made, for as long as the context lasts."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        if vendor == "sqlite":
            yield Places(folder)
        else:
            with postgres() as url:
                yield Places(folder, url)


@dataclass
class Places:
    folder: str
    server_url: str = ""

    def filled(self, name: str) -> Database | None:
        """The database of `name`: a number of actions, or the real framework. None, and said, where that fails."""
        if self.server_url:
            run_sql(self.server_url, f'CREATE DATABASE "bench_{name}"')
            url = urlsplit(self.server_url)._replace(path=f"/bench_{name}").geturl()
        else:
            url = f"sqlite:///{Path(self.folder) / name}.sqlite3"
        actions = None if name == FRAMEWORK else int(name)
        began = time.monotonic()
        try:
            facts = inside(url, "fill", actions=actions, updates_each=UPDATES_EACH, seed=SEED, people=PEOPLE)
        except RuntimeError as error:
            say(f"{name}: could not be filled after {time.monotonic() - began:.0f} s: {error}")
            return None
        say(f"{name}: {facts['actions']} actions, {facts['updates']} updates in {facts['seconds']:.1f} s")
        return Database(name, url, facts)

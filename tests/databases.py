"""Databases for tests: migrated and prepared once in a `make test`, and copied by each process that needs one."""

import fcntl
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.servers import postgres_folder, run_sql
from tests.serving import ROOT, Portal, is_sqlite


def _folder() -> Path:
    """Of the originals: all the runs of a `make test` share it, and so do the processes of a single run."""
    folder = Path(os.environ.get("PORTAL_TEST_DATABASES") or os.environ["PORTAL_TEST_FOLDER"])
    folder /= f"databases-{os.environ.get('PORTAL_TEST_NOW', 'now').replace(':', '')}"
    folder.mkdir(exist_ok=True)
    return folder


@contextmanager
def _alone(mark: Path) -> Iterator[bool]:
    """Waits until no other process is in here; gives whether what `mark` stands for is still to be done."""
    with mark.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        yield file.read() != str(_folder())
        file.truncate(0)
        file.write(str(_folder()))


def _once(name: str, base_url: str, make: Callable[[str], None]) -> str:
    """The DATABASE_URL of a database like that of `base_url`, made by the first process that asks for it."""
    url = beside(base_url, _folder(), f"portal_tests_{name}")
    kind = "sqlite" if is_sqlite(base_url) else "postgresql"
    with _alone(_folder() / f"{kind}-{name}.done") as first:
        if first:
            drop(url)
            make(url)
    return url


def beside(base_url: str, folder: Path, name: str) -> str:
    if is_sqlite(base_url):
        return f"sqlite:///{folder / name}.sqlite3"
    return urlsplit(base_url)._replace(path=f"/{name}").geturl()


def copy(original: str, target: str) -> None:
    """Copy a database to one that is not there yet."""
    if is_sqlite(original):
        # Not a copy of the file: what is still in its write-ahead log would be lost.
        with (
            closing(sqlite3.connect(urlsplit(original).path)) as source,
            closing(sqlite3.connect(urlsplit(target).path)) as made,
        ):
            source.backup(made)
            made.execute("PRAGMA journal_mode=WAL")
    elif urlsplit(original).netloc == urlsplit(target).netloc:
        name, template = urlsplit(target).path[1:], urlsplit(original).path[1:]
        run_sql(target, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    else:
        create(target)
        folder = postgres_folder()
        with subprocess.Popen([folder / "pg_dump", original], stdout=subprocess.PIPE) as dump:
            into = [folder / "psql", "-q", "-X", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, target]
            subprocess.run(into, stdin=dump.stdout, check=True)
        assert dump.returncode == 0


def create(database_url: str) -> None:
    """An empty database; SQLite makes its file by itself."""
    if not is_sqlite(database_url):
        run_sql(database_url, f'CREATE DATABASE "{urlsplit(database_url).path[1:]}"')


def drop(database_url: str) -> None:
    if not is_sqlite(database_url):
        run_sql(database_url, f'DROP DATABASE IF EXISTS "{urlsplit(database_url).path[1:]}" WITH (FORCE)')


@contextmanager
def copied(original: str, folder: Path, name: str) -> Iterator[str]:
    """A copy of the database, for as long as the context lasts."""
    url = beside(original, folder, "portal" if is_sqlite(original) else name)
    drop(url)  # what an interrupted run left on a server of one's own
    copy(original, url)
    yield url
    drop(url)


def migrated(base_url: str) -> str:
    """A database like that of `base_url` after `manage.py migrate`: to be copied, not to be used."""

    def make(url: str) -> None:
        create(url)
        Portal(_folder(), url).manage("migrate", "-v0")

    return _once("migrated", base_url, make)


def prepared(base_url: str) -> str:
    """The same after `manage.py prepare`, with the static files collected: to be copied, not to be served."""

    def make(url: str) -> None:
        copy(migrated(base_url), url)
        Portal(_folder(), url).manage("prepare")
        _collect_static(url)

    return _once("prepared", base_url, make)


def _collect_static(database_url: str) -> None:
    """Once, whatever the number of processes: they share the folder that whitenoise serves from."""
    mark = ROOT / "var" / "collected-for-tests"
    mark.parent.mkdir(exist_ok=True)
    with _alone(mark) as first:
        if first:
            Portal(_folder(), database_url).manage("collectstatic", "--noinput", "-v0")

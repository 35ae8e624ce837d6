"""What a release leaves behind, for the next one to upgrade from: `python -m tests.stored` makes tests/data/VERSION/.

A backup, and a database of each engine after `manage.py prepare` with a few updates. Once a version is released, its
files stay as they are. Until then, remake them whenever the migrations change.
"""

import gzip
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from tests.databases import beside, copy, create, drop
from tests.servers import postgres, postgres_folder
from tests.serving import Portal, is_sqlite

VERSION = "1.0.0"
FOLDER = Path(__file__).resolve().parent / "data" / VERSION
BACKUP, SQLITE, POSTGRES = FOLDER / "backup.zip", FOLDER / "portal.sqlite3.gz", FOLDER / "portal.sql.gz"
UPDATES = ((7, "on-track"), (7, "at-risk"), (23, "off-track"), (9, "not-started"))
COMMENT = "Naïve 😀"
OF_PSQL = (
    b"\\restrict",
    b"\\unrestrict",
)  # newer releases of pg_dump write these, older ones of psql refuse them


@contextmanager
def loaded(base_url: str, folder: Path) -> Iterator[str]:
    """The DATABASE_URL of the stored database, on the engine of `base_url`, for as long as the context lasts."""
    url = beside(base_url, folder, "portal_tests_stored")
    drop(url)
    create(url)
    if is_sqlite(url):
        Path(urlsplit(url).path).write_bytes(gzip.decompress(SQLITE.read_bytes()))
    else:
        into = [postgres_folder() / "psql", "-q", "-X", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, url]
        subprocess.run(into, input=gzip.decompress(POSTGRES.read_bytes()), check=True)
    yield url
    drop(url)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory() as given, postgres() as server_url:
        folder = Path(given)
        file, one_file = folder / "portal.sqlite3", folder / "one-file.sqlite3"
        portal = _lived_in(folder, f"sqlite:///{file}")
        sys.stdout.write(portal.manage("backup", str(BACKUP)))
        copy(portal.database_url, f"sqlite:///{one_file}")
        SQLITE.write_bytes(gzip.compress(one_file.read_bytes(), mtime=0))
        _lived_in(folder, server_url)
        dump = [postgres_folder() / "pg_dump", "--no-owner", server_url]
        lines = subprocess.run(dump, capture_output=True, check=True).stdout.splitlines(keepends=True)
        kept = b"".join(line for line in lines if not line.startswith(OF_PSQL))
        POSTGRES.write_bytes(gzip.compress(kept, mtime=0))
    BACKUP.chmod(0o644)


def _lived_in(folder: Path, url: str) -> Portal:
    from tests.actors import Actor

    portal = Portal(folder, url)
    portal.manage("prepare")
    actor = Actor(url)
    try:
        for number, status in UPDATES:
            actor.run(f"submit({number}, {status!r}, comment={COMMENT!r})")
    finally:
        actor.stop()
    return portal


if __name__ == "__main__":
    import tests.environment  # noqa: F401  the environment of every process that is started here

    main()

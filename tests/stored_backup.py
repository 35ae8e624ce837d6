"""Makes the stored backup, tests/data/backup.zip: `python -m tests.stored_backup`.

Once a version is released, its stored backup stays as it is, under the version's name, and the next version must be
able to upgrade from it. Until then, remake it whenever the migrations change.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

STORED = Path(__file__).resolve().parent / "data" / "backup.zip"


def main() -> None:
    from tests.actors import Actor
    from tests.serving import Portal

    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/stored.sqlite3"
        Portal(Path(folder), url).manage("prepare")
        actor = Actor(url)
        try:
            for number, status in ((7, "on-track"), (7, "at-risk"), (23, "off-track"), (9, "not-started")):
                actor.run(f"submit({number}, {status!r}, comment='Naïve 😀')")
        finally:
            actor.stop()
        sys.stdout.write(Portal(Path(folder), url).manage("backup", str(STORED)))
    STORED.chmod(0o644)


if __name__ == "__main__":
    import tests.environment  # noqa: F401  the environment of every process that is started here

    main()

"""`make test`: the suite on SQLite, on a real PostgreSQL, and in a browser on both.

    python -m tests.everything [sqlite] [postgres] [browser] [arguments for pytest]

Without a part it runs all three. Every part is run, whatever the others say; one failure makes it exit 1.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.servers import chromium, postgres

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("sqlite", "postgres", "browser")
NOTHING_SELECTED = 5  # pytest's exit status
# Two processes, for two cores; a file's tests stay together, so that a served portal serves all of them.
PYTEST = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile"]


def runs(parts: list[str], database_url: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Title, marker expression and environment of each run. An empty DATABASE_URL is SQLite."""
    sqlite: dict[str, str] = {}
    real = {"DATABASE_URL": database_url}
    if "sqlite" in parts:
        yield "SQLite", "not browser", sqlite
    if "postgres" in parts:
        yield "PostgreSQL", "not browser", real
    if "browser" in parts:
        with_browser = {"CHROMIUM": chromium()}
        yield "browser, SQLite", "browser", sqlite | with_browser
        yield "browser, PostgreSQL", "browser", real | with_browser


def main(arguments: list[str]) -> int:
    parts = [argument for argument in arguments if argument in PARTS]
    extra = [argument for argument in arguments if argument not in PARTS]
    parts = parts or list(PARTS)
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    results: list[tuple[str, int, float]] = []
    with ExitStack() as stack:
        database_url = stack.enter_context(postgres()) if {"postgres", "browser"} & set(parts) else ""
        for title, marker, more in runs(parts, database_url):
            print(f"\n=== {title} ===", flush=True)
            start = time.monotonic()
            command = [*PYTEST, "-m", marker, *extra]
            status = subprocess.run(command, cwd=ROOT, env=environment | more, check=False).returncode
            if extra and status == NOTHING_SELECTED:
                status = 0  # -k and paths may leave a part with nothing
            results.append((title, status, time.monotonic() - start))
    print("\n=== Summary ===")
    for title, status, seconds in results:
        print(f"{'passed' if status == 0 else 'FAILED':6}  {seconds:6.1f} s  {title}")
    return int(any(status for _, status, _ in results))


if __name__ == "__main__":
    # A stopped run must not leave a server behind: SIGTERM unwinds, as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)

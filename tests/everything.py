"""`make test`: the suite on SQLite, on a real PostgreSQL, and in a browser on both. `make soak`: its long form.

    python -m tests.everything [sqlite] [postgres] [browser] [arguments for pytest]
    python -m tests.everything soak [sqlite] [postgres]

Without a part it runs all three. Every part is run, whatever the others say; one failure makes it exit 1. A run of
everything on SQLite measures how much of the portal's code the tests reach, and fails below a floor.
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
SECONDS_TO_TIDY_UP = 30
NOTHING_SELECTED = 5  # pytest's exit status
PYTEST = [sys.executable, "-m", "pytest", "-q", "-n", "2"]
# A file's tests stay in one process, so that one served portal serves them all.
BROWSER = ["-m", "browser", "--dist", "loadfile"]
OTHERS = ["-m", "not browser"]
COVERAGE = ["--cov", "--cov-report=term:skip-covered", "--cov-fail-under=96"]
# What a bounded test does a few times in `make test`, and `make soak` does in full.
SOAK = {"REPLAYS": "300"}
SOAK_TESTS = ["tests/replay"]


def runs(
    parts: list[str], extra: list[str], database_url: str
) -> Iterator[tuple[str, list[str], dict[str, str]]]:
    """Title, arguments for pytest and environment of each run. An empty DATABASE_URL is SQLite."""
    sqlite: dict[str, str] = {}
    real = {"DATABASE_URL": database_url}
    if "sqlite" in parts:
        yield "SQLite", OTHERS + ([] if extra else COVERAGE), sqlite
    if "postgres" in parts:
        yield "PostgreSQL", OTHERS, real
    if "browser" in parts:
        with_browser = {"CHROMIUM": chromium()}
        yield "browser, SQLite", BROWSER, sqlite | with_browser
        yield "browser, PostgreSQL", BROWSER, real | with_browser


def run_to_its_end(command: list[str], environment: dict[str, str]) -> int:
    """The exit status. When this process is stopped, pytest is asked once to stop too, and may tidy up."""
    # A session of its own: Ctrl-C reaches pytest through here alone, not twice, and not its workers.
    with subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True) as running:
        try:
            return running.wait()
        except BaseException:
            running.send_signal(signal.SIGINT)
            try:
                running.wait(SECONDS_TO_TIDY_UP)
            except subprocess.TimeoutExpired:
                running.kill()
            raise


def main(arguments: list[str]) -> int:
    soak = "soak" in arguments
    parts = [argument for argument in arguments if argument in PARTS]
    extra = [argument for argument in arguments if argument not in (*PARTS, "soak")]
    parts = parts or list(PARTS[:2] if soak else PARTS)
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    if soak:
        environment |= SOAK
        extra = [*SOAK_TESTS, *extra]
    results: list[tuple[str, int, float]] = []
    with ExitStack() as stack:
        database_url = stack.enter_context(postgres()) if {"postgres", "browser"} & set(parts) else ""
        for title, selection, more in runs(parts, extra, database_url):
            print(f"\n=== {title} ===", flush=True)
            start = time.monotonic()
            command = [*PYTEST, *selection, *extra]
            status = run_to_its_end(command, environment | more)
            if extra and status == NOTHING_SELECTED:
                status = 0  # -k and paths may leave a part with nothing
            results.append((title, status, time.monotonic() - start))
    print("\n=== Summary ===")
    for title, status, seconds in results:
        print(f"{'passed' if status == 0 else 'FAILED':6}  {seconds:6.1f} s  {title}")
    return int(any(status for _, status, _ in results))


if __name__ == "__main__":
    # A stopped run must not leave a server behind: SIGTERM unwinds, as Ctrl-C does, in a background job too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)

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
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import NamedTuple

from tests.servers import chromium, postgres

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("sqlite", "postgres", "browser")
SECONDS_TO_TIDY_UP = 30
NOTHING_SELECTED = 5  # pytest's exit status
PYTEST = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup"]
# A file's tests stay in one process, so that one served portal serves them all.
BROWSER = ["--dist", "loadfile", "-m", "browser"]
BROWSER_AGAIN = ["--dist", "loadfile", "-m", "browser and not once"]
OTHERS = ["-m", "not browser"]
TRACED, UNTRACED = ["-m", "not browser and not untraced"], ["-m", "not browser and untraced"]
AGAIN = ["-m", "not browser and not once"]
COVERAGE = ["--cov", "--cov-report=term:skip-covered", "--cov-fail-under=96"]
# What a bounded test does a few times in `make test`, and `make soak` does in full.
SOAK = {"REPLAYS": "300", "PLANS": "300", "KILLS": "100", "FUZZ": "50000", "SOAK": "on"}
SOAK_TESTS = [
    "tests/replay",
    "tests/reporting/test_agreement.py",
    "tests/config/test_backup.py",
    "tests/config/test_crashes.py",
    "tests/reporting/test_board_paper_pdf.py",
    "tests/test_fuzz.py",
    "tests/browser/test_axe_more.py",
    "tests/deploy",
]
# The whole suite late in the evening, by British time, when a day has 23 or 25 hours, or a month, year or week ends.
AWKWARD_DAYS = ("2026-03-29", "2026-10-25", "2027-04-01", "2027-12-31", "2028-02-29")


class Run(NamedTuple):
    """One call of pytest: its title, arguments and environment."""

    title: str
    selection: list[str]
    environment: dict[str, str]
    is_whole: bool = False  # the whole suite, whatever else was asked for


def runs(parts: list[str], extra: list[str], database_url: str) -> Iterator[list[Run]]:
    """Runs one after the other, some side by side. An empty DATABASE_URL is SQLite."""
    sqlite: dict[str, str] = {}
    real = {"DATABASE_URL": database_url}
    if "sqlite" in parts and not extra:
        yield [Run("SQLite, with coverage", TRACED + COVERAGE, sqlite)]
    rest = [Run("SQLite", OTHERS, sqlite) if extra else Run("SQLite, the rest", UNTRACED, sqlite)]
    # PostgreSQL's run waits for its server a third of the time.
    again = [Run("PostgreSQL", OTHERS if extra else AGAIN, real)]
    if group := [*(rest if "sqlite" in parts else []), *(again if "postgres" in parts else [])]:
        yield group
    if "browser" in parts:  # each waits for its browser half of the time
        with_browser = {"CHROMIUM": chromium()}
        folder = [] if extra else ["tests/browser"]  # to collect nothing else
        yield [
            Run("browser, SQLite", BROWSER + folder, sqlite | with_browser),
            Run("browser, PostgreSQL", BROWSER_AGAIN + folder, real | with_browser),
        ]


def run_to_their_ends(
    group: list[Run], environment: dict[str, str], extra: list[str], failures: Path
) -> list[int]:
    """The exit statuses; each run lists what failed in a file of `failures`, named by its title.

    When this process is stopped, pytest is asked once to stop too, and may tidy up. One run prints as it goes; of
    several, each prints when all are done.
    """
    alone = len(group) == 1
    with ExitStack() as stack:
        outputs = [None if alone else stack.enter_context(TemporaryFile("w+")) for _ in group]
        # A session of its own: Ctrl-C reaches pytest through here alone, not twice, and not its workers.
        running = [
            stack.enter_context(
                subprocess.Popen(
                    [*PYTEST, *run.selection, *extra],
                    cwd=ROOT,
                    env=environment | run.environment | {"PORTAL_TEST_FAILURES": str(failures / run.title)},
                    start_new_session=True,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )
            )
            for run, output in zip(group, outputs, strict=True)
        ]
        try:
            statuses = [one.wait() for one in running]
        except BaseException:
            stop(running)
            raise
        for run, output in zip(group, outputs, strict=True):
            if output:
                output.seek(0)
                print(f"\n--- {run.title} ---\n{output.read()}", flush=True)
        return statuses


def stop(running: list[subprocess.Popen[bytes]]) -> None:
    for one in running:
        one.send_signal(signal.SIGINT)
    for one in running:
        try:
            one.wait(SECONDS_TO_TIDY_UP)
        except subprocess.TimeoutExpired:
            one.kill()


def whole_suites(parts: list[str], database_url: str) -> Iterator[list[Run]]:
    """For `make soak`: every test on PostgreSQL, and the suite on SQLite at 23:30 on each awkward day."""
    if "postgres" in parts:
        yield [Run("PostgreSQL, every test", OTHERS, {"DATABASE_URL": database_url}, is_whole=True)]
    if "sqlite" in parts:
        for day in AWKWARD_DAYS:
            late = {"PORTAL_TEST_NOW": f"{day}T23:30"}
            yield [Run(f"SQLite, 23:30 on {day}", OTHERS, late, is_whole=True)]


def main(arguments: list[str]) -> int:
    soak = "soak" in arguments
    parts = [argument for argument in arguments if argument in PARTS]
    extra = [argument for argument in arguments if argument not in (*PARTS, "soak")]
    parts = parts or list(PARTS)
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    if soak:
        extra = [*SOAK_TESTS, *extra]
    results: list[tuple[str, int, float]] = []
    with ExitStack() as stack:
        environment["PORTAL_TEST_DATABASES"] = stack.enter_context(
            TemporaryDirectory(prefix="portal-databases-")
        )
        failures = Path(stack.enter_context(TemporaryDirectory(prefix="portal-failures-")))
        database_url = stack.enter_context(postgres()) if {"postgres", "browser"} & set(parts) else ""
        groups = runs(parts, extra, database_url)
        if soak:
            groups = chain(groups, whole_suites(parts, database_url))
        for group in groups:
            print(f"\n=== {' | '.join(run.title for run in group)} ===", flush=True)
            start = time.monotonic()
            chosen = [] if group[0].is_whole else extra
            more = SOAK if soak and chosen else {}
            statuses = run_to_their_ends(group, environment | more, chosen, failures)
            for run, status in zip(group, statuses, strict=True):
                # -k may leave a part with nothing
                done = 0 if extra and status == NOTHING_SELECTED else status
                results.append((run.title, done, time.monotonic() - start))
        summarise(results, failures)
    return int(any(status for _, status, _ in results))


def summarise(results: list[tuple[str, int, float]], failures: Path) -> None:
    """Print how each run ended, and in the last lines what failed."""
    print("\n=== Summary ===")
    for title, status, seconds in results:
        print(f"{'passed' if status == 0 else 'FAILED':6}  {seconds:6.1f} s  {title}")
    for title, status, _ in results:
        if status:
            listed = failures / title
            names = listed.read_text(encoding="utf-8").splitlines() if listed.exists() else []
            for name in dict.fromkeys(names or [f"no test; pytest ended with status {status} (see above)"]):
                print(f"FAILED  {title}: {name}")


if __name__ == "__main__":
    # A stopped run must not leave a server behind: SIGTERM unwinds, as Ctrl-C does, in a background job too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)

"""The command: creates the databases, measures, and prints a table for each. It exits 0 whatever the figures."""

import argparse
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import tests.environment  # noqa: F401  the environment of every process that is started here
from tests.benchmarks.databases import FRAMEWORK, Database, places
from tests.benchmarks.files import file_rows
from tests.benchmarks.growth import growth_rows
from tests.benchmarks.pages import framework_rows, page_rows
from tests.benchmarks.race import race_rows
from tests.benchmarks.serving import ROOT
from tests.benchmarks.table import Row, markdown
from tests.servers import say

VENDORS = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
PARTS = ("framework", "pages", "growth", "race", "files")
ROUNDS, QUICK_ROUNDS = 25, 5
BURSTS, QUICK_BURSTS = 5, 2
RACE_NEEDS = 100  # actions: each of the 50 people has one of their own


def arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("databases", nargs="*", metavar="sqlite|postgres", help="default: both")
    parser.add_argument("--sizes", default="32,1000", help="numbers of actions (default: 32,1000)")
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROUNDS} rounds instead of {ROUNDS}")
    options = parser.parse_args(given)
    options.databases = options.databases or list(VENDORS)
    options.sizes = sorted({int(size) for size in options.sizes.split(",")})
    options.only = options.only.split(",")
    options.rounds = QUICK_ROUNDS if options.quick else ROUNDS
    options.bursts = QUICK_BURSTS if options.quick else BURSTS
    if unknown := ({*options.databases} - {*VENDORS}) | ({*options.only} - {*PARTS}):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return options


def rows_of(vendor: str, options: argparse.Namespace) -> Iterator[Row]:
    """Every row for one database system."""
    with places(vendor) as made:
        if "framework" in options.only and (real := made.filled(FRAMEWORK)):
            yield from told("framework", real, lambda: framework_rows(real, options.rounds))
        sizes = options.sizes if {*options.only} - {"framework"} else []
        filled = [one for size in sizes if (one := made.filled(str(size)))]
        if "pages" in options.only:
            for database in filled:
                twin = database if vendor == "sqlite" else None
                yield from told("pages", database, lambda d=database, t=twin: page_rows(d, t, options.rounds))
        if "growth" in options.only and filled:
            yield from told("growth", filled[-1], lambda: growth_rows(filled, options.rounds))
        for database in filled:
            if "files" in options.only:
                yield from told("files", database, lambda d=database: file_rows(d))
        for database in filled:  # last: it writes
            if "race" in options.only and database.actions >= RACE_NEEDS:
                yield from told("race", database, lambda d=database: race_rows(d, options.bursts))


def told(part: str, database: Database, measure: Callable[[], Iterator[Row]]) -> Iterator[Row]:
    """The rows of one part, with a word on the progress; an empty row if the portal fails."""
    say(f"{part}, {database.actions:,} actions ...")
    try:
        yield from measure()
    except (OSError, RuntimeError, AssertionError, subprocess.CalledProcessError) as error:
        say(str(error))
        last_line = str(error).strip().rpartition("\n")[2]
        yield Row(f"{part}: {type(error).__name__}", database.actions, None, note=last_line[:200])


def main(given: list[str]) -> int:
    options = arguments(given)
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
    subprocess.run(collect, cwd=ROOT, check=True)
    for vendor in options.databases:
        load = os.getloadavg()[1]  # of five minutes: near 0 on a quiet machine
        rows = list(rows_of(vendor, options))
        how = f"p50 of {options.rounds} rounds at most, in turn, over loopback HTTP"
        machine = f"Python {platform.python_version()}, {os.cpu_count()} cores"
        loads = f"load {load:.1f} before, {os.getloadavg()[1]:.1f} after"
        print(f"\n{VENDORS[vendor]}, {machine}; {how}; {loads}\n\n{markdown(rows)}", flush=True)
    return 0


if __name__ == "__main__":
    # Ctrl-C and SIGTERM unwind, so that no server and no folder is left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)

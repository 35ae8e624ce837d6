"""What runs in a process of its own, with the Django of one database: `python -m tests.benchmarks.inside JOB`.

A job reads its arguments as JSON from standard input, and prints what it found as JSON on its last line.
"""

import json
import sys
import time
from typing import Any

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.benchmarks import data


def fill(actions: int | None, updates_each: int, seed: int, people: int) -> dict[str, Any]:
    """Migrates and fills; without `actions`, with the real framework. Gives the facts, and the seconds it took."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    began = time.perf_counter()
    if actions is None:
        data.fill_framework()
    else:
        data.fill(actions, updates_each, seed)
    seconds = time.perf_counter() - began
    return data.facts(people) | {"seconds": seconds}


def queries(pages: list[tuple[str, str]]) -> list[int]:
    """The number of queries of each (session, address), once everything is warm."""
    counts = []
    for session, address in pages:
        client = Client()
        client.cookies["sessionid"] = session
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            b"".join(client.get(address))  # type: ignore[arg-type]
        counts.append(len(asked))
    return counts


def stored(prefix: str) -> dict[str, int]:
    return data.stored(prefix)


JOBS = {"fill": fill, "queries": queries, "stored": stored}

if __name__ == "__main__":
    print("\n" + json.dumps(JOBS[sys.argv[1]](**json.load(sys.stdin))))

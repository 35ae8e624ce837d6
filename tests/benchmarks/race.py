"""Fifty people who submit an update at the same moment, beside the bare Django yardstick; and whether any is lost."""

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

from tests.benchmarks import serving
from tests.benchmarks.client import Browser, Form, percentile
from tests.benchmarks.databases import Database
from tests.benchmarks.serving import Server
from tests.benchmarks.table import Row, with_unit

WORKERS = 2  # as `make run` serves
TRIES = 60  # of one person against 409 Conflict: the others have all submitted by then
COMMENT = "The working group met and agreed the next steps."


@dataclass(frozen=True)
class Sent:
    """One person's update: the time of each request, and whether the last one was accepted."""

    times: list[float]
    accepted: bool


@dataclass(frozen=True)
class Burst:
    """Everyone's updates at one moment: `seconds` from the first request to the last answer."""

    sent: list[Sent]
    seconds: float

    @property
    def accepted(self) -> int:
        return sum(one.accepted for one in self.sent)

    @property
    def rate(self) -> float:
        return self.accepted / self.seconds

    @property
    def times(self) -> list[float]:
        return [each for one in self.sent for each in one.times]


def race_rows(database: Database, bursts: int) -> Iterator[Row]:
    """Submissions, each person on a measure of their own, then all on five measures; in turn with the yardstick."""
    with ExitStack() as stack:
        server = stack.enter_context(serving.portal(database.url, workers=WORKERS))
        bare = stack.enter_context(serving.peers(database.url, workers=WORKERS, as_django_comes=True))
        kept = stack.enter_context(serving.peers(database.url, workers=WORKERS))
        for what, key in (("each another measure", "own"), ("all on 5 measures", "shared")):
            bursts_of: list[list[Burst]] = [[], [], []]
            for number in range(bursts + 1):
                bursts_of[0].append(submit_burst(server, database, key, f"bench {key} {number}"))
                bursts_of[1].append(insert_burst(bare, database))
                bursts_of[2].append(insert_burst(kept, database))
            yield from rows_of(f"50 people submit, {what}", database, key, *bursts_of)


def rows_of(
    what: str, database: Database, key: str, portal: list[Burst], bare: list[Burst], kept: list[Burst]
) -> Iterator[Row]:
    rate, yardstick = _rate(portal), _rate(bare)
    times = [each for burst in portal[1:] for each in burst.times]  # the first burst warms the workers
    slowest = percentile(times, 95) * 1000
    refused = sum(len(burst.sent) - burst.accepted for burst in portal)
    stored = database.inside("stored", prefix=f"bench {key} ")
    lost = sum(burst.accepted for burst in portal) - stored["different"]
    twice = stored["rows"] - stored["different"]
    note = f"{with_unit(rate, 'a second')} beside {with_unit(yardstick, 'a second')}"
    note += f"; {with_unit(_rate(kept), 'a second')} with connections kept"
    # of people on one measure, each reads what the one before submitted: the yardstick does nothing like it
    least = 0.4 if key == "own" else None
    yield Row(f"{what}: × bare Django", database.actions, rate / yardstick, note=note, least=least)
    bare_slowest = percentile([each for burst in bare[1:] for each in burst.times], 95) * 1000
    yield Row(
        f"{what}: p95", database.actions, slowest, "ms", f"bare {with_unit(bare_slowest, 'ms')}", most=700
    )
    said = f"{stored['rows']} stored, {refused} refused, {twice} twice"
    yield Row(f"{what}: lost", database.actions, abs(lost) + twice, "", said, most=0)


def _rate(bursts: list[Burst]) -> float:
    return statistics.median(burst.rate for burst in bursts[1:])


def submit_burst(server: Server, database: Database, key: str, prefix: str) -> Burst:
    """Everybody opens the form; then everybody submits it at once."""
    people = database.facts["people"]

    def prepared(place: int) -> Callable[[], Sent]:
        browser = Browser(server, people[place]["session"])
        return opened_form(browser, people[place][key], f"{prefix} {place}: {COMMENT}")

    return at_once([prepared(place) for place in range(len(people))])


def opened_form(browser: Browser, number: int, comment: str) -> Callable[[], Sent]:
    """Open the form of an action's first measure, and return a function that submits it."""
    address = f"/actions/{number}/measures/1/update/"
    form = Form(browser.get(address).body.decode(), address).values
    typed = {"status": "on-track", "comment": comment, "do": "submit"}
    return lambda: submit(browser, address, form | typed)


def one_update(server: Server, database: Database) -> Callable[[], None]:
    """Return a function that submits an update, after which nothing remembered about the plan applies."""
    person = database.facts["people"][0]
    browser = Browser(server, person["session"])

    def submit_one() -> None:
        if not opened_form(browser, person["own"], f"Between two rounds. {COMMENT}")().accepted:
            raise RuntimeError("the update between two rounds was not accepted")

    return submit_one


def submit(browser: Browser, address: str, values: dict[str, str]) -> Sent:
    """Submit; if somebody was faster (409), read theirs and submit as well."""
    times = []
    for _ in range(TRIES):
        answer = browser.post(address, values)
        times.append(answer.seconds)
        if answer.status != 409:
            return Sent(times, accepted=answer.status == 302)
        values = Form(answer.body.decode(), address).values | {"do": "submit-mine"}
    return Sent(times, accepted=False)


def insert_burst(peers: Server, database: Database) -> Burst:
    """The yardstick: a row each, by a Django view with session and user."""

    def prepared(session: str) -> Callable[[], Sent]:
        browser = Browser(peers, session)
        browser.get("/user/?size=20000")

        def send() -> Sent:
            answer = browser.post("/insert/", {"comment": COMMENT})
            return Sent([answer.seconds], accepted=answer.status == 302)

        return send

    return at_once([prepared(person["session"]) for person in database.facts["people"]])


def at_once(jobs: list[Callable[[], Sent]]) -> Burst:
    """All jobs begin at the same moment, each in a thread of its own."""
    gate = threading.Barrier(len(jobs) + 1)

    def run(job: Callable[[], Sent]) -> Sent:
        gate.wait()
        return job()

    with ThreadPoolExecutor(len(jobs)) as threads:
        running = [threads.submit(run, job) for job in jobs]
        gate.wait()
        began = time.perf_counter()
        sent = [each.result() for each in running]
        return Burst(sent, time.perf_counter() - began)

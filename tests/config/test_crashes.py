"""A server killed while people submit, and a database that stops under it. `make soak` kills a hundred times."""

import http.client
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db import connection

from tests.actors import Actor
from tests.databases import copy
from tests.servers import Postgres, postgres_server
from tests.serving import Portal

pytestmark = pytest.mark.untraced

ROUNDS = int(os.environ.get("KILLS", "1"))
READY_WITHIN = 5 if ROUNDS > 2 else 30  # seconds; a machine busy with the suite needs more
PEOPLE = 10
LEAD = "leicester-city-growth@demo.example"
TOKEN = "t" * 32
NUMBERS = (
    "from django.test import Client; from actions.models import Lead; client = Client(); "
    f"client.force_login(users.get(email={LEAD!r})); "
    "found = Lead.objects.filter(partner__slug='leicester-city-growth').order_by('action__number'); "
    "answer = [client.cookies['sessionid'].value, list(found.values_list('action__number', flat=True))]"
)
COUNT = (
    "from actions.models import ProgressUpdate; from collections import Counter; "
    "answer = dict(Counter(ProgressUpdate.objects.values_list('comment', flat=True)))"
)


@dataclass
class Person:
    """Submits updates on one measure, one after the other, and remembers which were acknowledged."""

    portal: Portal
    session: str
    number: int
    acknowledged: list[str] = field(default_factory=list)
    answers: set[int] = field(default_factory=set)
    seen: str = ""

    def send(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str, str]:
        """The status, Location and body of an answer. Raises OSError or HTTPException without one."""
        server = http.client.HTTPConnection("127.0.0.1", self.portal.port, timeout=30)
        headers = {"Cookie": f"sessionid={self.session}; csrftoken={TOKEN}"}
        body = None
        if fields is not None:
            body = urlencode(fields | {"csrfmiddlewaretoken": TOKEN})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            server.request(method, path, body, headers)
            answer = server.getresponse()
            text = answer.read().decode(errors="replace")
            self.answers.add(answer.status)
            return answer.status, answer.getheader("Location", ""), text
        finally:
            server.close()

    def submit_until(self, over: threading.Event) -> None:
        count = 0
        while not over.is_set():
            comment = f"Action {self.number}, {count}"
            fields = {"status": "on-track", "comment": comment, "once_key": f"{self.number:016}{count:016}"}
            try:
                status, location, _ = self.send(
                    "POST", f"/actions/{self.number}/measures/1/update/", fields | {"seen": self.seen}
                )
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)  # and again, with the same key
                continue
            if status == 302 and "submitted=" in location:
                self.seen = location.rpartition("submitted=")[2]
                self.acknowledged.append(comment)
                count += 1
            else:
                time.sleep(0.05)


@contextmanager
def at_work(people: list[Person]) -> Iterator[None]:
    over = threading.Event()
    threads = [threading.Thread(target=person.submit_until, args=(over,)) for person in people]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def seconds_until_ready(portal: Portal, person: Person) -> float:
    start = time.monotonic()
    while time.monotonic() < start + 60:
        try:
            if person.send("GET", "/health/ready")[0] == 200:
                break
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.02)
    return time.monotonic() - start


def people_of(portal: Portal, actor: Actor) -> list[Person]:
    session, numbers = actor.run(NUMBERS)
    return [Person(portal, session, number) for number in numbers[:PEOPLE]]


def test_every_acknowledged_update_survives_a_killed_server_once(other_database: str, tmp_path: Path) -> None:
    portal, actor = Portal(tmp_path, other_database), Actor(other_database)
    people = people_of(portal, actor)
    portal.start()
    try:
        with at_work(people):
            for _ in range(ROUNDS):
                time.sleep(0.7)
                portal.kill()
                start = time.monotonic()
                portal.start()
                seconds_until_ready(portal, people[0])
                assert time.monotonic() - start < READY_WITHIN
    finally:
        portal.stop()
    found = actor.run(COUNT)
    differences = actor.run(
        "from actions.check import FigureCheck; answer = list(FigureCheck().differences())"
    )
    actor.stop()
    acknowledged = [comment for person in people for comment in person.acknowledged]
    assert len(acknowledged) > ROUNDS
    assert {comment: found.get(comment) for comment in acknowledged} == dict.fromkeys(acknowledged, 1)
    assert set(found.values()) == {1}
    assert {status for person in people for status in person.answers} <= {200, 302, 503}
    assert differences == []


@pytest.fixture
def server() -> Iterator[Postgres]:
    with postgres_server() as found:
        yield found


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no server to stop")
def test_while_the_database_is_away_everything_is_a_plain_503_and_then_it_works_again(
    prepared_database: str, server: Postgres, tmp_path: Path
) -> None:
    url = f"{server.url}_away"
    copy(prepared_database, url)
    portal, actor = Portal(tmp_path, url), Actor(url)
    people = people_of(portal, actor)
    actor.stop()
    portal.start()
    try:
        with at_work(people[:4]):
            time.sleep(1)
            server.stop(signal.SIGINT)  # cuts off what is under way
            for path in ("/", "/actions/export.csv", "/accounts/login/", "/board/", "/health/ready"):
                status, _, text = people[5].send("GET", path)
                assert status == 503, path
                assert "not responding" in text or "does not answer" in text
            sign_in = {"login": LEAD, "password": "wrong"}
            status, _, text = people[5].send("POST", "/accounts/login/", sign_in)
            assert (status, "many failed" in text) == (503, False)
            assert (
                Person(portal, "", 0).send("GET", "/health/live")[0] == 200
            )  # for machines, which send no cookie
            server.start()
            assert seconds_until_ready(portal, people[5]) < 5
            time.sleep(0.5)
        assert people[5].send("GET", "/actions/")[0] == 200
    finally:
        portal.stop()
    assert {status for person in people[:4] for status in person.answers} == {302, 503}

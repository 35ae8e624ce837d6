"""Random requests to every address, as every role: whatever is sent, no answer is a 5xx.

A few in `make test`, 50,000 in `make soak` (FUZZ). The seed is in the message of a failure: FUZZ_SEED repeats it.
"""

import os
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import StreamingHttpResponse
from django.test import Client
from django.utils import timezone

from actions.models import Status
from history import memo
from partners.models import User
from reporting.models import ReportingPeriod
from tests.pages import world_of
from tests.test_permissions import ACCOUNT, PORTAL

REQUESTS = int(os.environ.get("FUZZ", "50"))
SEED = int(os.environ.get("FUZZ_SEED", str(timezone.now().toordinal())))
A_WORLD = 250  # requests, then what they have changed is undone
PARAMETERS = (
    "q vital_few strength theme cluster lead cross_cluster status awaited overdue changed_since not_reported_since "
    "as_at since meeting sort page per_page list next correct address kind who number until sheet key role partner"
).split()
HOSTILE = (
    "", " ", "0", "-1", "1", "99999999999999999999", "1e309", "NaN", "on", "true", "None", "null", "[]",
    "{}", "%", "%00", "\x00", "\x7f", "\x85", "\ufffe", "\uffff", "\u202e", "é", "👍", "a" * 5000, "'", '"',
    "\\", "';--", "<script>", "{{7*7}}", "=1+1", "../../etc/passwd", "//evil.example",
    "https://evil.example/", "2026-02-30", "2026-11-27", "0001-01-01", "9999-12-31", "31/12/2008", "VF1",
    "VF9", "strong", "food-drink", "retail", "legi", "-status", "number", "on-track", "off-track",
    "complete", "closed", "2008-12-31", "Two words", "a@b.example", "A B <a@b.example>, Retail", "\r\nX: y",
)  # fmt: skip
FIELD = re.compile(r'<(?:input|select|textarea|button)\b[^>]*?\bname="([^"]+)"(?:[^>]*?\bvalue="([^"]*)")?')
PDF = b"%PDF-1.4\n%%EOF\n"
LEFT_OUT = {"account_logout"}  # which would end the session of the sweep

pytestmark = [pytest.mark.once, pytest.mark.untraced]


class Fuzz:
    """Chooses what to send; remembers the fields of every form that it has seen."""

    def __init__(self, chance: random.Random, addresses: list[str]) -> None:
        self.chance, self.addresses = chance, addresses
        self.fields: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))

    def address(self) -> str:
        address = self.chance.choice(self.addresses)
        if self.chance.random() < 0.1:
            parts = address.split("/")
            parts[self.chance.randrange(1, len(parts))] = urlencode({"": self.chance.choice(HOSTILE)})[1:]
            address = "/".join(parts)
        if self.chance.random() < 0.6:
            given = [
                (self.chance.choice(PARAMETERS), self.value("")) for _ in range(self.chance.randint(1, 4))
            ]
            address += "?" + urlencode(given)
        return address

    def value(self, name: str, seen: Any = ()) -> str:
        if name == "status" and self.chance.random() < 0.7:
            return str(self.chance.choice(list(Status)).value)
        if seen and self.chance.random() < 0.6:
            return str(self.chance.choice(sorted(seen)))
        return self.chance.choice(HOSTILE)

    def form(self, path: str) -> dict[str, Any]:
        fields = self.fields[path]
        data: dict[str, Any] = {
            name: self.value(name, seen) for name, seen in fields.items() if self.chance.random() < 0.85
        }
        if "evidence_file" in fields and self.chance.random() < 0.5:
            name, content = self.chance.choice(
                (("a.pdf", PDF), ("b.pdf", b"no"), ("c.exe", b"MZ"), ("", b"x"))
            )
            data["evidence_file"] = SimpleUploadedFile(name or "x", content)
        return data

    def learn(self, path: str, response: Any) -> None:
        if response.get("Content-Type", "").startswith("text/html") and not response.streaming:
            for name, value in FIELD.findall(response.content.decode()):
                self.fields[path][name].add(value)


def rounds(total: int) -> Iterator[int]:
    while total > 0:
        yield min(total, A_WORLD)
        total -= A_WORLD


def test_whatever_is_sent_no_answer_is_an_error_of_ours(
    lead: User,
    staff: User,
    board: User,
    report: Any,
    period: ReportingPeriod,
    client_of: Callable[[User], Client],
) -> None:
    world = world_of(lead, staff, report, period)
    addresses = sorted({rule.address(world) for rule in (*PORTAL, *ACCOUNT) if rule.name not in LEFT_OUT})
    fuzz = Fuzz(random.Random(SEED), addresses)
    people = (lead, staff, board, None)
    for many in rounds(REQUESTS):
        with transaction.atomic():
            for _ in range(many):
                person = fuzz.chance.choice(people)
                client = client_of(person) if person else Client()
                client.raise_request_exception = False
                send(fuzz, client, person)
            transaction.set_rollback(True)
        memo.forget()


def send(fuzz: Fuzz, client: Client, person: User | None) -> None:
    cache.clear()  # no limit of guesses hides what is behind it
    address = fuzz.address()
    path = address.partition("?")[0]
    if fuzz.chance.random() >= 0.45:
        answer(fuzz, client, address, None, person)
        return
    if path not in fuzz.fields:
        answer(fuzz, client, path, None, person)
    answer(fuzz, client, address, fuzz.form(path), person)


def answer(
    fuzz: Fuzz, client: Client, address: str, data: dict[str, Any] | None, person: User | None
) -> None:
    """Ask for `address`, or post `data` there; read all of the answer, and learn its fields."""
    with transaction.atomic():  # an error may not break the transaction of the round
        response = client.get(address) if data is None else client.post(address, data)
        if isinstance(response, StreamingHttpResponse):
            b"".join(response.streaming_content)  # type: ignore[arg-type]  # bytes, of our files
    said = f"{response.status_code} at {address} as {person} with {data} (FUZZ_SEED={SEED})"
    assert response.status_code < 500, said
    fuzz.learn(address.partition("?")[0], response)

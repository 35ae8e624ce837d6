"""A keep-alive client of one person, forms as a browser sends them, and pages timed in turn."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import BadStatusLine, HTTPConnection
from urllib.parse import urlencode

from tests.benchmarks.serving import Server

CHUNK = 65_536


@dataclass(frozen=True)
class Answer:
    """`first` and `seconds`: from the request to the first and to the last byte of the body."""

    status: int
    body: bytes
    headers: dict[str, str]
    first: float
    seconds: float


class Browser:
    """One person's connection, kept alive. Sends the session's cookie, and the CSRF cookie once it has one."""

    def __init__(self, server: Server, session: str = "") -> None:
        self._connection = HTTPConnection("127.0.0.1", server.port, timeout=1800)
        self._cookies = {"sessionid": session} if session else {}

    def get(self, address: str, headers: dict[str, str] | None = None) -> Answer:
        return self._send("GET", address, None, headers or {})

    def post(self, address: str, values: dict[str, str]) -> Answer:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._send("POST", address, urlencode(values), form)

    def _send(self, method: str, address: str, body: str | None, headers: dict[str, str]) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        for last_try in (False, True):
            began = time.perf_counter()
            try:
                self._connection.request(method, address, body, headers | {"Cookie": cookies})
                response = self._connection.getresponse()
                break
            except (BadStatusLine, ConnectionError):  # the server closed an idle connection
                self._connection.close()
                if last_try or method != "GET":
                    raise
        parts = [response.read1(CHUNK)]
        first = time.perf_counter() - began
        while part := response.read1(CHUNK):
            parts.append(part)
        response.read()  # nothing is left; read1 alone does not end the response
        seconds = time.perf_counter() - began
        for cookie in response.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, b"".join(parts), found, first, seconds)


@dataclass
class Page:
    """An address that one person fetches, and the seconds each round took.

    `another` returns a different address for each round. `before` runs before each round and is not timed.
    """

    server: Server
    address: str
    session: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    another: Callable[[], str] | None = None
    before: Callable[[], None] | None = None
    times: list[float] = field(default_factory=list)
    answer: Answer | None = None
    _browser: Browser | None = None

    def ask(self) -> Answer:
        self._browser = self._browser or Browser(self.server, self.session)
        if self.before:
            self.before()
        if self.another:
            self.address = self.another()
        self.answer = self._browser.get(self.address, self.headers)
        return self.answer

    @property
    def ms(self) -> float:
        """The median of the rounds, in milliseconds."""
        return statistics.median(self.times) * 1000

    @property
    def size(self) -> int:
        return len(self.answer.body) if self.answer else 0

    @property
    def status(self) -> int:
        return self.answer.status if self.answer else 0


def time_in_turn(pages: Sequence[Page], rounds: int, budget: float = 60) -> None:
    """Fetch each page in turn, round by round, so that a drift of the machine affects them all alike.

    Each is fetched twice beforehand, to warm it up. A page gets fewer rounds, but at least one, if they would take more
    than its share of `budget` (seconds).
    """
    share = budget / len(pages)
    left = {}
    for number, page in enumerate(pages):
        page.times.clear()
        seconds = page.ask().seconds
        if seconds < share / 4:
            seconds = page.ask().seconds
        left[number] = max(1, min(rounds, int(share / max(seconds, 0.001))))
    for done in range(rounds):
        for number, page in enumerate(pages):
            if done < left[number]:
                page.times.append(page.ask().seconds)


class Form(HTMLParser):
    """What a browser would send of the form that posts to `action`, before anything is typed."""

    def __init__(self, html: str, action: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._action, self._inside, self._select = action, False, ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = found.get("action", "") in ("", self._action) and found.get("method") == "post"
        if tag == "select":
            self._select = found.get("name", "")
        if self._inside and tag == "option" and found.get("value"):
            self.values.setdefault(self._select, found["value"])
        if not self._inside or tag != "input" or not found.get("name"):
            return
        kind, name = found.get("type", "text"), found["name"]
        if kind in ("hidden", "text", "date", "url") or "checked" in found:
            self.values[name] = found.get("value", "")
        elif kind == "radio" and name != "status":
            self.values.setdefault(name, found.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that `percent` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]

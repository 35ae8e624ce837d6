"""Real mail servers on loopback: one that counts, refuses or hangs up as told, and one that never says a word."""

import asyncio
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, syntax

from tests.servers import free_port


class _Smtp(SMTP):
    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:
        if self.event_handler.answers.get("data") != "hang up":
            await super().smtp_DATA(arg)
            return
        await self.push("354 Go on")
        await self._reader.readline()
        self.transport.abort()


class Server(Controller):
    """`answers` maps “rcpt”, “data” (before the dot) and “dot” (after it) to what is answered, or to “hang up”."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.received: Counter[str] = Counter()
        super().__init__(self, hostname="127.0.0.1", port=free_port())

    def factory(self) -> SMTP:
        return _Smtp(self, data_size_limit=None, enable_SMTPUTF8=False)

    async def handle_RCPT(self, _: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if "rcpt" in self.answers:
            return self.answers["rcpt"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        answer = self.answers.get("dot", "250 OK")
        if answer in ("250 OK", "hang up"):
            self.received.update(envelope.rcpt_tos)
        if answer == "hang up":
            server.transport.abort()
            await asyncio.sleep(0)
        return answer


@contextmanager
def mail_server() -> Iterator[Server]:
    server = Server()
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def silent_server() -> Iterator[int]:
    """The port of a server that accepts each connection and then hangs."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]

"""Runs `send_mail` in forks of an actor's process, and kills them at a step. Imported by the actor's code."""

import os
import signal
import smtplib
from collections.abc import Callable
from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from outbox.models import Mail
from partners.models import User


def only(port: int, *emails: str) -> None:
    """Mail goes to the server at `port`, and nobody but these may be reminded."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 10
    User.objects.exclude(email__in=emails).update(is_active=False)


def send() -> None:
    call_command("send_mail", stdout=StringIO())


def killed_at(step: int) -> tuple[bool, dict[str, str]]:
    """Kill a run at its nth step, run again, and return whether the first was killed, and the state of each e-mail."""
    Mail.objects.all().delete()
    [status] = _wait(_forked(lambda: _until(step)))
    assert status in (0, signal.SIGKILL), status
    send()
    return status != 0, dict(Mail.objects.values_list("to", "state"))


def at_once(runs: int) -> list[int]:
    """Several runs at the same time, on nothing sent; the exit status of each."""
    Mail.objects.all().delete()
    return _wait(*[_forked(send) for _ in range(runs)])


def _forked(deed: Callable[[], None]) -> int:
    connections.close_all()
    pid = os.fork()
    if pid:
        return pid
    try:
        deed()
    finally:
        os._exit(0 if not _failed() else 1)


def _failed() -> bool:
    import sys

    return sys.exc_info()[0] is not None


def _wait(*pids: int) -> list[int]:
    return [os.waitpid(pid, 0)[1] for pid in pids]


def _until(last: int) -> None:
    """Send, and die before the step of this number: a write, a commit, or a word to the mail server."""
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1
        if steps == last:
            os.kill(os.getpid(), signal.SIGKILL)

    def on_sql(execute: Any, sql: str, *args: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            step()
        return execute(sql, *args)

    def around(owner: Any, name: str, *, is_step_after: Callable[[Any], bool] = lambda _: False) -> None:
        original = getattr(owner, name)

        def stepping(*args: Any) -> Any:
            if not isinstance(args[-1], str):  # what comes before the message leaves everything as it was
                step()
            done = original(*args)
            if is_step_after(args[-1]):
                step()
            return done

        setattr(owner, name, stepping)

    around(smtplib.SMTP, "send", is_step_after=lambda words: words == b".\r\n")
    around(type(connections["default"]), "_commit")
    with connection.execute_wrapper(on_sql):
        send()

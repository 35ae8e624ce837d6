"""One thread of the process that sends what waits, so that no request does. It ends when nothing waits."""

import atexit
import logging
import os
import threading
from datetime import timedelta

from django.db import connections, transaction
from django.utils import timezone

from outbox import sending

LONGEST_WAIT = timedelta(minutes=10)  # a longer pause is for `manage.py send_mail`
SECONDS_TO_FINISH = 5

logger = logging.getLogger(__name__)


class Sender:
    """The thread of this process, and the bell that wakes it."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.lock = threading.Lock()
        self.bell = threading.Event()
        self.thread: threading.Thread | None = None
        self.stopping = False

    def wake(self) -> None:
        with self.lock:
            self.bell.set()
            if self.thread is None and not self.stopping:
                self.thread = threading.Thread(target=self._run, name="outbox", daemon=True)
                self.thread.start()

    def stop(self) -> None:
        """When the process ends: let what is being sent finish, for a moment."""
        with self.lock:
            self.stopping, thread = True, self.thread
            self.bell.set()
        if thread:
            thread.join(SECONDS_TO_FINISH)

    def _run(self) -> None:
        while True:
            self.bell.clear()
            wait = self._send()
            with self.lock:
                if self.stopping or (wait is None and not self.bell.is_set()):
                    self.thread = None
                    return
            if wait is not None:
                self.bell.wait(wait)

    def _send(self) -> float | None:
        """Send what waits. Returns the seconds until the next is due; None if that is for another process."""
        try:
            sending.send_waiting(lambda: self.stopping)
            due = sending.next_due()
        except Exception:
            logger.exception("The outbox could not be sent")
            return None
        finally:
            connections.close_all()
        wait = due - timezone.now() if due else None
        return max(wait.total_seconds(), 0.1) if wait is not None and wait < LONGEST_WAIT else None


_sender = Sender()


def sender() -> Sender:
    """The sender of this process: a fork has one of its own."""
    global _sender  # noqa: PLW0603  one a process
    if _sender.pid != os.getpid():
        _sender = Sender()
    return _sender


def wake_after_commit() -> None:
    """Have the thread send what waits once the current transaction, if any, has committed."""
    transaction.on_commit(lambda: sender().wake())


atexit.register(lambda: sender().stop())

"""The thread of a process that sends what waits: started on demand, it ends when nothing waits."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from outbox import background, sending
from outbox.background import Sender

pytestmark = pytest.mark.once


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When the outbox was sent: nothing waits after the first time but one that is due soon."""
    found: list[float] = []
    due = iter([timezone.now() + timedelta(milliseconds=1)])
    monkeypatch.setattr(sending, "send_waiting", lambda stopping: found.append(1))
    monkeypatch.setattr(sending, "next_due", lambda: next(due, None))
    return found


def finished(sender: Sender) -> None:
    if thread := sender.thread:
        thread.join(10)
    assert sender.thread is None


def test_it_sends_waits_for_what_is_due_soon_and_ends(runs: list[float]) -> None:
    sender = Sender()
    sender.wake()
    finished(sender)
    assert len(runs) == 2
    sender.wake()  # and starts again
    finished(sender)
    assert len(runs) == 3


def test_a_stopped_process_starts_nothing(runs: list[float]) -> None:
    sender = Sender()
    sender.stop()
    sender.wake()
    assert sender.thread is None
    assert runs == []


def test_an_error_ends_the_thread_and_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(stopping: Any) -> None:
        raise RuntimeError("no database")

    monkeypatch.setattr(sending, "send_waiting", fail)
    sender = Sender()
    sender.wake()
    finished(sender)
    assert "The outbox could not be sent" in caplog.text


def test_a_forked_process_has_a_sender_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    first = background.sender()
    assert background.sender() is first
    monkeypatch.setattr(first, "pid", -1)
    assert background.sender() is not first

"""One line an event, by a logger with a name of its own."""

import logging

import pytest

from web.events import event


@pytest.mark.once
def test_an_event_is_one_line_with_its_fields(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="portal.events"):
        event("sign_in", user=7, method="code")
    [record] = caplog.records
    assert (record.name, record.getMessage(), record.fields) == (  # type: ignore[attr-defined]
        "portal.events",
        "sign_in",
        {"user": 7, "method": "code"},
    )

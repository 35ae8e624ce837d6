"""The one function that sends e-mail."""

from typing import Any

import pytest
from django.core import mail as django_mail

from web import mail


def test_a_mail_is_plain_text_from_the_address_in_the_settings() -> None:
    mail.send(to="a@example.org", subject="Subject", text="Text\n")
    (sent,) = django_mail.outbox
    assert (sent.from_email, sent.to) == ("City Growth <portal@localhost>", ["a@example.org"])
    assert (sent.subject, sent.body, sent.alternatives) == ("Subject", "Text\n", [])


def test_an_html_version_goes_beside_the_text() -> None:
    mail.send(to="a@example.org", subject="Subject", text="Text", html="<p>Text</p>")
    (sent,) = django_mail.outbox
    assert sent.body == "Text"
    assert [tuple(each) for each in sent.alternatives] == [("<p>Text</p>", "text/html")]


def test_a_mail_server_that_is_down_is_an_os_error(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(OSError, match="refused"):
        mail.send(to="a@example.org", subject="Subject", text="Text")

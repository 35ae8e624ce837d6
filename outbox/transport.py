"""The way out: one e-mail to the mail server, with a last word from the outbox before it is handed over."""

import re
import smtplib
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.smtp import EmailBackend

from outbox.models import Mail

SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
FIRST_DOT = re.compile(rb"(?m)^\.")
HandOver = Callable[[], None]


class _AsksBeforeTheDot(smtplib.SMTP):
    """Calls `hand_over` once the server has everything but the final dot."""

    hand_over: HandOver

    def data(self, msg: Any) -> tuple[int, bytes]:
        """`smtplib`'s own, in two parts. `msg` is bytes, with CRLF at the end of each line."""
        self.putcmd("data")
        code, reply = self.getreply()
        if code != 354:
            raise smtplib.SMTPDataError(code, reply)
        quoted = FIRST_DOT.sub(b"..", msg)
        self.send(quoted if quoted.endswith(b"\r\n") else quoted + b"\r\n")
        self._must_be_listening()
        self.hand_over()
        self.send(b".\r\n")
        return self.getreply()

    def _must_be_listening(self) -> None:
        """Raise if the server has hung up already, which sending alone does not tell."""
        assert self.sock  # noqa: S101  connected
        self.sock.settimeout(0)
        try:
            closed = self.sock.recv(1, socket.MSG_PEEK) == b""
        except (BlockingIOError, ValueError):  # nothing to read; or TLS, which cannot look ahead
            closed = False
        finally:
            self.sock.settimeout(self.timeout)
        if closed:
            raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")


class _AsksBeforeTheDotSSL(_AsksBeforeTheDot, smtplib.SMTP_SSL):
    """The same, with TLS from the start."""


class _Backend(EmailBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _AsksBeforeTheDotSSL if self.use_ssl else _AsksBeforeTheDot

    def hang_up(self) -> None:
        """Close without a word: in the middle of a message, QUIT would be taken for part of it."""
        for connection in (self.connection, getattr(self, "_partial_connection", None)):
            if connection is not None:
                with suppress(OSError):
                    connection.close()
        self.connection = self._partial_connection = None


def deliver(mail: Mail, hand_over: HandOver, delivered: Callable[[], None]) -> None:
    """Give `mail` to the mail server.

    Calls `hand_over` just before it has the whole message, and `delivered` when it has accepted it.
    Raises what smtplib and the socket raise, and what the two raise.
    """
    if settings.EMAIL_BACKEND != SMTP_BACKEND:
        connection = get_connection()
        hand_over()
        connection.send_messages([message_of(mail)])
        delivered()
        return
    backend = _Backend()
    try:
        backend.open()
        smtp: Any = backend.connection
        smtp.hand_over = hand_over
        backend.send_messages([message_of(mail)])
        delivered()
    except BaseException:
        backend.hang_up()
        raise
    with suppress(smtplib.SMTPException, OSError):
        backend.close()


def message_of(mail: Mail) -> EmailMultiAlternatives:
    """Plain text, with an HTML version where there is one; marked as automatic, so that no absence notice answers."""
    headers = {"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"}
    message = EmailMultiAlternatives(mail.subject, mail.text, to=[mail.to], headers=headers)
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    for file in mail.attachments.all():
        message.attach(file.name, bytes(file.content), file.content_type)
    return message

"""What an error at sending means: in words, and whether trying again can help."""

import smtplib
from dataclasses import dataclass


@dataclass(frozen=True)
class Failure:
    """`for_good`: the same e-mail would fail again. `of_server`: every other e-mail would fail too."""

    why: str
    for_good: bool = False
    of_server: bool = False
    mailbox_refused: bool = False
    was_refused: bool = False  # the server said so, and has not got it


def failure_of(error: BaseException) -> Failure:
    """What `error`, raised while sending, means."""
    if isinstance(error, (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)):
        return _refusal(error)
    if isinstance(
        error, (ValueError, smtplib.SMTPNotSupportedError)
    ):  # an address or a header no server takes
        return Failure(f"The e-mail cannot be sent: {_plain(error)}", for_good=True)
    if isinstance(error, TimeoutError):
        return Failure("The mail server did not answer in time.", of_server=True)
    if isinstance(error, OSError):  # also no such host, no route, a certificate that does not match
        return Failure(f"The connection to the mail server failed: {_plain(error)}", of_server=True)
    return Failure(f"An error in the portal: {_plain(error)}")


def _refusal(error: smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused) -> Failure:
    """The mail server said no: to the address, to the message, or to the portal altogether."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()))
        why = f"The mail server refused the address: {_said(code, reply)}"
        return Failure(why, for_good=code >= 500, mailbox_refused=code >= 500, was_refused=True)
    words = _said(error.smtp_code, error.smtp_error)
    if isinstance(error, smtplib.SMTPDataError):
        why = f"The mail server refused the message: {words}"
        return Failure(why, for_good=error.smtp_code >= 500, was_refused=True)
    return Failure(f"The mail server refused the portal: {words}", of_server=True)


def _said(code: int, reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)
    return f"{code} {' '.join(text.split())}"[:500]


def _plain(error: BaseException) -> str:
    words = " ".join(str(error).split()) or type(error).__name__
    return f"{words}."[:500] if not words.endswith(".") else words[:500]

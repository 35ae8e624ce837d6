"""The one function that sends e-mail."""

from collections.abc import Sequence

from django.core.mail import EmailMultiAlternatives

Attachment = tuple[str, bytes, str]  # file name, content, content type


def send(*, to: str, subject: str, text: str, html: str = "", attachments: Sequence[Attachment] = ()) -> None:
    """Send an e-mail from DEFAULT_FROM_EMAIL, as plain text with an optional HTML version.

    Raises OSError when the mail server is down or refuses it: smtplib's errors are OSErrors.
    """
    message = EmailMultiAlternatives(subject, text, to=[to])
    if html:
        message.attach_alternative(html, "text/html")
    for name, content, content_type in attachments:
        message.attach(name, content, content_type)
    message.send()

"""The one function that sends e-mail."""

from django.core.mail import EmailMultiAlternatives


def send(*, to: str, subject: str, text: str, html: str = "") -> None:
    """Send an e-mail from DEFAULT_FROM_EMAIL, as plain text with an optional HTML version.

    Raises OSError when the mail server is down or refuses it: smtplib's errors are OSErrors.
    """
    message = EmailMultiAlternatives(subject, text, to=[to])
    if html:
        message.attach_alternative(html, "text/html")
    message.send()

"""django-allauth's settings that are code."""

import logging
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest
from django.urls import reverse

from partners.models import User
from partners.start_pages import own_start_page
from web import mail
from web.context_processors import identity

logger = logging.getLogger(__name__)
LANDING = {User.Role.LEAD: "my_updates", User.Role.STAFF: "action_list", User.Role.BOARD: "board"}
INCORRECT_CODE = "This code is incorrect. Check it, or send yourself a new one."


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    error_messages: ClassVar[dict[str, Any]] = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This account is closed.",
        "email_password_mismatch": "The e-mail address or the password is incorrect.",
        "enter_current_password": "Enter your current password.",
        "incorrect_code": INCORRECT_CODE,
        "incorrect_password": "The password is incorrect.",
        "invalid_password_reset": "This link has expired. Request a new one.",
        "rate_limited": "Too many requests. Wait a few minutes and try again.",
        "too_many_login_attempts": "Too many attempts. Wait a few minutes, then try again or ask for a new code.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """City Growth staff create accounts or invite people: there is no sign-up."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Log a mail server's failure instead of raising: an error would tell strangers which addresses are known."""
        request = self.request
        given = {"request": request, "email": email, "current_site": get_current_site(request), **context}
        message = self.render_mail(template_prefix, email, given | {"portal": identity()})
        html = [str(each.content) for each in message.alternatives if each.mimetype == "text/html"]
        try:
            mail.send(to=email, subject=message.subject, text=message.body, html="".join(html))
        except OSError:
            logger.exception("Mail %s was not sent", template_prefix)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Their own start page, or that of their role. An address requested before signing in comes first."""
        user: Any = request.user
        return own_start_page(user) or reverse(LANDING[User.Role(user.role)])


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    error_messages: ClassVar[dict[str, Any]] = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": "This second factor cannot be turned off.",
        "cannot_generate_recovery_codes": "Turn on an authenticator app or add a security key first.",
        "incorrect_code": "This code is incorrect. Enter the one that your app shows now, or a recovery code.",
    }

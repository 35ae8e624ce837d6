"""django-allauth's settings that are code."""

from datetime import timedelta
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sites.shortcuts import get_current_site
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from outbox.models import Kind
from outbox.posting import Letter, post, write
from partners import guesses, second_factor
from partners.models import User
from partners.start_pages import own_start_page
from web.context_processors import identity
from web.events import event

LANDING = {User.Role.LEAD: "my_updates", User.Role.STAFF: "today", User.Role.BOARD: "board"}
SIGN_IN_CODE, UNKNOWN = "account/email/login_code", "account/email/unknown_account"
INCORRECT_CODE = "This code is incorrect. Check it, or select “Send a new code”."


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    error_messages: ClassVar[dict[str, Any]] = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This account is closed.",
        "email_password_mismatch": "The e-mail address or the password is incorrect.",
        "enter_current_password": "Enter your current password.",
        "incorrect_code": INCORRECT_CODE,
        "incorrect_password": "The password is incorrect.",
        "invalid_password_reset": "This link has expired. Request a new one.",
        "rate_limited": "Too many attempts. Wait 5 minutes, then try again.",
        "too_many_login_attempts": (
            "Too many attempts. Wait 5 minutes, then ask for a new sign-in code or try again."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """City Growth staff create accounts or invite people: there is no sign-up."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Put the e-mail in the outbox. For an unknown address, do the same work and undo it.

        So known and unknown addresses take the same time, and no mail server holds the request.
        """
        if template_prefix != UNKNOWN:
            post(**self._mail(template_prefix, email, context))
            return
        with transaction.atomic():
            write(**self._mail(SIGN_IN_CODE, email, context | {"code": self.generate_login_code()}))
            transaction.set_rollback(True)

    def _mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> Letter:
        request = self.request
        given = {"request": request, "email": email, "current_site": get_current_site(request), **context}
        message = self.render_mail(template_prefix, email, given | {"portal": identity()})
        html = [str(each.content) for each in message.alternatives if each.mimetype == "text/html"]
        is_code = template_prefix == SIGN_IN_CODE
        lasts = settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT if is_code else settings.PASSWORD_RESET_TIMEOUT
        return {
            "kind": Kind.SIGN_IN if is_code else Kind.ACCOUNT,
            "to": email,
            "subject": message.subject,
            "text": message.body,
            "html": "".join(html),
            "expires_at": timezone.now() + timedelta(seconds=lasts),
        }

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Take a guess of the account before the password is looked at. Raises TooManyGuesses."""
        super().pre_authenticate(request, **credentials)
        self.guess = guesses.take(str(credentials.get("email", "")), "password")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        user = super().authenticate(request, **credentials)
        if user:
            self.guess.right()
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        self.guess.wrong()

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        event("sign_in", user=user.pk)
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return response

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Their own start page, or that of their role. An address requested before signing in comes first."""
        user: Any = request.user
        return own_start_page(user) or reverse(LANDING[User.Role(user.role)])


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    error_messages: ClassVar[dict[str, Any]] = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": (
            "City Growth staff need a second factor. Turn on another one before you turn this one off."
        ),
        "cannot_generate_recovery_codes": "Turn on an authenticator app or add a security key first.",
        "incorrect_code": "This code is incorrect. Enter the one that your app shows now, or a recovery code.",
    }

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """Fills in “Key 1”, “Key 2” … where a key is added."""
        return f"Key {Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1}"

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """Staff keep at least one second factor where they need one."""
        user = authenticator.user
        return (
            not second_factor.is_required_of(user)
            or second_factor.factors_of(user).exclude(pk=authenticator.pk).exists()
        )

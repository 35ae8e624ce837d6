"""In real use City Growth staff need a second factor: an authenticator app, a passkey or a security key."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from partners.models import User
from partners.sessions import HAS_SECOND_FACTOR, end_other_sessions

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# What works without one: setting it up, signing in and out, and what is for everybody.
OPEN_TO_ALL = (
    "/accounts/2fa/", "/accounts/login/", "/accounts/oidc/", "/accounts/logout/", "/accounts/reauthenticate/",
    "/accounts/inactive/", "/accounts/password/", "/accessibility/", "/logo", "/health/", "/static/", "/.well-known/",
)  # fmt: skip


def factors_of(user: User) -> Any:
    """The second factors of a person; recovery codes do not count."""
    return Authenticator.objects.filter(user=user, type__in=FACTORS)


def is_required_of(user: User) -> bool:
    return bool(settings.SECOND_FACTOR_FOR_STAFF) and user.is_staff


def required_of_staff(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Send staff without a second factor to the page that sets one up, whatever they ask for."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(OPEN_TO_ALL) and _lacks_one(request):
            return redirect("second_factor_needed")
        return get_response(request)

    return middleware


def _lacks_one(request: HttpRequest) -> bool:
    if not settings.SECOND_FACTOR_FOR_STAFF or SESSION_KEY not in request.session:
        return False
    user = request.user
    if not isinstance(user, User) or not user.is_staff or request.session.get(HAS_SECOND_FACTOR):
        return False
    if not factors_of(user).exists():
        return True
    request.session[HAS_SECOND_FACTOR] = True  # removing one ends every session, so the mark stays true
    return False


def added(request: HttpRequest, user: User, **_: Any) -> None:
    """A session that began with one factor ends, except the one that added the second. allauth's signal."""
    end_other_sessions(request, user)


def removed(request: HttpRequest, user: User, **_: Any) -> None:
    """Look again at the next page: it may have been the last one. allauth's signal."""
    request.session.pop(HAS_SECOND_FACTOR, None)
    end_other_sessions(request, user)

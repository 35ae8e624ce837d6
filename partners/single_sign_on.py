"""Sign-in through one OpenID Connect provider, if the settings name one.

The provider says who somebody is; what they may do stays the portal's. Only the owner of an open account with the same
address, verified by the provider, gets in. Nothing of the provider is stored.
"""

from typing import Any, NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.openid_connect.views import login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from requests import RequestException

from web.events import event

NO_ACCOUNT = (
    "There is no open account with the address that {} confirmed. Ask City Growth staff for an invitation."
)
FAILED = "Signing in with {} did not work. Try again, or sign in with a code."


def login_url() -> str:
    """Where signing in through the provider starts; empty if there is none."""
    return reverse("openid_connect_login", args=[settings.OIDC_ID]) if settings.OIDC_ISSUER else ""


@login_not_required
def start(request: HttpRequest, provider_id: str) -> HttpResponse:
    """allauth's redirect to the provider, with words for a provider that does not answer."""
    try:
        response: HttpResponse = login(request, provider_id)
        return response
    except RequestException:
        event("sign_in_failed", user=None, method="single sign-on")
        messages.error(request, FAILED.format(settings.OIDC_NAME))
        return redirect("account_login")


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def can_authenticate_by_email(self, login: Any, email: str) -> bool:
        """Some providers send words for yes and no."""
        given = [one.verified for one in login.email_addresses if one.email == email]
        return bool(given) and all(one is True or str(one).lower() == "true" for one in given)

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Turn away everybody but the owner of an open account."""
        if not sociallogin.is_existing or not sociallogin.user.is_active:
            event("sign_in_failed", user=sociallogin.user and sociallogin.user.pk, method="single sign-on")
            _turn_away(request, NO_ACCOUNT)

    def on_authentication_error(self, request: HttpRequest, provider: Any, **_: Any) -> None:
        event("sign_in_failed", user=None, method="single sign-on")
        _turn_away(request, FAILED)


def _turn_away(request: HttpRequest, why: str) -> NoReturn:
    messages.error(request, why.format(settings.OIDC_NAME))
    raise ImmediateHttpResponse(redirect("account_login"))

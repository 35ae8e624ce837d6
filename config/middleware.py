"""Headers that go with every page."""

from collections.abc import Callable

from csp.constants import SELF
from django.http import HttpRequest, HttpResponse

# The portal's own pages run no script. Passkeys and Django's admin cannot do without; theirs are files of our own host.
WITH_SCRIPTS = ("/admin/", "/accounts/2fa/", "/accounts/login/", "/accounts/reauthenticate/")


def page_policy(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith(WITH_SCRIPTS):
            response._csp_update = {"script-src": [SELF], "connect-src": [SELF]}  # type: ignore[attr-defined]
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    return middleware

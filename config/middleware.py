"""Middleware: strip characters that no page or database can hold, and set response headers."""

import errno
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParserError

from web.characters import UNHOLDABLE, holdable

DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
GetResponse = Callable[[HttpRequest], HttpResponse]

# The portal's own pages run no scripts. Passkeys and Django's admin need theirs, which come from this host.
WITH_SCRIPTS = ("/admin/", "/accounts/2fa/", "/accounts/login/", "/accounts/reauthenticate/")
# Nothing inline, and nothing from other hosts.
POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
POLICY_WITH_SCRIPTS = f"{POLICY}; script-src 'self'; connect-src 'self'"
# What a browser may do for a page: passkeys, and nothing else.
PERMISSIONS = ", ".join(
    (
        *(
            f"{name}=()"
            for name in "accelerometer camera geolocation gyroscope magnetometer microphone".split()
        ),
        *(f"{name}=()" for name in "display-capture midi payment usb xr-spatial-tracking".split()),
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
    )
)


def page_policy(get_response: GetResponse) -> GetResponse:
    """Allow scripts only where a page needs them, and keep every page out of every cache, the browser's too.

    A response that has set a header already keeps it. A reader that has kept a page all the same, and asks with
    If-None-Match whether it has changed, still gets 304: `no-store` and conditional requests do not exclude each
    other (docs/adr/0016-accounts-and-sessions.md).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        with_scripts = request.path.startswith(WITH_SCRIPTS)
        response.headers.setdefault(
            "Content-Security-Policy", POLICY_WITH_SCRIPTS if with_scripts else POLICY
        )
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return middleware


def storable_input(get_response: GetResponse) -> GetResponse:
    """Refuse a request body that is malformed or too large, and drop characters that nothing can hold.

    Comes before the session middleware, in which a NUL in a cookie would fail. The health addresses get no cookies:
    a session would be looked up in the database, which may be down.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        cookies = {} if request.path.startswith("/health/") else request.COOKIES
        request.COOKIES = {name: value for name, value in cookies.items() if "\0" not in value}
        if _length(request) > settings.REQUEST_MAX_BYTES:
            megabytes = settings.REQUEST_MAX_BYTES // 1024 // 1024
            return _refused(f"The request is too large. The limit is {megabytes} MB.", 413)
        try:
            request.GET = _storable(request.GET)  # type: ignore[assignment]  # a QueryDict as before
            if request.method == "POST":
                request.POST = _storable(request.POST)  # type: ignore[assignment]  # a QueryDict as before
        except RequestDataTooBig:
            return _refused("The form is too large.", 413)
        except (MultiPartParserError, BadRequest, SuspiciousOperation):
            return _refused("The request could not be read.", 400)
        except OSError as error:
            if error.errno in DISK_FULL:  # a large file waits in the temporary folder
                return _refused("The server’s disk is full. Nothing was saved. Try again later.", 503)
            return _refused("The request could not be read.", 400)
        return get_response(request)

    return middleware


def _length(request: HttpRequest) -> int:
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(length) if length.isdecimal() else 0


def _storable(data: QueryDict) -> QueryDict:
    if not any(UNHOLDABLE.search(text) for name, values in data.lists() for text in (name, *values)):
        return data
    cleaned = QueryDict(mutable=True)
    for name, values in data.lists():
        for value in values:
            cleaned.appendlist(holdable(name), holdable(value))
    cleaned._mutable = False
    return cleaned


def _refused(words: str, status: int) -> HttpResponse:
    return HttpResponse(f"{words}\n", status=status, content_type="text/plain; charset=utf-8")

"""A line in the log for each request: who, what, how it ended, how long it took and what it asked of the database."""

import logging
import secrets
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from config.logs import request_id
from web.events import event

logger = logging.getLogger("portal.requests")
# Parameters whose values are choices or dates. The values of others (a search, an address to go on to) are left out.
SHOWN = frozenset(
    "vital_few strength theme cluster lead cross_cluster status awaited overdue changed_since not_reported_since as_at "
    "since sort page per_page meeting sheet period partner".split()
)
WITH_SECRETS = ("/accounts/", "/invitations/")  # paths with keys in them: the pattern is logged instead


def log_requests(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Comes first. Gives each request an id, which its answer, its error page and all its lines in the log have."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/static/"):
            return get_response(request)
        request.id = secrets.token_hex(8)  # type: ignore[attr-defined]  # for templates
        token = request_id.set(request.id)  # type: ignore[attr-defined]  # likewise
        work = _Work()
        try:
            response = get_response(request)
            response.headers["X-Request-ID"] = request.id  # type: ignore[attr-defined]  # likewise
            if response.get("Content-Disposition", "").startswith("attachment"):
                event("export", user=_user_of(request), page=_page_of(request))
            if settings.LOG_REQUESTS:
                if response.streaming:  # it goes on reading while it is sent
                    closers: Any = response
                    closers._resource_closers.append(lambda: work.log(request, response))
                else:
                    work.log(request, response)
            return response
        finally:
            request_id.reset(token)

    return middleware


class _Work:
    """Counts what one request asks of the database."""

    def __init__(self) -> None:
        self.start, self.queries, self.rows = time.monotonic(), 0, 0
        # one that was never closed, because its client went away
        connection.execute_wrappers[:] = [
            one for one in connection.execute_wrappers if not isinstance(one, _Work)
        ]
        connection.execute_wrappers.append(self)
        self.rows_before = getattr(connection, "rows_read", 0)

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        self.queries += 1
        result = execute(sql, params, many, context)
        rows = context["cursor"].rowcount
        if rows > 0:
            self.rows += rows
        return result

    def log(self, request: HttpRequest, response: HttpResponse) -> None:
        if self in connection.execute_wrappers:
            connection.execute_wrappers.remove(self)
        fields = {
            "id": request.id,  # type: ignore[attr-defined]  # set above
            "user": _user_of(request),
            "method": request.method,
            "address": address_of(request),
            "status": response.status_code,
            "ms": round((time.monotonic() - self.start) * 1000, 1),
            "queries": self.queries,
            "rows": self.rows + getattr(connection, "rows_read", 0) - self.rows_before,
        }
        logger.info("request", extra={"fields": fields})


def address_of(request: HttpRequest) -> str:
    """Path and query without anything personal: no keys of invitations, no words of a search."""
    path = request.path
    if path.startswith(WITH_SECRETS):
        path = f"/{request.resolver_match.route}" if request.resolver_match else "/accounts/…"
    query = "&".join(
        f"{name if name in SHOWN else '…'}={value if name in SHOWN else '…'}"
        for name, values in request.GET.lists()
        for value in values
    )
    return f"{path}?{query}"[:500] if query else path[:500]


def _user_of(request: HttpRequest) -> int | None:
    """The key of the person, if the request has asked who it is: this asks no query of its own."""
    key: int | None = getattr(getattr(request, "_cached_user", None), "pk", None)
    return key


def _page_of(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""

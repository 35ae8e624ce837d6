"""The peers beside the portal, on the same rows and server: what a page or a write could cost at least.

/hand/?theme=1&cluster=2    two filters, a count, 25 rows: Jinja2 over values_list, no middleware
/bytes/?size=20000          ready-made bytes, no middleware
/user/?size=20000           ready-made bytes for a session and its user, under Django
/insert/                    POST: one row in one transaction, for a session and its user, under Django
"""

import os
import sys
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any
from urllib.parse import parse_qs

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path

from tests.benchmarks.rows import PER_PAGE

BARE = [  # nothing but session and user in the way; database and sessions are set as for the portal
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
HTML = [("Content-Type", "text/html; charset=utf-8")]
Start = Callable[[str, list[tuple[str, str]]], Any]
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Actions</title></head><body>
<h1>{{ count }} actions</h1><table><thead><tr><th>No</th><th>Action</th><th>Theme</th><th>Cluster</th>
<th>Outcome measure</th></tr></thead><tbody>{% for number, title, theme, cluster, outcome in rows %}
<tr><td><a href="/actions/{{ number }}/">{{ number }}</a></td><td>{{ title }}</td><td>{{ theme }}</td>
<td>{{ cluster }}</td><td>{{ outcome }}</td></tr>{% endfor %}</tbody></table></body></html>"""


@cache
def _template() -> Any:
    sys.path.append(os.environ["BENCH_LIBRARIES"])  # at the end: it lends Jinja2, and shadows nothing
    import jinja2

    return jinja2.Environment(autoescape=True).from_string(PAGE)


@cache
def _ready_made(size: int) -> bytes:
    return b"x" * size


def _hand(query: dict[str, list[str]]) -> bytes:
    from tests.benchmarks import data

    count, rows = data.hand_tuned(int(query["theme"][0]), int(query["cluster"][0]), PER_PAGE)
    page: str = _template().render(count=count, rows=rows)
    return page.encode()


def with_user(request: HttpRequest) -> HttpResponse:
    assert request.user.is_authenticated
    return HttpResponse(_ready_made(int(request.GET["size"])))


@transaction.atomic
def insert(request: HttpRequest) -> HttpResponse:
    from django.contrib.admin.models import LogEntry

    comment = request.POST["comment"]
    LogEntry.objects.create(user_id=request.user.pk, action_flag=1, object_repr="1", change_message=comment)
    return HttpResponse(status=302, headers={"Location": "/user/?size=1"})


def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [path("user/", with_user), path("insert/", insert), path("health/live", alive)]

django.setup()  # with the portal's own middleware, which allauth insists on
settings.MIDDLEWARE, settings.ROOT_URLCONF = BARE, __name__
if os.environ.get("BENCH_AS_DJANGO_COMES"):
    settings.DATABASES["default"]["CONN_MAX_AGE"] = 0
_django = WSGIHandler()


def application(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
    if environ["PATH_INFO"] not in ("/hand/", "/bytes/"):
        return _django(environ, start_response)
    query = parse_qs(environ["QUERY_STRING"])
    body = _hand(query) if environ["PATH_INFO"] == "/hand/" else _ready_made(int(query["size"][0]))
    start_response("200 OK", [*HTML, ("Content-Length", str(len(body)))])
    return [body]

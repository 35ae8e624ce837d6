"""Gives every request its plan, made once, when it is first asked for, as at the day in its address."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.functional import SimpleLazyObject

from actions.plan import Plan
from history import clock, replica
from history.clock import day_of
from reporting import refusals
from reporting.as_at import DayRefused, day_asked
from reporting.calendar import plan_at, plan_on
from web.links import keep_parameter
from web.requests import is_of_any_day

READING = ("GET", "HEAD")


class PlanOfTheRequest:
    """A page that only reads reads one state of the database; a page that writes always has the present.

    A page of an earlier day keeps that day in every link and filter that leads to another such page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        with ExitStack() as reading:
            request.as_at, request.present = None, None
            request.plan = SimpleLazyObject(lambda: _made(request, reading))
            response = _with_links_of_the_day(request, self.get_response(request))
        return _remembering_what_was_written(request, response)

    def process_view(self, request: Any, view: Callable[..., Any], *_: Any) -> HttpResponse | None:
        """Check `as_at` before the view runs: a page that cannot show the day says so, and never shows today."""
        given = [text.strip() for text in request.GET.getlist("as_at") if text.strip()]
        if request.method not in READING:
            refused = given or (request.POST.get("as_at") and not is_of_any_day(view))
            return refusals.nothing_submitted(request) if refused else None
        if not given or not getattr(view, "login_required", True):
            return None
        if not is_of_any_day(view):
            return refusals.present_only(request)
        request.present = clock.read()
        try:
            request.as_at = day_asked(given, request.present)
        except DayRefused as refused:
            return refusals.day_refused(request, refused)
        return None


def _made(request: Any, reading: ExitStack) -> Plan:
    plan = plan_for(request, reading)
    request.read_at = plan.moment  # printed at the foot of a page that read the plan
    return plan


def plan_for(request: Any, reading: ExitStack) -> Plan:
    if request.as_at and request.as_at < day_of(request.present.moment):
        return plan_on(request.as_at, request.present)
    if request.method not in READING:
        return plan_at()
    view = request.resolver_match.func if request.resolver_match else None
    if getattr(view, "reads_settled", False):
        moment = clock.now()
        clock.settle(moment)
        return plan_at(moment)
    # Only a page that writes nothing may have a connection that can't.
    written = request.COOKIES.get(settings.WRITTEN_COOKIE_NAME, "")
    return one_state(reading, written if view and is_of_any_day(view) else None)


def one_state(reading: ExitStack, written: str | None = None) -> Plan:
    """The present plan, read in one snapshot that lasts as long as `reading`.

    From the replica, if there is one and it has what this reader has `written`; None: from the primary.
    """
    if written is not None:
        reading.enter_context(replica.reading(written))
    reading.enter_context(clock.snapshot())
    plan = plan_at()
    meeting = plan.calendar.last_meeting
    if meeting and not clock.is_settled(meeting.known_at, plan.stamp):
        reading.close()
        clock.settle(meeting.known_at)  # nothing may be recorded before the meeting any more
        return one_state(reading, written)
    return plan


def _remembering_what_was_written(request: Any, response: HttpResponse) -> HttpResponse:
    user = getattr(request, "user", None)  # none where a middleware before this refused
    if replica.is_there() and request.method not in READING and user and user.is_authenticated:
        response.set_cookie(
            settings.WRITTEN_COOKIE_NAME,
            replica.position(),
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response


def _with_links_of_the_day(request: Any, response: HttpResponse) -> HttpResponse:
    is_page = response.get("Content-Type", "").startswith("text/html") and not response.streaming
    if request.as_at and is_page and response.content:
        html, day = response.content.decode(), request.as_at.isoformat()
        response.content = keep_parameter(html, request.path, "as_at", day, leads_to_any_day).encode()
    return response


@lru_cache(maxsize=10_000)
def leads_to_any_day(path: str) -> bool:
    """Whether the page or file at `path` takes `as_at`."""
    try:
        return is_of_any_day(resolve(path).func)
    except Resolver404:
        return False

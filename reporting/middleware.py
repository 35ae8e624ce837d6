"""Gives every request its plan, made once, when it is first asked for."""

from collections.abc import Callable
from contextlib import ExitStack

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from actions.plan import Plan
from history import clock
from reporting.calendar import plan_at


def plan_of_the_request(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """A page that only reads reads one state of the database; a page that writes always has the present."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with ExitStack() as reading:
            request.plan = SimpleLazyObject(lambda: _made(request, reading))  # type: ignore[attr-defined]
            return get_response(request)

    return middleware


def _made(request: HttpRequest, reading: ExitStack) -> Plan:
    plan = plan_for(request, reading)
    request.read_at = plan.moment  # type: ignore[attr-defined]  # printed at the foot of a page that read the plan
    return plan


def plan_for(request: HttpRequest, reading: ExitStack) -> Plan:
    if request.method not in ("GET", "HEAD"):
        return plan_at()
    view = request.resolver_match.func if request.resolver_match else None
    if getattr(view, "reads_settled", False):
        moment = clock.now()
        clock.settle(moment)
        return plan_at(moment)
    return one_state(reading)


def one_state(reading: ExitStack) -> Plan:
    """The present plan, read in one snapshot that lasts as long as `reading`."""
    reading.enter_context(clock.snapshot())
    plan = plan_at()
    meeting = plan.calendar.last_meeting
    if meeting and not clock.is_settled(meeting.known_at, plan.stamp):
        reading.close()
        clock.settle(meeting.known_at)  # nothing may be recorded before the meeting any more
        return one_state(reading)
    return plan

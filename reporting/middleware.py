"""Gives every request its plan, made once and only when it is asked for."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from reporting.calendar import plan_at


def plan_of_the_request(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        request.plan = SimpleLazyObject(plan_at)  # type: ignore[attr-defined]  # views declare it: actions.requests
        return get_response(request)

    return middleware

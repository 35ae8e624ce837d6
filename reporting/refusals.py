"""Responses to requests for a day that cannot be shown, or to change the past."""

from pathlib import PurePosixPath
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format

from reporting.as_at import DayRefused


def day_refused(request: HttpRequest, refused: DayRefused) -> HttpResponse:
    """The reason, with the nearest day that works; of a file, as plain text."""
    nearest = refused.nearest
    works = f"The nearest date that works is {date_format(nearest, 'j F Y')}." if nearest else ""
    if PurePosixPath(request.path).suffix:
        return _in_plain_text(f"Nothing was exported. {refused} {works}", address_on(request, nearest))
    context = {
        "reason": str(refused),
        "nearest": nearest,
        "nearest_url": address_on(request, nearest),
        "now_url": address_on(request),
    }
    return _page(request, context | {"refused": refused})


def present_only(request: HttpRequest) -> HttpResponse:
    reason = "This page shows today’s information only."
    if PurePosixPath(request.path).suffix:
        return _in_plain_text(f"Nothing was exported. {reason}", address_on(request))
    return _page(request, {"reason": reason, "now_url": address_on(request)})


def nothing_submitted(request: HttpRequest) -> HttpResponse:
    reason = "You cannot change anything while looking at an earlier date."
    context = {"heading": "Nothing was submitted", "reason": reason, "now_url": address_on(request)}
    return _page(request, context)


def address_on(request: HttpRequest, day: Any = None) -> str:
    """The address of this page as at `day`, or now; on its first page."""
    query = request.GET.copy()
    for name in ("as_at", "page"):
        query.pop(name, None)
    if day:
        query["as_at"] = day.isoformat()
    return f"{request.path}?{query.urlencode()}" if query else request.path


def _page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    return render(request, "reporting/refused.html", context | {"form_with_errors": True}, status=400)


def _in_plain_text(words: str, address: str) -> HttpResponse:
    return HttpResponse(f"{words.strip()}\n{address}\n", status=400, content_type="text/plain; charset=utf-8")

"""The control at the top of a page that chooses the date it shows, and the bar that names that date."""

from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from actions.plan import Plan
from history import clock
from history.clock import day_of
from reporting.calendar import diary_of
from reporting.refusals import address_on
from web.markup import without_indents
from web.requests import is_of_any_day


def date_control(request: Any) -> SafeString:
    """The control of this page; nothing where the page does not take `as_at`."""
    match = getattr(request, "resolver_match", None)
    if not match or not is_of_any_day(match.func) or not request.user.is_authenticated:
        return SafeString("")
    if request.present and not request.as_at:  # the date in the address was refused
        return _rendered(request, request.present, typed=request.GET["as_at"])
    plan: Plan = request.plan
    present = plan.present or plan.settled or clock.read()
    key = ("date control", request.get_full_path(), day_of(present.moment))
    return plan.remember_plan(key, lambda: _rendered(request, present))


def _rendered(request: Any, present: clock.Present, typed: str = "") -> SafeString:
    today, diary = day_of(present.moment), diary_of(present)
    day = request.as_at
    context = {
        "day": day,
        "today": today,
        "typed": typed or (day.isoformat() if day else ""),
        "is_refused": bool(typed),
        "meetings": diary.meetings,
        "periods": diary.periods,
        "kept": [
            (name, value)
            for name, values in request.GET.lists()
            if name not in ("as_at", "page")
            for value in values
        ],
        "now_url": address_on(request),
    }
    return without_indents(render_to_string("partials/date_control.html", context))

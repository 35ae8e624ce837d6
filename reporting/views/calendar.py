"""The personal calendar: as a file, and the page that gives its address."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from actions.requests import PortalRequest
from reporting.calendar_feed import address_of, events_for, person_of, renew
from web.icalendar import ICS, icalendar


@require_safe
@login_not_required
def calendar_ics(request: PortalRequest) -> HttpResponse:
    """The calendar of whoever the key belongs to; calendar programs do not sign in."""
    person = person_of(request.GET.get("key", ""))
    if person is None:
        raise Http404("There is no calendar at this address.")
    plan = request.plan
    content = icalendar("Strategy Action Framework", events_for(person, plan), plan.moment)
    headers = {"Content-Disposition": 'inline; filename="calendar.ics"'}
    return HttpResponse(content, content_type=ICS, headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
def calendar_address(request: PortalRequest) -> HttpResponse:
    """Show the address of one's own calendar; POST makes a new one."""
    if request.method == "POST":
        renew(request.user)
        messages.success(request, "Your calendar has a new address. The earlier one no longer works.")
        return redirect("calendar_address")
    return render(request, "reporting/calendar_address.html", {"address": address_of(request.user)})

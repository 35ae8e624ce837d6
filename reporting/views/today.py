"""Today: what needs attention, worst first."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions.requests import PortalRequest
from partners.permissions import staff_only
from reporting.today import next_thing, section_of, sections_of
from reporting.views.periods import paging_of

LINES_A_PAGE = 50


@require_safe
@staff_only
def today(request: PortalRequest) -> HttpResponse:
    plan = request.plan
    following = next_thing(plan)
    context = {
        "sections": sections_of(plan),
        "period": plan.calendar.period,
        "is_planned": plan.calendar.next_period is not None,
        "next": following,
        "days": (following.on - plan.today).days if following else None,
    }
    return render(request, "reporting/today.html", context)


@require_safe
@staff_only
def today_section(request: PortalRequest, slug: str) -> HttpResponse:
    """Every line of one kind, a page at a time."""
    first = section_of(request.plan, slug, slice(0, LINES_A_PAGE))
    if first is None:
        raise Http404(f"Today has no list “{slug}”.")
    page: Any = Paginator(range(first.count), LINES_A_PAGE).get_page(request.GET.get("page"))
    start = (page.number - 1) * LINES_A_PAGE
    section = section_of(request.plan, slug, slice(start, start + LINES_A_PAGE)) if start else first
    return render(request, "reporting/today_section.html", {"section": section} | paging_of(page))

"""Reporting periods: who has answered and who is silent, adding and editing them, opening, closing and reopening."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from actions.requests import PortalRequest
from history import clock
from history.clock import day_of
from partners.permissions import staff_only
from reporting import periods
from reporting.answers import answers_by_leads, answers_by_partner, answers_of, with_people
from reporting.commentary import weak_comments
from reporting.edits import ChangedMeanwhile, EditRefused
from reporting.forms import CloseForm, PeriodEditForm, PeriodForm, ReasonForm, next_meeting
from reporting.models import ReportingPeriod
from reporting.paper.figures import paper_of
from reporting.papers import publish_missing, published
from reporting.periods import PeriodRefused, silent_measures
from reporting.quarters import proposed_period
from reporting.reminders.planned import last_reminded

WITH_MEETING = ReportingPeriod.objects.select_related("meeting")
PERIODS_A_PAGE, PARTNERS_A_PAGE = 20, 50


@require_safe
@staff_only
def period_list(request: PortalRequest) -> HttpResponse:
    shown = Paginator(WITH_MEETING, PERIODS_A_PAGE).get_page(request.GET.get("page"))
    context = {"periods": shown, "today": request.plan.today} | paging_of(shown)
    return render(request, "reporting/period_list.html", context)


def paging_of(page: Any) -> dict[str, Any]:
    """What `partials/pagination.html` needs."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {"page": page, "page_numbers": numbers, "page_url": "?page="}


@require_safe
@staff_only
def period_detail(request: PortalRequest, slug: str) -> HttpResponse:
    period = get_object_or_404(WITH_MEETING, slug=slug)
    context = _about(request, period)
    if period.is_open:
        context |= _answers(request, period)
    return render(request, "reporting/period_detail.html", context)


def _about(request: PortalRequest, period: ReportingPeriod) -> dict[str, Any]:
    context: dict[str, Any] = {
        "period": period,
        "published": published().filter(period=period),
        "can_open": period.opens <= request.plan.today,
        "today": request.plan.today,
    }
    if period.is_open:
        context["paper"] = paper_of(request.plan)
    return context


def _answers(request: PortalRequest, period: ReportingPeriod) -> dict[str, Any]:
    """Who has submitted an update: the partners of one page, and the people who submit for them."""
    plan = request.plan
    by_leads = answers_by_leads(plan)
    rows = answers_by_partner(plan, by_leads)
    shown = Paginator(rows, PARTNERS_A_PAGE).get_page(request.GET.get("page"))
    people = with_people(plan, list(shown), last_reminded(plan, period))
    return {"answers": answers_of(by_leads), "rows": shown, "people": people} | paging_of(shown)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def period_new(request: PortalRequest) -> HttpResponse:
    """Plan a period, filled in from the quarter; with “open”, open it at once."""
    today = day_of(clock.now())
    form = PeriodForm(request.POST or None, today=today, initial=_proposal(request))
    if request.method == "POST" and form.is_valid():
        try:
            period = periods.plan_period(period=form.save(commit=False), by=request.user)
        except PeriodRefused as refused:
            form.add_error("opens", str(refused))
        else:
            messages.success(request, f"{period} added.")
            if "open" in request.POST:
                _try(
                    request,
                    f"{period} is open.",
                    lambda: periods.open_period(period=period, by=request.user),
                )
            return redirect("period_detail", period.slug)
    context = {"form": form, "open_now": not ReportingPeriod.objects.open().exists()}
    return render(request, "reporting/period_new.html", context, status=422 if form.is_bound else 200)


def _proposal(request: PortalRequest) -> dict[str, Any]:
    found = proposed_period(day_of(clock.now()), ReportingPeriod.objects.all())
    proposed = {"name": found.name, "opens": found.opens, "due": found.due, "closes": found.closes}
    return proposed | {"meeting": next_meeting(ReportingPeriod(**proposed))}


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def period_edit(request: PortalRequest, slug: str) -> HttpResponse:
    period = get_object_or_404(WITH_MEETING, slug=slug)
    if period.closed_at:
        messages.error(request, f"{period} is closed. To edit it, reopen it first.")
        return redirect("period_detail", slug)
    form = PeriodEditForm(request.POST or None, instance=period, today=day_of(clock.now()))
    if (
        request.method == "POST"
        and form.is_valid()
        and save_edit(request, form, periods.edit_period, "period")
    ):
        return redirect("period_detail", slug)
    context = {"period": WITH_MEETING.get(pk=period.pk), "form": form}
    return render(request, "reporting/period_edit.html", context, status=422 if form.is_bound else 200)


def save_edit(request: PortalRequest, form: Any, save: Callable[..., None], name: str) -> bool:
    """Save a valid form by `save`, or put into the form why it was refused."""
    if not form.has_edits:
        messages.warning(request, "Nothing was changed, so nothing was saved.")
        return True
    given = form.cleaned_data
    try:
        save(**{name: form.instance}, seen=given["seen"], reason=given["reason"], by=request.user)
    except ChangedMeanwhile as changed:
        form.add_error(None, str(changed))
        form.show_newest(changed.newest)
        return False
    except EditRefused as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(request, f"Changes to {form.instance} saved.")
    return True


@require_POST
@staff_only
def period_open(request: PortalRequest, slug: str) -> HttpResponse:
    period = get_object_or_404(WITH_MEETING, slug=slug)
    _try(request, f"{period} is open.", lambda: periods.open_period(period=period, by=request.user))
    return redirect("period_detail", slug)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def period_close(request: PortalRequest, slug: str) -> HttpResponse:
    """Show the paper as it will be and what to look at again; then close the period and publish the paper."""
    period = get_object_or_404(WITH_MEETING, slug=slug)
    if not period.is_open:
        messages.error(request, f"{period} is {period.state}. Only a period that is open can be closed.")
        return redirect("period_detail", slug)
    form = CloseForm(request.POST or None, period=period)
    if request.method == "POST" and form.is_valid():
        if _try(
            request, f"{period} is closed, and its paper is published.", lambda: _close(request, period, form)
        ):
            return redirect("board")
        return redirect("period_detail", slug)
    plan = request.plan
    silent = {
        "silent": silent_measures(plan),
        "silent_count": plan.measures().filter(plan.measure_awaited).count(),
    }
    context = _about(request, period) | silent | {"form": form, "weak": weak_comments(plan)}
    return render(request, "reporting/period_close.html", context, status=422 if form.is_bound else 200)


def _close(request: PortalRequest, period: ReportingPeriod, form: CloseForm) -> None:
    said = form.cleaned_data
    periods.set_meeting(period=period, meeting=said["meeting"], note=said["note"], by=request.user)
    periods.close_period(period=period, reason=said["reason"], by=request.user)
    publish_missing(by=request.user)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def period_reopen(request: PortalRequest, slug: str) -> HttpResponse:
    period = get_object_or_404(WITH_MEETING, slug=slug)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        _try(
            request,
            f"{period} is open again. Its published paper stays.",
            lambda: periods.reopen_period(period=period, reason=reason, by=request.user),
        )
        return redirect("period_detail", slug)
    context = {"period": period, "form": form}
    return render(request, "reporting/period_reopen.html", context, status=422 if form.is_bound else 200)


def _try(request: PortalRequest, done: str, deed: Callable[[], Any]) -> bool:
    try:
        deed()
    except PeriodRefused as refused:
        messages.error(request, str(refused))
        return False
    messages.success(request, done)
    return True

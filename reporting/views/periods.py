"""Reporting periods: who has answered and who is silent, and opening, closing and reopening them."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from actions.requests import PortalRequest
from partners.permissions import staff_only
from reporting import periods
from reporting.commentary import weak_comments
from reporting.forms import CloseForm, ReasonForm
from reporting.models import ReportingPeriod
from reporting.paper.figures import paper_of
from reporting.papers import publish_missing, published
from reporting.periods import PeriodRefused, silent_measures

WITH_MEETING = ReportingPeriod.objects.select_related("meeting")


@require_safe
@staff_only
def period_list(request: PortalRequest) -> HttpResponse:
    return render(request, "reporting/period_list.html", {"periods": WITH_MEETING.all()})


@require_safe
@staff_only
def period_detail(request: PortalRequest, slug: str) -> HttpResponse:
    period = get_object_or_404(WITH_MEETING, slug=slug)
    return render(request, "reporting/period_detail.html", _about(request, period))


def _about(request: PortalRequest, period: ReportingPeriod) -> dict[str, Any]:
    context: dict[str, Any] = {"period": period, "published": published().filter(period=period)}
    if period.is_open:
        context |= {"paper": paper_of(request.plan), "silent": silent_measures(request.plan)}
    return context


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
    context = _about(request, period) | {"form": form, "weak": weak_comments(request.plan)}
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

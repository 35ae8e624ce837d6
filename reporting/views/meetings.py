"""Board meetings: the list, and adding, editing and deleting one."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from actions.requests import PortalRequest
from partners.permissions import staff_only
from reporting import meetings
from reporting.edits import EditRefused
from reporting.forms import MeetingEditForm, MeetingForm, ReasonForm
from reporting.meetings import why_date_is_fixed, why_kept
from reporting.models import BoardMeeting, ReportingPeriod
from reporting.views.periods import paging_of, save_edit

A_PAGE = 20


@require_safe
@staff_only
def meeting_list(request: PortalRequest) -> HttpResponse:
    shown = Paginator(BoardMeeting.objects.all(), A_PAGE).get_page(request.GET.get("page"))
    context = {"meetings": _with_periods(list(shown)), "today": request.plan.today} | paging_of(shown)
    return render(request, "reporting/meeting_list.html", context)


def _with_periods(found: list[BoardMeeting]) -> list[tuple[BoardMeeting, list[ReportingPeriod]]]:
    """Each meeting with the periods whose paper it gets."""
    periods = list(ReportingPeriod.objects.filter(meeting__in=found))
    return [(one, [period for period in periods if period.meeting_id == one.pk]) for one in found]


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def meeting_new(request: PortalRequest) -> HttpResponse:
    form = MeetingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            meeting = meetings.add_meeting(meeting=form.save(commit=False), by=request.user)
        except EditRefused as refused:
            form.add_error("held_on", str(refused))
        else:
            messages.success(request, f"{meeting}, {meeting.held_on:%-d %B %Y}, added.")
            return redirect("meeting_list")
    return render(request, "reporting/meeting_new.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def meeting_edit(request: PortalRequest, slug: str) -> HttpResponse:
    meeting = get_object_or_404(BoardMeeting, slug=slug)
    form = MeetingEditForm(request.POST or None, instance=meeting)
    if (
        request.method == "POST"
        and form.is_valid()
        and save_edit(request, form, meetings.edit_meeting, "meeting")
    ):
        return redirect("meeting_list")
    saved = BoardMeeting.objects.get(pk=meeting.pk)
    context = {
        "meeting": saved,
        "form": form,
        "fixed": why_date_is_fixed(saved),
        "kept": why_kept(saved),
    }
    return render(request, "reporting/meeting_edit.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def meeting_delete(request: PortalRequest, slug: str) -> HttpResponse:
    """Ask why, and delete a meeting that is still to come."""
    meeting = get_object_or_404(BoardMeeting, slug=slug)
    if why := why_kept(meeting):
        messages.error(request, why)
        return redirect("meeting_edit", slug)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _deleted(request, meeting, form.cleaned_data["reason"])
    context: dict[str, Any] = {"meeting": meeting, "form": form}
    return render(request, "reporting/meeting_delete.html", context, status=422 if form.is_bound else 200)


def _deleted(request: PortalRequest, meeting: BoardMeeting, reason: str) -> HttpResponse:
    try:
        meetings.delete_meeting(meeting=meeting, reason=reason, by=request.user)
    except EditRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{meeting} deleted.")
    return redirect("meeting_list")

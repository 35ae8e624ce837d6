"""Django's admin for reporting periods and board meetings. `reporting.periods` opens and closes periods."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from history import clock
from history.admin import VersionedAdmin
from history.clock import day_of, plan_change
from reporting import periods
from reporting.calendar import plan_at
from reporting.models import BoardMeeting, ReportingPeriod
from reporting.periods import PeriodRefused, silent_measures


@admin.register(ReportingPeriod)
class ReportingPeriodAdmin(VersionedAdmin):
    list_display = ("name", "opens", "due", "closes", "state")
    fields = ("name", "slug", "opens", "due", "closes", "change_reason")
    prepopulated_fields = {"slug": ("name",)}
    actions = ("open_period", "close_period")  # type: ignore[assignment]  # the base has none

    @admin.action(description="Open the selected period")
    def open_period(self, request: HttpRequest, queryset: QuerySet[ReportingPeriod]) -> None:
        for period in queryset:
            self._move(request, period, "opened")

    @admin.action(description="Close the selected period")
    def close_period(self, request: HttpRequest, queryset: QuerySet[ReportingPeriod]) -> HttpResponse | None:
        """Ask for confirmation and a reason, and list the measures without an update."""
        reason = request.POST.get("change_reason", "").strip()
        open_now = [period for period in queryset if period.is_open]
        if open_now and not reason:
            context = self.admin_site.each_context(request) | {
                "title": f"Close {open_now[0]}?",
                "periods": open_now,
                "silent": silent_measures(plan_at()),
                "asked_before": "change_reason" in request.POST,
            }
            return render(request, "admin/close_period.html", context)
        for period in queryset:
            self._move(request, period, "closed", reason)
        return None

    def _move(self, request: HttpRequest, period: ReportingPeriod, done: str, reason: str = "") -> None:
        by: Any = request.user  # the admin lets only users in
        try:
            if done == "opened":
                periods.open_period(period=period, by=by)
            else:
                periods.close_period(period=period, reason=reason, by=by)
        except PeriodRefused as refused:
            self.message_user(request, str(refused), messages.ERROR)
        else:
            self.message_user(request, f"{period} was {done}.")


@admin.register(BoardMeeting)
class BoardMeetingAdmin(VersionedAdmin):
    list_display = ("name", "held_on")
    actions = None

    def get_readonly_fields(self, request: HttpRequest, obj: BoardMeeting | None = None) -> tuple[str, ...]:
        """The date of a past meeting is fixed: published papers say “since the last meeting”."""
        return ("slug", "held_on") if self._was_held(obj) else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        return {} if self._was_held(obj) else {"slug": ("name",)}

    def has_delete_permission(self, request: HttpRequest, obj: BoardMeeting | None = None) -> bool:
        return obj is not None and not self._was_held(obj)

    def delete_model(self, request: HttpRequest, obj: BoardMeeting) -> None:
        by: Any = request.user  # the admin lets only users in
        with plan_change(by=by, reason=f"{obj} deleted"):
            super().delete_model(request, obj)

    @staticmethod
    def _was_held(meeting: BoardMeeting | None) -> bool:
        return meeting is not None and meeting.held_on < day_of(clock.now())

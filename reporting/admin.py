"""Periods and meetings, for City Growth staff: staff open and close a period."""

from typing import Any

from django.contrib import admin, messages
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from actions.admin import PlanAdmin
from history.clock import plan_change
from partners.models import User
from reporting.calendar import plan_at
from reporting.models import BoardMeeting, ReportingPeriod


@admin.register(ReportingPeriod)
class ReportingPeriodAdmin(PlanAdmin):
    list_display = ("name", "opens", "due", "closes", "state")
    fields = ("name", "slug", "opens", "due", "closes", "change_reason")
    prepopulated_fields = {"slug": ("name",)}
    actions = ("open_period", "close_period")  # type: ignore[assignment]  # the base has none

    @admin.action(description="Open the chosen period")
    def open_period(self, request: HttpRequest, queryset: QuerySet[ReportingPeriod]) -> None:
        for period in self._in_state(request, queryset, "planned", "opened"):
            if period.opens > timezone.localdate():
                refused = (
                    f"{period} opens on {period.opens:%-d %B %Y}, and not before: change that date first."
                )
                self.message_user(request, refused, messages.ERROR)
            else:
                self._move(request, period, "opened", f"{period} opened", opened_at=timezone.now())

    @admin.action(description="Close the chosen period")
    def close_period(self, request: HttpRequest, queryset: QuerySet[ReportingPeriod]) -> HttpResponse | None:
        """Asks once, naming who is silent: a closed period keeps its figures for good, and is not opened again."""
        periods = self._in_state(request, queryset, "open", "closed")
        reason = request.POST.get("change_reason", "").strip()
        if periods and not reason:
            plan = plan_at()
            context = self.admin_site.each_context(request) | {
                "title": "Close the period?",
                "periods": periods,
                "silent": [m for row in plan.rows(plan.actions()) for m in row.measures if m.awaited],
                "asked_before": "change_reason" in request.POST,
            }
            return render(request, "admin/close_period.html", context)
        for period in periods:
            self._move(request, period, "closed", reason, closed_at=timezone.now())
        return None

    def _in_state(
        self, request: HttpRequest, queryset: QuerySet[ReportingPeriod], state: str, done: str
    ) -> list[ReportingPeriod]:
        """Those in `state`; of the others it is said that they cannot be `done`."""
        for period in queryset:
            if period.state != state:
                refused = f"{period} is {period.state}; only one that is {state} can be {done}."
                self.message_user(request, refused, messages.ERROR)
        return [period for period in queryset if period.state == state]

    def _move(
        self, request: HttpRequest, period: ReportingPeriod, done: str, reason: str, **values: Any
    ) -> None:
        by: User = request.user  # type: ignore[assignment]  # the admin lets only users in
        try:
            with transaction.atomic(), plan_change(by=by, reason=reason):
                ReportingPeriod.objects.filter(pk=period.pk).update(**values)
        except IntegrityError:
            refused = f"{period} was not {done}: another period is open. Close that first."
            self.message_user(request, refused, messages.ERROR)
        else:
            self.message_user(request, f"{period} is {done}.")


@admin.register(BoardMeeting)
class BoardMeetingAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ("name", "held_on")
    actions = None

    def get_readonly_fields(self, request: HttpRequest, obj: BoardMeeting | None = None) -> tuple[str, ...]:
        """The day of a meeting that was held stays: “since the last meeting” stands on papers by then."""
        return ("slug", "held_on") if self._was_held(obj) else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        return {} if self._was_held(obj) else {"slug": ("name",)}

    def has_delete_permission(self, request: HttpRequest, obj: BoardMeeting | None = None) -> bool:
        return obj is not None and not self._was_held(obj)

    @staticmethod
    def _was_held(meeting: BoardMeeting | None) -> bool:
        return meeting is not None and meeting.held_on < timezone.localdate()

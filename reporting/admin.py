"""Names and dates of periods and meetings in the admin. Opening and closing a period is on its own page."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from history import clock
from history.admin import VersionedAdmin
from history.clock import day_of, plan_change
from reporting.models import BoardMeeting, ReportingPeriod


@admin.register(ReportingPeriod)
class ReportingPeriodAdmin(VersionedAdmin):
    list_display = ("name", "opens", "due", "closes", "state")
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "slug", "opens", "due", "closes", "meeting", "change_reason")
    actions = None


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

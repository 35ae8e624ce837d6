"""Periods and meetings, for City Growth staff: staff open and close a period."""

from typing import Any

from django.contrib import admin, messages
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from actions.admin import PlanAdmin
from actions.models import plan_change
from partners.models import User
from reporting.models import BoardMeeting, ReportingPeriod


@admin.register(ReportingPeriod)
class ReportingPeriodAdmin(PlanAdmin):
    list_display = ("name", "opens", "due", "closes", "state")
    fields = ("name", "slug", "opens", "due", "closes", "change_reason")
    prepopulated_fields = {"slug": ("name",)}
    actions = ("open_period", "close_period")  # type: ignore[assignment]  # the base has none

    @admin.action(description="Open the chosen period")
    def open_period(self, request: HttpRequest, queryset: QuerySet[ReportingPeriod]) -> None:
        self._move(request, queryset, "planned", "opened", opened_at=timezone.now())

    @admin.action(description="Close the chosen period")
    def close_period(self, request: HttpRequest, queryset: QuerySet[ReportingPeriod]) -> None:
        self._move(request, queryset, "open", "closed", closed_at=timezone.now())

    def _move(
        self, request: HttpRequest, queryset: QuerySet[ReportingPeriod], state: str, done: str, **values: Any
    ) -> None:
        by: User = request.user  # type: ignore[assignment]  # the admin lets only users in
        for period in queryset:
            if period.state != state:
                self.message_user(
                    request,
                    f"{period} is {period.state}; only one that is {state} can be {done}.",
                    messages.ERROR,
                )
                continue
            try:
                with transaction.atomic(), plan_change(by=by, reason=f"{period} {done}"):
                    ReportingPeriod.objects.filter(pk=period.pk).update(**values)
            except IntegrityError:
                self.message_user(
                    request,
                    f"{period} was not {done}: another period is open. Close that first.",
                    messages.ERROR,
                )
                continue
            self.message_user(request, f"{period} is {done}.")


@admin.register(BoardMeeting)
class BoardMeetingAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ("name", "held_on")
    prepopulated_fields = {"slug": ("name",)}

"""Base classes for the admin of rows with a history: it asks why, records the change and deletes nothing."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from history.clock import plan_change
from history.models import PlanChange


class ReasonForm(forms.ModelForm):  # type: ignore[type-arg]  # the base of several models' forms
    change_reason = forms.CharField(
        label="Why?",
        max_length=500,
        help_text="The plan's history shows this beside your name.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class VersionedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # the base of several models' admins
    """Saves each change as a `PlanChange` with author and reason. Rows with a history cannot be deleted."""

    form = ReasonForm
    actions = None

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return super().changeform_view(request, *args, **kwargs)
        reason = request.POST.get("change_reason", "").strip()
        with transaction.atomic():
            with plan_change(by=request.user, reason=reason):  # type: ignore[arg-type]  # only users can open the admin
                response = super().changeform_view(request, *args, **kwargs)
            # the form again, with errors: nothing changed, so record nothing (a popup that saved answers 200 as well)
            if "adminform" in (getattr(response, "context_data", None) or {}):
                response.render()  # type: ignore[attr-defined]  # a TemplateResponse, rendered while its queries still work
                transaction.set_rollback(True)
            return response

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # the base of several models' admins
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(PlanChange)
class PlanChangeAdmin(ReadOnlyAdmin):
    list_display = ("recorded_at", "kind", "by_name", "reason")

"""What the admin of any row with a history needs: it asks why, keeps the change, and deletes nothing."""

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
    """A change here is a change of the plan, with author and reason. Rows with a history are not deleted."""

    form = ReasonForm
    actions = None

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return super().changeform_view(request, *args, **kwargs)
        reason = request.POST.get("change_reason", "").strip()
        with transaction.atomic():
            with plan_change(by=request.user, reason=reason):  # type: ignore[arg-type]  # the admin lets only users in
                response = super().changeform_view(request, *args, **kwargs)
            # the form again, with errors: nothing changed, so no change is kept (a popup that saved is a 200 as well)
            if "adminform" in (getattr(response, "context_data", None) or {}):
                response.render()  # type: ignore[attr-defined]  # a TemplateResponse, while its queries still can run
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

"""Base classes for the admin of rows with a history: it asks why, records the change and deletes nothing.

A form carries the stamp at which it was opened. If anybody has changed its rows since, nothing is saved, and the form
says who changed what, with everything that was typed still in it.
"""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse

from history import clock
from history.clock import plan_change
from history.models import PlanChange
from history.since import told_since


class ReasonForm(forms.ModelForm):  # type: ignore[type-arg]  # the base of several models' forms
    change_reason = forms.CharField(
        label="Reason",
        max_length=500,
        help_text="Shown with your name in the history.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput, max_value=2**62)

    inline_models: ClassVar[tuple[type[models.Model], ...]] = ()  # what the form edits beside its own row

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.instance.pk and "seen" not in self.errors:
            self._refuse_if_stale(cleaned.get("seen"))
        return cleaned

    def _refuse_if_stale(self, seen: int | None) -> None:
        if seen is None:
            self.add_error(None, "This form does not say when it was opened. Open it again.")
            return
        told = told_since(seen, self.instance, self.inline_models)
        if not told:
            return
        self.add_error(None, "Somebody changed this after you opened the form, so nothing was saved.")
        for line in told:
            self.add_error(None, line)
        self.add_error(
            None,
            "What you typed is still here. Enter their change as well, or it is replaced when you save again.",
        )
        self.data = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        self.data[self.add_prefix("seen")] = str(clock.read().stamp)  # type: ignore[index]  # they have been told


class VersionedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # the base of several models' admins
    """Saves each change as a `PlanChange` with author and reason. Rows with a history cannot be deleted."""

    form = ReasonForm
    actions = None

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.base_fields["seen"] = forms.IntegerField(
            required=False,
            widget=forms.HiddenInput,
            max_value=2**62,
            initial=getattr(request, "seen", None),
        )
        form.inline_models = tuple(one.model for one in self.get_inline_instances(request, obj))
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Those of the model, with the stamp: hidden, and in every form."""
        fieldsets: list[Any] = [
            (name, dict(options)) for name, options in super().get_fieldsets(request, obj)
        ]
        if not any("seen" in options["fields"] for _, options in fieldsets):
            fieldsets[-1][1]["fields"] = [*fieldsets[-1][1]["fields"], "seen"]
        return fieldsets

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.seen = clock.read().stamp  # type: ignore[attr-defined]  # before any of its rows is read
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

"""Django's admin for the plan. Every change asks why, and is one change of the plan's history.

The plan's rows of the lower apps stand here too: history is kept here.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse

from actions.models import (
    Action,
    Lead,
    LeadAnswer,
    OutcomeMeasure,
    PlanChange,
    ProgressUpdate,
    Relationship,
    SourceCell,
    plan_change,
)
from partners.models import Partner
from strategy.models import Cluster, Theme, VitalFew


class ReasonForm(forms.ModelForm):  # type: ignore[type-arg]  # the base of several models' forms
    change_reason = forms.CharField(
        label="Why?",
        max_length=500,
        help_text="Kept in the plan's history beside your name.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class PlanAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # the base of several models' admins
    """A change here is a change of the plan: with author and reason. What has history is not deleted."""

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


class LeadInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic at run time
    model = Lead
    extra = 0
    can_delete = False


class RelationshipInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic at run time
    model = Relationship
    extra = 0


class OutcomeMeasureInline(admin.StackedInline):  # type: ignore[type-arg]  # not generic at run time
    model = OutcomeMeasure
    extra = 0
    can_delete = False


@admin.register(Action)
class ActionAdmin(PlanAdmin):
    list_display = ("number", "title", "theme", "cluster")
    list_display_links = ("number", "title")
    list_filter = ("theme", "cluster")
    search_fields = ("title", "outcome_text")
    inlines = (LeadInline, RelationshipInline, OutcomeMeasureInline)


@admin.register(VitalFew)
class VitalFewAdmin(PlanAdmin):
    list_display = ("code", "name", "order")


@admin.register(Theme, Cluster)
class NamedAdmin(PlanAdmin):
    list_display = ("name", "slug", "order")


@admin.register(Partner)
class PartnerAdmin(PlanAdmin):
    list_display = ("name", "kind", "slug")
    list_filter = ("kind",)
    search_fields = ("name",)


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # the base of several models' admins
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ProgressUpdate)
class ProgressUpdateAdmin(ReadOnlyAdmin):
    list_display = ("recorded_at", "measure", "status", "author", "on_behalf_of", "no_change")
    list_filter = ("status", "on_behalf_of")
    search_fields = ("comment", "next_step")
    list_select_related = ("measure__action", "author", "on_behalf_of")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}  # Django 5.2 warns of its old default


@admin.register(PlanChange)
class PlanChangeAdmin(ReadOnlyAdmin):
    list_display = ("recorded_at", "kind", "by", "reason")
    list_select_related = ("by",)


@admin.register(LeadAnswer)
class LeadAnswerAdmin(ReadOnlyAdmin):
    list_display = ("answered_at", "lead", "answer", "proposed", "decision", "decided_by")
    list_select_related = ("lead__action", "lead__partner", "proposed", "decided_by")


@admin.register(SourceCell)
class SourceCellAdmin(ReadOnlyAdmin):
    list_display = ("line", "column", "heading", "action", "raw", "mend")
    list_select_related = ("action",)

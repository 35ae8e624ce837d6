"""Django's admin for the plan's own rows. Every change asks why, and is one change of the plan's history."""

from django.contrib import admin
from django.db import models

from actions.models import (
    Action,
    Lead,
    LeadAnswer,
    OutcomeMeasure,
    ProgressUpdate,
    Relationship,
    SourceCell,
)
from history.admin import ReadOnlyAdmin, VersionedAdmin


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
class ActionAdmin(VersionedAdmin):
    list_display = ("number", "title", "theme", "cluster")
    list_display_links = ("number", "title")
    list_filter = ("theme", "cluster")
    search_fields = ("title", "outcome_text")
    inlines = (LeadInline, RelationshipInline, OutcomeMeasureInline)


@admin.register(ProgressUpdate)
class ProgressUpdateAdmin(ReadOnlyAdmin):
    exclude = ("once_key",)
    list_display = ("recorded_at", "measure", "status", "author", "on_behalf_of", "no_change")
    list_filter = ("status", "on_behalf_of")
    search_fields = ("comment", "next_step")
    list_select_related = ("measure__action", "author", "on_behalf_of")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}  # Django 5.2 warns of its old default


@admin.register(LeadAnswer)
class LeadAnswerAdmin(ReadOnlyAdmin):
    list_display = ("asked_at", "lead", "answer", "proposed", "decision", "decided_by")
    list_select_related = ("lead__action", "lead__partner", "proposed", "decided_by")


@admin.register(SourceCell)
class SourceCellAdmin(ReadOnlyAdmin):
    list_display = ("line", "column", "heading", "action", "raw", "mend")
    list_select_related = ("action",)

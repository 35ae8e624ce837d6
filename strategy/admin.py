"""Django's admin for vital fews, themes and clusters."""

from django.contrib import admin

from history.admin import VersionedAdmin
from strategy.models import Cluster, Theme, VitalFew


@admin.register(VitalFew)
class VitalFewAdmin(VersionedAdmin):
    list_display = ("code", "name", "order")


@admin.register(Theme, Cluster)
class NamedAdmin(VersionedAdmin):
    list_display = ("name", "slug", "order")

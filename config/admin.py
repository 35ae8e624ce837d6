"""Django's admin, grouped and named for City Growth staff. Its colours and header are in templates/admin/."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse

# The groups of the admin's front page, in order, each with its apps.
GROUPS = {
    "The plan": ("actions", "strategy"),
    "People and partners": ("partners", "mfa"),
    "History": ("history",),
}
GROUP_OF = {app: group for group, apps in GROUPS.items() for app in apps}

# What allauth calls MFA and authenticators. Its migrations keep its own names.
apps.get_app_config("mfa").verbose_name = GROUP_OF["mfa"]
Authenticator._meta.verbose_name = "second factor"
Authenticator._meta.verbose_name_plural = "second factors"


class PortalAdminSite(AdminSite):
    site_header = site_title = "Strategy Action Framework"
    index_title = "Admin"

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The models by group. With `app_label`, only the group of that app."""
        groups: dict[str, Any] = {}
        found = {app["app_label"]: app for app in super().get_app_list(request)}
        for group, labels in GROUPS.items():
            present = [found[label] for label in labels if label in found]
            if present and app_label in (None, *labels):
                models = [model for app in present for model in app["models"]]
                groups[group] = {**present[0], "name": group, "models": models}
        return list(groups.values())

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        title = {"title": GROUP_OF.get(app_label, app_label)}
        return super().app_index(request, app_label, title | (extra_context or {}))

"""Django's admin, grouped and named for City Growth staff. Its colours and header are in templates/admin/."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse

# The groups of the admin's front page, in order, each with its apps.
GROUPS = {
    "The plan": ("actions", "strategy"),
    "People": ("partners", "mfa"),
    "History": ("history",),
}
GROUP_OF = {app: group for group, apps in GROUPS.items() for app in apps}
NAMES = {"Authenticator": "Second factors"}


class PortalAdminSite(AdminSite):
    site_header = site_title = "Strategy Action Framework"
    index_title = "Admin"

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The models by group. With `app_label`, only the group of that app."""
        groups: dict[str, Any] = {}
        found = {app["app_label"]: app for app in super().get_app_list(request)}
        for group, labels in GROUPS.items():
            apps = [found[label] for label in labels if label in found]
            if apps and app_label in (None, *labels):
                models = [model | {"name": _name(model)} for app in apps for model in app["models"]]
                groups[group] = {**apps[0], "name": group, "models": models}
        return list(groups.values())

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        title = {"title": GROUP_OF.get(app_label, app_label)}
        return super().app_index(request, app_label, title | (extra_context or {}))


def _name(model: dict[str, Any]) -> str:
    return NAMES.get(model["object_name"], str(model["name"]))

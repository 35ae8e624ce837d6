from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class PortalConfig(AppConfig):
    name = "config"
    label = "portal"

    def ready(self) -> None:
        from config import checks  # noqa: F401, PLC0415  registers the checks


class PortalAdminConfig(AdminConfig):
    default_site = "config.admin.PortalAdminSite"


class StaticConfig(StaticFilesConfig):
    """Serves what browsers need, and leaves out scripts and notes for developers."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "*.py", "*.md"]

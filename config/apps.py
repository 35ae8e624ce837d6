from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class PortalConfig(AppConfig):
    name = "config"
    label = "portal"
    verbose_name = "The portal as served"

    def ready(self) -> None:
        from config import checks  # noqa: F401, PLC0415  registers the checks


class StaticConfig(StaticFilesConfig):
    """Serves what browsers need; not how a library was fetched."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "*.py", "*.md"]

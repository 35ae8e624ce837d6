from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "config"
    label = "portal"
    verbose_name = "The portal as served"

    def ready(self) -> None:
        from config import checks  # noqa: F401, PLC0415  registers the checks

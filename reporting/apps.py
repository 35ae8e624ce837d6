from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "reporting"
    verbose_name = "What the board and staff get"

    def ready(self) -> None:
        from reporting import rules  # noqa: F401, PLC0415  registers its triggers

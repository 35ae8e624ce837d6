from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "reporting"
    verbose_name = "Reporting"

    def ready(self) -> None:
        from reporting import rules  # noqa: PLC0415  models are not ready when this module loads

        rules.connect()

from django.apps import AppConfig


class ActionsConfig(AppConfig):
    name = "actions"
    verbose_name = "The plan"

    def ready(self) -> None:
        from actions import rules  # noqa: PLC0415  models are not ready when this module loads

        rules.connect()

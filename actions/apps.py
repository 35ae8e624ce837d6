from django.apps import AppConfig


class ActionsConfig(AppConfig):
    name = "actions"
    verbose_name = "The plan"

    def ready(self) -> None:
        from actions import rules, saved_views  # noqa: PLC0415  models are not ready when this module loads
        from partners import start_pages  # noqa: PLC0415  likewise

        rules.connect()
        start_pages.register(saved_views.start_page_of)

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


class ActionsConfig(AppConfig):
    name = "actions"
    verbose_name = "What is done and how it goes"

    def ready(self) -> None:
        pre_migrate.connect(drop_triggers, sender=self)
        post_migrate.connect(install_triggers, sender=self)


def drop_triggers(using: str, **kwargs: Any) -> None:
    from actions import triggers  # noqa: PLC0415  models are not ready when this module loads

    if connections[using].vendor == "sqlite":
        triggers.drop(connections[using])


def install_triggers(using: str, **kwargs: Any) -> None:
    from actions import triggers  # noqa: PLC0415  models are not ready when this module loads

    triggers.install(connections[using])

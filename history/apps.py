"""History: what any row that changes over time needs. It knows no model of the layers above."""

from typing import Any

from django.apps import AppConfig
from django.core.management import CommandError
from django.db import OperationalError, connections
from django.db.models.signals import post_migrate, pre_migrate


class HistoryConfig(AppConfig):
    name = "history"
    verbose_name = "History"

    def ready(self) -> None:
        pre_migrate.connect(drop_triggers, sender=self)
        post_migrate.connect(install_triggers, sender=self)


def drop_triggers(using: str, plan: list[Any], **kwargs: Any) -> None:
    from history import triggers  # noqa: PLC0415  models are not ready when this module loads

    if plan and connections[using].vendor == "sqlite":
        try:
            triggers.make_way(connections[using])
        except OperationalError as error:
            raise CommandError(
                "Something else has the database open. Stop the portal, migrate, and start it again."
            ) from error


def install_triggers(using: str, **kwargs: Any) -> None:
    from history import triggers  # noqa: PLC0415  models are not ready when this module loads

    triggers.install(connections[using])
    triggers.let_in(connections[using])

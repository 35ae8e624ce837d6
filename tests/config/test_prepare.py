"""`manage.py prepare`: the order of what it does."""

from typing import Any

import pytest

from config.management.commands import prepare


def test_the_cache_table_is_there_when_migrate_gives_the_serving_role_its_rights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    called: list[str] = []

    def call(name: str, **options: Any) -> None:
        called.append(name)

    monkeypatch.setattr(prepare, "call_command", call)
    prepare.Command().handle()
    assert called == ["createcachetable", "migrate", "load_framework"]

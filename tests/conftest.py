"""What every test has. The environment is set by tests/environment.py, before Django's settings are read."""

import pytest
from django.core.cache import cache
from pytest_django import Settings

from tests.environment import FOLDER


@pytest.fixture(autouse=True)
def quick_settings(settings: Settings) -> None:
    """Quick passwords, static files under their own names, and a cache that starts empty."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STATIC_ROOT = FOLDER / "static"
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()


# --- The cast ------------------------------------------------------------
# A lead, a joint lead, a stranger's lead, staff, board: one fixture each.

"""The cache, in a table of the database."""

from typing import Any

from django.core.cache.backends.db import DatabaseCache
from django.db import OperationalError

from config.faults import why_no_writing


class PortalCache(DatabaseCache):
    """Raises where the database cannot save. Django's own says nothing, and rate limits then lock everybody out."""

    def _base_set(self, mode: str, key: Any, value: Any, timeout: Any = None) -> bool:
        done: bool = super()._base_set(mode, key, value, timeout)  # type: ignore[misc]  # Django's own, untyped
        if not done and (reason := why_no_writing()):
            raise OperationalError(f"The cache cannot be written: {reason}")
        return done

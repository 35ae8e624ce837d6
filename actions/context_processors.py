"""What this app adds to `portal` in templates."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from actions.models import ProgressUpdate
from web.context_processors import with_portal


def portal(request: HttpRequest) -> dict[str, Any]:
    """Add `portal.demonstration_progress`, queried only when used."""
    return with_portal(request, demonstration_progress=SimpleLazyObject(has_demonstration_progress))


def has_demonstration_progress() -> bool:
    """Whether any progress is invented. Pages warn of it even after demonstration mode is switched off."""
    return ProgressUpdate.objects.filter(is_demonstration=True).exists()

"""What this app adds to `portal` in templates."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from actions.plan.base import first_demonstration
from history import clock
from web.context_processors import with_portal


def portal(request: HttpRequest) -> dict[str, Any]:
    """Add `portal.demonstration_progress`, looked up only when used."""
    return with_portal(
        request, demonstration_progress=SimpleLazyObject(lambda: has_demonstration_progress(request))
    )


def has_demonstration_progress(request: HttpRequest) -> bool:
    """Whether any progress is invented. Pages warn of it even after demonstration mode is switched off."""
    if hasattr(request, "read_at"):  # the plan was read, and knows
        return bool(request.plan.has_demonstration_progress)  # type: ignore[attr-defined]  # set by middleware
    return first_demonstration(clock.read()) is not None

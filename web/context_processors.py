"""What every template can read as `portal`."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, Any]:
    """Add `portal.demonstration` and `portal.demonstration_password`."""
    demonstration = settings.DEMONSTRATION
    return with_portal(
        request,
        demonstration=demonstration,
        demonstration_password=settings.DEMONSTRATION_PASSWORD if demonstration else "",
    )


def with_portal(request: HttpRequest, **values: Any) -> dict[str, dict[str, Any]]:
    """A template context with `values` added to `portal`, for the context processor of an app.

    Each app adds its own values, in any order. Pass queries as SimpleLazyObject: most pages do not need them.
    """
    shared: dict[str, Any] = request.__dict__.setdefault("portal_context", {})
    shared.update(values)
    return {"portal": shared}

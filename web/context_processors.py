"""The variable `portal` in every template."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


def portal(request: HttpRequest) -> dict[str, Any]:
    """Add the city's name and logo, the version, `portal.look`, `portal.demonstration` and its password."""
    demonstration, whose = settings.DEMONSTRATION, identity()
    return with_portal(
        request,
        **whose,
        look=(*whose.values(), demonstration),  # what the top of a page depends on beside its reader
        version=settings.RELEASE,
        demonstration=demonstration,
        demonstration_password=settings.DEMONSTRATION_PASSWORD if demonstration else "",
    )


def identity() -> dict[str, str]:
    """Whose portal this is. For templates without a request too: e-mails and the pages of a broken portal."""
    return {
        "city": settings.CITY_NAME,
        "logo": reverse("city_logo") if settings.CITY_LOGO else "",
        "address": settings.PORTAL_ADDRESS,
    }


def with_portal(request: HttpRequest, **values: Any) -> dict[str, dict[str, Any]]:
    """A template context with `values` added to `portal`, for the context processor of an app.

    Each app adds its own values, in any order. Pass queries as SimpleLazyObject: most pages do not need them.
    """
    shared: dict[str, Any] = request.__dict__.setdefault("portal_context", {})
    shared.update(values)
    return {"portal": shared}

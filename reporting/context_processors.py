"""What this app adds to `portal` in templates."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from reporting.date_control import date_control
from reporting.reminders.button import remind_url
from web.context_processors import with_portal


def portal(request: HttpRequest) -> dict[str, Any]:
    """Add `portal.date_control`, rendered, and `portal.remind_url`; each is empty where it does not apply."""
    return with_portal(
        request,
        date_control=SimpleLazyObject(lambda: date_control(request)),
        remind_url=SimpleLazyObject(lambda: remind_url(request)),
    )

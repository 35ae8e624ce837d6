"""What every page of the portal knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from actions.models import ProgressUpdate
from partners.demonstration import people


def portal(request: HttpRequest) -> dict[str, Any]:
    """Whether this is a demonstration, and who one may sign in as. Asks the database only where a page asks it."""
    demonstration = settings.DEMONSTRATION
    return {
        "portal": {
            "demonstration": demonstration,
            "demonstration_progress": SimpleLazyObject(has_demonstration_progress),
            "demonstration_people": SimpleLazyObject(people) if demonstration else [],
            "demonstration_password": settings.DEMONSTRATION_PASSWORD if demonstration else "",
        }
    }


def has_demonstration_progress() -> bool:
    """Whether invented progress is among what is shown; said on every page, also where the mode is off by now."""
    return ProgressUpdate.objects.filter(is_demonstration=True).exists()

"""Where a person wants to land after signing in. The app that keeps it registers a function that knows."""

from collections.abc import Callable

from partners.models import User

_KNOWN: list[Callable[[User], str | None]] = []


def register(start_page_of: Callable[[User], str | None]) -> None:
    """Ask this function for a person's own start page. Each app calls this once, from `AppConfig.ready`."""
    _KNOWN.append(start_page_of)


def own_start_page(person: User) -> str | None:
    """The address of their own start page; None where they have none."""
    return next((address for find in _KNOWN if (address := find(person))), None)

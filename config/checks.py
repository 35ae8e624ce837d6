"""What real use needs before the portal starts: said all at once, by `manage.py` and by the server alike."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register, run_checks
from django.core.exceptions import ImproperlyConfigured

NEEDS = (
    ("SECRET_KEY", "a long random text that nobody else has, the same after every restart"),
    ("ALLOWED_HOSTS", "the host names it is reached by, commas between them: portal.example.org"),
    ("PORTAL_ADDRESS", "the address that links in e-mails begin with: https://portal.example.org"),
)


@register(Tags.security)
def real_use_is_complete(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """An error for each setting that real use lacks. A demonstration needs none of them but a key."""
    lacking = [(name, what) for name, what in NEEDS if not _setting(name)]
    advice = "Set it in the environment or in .env, or set DEMONSTRATION=on to try the portal."
    return [Error(f"{name} is not set: {what}.", hint=advice, id=f"portal.{name}") for name, what in lacking]


def _setting(name: str) -> object:
    try:
        return getattr(settings, name)
    except ImproperlyConfigured:  # Django's own way of saying that the key is empty
        return None


def refuse_to_start_incomplete() -> None:
    """For the server, which runs no checks of its own. Raises ImproperlyConfigured with everything that is missing."""
    if missing := run_checks(tags=[Tags.security]):
        errors = [f"{error.msg} {error.hint}" for error in missing if error.is_serious()]
        if errors:
            raise ImproperlyConfigured("The portal does not start:\n  " + "\n  ".join(errors))

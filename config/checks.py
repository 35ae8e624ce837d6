"""Checks of the settings. `manage.py` and the server both refuse to start, and list every error."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register, run_checks
from django.core.exceptions import ImproperlyConfigured

LOGO_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp"}
UNSENT = tuple(
    f"django.core.mail.backends.{name}.EmailBackend" for name in ("console", "dummy", "locmem", "filebased")
)
NEEDS = (
    ("SECRET_KEY", "a long random text, secret and the same after every restart"),
    ("ALLOWED_HOSTS", "the portal's host names, separated by commas: portal.example.org"),
    ("PORTAL_ADDRESS", "the start of links in e-mails: https://portal.example.org"),
)


@register(Tags.security)
def real_use_is_complete(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """An error for each setting that is missing. A demonstration needs only SECRET_KEY."""
    missing = [(name, what) for name, what in NEEDS if not _setting(name)]
    advice = "Set it in the environment or in .env, or set DEMONSTRATION=on to try the portal."
    return [Error(f"{name} is not set: {what}.", hint=advice, id=f"portal.{name}") for name, what in missing]


@register(Tags.security)
def single_sign_on_is_complete(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """An error for each setting of single sign-on that is missing, if one of them is set."""
    names = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
    missing = [name for name in names if not getattr(settings, name)]
    if len(missing) in (0, len(names)):
        return []
    hint = "Set all three, or none to do without single sign-on."
    return [Error(f"{name} is not set.", hint=hint, id=f"portal.{name}") for name in missing]


@register(Tags.security)
def real_use_is_for_real(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """An error for what is meant for trying the portal: SQLite, and e-mail that reaches nobody."""
    if not settings.PRODUCTION:
        return []
    found: list[CheckMessage] = []
    if settings.DATABASES["default"]["ENGINE"] == "config.sqlite" and not settings.ALLOW_SQLITE:
        found.append(
            Error(
                "The database is an SQLite file, which is for trying the portal.",
                hint="Set DATABASE_URL to a PostgreSQL database, or set ALLOW_SQLITE=on if one person at a time "
                "writes and that is enough.",
                id="portal.ALLOW_SQLITE",
            )
        )
    if settings.EMAIL_CONFIG["EMAIL_BACKEND"] in UNSENT and not settings.ALLOW_UNSENT_MAIL:
        found.append(
            Error(
                "E-mail is not sent, and people sign in by e-mailed code.",
                hint="Set EMAIL_URL to a mail server (smtp+tls://user:password@mail.example.org:587), or set "
                "ALLOW_UNSENT_MAIL=on.",
                id="portal.ALLOW_UNSENT_MAIL",
            )
        )
    return found


@register(Tags.security)
def portal_address_is_one(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """An error if links in e-mails would lead nowhere."""
    address = urlsplit(settings.PORTAL_ADDRESS)
    if not settings.PORTAL_ADDRESS or (address.scheme in ("http", "https") and address.hostname):
        return []
    return [
        Error(
            f"PORTAL_ADDRESS is not a web address: {settings.PORTAL_ADDRESS}.",
            hint="Give it with its scheme: https://portal.example.org.",
            id="portal.PORTAL_ADDRESS.scheme",
        )
    ]


@register(Tags.files)
def logo_is_an_image(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """An error if CITY_LOGO names no image that the portal can serve."""
    if not settings.CITY_LOGO:
        return []
    path = settings.BASE_DIR / settings.CITY_LOGO
    if path.is_file() and path.suffix.lower() in LOGO_TYPES:
        return []
    kinds = ", ".join(LOGO_TYPES)
    return [
        Error(f"CITY_LOGO is not an image file: {path}.", hint=f"Name a {kinds} file.", id="portal.CITY_LOGO")
    ]


def _setting(name: str) -> object:
    try:
        return getattr(settings, name)
    except ImproperlyConfigured:  # Django raises this for an empty SECRET_KEY
        return None


def refuse_to_start_incomplete() -> None:
    """For the server, which runs no checks itself. Raises ImproperlyConfigured with every error."""
    if missing := run_checks(tags=[Tags.security]):
        errors = [f"{error.msg} {error.hint}" for error in missing if error.is_serious()]
        if errors:
            raise ImproperlyConfigured("The portal does not start:\n  " + "\n  ".join(errors))

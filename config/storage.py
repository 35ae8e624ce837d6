"""Where static files and one-time messages are stored."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """File names with hashes, which browsers may cache for good.

    Not strict: some libraries reference source maps they do not ship.
    """

    manifest_strict = False


class MessageCookie(CookieStorage):
    """Django's cookie, under a name with the prefix of the other cookies."""

    cookie_name = f"{settings.COOKIE_PREFIX}messages"


class Messages(FallbackStorage):
    storage_classes = (MessageCookie, SessionStorage)

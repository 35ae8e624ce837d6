"""Where static files, evidence files and one-time messages are stored."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """File names with hashes, which browsers may cache for good.

    Not strict: some libraries reference source maps they do not ship.
    """

    manifest_strict = False


class EvidenceStorage(FileSystemStorage):
    """Files of mode 0600 in folders of mode 0700, whatever the umask. A file that cannot be written leaves nothing."""

    def _save(self, name: str, content: Any) -> str:
        path = Path(self.path(name))
        self._make_folder(path.parent)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        os.chmod(path, 0o600)
        return name

    def _make_folder(self, folder: Path) -> None:
        """Make `folder` and those above it, up to the storage's own, for their owner alone."""
        top = Path(self.location)
        for each in [*reversed(folder.parents), folder]:
            if each == top or top in each.parents:
                each.mkdir(mode=0o700, parents=True, exist_ok=True)
                if each != top:  # the administrator made that one
                    os.chmod(each, 0o700)


class MessageCookie(CookieStorage):
    """Django's cookie, under a name with the prefix of the other cookies."""

    cookie_name = f"{settings.COOKIE_PREFIX}messages"


class Messages(FallbackStorage):
    storage_classes = (MessageCookie, SessionStorage)

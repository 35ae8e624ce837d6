"""Evidence files in a bucket of an S3-compatible store (EVIDENCE_BUCKET), for a portal on more than one machine."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage


class EvidenceBucket(S3Storage):  # type: ignore[misc]  # django-storages has no types
    """Files that are private and never overwritten. Raises OSError if one cannot be opened or saved."""

    def _save(self, name: str, content: Any) -> str:
        try:
            return str(super()._save(name, content))
        except (BotoCoreError, ClientError) as error:
            raise OSError(f"the evidence bucket cannot be written: {error}") from error

    def _open(self, name: str, mode: str = "rb") -> Any:
        try:
            return super()._open(name, mode)
        except (BotoCoreError, ClientError) as error:
            raise OSError(f"the evidence bucket cannot be read: {error}") from error

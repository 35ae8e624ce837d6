from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Hashed names, kept for ever by browsers. Libraries name files that they do not ship: no reason to stop."""

    manifest_strict = False

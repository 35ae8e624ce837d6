from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """File names with hashes, which browsers may cache for good.

    Not strict: some libraries reference source maps they do not ship.
    """

    manifest_strict = False

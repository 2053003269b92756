"""Static files under names that change with their content, so that browsers may keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """A file that a stylesheet of others names and that is not shipped (its source map) is no reason to fail."""

    manifest_strict = False

"""Takes a file in: stored privately, known by what it holds, looked at, and refused where it can never be a table."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from coachline.errors import CoachlineError
from coachline.web.accounts.permissions import require
from coachline.web.facts.actions.mapping import look
from coachline.web.facts.actions.starting import discard_expired
from coachline.web.facts.models import SavedMap, Upload
from coachline.web.facts.models.names import shown
from coachline.web.journal.actions import record

CHUNK = 1 << 20

HOPELESS = frozenset(
    {"no_rows", "not_a_table", "kind_not_supported", "zip_bomb", "workbook_damaged", "workbook_protected", "parquet_damaged"}
)
"""What no map can mend: the file is not kept."""


def receive_upload(content: IO[bytes] | Path, name: str, *, by: Any) -> Upload:
    """Store a file and look at it; a map that is remembered for its headers is applied.

    Parameters
    ----------
    content : file or path
        Read once, from where it stands.
    name : str
        As the browser sent it; anybody's text.
    by : User

    Raises
    ------
    NoPermission
    CoachlineError
        ``upload_too_large``, ``cannot_write``, and what the engine says of a file that is no table; nothing is then kept.
    """
    require(by, "facts.upload")
    discard_expired()
    upload = Upload(name=shown(name), size=0, by=by)
    try:
        upload.size, upload.sha256 = _store(content, upload)
        _look_first(upload)
    except BaseException:
        shutil.rmtree(upload.folder, ignore_errors=True)
        raise
    upload.save(force_insert=True)
    if upload.saved_map is not None:
        SavedMap.objects.filter(pk=upload.saved_map.pk).update(used=upload.saved_map.used + 1)
    record("facts.upload", by=by, subject=upload, size=upload.size, sha256=upload.sha256, table=upload.table)
    return upload


def _look_first(upload: Upload) -> None:
    look(upload)
    if upload.error is not None and upload.error["code"] in HOPELESS:
        raise CoachlineError(upload.error["code"], **upload.error["facts"])
    known = SavedMap.objects.filter(fingerprint=upload.fingerprint).first() if upload.fingerprint else None
    if known is not None:
        upload.saved_map, upload.mapping = known, known.mapping
        look(upload)


def _store(content: IO[bytes] | Path, upload: Upload) -> tuple[int, str]:
    """Copy the content where only the server's own account can read it; size and SHA-256."""
    if isinstance(content, Path):
        with content.open("rb") as file:
            return _store(file, upload)
    digest, size = hashlib.sha256(), 0
    try:
        upload.folder.parent.mkdir(mode=0o700, exist_ok=True)
        upload.folder.mkdir(mode=0o700)
        with os.fdopen(os.open(upload.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            while chunk := content.read(CHUNK):
                size += len(chunk)
                if size > settings.UPLOAD_LIMIT_BYTES:
                    raise CoachlineError("upload_too_large", megabytes=settings.UPLOAD_LIMIT_BYTES // 1_000_000)
                digest.update(chunk)
                file.write(chunk)
    except OSError as error:
        raise CoachlineError("cannot_write", file=upload.name, reason=error.strerror or str(error)) from None
    return size, digest.hexdigest()

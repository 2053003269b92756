"""How a file is read: looked at anew after every change, remembered for the next file with the same headers."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from copy import copy
from pathlib import PurePath
from typing import Any

from django.db import transaction

from coachline.engine.sources.importing import Load
from coachline.engine.sources.mapping import Mapping as EngineMap
from coachline.engine.sources.preview import Preview
from coachline.engine.tables import TABLES
from coachline.errors import CoachlineError
from coachline.web.accounts.permissions import require
from coachline.web.base.centre_folder import centre
from coachline.web.facts.actions.starting import forget_rejects
from coachline.web.facts.models import SavedMap, Upload
from coachline.web.journal.actions import record

LONGEST_NAME = 120
LIKELIER = 2
"""So many times more headers must speak of a table than of the one that lacks the least."""


def set_mapping(upload: Upload, mapping: Mapping[str, Any], *, by: Any) -> Upload:
    """Read the file by another map, and say how its first rows look then.

    Parameters
    ----------
    mapping : mapping
        Entries as in a map file; what it leaves open is recognised.

    Raises
    ------
    NoPermission
    CoachlineError
        ``map_bad_entry``, ``unknown_table``; ``upload_not_ready`` while it is being worked on, or when it is over.
    """
    require(by, "facts.upload")
    settled = EngineMap.of(mapping)
    assert settled is not None
    if settled.table is not None and settled.table not in TABLES:
        raise CoachlineError("unknown_table", name=settled.table, known=", ".join(TABLES))
    tried = copy(upload)
    tried.mapping = settled.as_dict() if settled != EngineMap() else {}
    # Looking takes a moment; nobody else should wait for the database meanwhile.
    look(tried)
    with transaction.atomic():
        fresh = Upload.objects.select_for_update(of=("self",)).select_related("run").get(pk=upload.pk)
        if fresh.busy or fresh.ended:
            raise CoachlineError("upload_not_ready", file=fresh.name)
        forget_rejects(fresh)
        for name in ("mapping", "preview", "table", "state", "error"):
            setattr(fresh, name, getattr(tried, name))
        fresh.counts, fresh.reasons, fresh.notes, fresh.replace_other_events = {}, [], [], False
        fresh.save()
        record("facts.map", by=by, subject=fresh, table=fresh.table)
    for name in ("mapping", "preview", "table", "state", "error", "counts", "reasons", "notes", "rejects", "replace_other_events"):
        setattr(upload, name, getattr(fresh, name))
    return upload


def look(upload: Upload) -> None:
    """Fill in what the first rows tell under the map that `upload` has; what keeps the file from being read stands in its error."""
    try:
        preview = _look(upload)
    except CoachlineError as error:
        upload.state, upload.error = Upload.State.RECEIVED, {"code": error.code, "facts": _plain(error.facts)}
        return
    upload.preview = _plain(preview.as_dict())
    upload.table, upload.error = preview.table or "", None
    upload.state = Upload.State.MAPPED if preview.table is not None and not preview.problems else Upload.State.RECEIVED
    if not upload.fingerprint and not upload.mapping:
        upload.fingerprint = fingerprint([header.header for header in preview.headers])


def _look(upload: Upload) -> Preview:
    """The first rows under the map; where that names no table, in the one of which most headers speak.

    The command line takes the table that lacks the least, which for calls without a recognised outcome is that of agents. Here somebody looks
    on and can mend what is lacking.
    """
    given = engine_map(upload)
    if given is not None and (given.table or upload.table):
        return centre().preview_file(upload.file, given.table or upload.table, given)
    preview = centre().preview_file(upload.file, None, given)
    if preview.table is None:
        return preview
    used = {candidate.table: candidate.used for candidate in preview.candidates if candidate.has_key}
    likely = max(used, key=lambda table: used[table])
    return preview if used[likely] < LIKELIER * used[preview.table] else centre().preview_file(upload.file, likely, given)


def engine_map(upload: Upload) -> EngineMap | None:
    """The map as the engine takes it."""
    return EngineMap.of(upload.mapping) if upload.mapping else None


def fingerprint(headers: list[str]) -> str:
    """Equal for files of the same headers in the same order."""
    return hashlib.sha256(json.dumps(headers, ensure_ascii=False).encode()).hexdigest()


def remember(upload: Upload, load: Load) -> SavedMap | None:
    """Keep the map of a file that was loaded, if anything in it was set by hand; called by the job that loads."""
    if not upload.fingerprint or not upload.mapping:
        return None
    kept = {**upload.mapping, "table": load.table}
    saved, made = SavedMap.objects.get_or_create(
        fingerprint=upload.fingerprint,
        defaults={"name": PurePath(upload.name).stem[:LONGEST_NAME], "table": load.table, "mapping": kept, "by": upload.by},
    )
    if not made and saved.mapping != kept:
        saved.mapping, saved.table, saved.by = kept, load.table, upload.by
        saved.save()
    return saved


def name_map(saved: SavedMap, name: str, *, by: Any) -> None:
    """Call a map something else.

    Raises
    ------
    NoPermission
    """
    require(by, "facts.upload")
    saved.name = name.strip()[:LONGEST_NAME] or saved.name
    saved.save(update_fields=["name"])
    record("facts.map_name", by=by, subject=saved)


def forget_map(saved: SavedMap, *, by: Any) -> None:
    """Apply a map to no further file.

    Raises
    ------
    NoPermission
    """
    require(by, "facts.upload")
    record("facts.map_forget", by=by, subject=saved)
    saved.delete()


def _plain(value: Any) -> Any:
    """What JSON and both databases can keep: no NUL, no lone surrogates, no infinities."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {str(_plain(k)): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(entry) for entry in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, int | bool | None) else str(value)

"""Asks for a check or a load, and gives files up."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from coachline.errors import CoachlineError
from coachline.web.accounts.permissions import require
from coachline.web.base.centre_folder import folder
from coachline.web.base.language import short
from coachline.web.facts.models import Upload
from coachline.web.facts.models.uploads import UPLOADS
from coachline.web.journal.actions import record
from coachline.web.runs.actions import enqueue
from coachline.web.runs.models import Run

KEPT_FOR = timedelta(days=7)
"""How long a file waits for somebody to load it."""

LONGEST_RUN_NAME = 120


def check(upload: Upload, *, by: Any, replace_other_events: bool = False) -> Run:
    """Have the whole file read and compared with what is loaded, without writing anything.

    Parameters
    ----------
    replace_other_events : bool
        Rows under known numbers are corrections, though time and person differ.

    Raises
    ------
    NoPermission
    CoachlineError
        ``upload_not_ready``: it is being worked on, or over, or nobody can tell yet how to read it.
    """
    return _start(
        upload,
        "import_check",
        Upload.State.CHECKING,
        {Upload.State.MAPPED, Upload.State.CHECKED, Upload.State.FAILED},
        replace_other_events,
        by,
    )


def load(upload: Upload, *, by: Any) -> Run:
    """Have the file loaded as it was checked.

    Raises
    ------
    NoPermission
    CoachlineError
        ``upload_not_ready``: it has not been checked as it is read now.
    """
    return _start(upload, "import", Upload.State.LOADING, {Upload.State.CHECKED}, upload.replace_other_events, by)


def discard(upload: Upload, *, by: Any) -> None:
    """Give a file up: it is deleted, the account of it stays.

    Raises
    ------
    NoPermission
    CoachlineError
        ``upload_not_ready``: it is being worked on, or was loaded.
    """
    require(by, "facts.upload")
    with transaction.atomic():
        fresh = _fresh(upload)
        if fresh.busy or fresh.ended:
            raise CoachlineError("upload_not_ready", file=fresh.name)
        _give_up(fresh)
        record("facts.discard", by=by, subject=fresh)
    shutil.rmtree(fresh.folder, ignore_errors=True)
    _take_over(upload, fresh)


def discard_waiting(*, by: Any) -> tuple[int, int]:
    """Give up whatever waits, because its files were deleted unread; returns how many were, and how many are being worked on and were not.

    Who may do so has been asked before: it comes of erasing a customer.
    """
    given_up = working = 0
    for upload in Upload.objects.exclude(state__in=Upload.ENDED):
        with transaction.atomic():
            fresh = _fresh(upload)
            if fresh.busy:
                working += 1
            elif not fresh.ended:
                _give_up(fresh)
                record("facts.discard", by=by, subject=fresh)
                given_up += 1
    return given_up, working


def discard_expired() -> int:
    """Delete files that nobody has touched for a week, and those that a killed load has left behind; returns how many were given up."""
    given_up = 0
    for upload in Upload.objects.filter(changed_at__lt=timezone.now() - KEPT_FOR).exclude(state__in=Upload.ENDED):
        if upload.busy:
            continue
        with transaction.atomic():
            _give_up(upload)
            record("facts.discard", by=None, subject=upload)
        given_up += 1
    _sweep()
    return given_up


def forget_rejects(upload: Upload) -> None:
    """Delete the rejects of a check, since a newer check or the load says it anew."""
    if upload.rejects:
        (folder() / "rejects" / upload.rejects).unlink(missing_ok=True)
        upload.rejects = ""


def digest(mapping: dict[str, Any]) -> str:
    """What is equal for equal maps."""
    return hashlib.sha256(json.dumps(mapping, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _start(upload: Upload, kind: str, state: Upload.State, allowed: set[Upload.State], replaces: bool, by: Any) -> Run:
    require(by, "facts.upload")
    with transaction.atomic():
        fresh = _fresh(upload)
        if fresh.state == state and fresh.busy and fresh.run is not None:
            # A second press of the button.
            _take_over(upload, fresh)
            return fresh.run
        if fresh.standing not in allowed:
            raise CoachlineError("upload_not_ready", file=fresh.name)
        asked = {"upload": str(fresh.pk), "map": digest(fresh.mapping), "replace_other_events": replaces, "language": short()}
        run = enqueue(kind, fresh.name[:LONGEST_RUN_NAME], asked, by=by, verb="facts.upload")
        fresh.run, fresh.state, fresh.error, fresh.replace_other_events = run, state, None, replaces
        fresh.save()
        record("facts.check" if kind == "import_check" else "facts.load", by=by, subject=fresh, table=fresh.table, replaces=replaces)
    _take_over(upload, fresh)
    return run


def _give_up(upload: Upload) -> None:
    forget_rejects(upload)
    upload.state, upload.preview, upload.error = Upload.State.DISCARDED, {}, None
    upload.save()


def _fresh(upload: Upload) -> Upload:
    return Upload.objects.select_for_update(of=("self",)).select_related("run").get(pk=upload.pk)


def _take_over(upload: Upload, fresh: Upload) -> None:
    """What the caller holds is to say what is stored."""
    upload.__dict__.update({k: v for k, v in fresh.__dict__.items() if k != "_state"})
    upload._state.fields_cache.update(fresh._state.fields_cache)


def _sweep() -> None:
    """Remove folders whose file is loaded or given up, and old ones that an upload which broke off has left."""
    waiting = folder() / UPLOADS
    if not waiting.is_dir():
        return
    wanted = {str(pk) for pk in Upload.objects.exclude(state__in=Upload.ENDED).values_list("pk", flat=True)}
    known = {str(pk) for pk in Upload.objects.values_list("pk", flat=True)}
    old = (timezone.now() - KEPT_FOR).timestamp()
    for left in waiting.iterdir():
        if left.name not in wanted and (left.name in known or left.stat().st_mtime < old):
            shutil.rmtree(left, ignore_errors=True)

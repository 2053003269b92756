"""The sample centre's files, taken through the same steps as anybody's: received, checked, loaded, everything calculated."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from coachline.errors import CoachlineError
from coachline.web.facts.actions import check, load, receive_upload
from coachline.web.facts.models import Upload
from coachline.web.facts.models.names import shown
from coachline.web.runs.actions import enqueue
from coachline.web.runs.models import Run

LOOK_EVERY_S = 0.3
Told = Callable[[str, int, int], None]
"""``told(step, done, of)``"""


def waiting_files(exports: Sequence[Path]) -> list[Path]:
    """Those that have not been loaded yet."""
    loaded = set(Upload.objects.filter(state=Upload.State.LOADED).values_list("name", flat=True))
    return [file for file in exports if shown(file.name) not in loaded]


def load_files(exports: Sequence[Path], *, by: Any, alive: Callable[[], bool], told: Told) -> list[Upload]:
    """Load what has not been loaded yet, going on where an earlier attempt stopped; returns every upload.

    Parameters
    ----------
    alive : callable
        Whether the worker, which does it, is still there.

    Raises
    ------
    CoachlineError
        What a file was refused with; ``demo_worker_ended``.
    """
    uploads = []
    for number, file in enumerate(exports):
        told("receiving", number, len(exports))
        # One that is there but was given up, or failed, is received once more.
        ended = (Upload.State.DISCARDED, Upload.State.FAILED, Upload.State.RECEIVED)
        known = Upload.objects.filter(name=shown(file.name)).exclude(state__in=ended).first()
        if known is None or (known.standing == Upload.State.FAILED and not known.busy):
            known = receive_upload(file, file.name, by=by)
        uploads.append(known)
    for start, state, step in ((check, Upload.State.MAPPED, "checking"), (load, Upload.State.CHECKED, "loading")):
        for upload in Upload.objects.filter(pk__in=[u.pk for u in uploads], state=state).order_by("at"):
            start(upload, by=by)
        uploads = _wait(uploads, alive, lambda done, of, step=step: told(step, done, of))  # type: ignore[misc]
    return uploads


def calculate(*, by: Any, language: str, alive: Callable[[], bool], told: Told) -> None:
    """Everything that pages show, then the report."""
    last = Run.objects.filter(kind="everything").order_by("-asked_at").first()
    if last is None or last.state not in (*Run.OPEN, Run.State.DONE):
        last = enqueue("everything", "everything", {}, by=by)
    for step, run in (("calculating", last), ("writing", enqueue("report", "report", {"language": language}, by=by))):
        while (run := Run.objects.get(pk=run.pk)).open:
            _require(alive)
            told(step, round(100 * (run.share or 0)), 100)
            time.sleep(LOOK_EVERY_S)
        if run.error:
            raise CoachlineError(run.error["code"], **run.error["facts"])


def calculated() -> bool:
    """Whether everything has been calculated once."""
    return Run.objects.filter(kind="everything", state=Run.State.DONE).exists()


def _wait(uploads: Sequence[Upload], alive: Callable[[], bool], told: Callable[[int, int], None]) -> list[Upload]:
    while True:
        fresh = list(Upload.objects.filter(pk__in=[u.pk for u in uploads]).select_related("run").order_by("at"))
        busy = [upload for upload in fresh if upload.busy]
        told(len(fresh) - len(busy), len(fresh))
        if not busy:
            break
        _require(alive)
        time.sleep(LOOK_EVERY_S)
    for upload in fresh:
        if upload.standing in (Upload.State.FAILED, Upload.State.RECEIVED):
            error = upload.error or {"code": "upload_not_ready", "facts": {"file": upload.name}}
            raise CoachlineError(error["code"], **error["facts"])
    return fresh


def _require(alive: Callable[[], bool]) -> None:
    if not alive():
        raise CoachlineError("demo_worker_ended")

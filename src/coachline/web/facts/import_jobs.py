"""The two jobs that read a whole file: one says what would become of it, the other loads it.

Each may be killed at any moment and be taken up again: the lake changes by one commit, a second load of the same rows changes nothing, and
the file goes only after everything else has been written down.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
from django.db import transaction

from coachline.centre import Centre as CentreFolder
from coachline.engine.sources.importing import Load
from coachline.engine.tables import TABLES
from coachline.engine.tables.kinds import Pseudonym
from coachline.errors import CoachlineError
from coachline.rejects import write_rejects
from coachline.web.base.centre_folder import folder
from coachline.web.facts.actions.mapping import engine_map, remember
from coachline.web.facts.actions.starting import digest, discard_expired, forget_rejects
from coachline.web.facts.models import Upload
from coachline.web.journal.actions import record
from coachline.web.org.actions import sync_from_facts
from coachline.web.runs.actions import enqueue
from coachline.web.runs.jobs import Job
from coachline.web.runs.models import Run
from coachline.web.runs.progress import Progress
from coachline.wording import Wording

COUNTS = ("accepted", "replaced", "unchanged", "rejected")
EXAMPLES = 3
"""Rows that are shown for each reason."""
OF_PEOPLE = ("agents", "calls")
"""Tables that say who works where; the organisation follows them."""
CHUNK = 1 << 20


def work_check(run: Run, progress: Progress) -> None:
    """Read and compare the whole file without writing to the lake."""
    upload = _upload(run)
    load = _read(upload, run, progress, dry_run=True)
    with transaction.atomic():
        fresh = _upload(run)
        forget_rejects(fresh)
        _note(fresh, load)
        if load.rejected:
            fresh.rejects = write_rejects(load, folder() / "rejects", _words(run)).name
        fresh.state = Upload.State.CHECKED
        fresh.save()
    run.summary = fresh.counts


def work_load(run: Run, progress: Progress) -> None:
    """Load the file, then let the organisation and all figures follow."""
    upload = _upload(run)
    if upload.state != Upload.State.LOADED:
        load = _read(upload, run, progress, dry_run=False)
        with transaction.atomic():
            upload = _upload(run)
            forget_rejects(upload)
            _note(upload, load)
            upload.rejects = load.rejects_file.name if load.rejects_file else ""
            upload.state, upload.preview = Upload.State.LOADED, {}
            upload.save()
            remember(upload, load)
            record("facts.loaded", by=run.asked_by, subject=upload, table=load.table, version=load.version, **upload.counts)
    progress.step("web.facts.step.following")
    if upload.table in OF_PEOPLE:
        sync_from_facts(by=None)
    if upload.counts.get("accepted") or upload.counts.get("replaced"):
        enqueue("everything", "everything", {}, by=None)
    shutil.rmtree(upload.folder, ignore_errors=True)
    run.summary = upload.counts


def ended(run: Run) -> None:
    """A check or load that did not come to its end leaves the file as it was, with the reason."""
    upload = Upload.objects.filter(run=run).first()
    if upload is not None and upload.state in Upload.BUSY and not run.open:
        if run.state == Run.State.CANCELLED:
            upload.state = Upload.State.MAPPED if upload.state == Upload.State.CHECKING else Upload.State.CHECKED
        else:
            upload.state, upload.error = Upload.State.FAILED, run.error or {"code": "upload_worker_lost", "facts": {}}
        upload.save()
    discard_expired()


def _read(upload: Upload, run: Run, progress: Progress, *, dry_run: bool) -> Load:
    """Hand the file to the engine, as long as it is still the one that was looked at."""
    if digest(upload.mapping) != run.parameters["map"]:
        raise CoachlineError("upload_map_changed", file=upload.name)
    progress.step("step.opening")
    if _sha256(upload.file) != upload.sha256:
        raise CoachlineError("upload_changed", file=upload.name)
    with CentreFolder(folder()) as opened:
        load = opened.import_file(
            upload.file,
            upload.table or None,
            engine_map(upload),
            dry_run=dry_run,
            replace_other_events=bool(run.parameters["replace_other_events"]),
            progress=lambda step: progress.step(f"step.{step}"),
        )
    progress.say("web.facts.log.counts", **_counts(load))
    return load


def _note(upload: Upload, load: Load) -> None:
    upload.table, upload.counts, upload.reasons, upload.error = load.table, _counts(load), reasons(load), None
    upload.notes = [{"code": note.code, "facts": dict(note.facts)} for note in load.notes]


def _counts(load: Load) -> dict[str, int]:
    return {name: int(getattr(load, name)) for name in COUNTS}


def reasons(load: Load) -> list[dict[str, Any]]:
    """Why rows were rejected: each reason with its count and the first rows that it concerns, most rows first."""
    found: list[dict[str, Any]] = []
    if load.rejects is not None and load.rejects.num_rows:
        frame = pl.from_arrow(load.rejects)
        assert isinstance(frame, pl.DataFrame)
        each = frame.lazy().explode("faults").group_by("faults").agg(pl.len().alias("rows"), pl.all().exclude("faults").head(EXAMPLES))
        for row in each.collect().to_dicts():
            cell = _cell_of(load, row["faults"])
            examples = [{"row": number, "text": cell(row, i)} for i, number in enumerate(row["row"])]
            found.append({"fault": row["faults"], "rows": row["rows"], "examples": examples})
    torn: dict[str, list[int]] = {}
    for line in load.malformed:
        torn.setdefault(line.fault, []).append(line.line)
    for fault, lines in torn.items():
        found.append({"fault": fault, "rows": len(lines), "examples": [{"row": line, "text": ""} for line in lines[:EXAMPLES]]})
    return sorted(found, key=lambda reason: (-reason["rows"], reason["fault"]))


def _cell_of(load: Load, fault: str) -> Callable[[dict[str, Any], int], str]:
    """What stands in the cells that a fault is about; customers are not shown, not even hashed."""
    kind, _, name = fault.partition(":")
    columns = () if kind in ("rule", "summary_row", "superseded") else (name,)
    headers = [
        header
        for column in columns
        if column in load.mapping.columns and not isinstance(TABLES[load.table].column(column).kind, Pseudonym)
        for header in load.mapping.columns[column].columns
    ]
    places = [f"c{list(load.headers).index(header)}" for header in headers]
    return lambda row, i: " ".join(str(row[place][i] or "") for place in places)[:80]


def _upload(run: Run) -> Upload:
    found = Upload.objects.filter(pk=run.parameters["upload"]).first()
    if found is None:
        raise CoachlineError("not_there", what=run.name)
    return found


def _words(run: Run) -> Wording:
    return Wording(str(run.parameters.get("language") or ""))


def _sha256(file: Path) -> str:
    found = hashlib.sha256()
    try:
        with file.open("rb") as content:
            while chunk := content.read(CHUNK):
                found.update(chunk)
    except OSError as error:
        raise CoachlineError("cannot_open", file=file.name, reason=error.strerror or str(error)) from None
    return found.hexdigest()


CHECK_JOB = Job("import_check", work_check, ended)
LOAD_JOB = Job("import", work_load, ended)

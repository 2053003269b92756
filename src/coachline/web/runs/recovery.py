"""What must not be lost: runs whose worker has died, places in the queue, the nightly start, new facts, and room on the disk."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from coachline.web.base.centre_folder import centre_settings, folder
from coachline.web.journal.actions import record
from coachline.web.runs.actions import EVERYTHING, enqueue, put_back, queue
from coachline.web.runs.models import Run, Timetable
from coachline.web.runs.progress import line
from coachline.web.runs.queries import answers, timetable
from coachline.web.runs.wording import called
from coachline.web.runs.worker_names import gone, this_worker

QUIET_S = 60
"""Facts must have rested for so long before everything is calculated anew, so that a series of files leads to one run."""
KEPT_OF_EACH = 3
"""Results of one question that are kept however old they are."""
KEPT_DAYS = 30
KEPT_DAYS_OF_PERIODS = 400
"""Results for chosen days can be calculated again from the facts: after so long nobody looks at them."""


def recover() -> list[Run]:
    """Take up runs whose worker has died or gone silent, and those whose place in the queue was lost; returns them.

    A run is tried again until `RUN_ATTEMPTS`; then it is marked as lost. Nothing stays "running" for ever.
    """
    silent = timezone.now() - timedelta(seconds=settings.RUN_SILENT_AFTER_S)
    taken: list[Run] = []
    # This worker asks between two runs: what it is said to work on it does not work on.
    dead = [
        run
        for run in Run.objects.filter(state=Run.State.RUNNING)
        if run.worker == this_worker() or gone(run.worker) or _silent(run, silent)
    ]
    for run in dead:
        with transaction.atomic():
            fresh = Run.objects.select_for_update(of=("self",)).get(pk=run.pk)
            if fresh.state == Run.State.RUNNING and (fresh.worker, fresh.attempts) == (run.worker, run.attempts):
                _take_up(fresh)
                taken.append(fresh)
    queued = {str(pk) for pk in DBTaskResult.objects.ready().values_list("pk", flat=True)}
    for run in Run.objects.filter(state=Run.State.WAITING, asked_at__lt=silent):
        if run.task_id not in queued and Run.objects.filter(pk=run.pk, state=Run.State.WAITING).exists():
            run.task_id = queue(run)
            run.save(update_fields=["task_id"])
            taken.append(run)
    return taken


def _silent(run: Run, since: datetime) -> bool:
    return run.beat_at is None or run.beat_at < since


def _take_up(run: Run) -> None:
    if run.task_id:
        # Its worker will not come back to say how it ended.
        DBTaskResult.objects.filter(pk=run.task_id).delete()
    if not run.cancel_asked and run.attempts < settings.RUN_ATTEMPTS:
        put_back(run, "web.runs.log.worker_lost", attempt=run.attempts)
    else:
        run.state = Run.State.CANCELLED if run.cancel_asked else Run.State.LOST
        run.log = [*run.log, line("web.runs.log.worker_lost", attempt=run.attempts)]
        run.finished_at, run.step = timezone.now(), ""
        run.save()
    record("runs.recover", by=None, subject=run, named=called(run), state=str(run.state))


def untold() -> list[str]:
    """Runs that have ended without anybody having been told, since their worker died in between."""
    return [str(pk) for pk in Run.objects.filter(told=False, state__in=Run.ENDED).values_list("pk", flat=True)]


def start_by_timetable(now: datetime | None = None) -> Run | None:
    """Ask for everything once per local day, from the hour of the timetable on: also late, where the machine slept.

    Only the wall clock is asked, so an hour that the change to summer time leaves out counts from the next minute there is, and one that
    comes twice counts once.
    """
    local = (now or timezone.now()).astimezone(centre_settings().zone)
    found = timetable()
    if not found.enabled or local.time().replace(tzinfo=None) < found.at or found.last_day == local.date():
        return None
    with transaction.atomic():
        # Of several workers one changes the row.
        others = Timetable.objects.filter(pk=found.pk).filter(Q(last_day=None) | ~Q(last_day=local.date()))
        if not others.update(last_day=local.date()):
            return None
        return enqueue(EVERYTHING, EVERYTHING, {}, by=None)


def start_by_new_facts() -> Run | None:
    """Ask for everything once the lake holds something else than when everything was last calculated, and has been quiet for a while."""
    newest = dict(_newest_commits(folder() / "lake"))
    if not newest or time.time() - max(at for _, at in newest.values()) < QUIET_S:
        return None
    last = Run.objects.filter(kind=EVERYTHING).order_by("-asked_at").first()
    versions = {table: version for table, (version, _) in newest.items()}
    if last is not None and (last.open or last.lake == versions):
        return None
    run = enqueue(EVERYTHING, EVERYTHING, {}, by=None)
    # Noted before it begins: one that fails at once must not be asked for again and again.
    Run.objects.filter(pk=run.pk, state=Run.State.WAITING).update(lake=versions)
    return run


def _newest_commits(lake: Path) -> Iterator[tuple[str, tuple[int, float]]]:
    """Table, and number and time of its last commit: read from the names of the files, since the worker must not open the lake."""
    for log in lake.glob("*/_delta_log"):
        commits = [entry for entry in log.iterdir() if entry.suffix == ".json" and entry.stem.isdigit()]
        if commits:
            last = max(commits, key=lambda entry: int(entry.stem))
            yield log.parent.name, (int(last.stem), last.stat().st_mtime)


def prune(now: datetime | None = None) -> int:
    """Remove old runs with their results, finished places in the queue, and what no run knows; returns how many runs were removed.

    Kept: everything of the last `KEPT_DAYS`; of every question the newest `KEPT_OF_EACH` answers, which pages show; of questions about chosen
    days only those of the last `KEPT_DAYS_OF_PERIODS`.
    """
    now = now or timezone.now()
    place = Window(RowNumber(), partition_by=F("key"), order_by=F("finished_at").desc())
    newest = {run.pk: run for run in answers().annotate(place=place).filter(place__lte=KEPT_OF_EACH)}
    removed = 0
    for run in Run.objects.filter(state__in=Run.ENDED, finished_at__lt=now - timedelta(days=KEPT_DAYS)):
        of_period = bool(run.parameters.get("since") or run.parameters.get("until"))
        if run.pk in newest and not (of_period and run.finished_at and run.finished_at < now - timedelta(days=KEPT_DAYS_OF_PERIODS)):
            continue
        place_of_result = run.folder
        run.delete()
        shutil.rmtree(place_of_result, ignore_errors=True)
        removed += 1
    DBTaskResult.objects.finished().filter(finished_at__lt=now - timedelta(days=1)).delete()
    _sweep(now)
    return removed


def _sweep(now: datetime) -> None:
    """Remove results and temporary files that belong to no run any more."""
    old = (now - timedelta(days=1)).timestamp()
    for entry in [*_entries(folder() / "results"), *_entries(folder() / ".scratch")]:
        if entry.stat().st_mtime < old and not _needed(entry):
            shutil.rmtree(entry, ignore_errors=True)


def _needed(entry: Path) -> bool:
    try:
        runs = Run.objects.filter(pk=entry.name.strip(".")[:36])
        return runs.filter(state__in=Run.OPEN).exists() if entry.parent.name == ".scratch" else runs.exists()
    except ValidationError:
        return False


def _entries(place: Path) -> list[Path]:
    return list(place.iterdir()) if place.is_dir() else []

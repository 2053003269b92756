"""Asking for work, calling it off, and taking it up again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from coachline.engine.result import Result
from coachline.stored import save_result
from coachline.web.accounts.permissions import require
from coachline.web.base.centre_folder import centre_settings
from coachline.web.journal.actions import record
from coachline.web.org.models import Centre
from coachline.web.runs.days import Days
from coachline.web.runs.keys import key_of, settled
from coachline.web.runs.models import Run
from coachline.web.runs.pages import ResultPage
from coachline.web.runs.queries import pending


def enqueue(kind: str, name: str, parameters: Mapping[str, Any], *, by: Any, centre: Centre | None = None, verb: str = "runs.start") -> Run:
    """Ask for a piece of work; whoever asks for what is already waiting or being worked on gets that run.

    Parameters
    ----------
    kind, name, parameters, centre
        See `Run`; `parameters` must be fit for JSON.
    by : User or None
        None for the system itself, which needs no permission.
    verb : str
        What `by` must be allowed to do.

    Raises
    ------
    NoPermission
    """
    from coachline.web.runs.tasks import work

    if by is not None:
        require(by, verb)
    with transaction.atomic():
        same = pending(kind, name, parameters, centre)
        if same is not None:
            return same
        key = key_of(kind, name, parameters, centre.pk if centre else None)
        run = Run.objects.create(kind=kind, name=name, parameters=dict(parameters), key=key, centre=centre, asked_by=by)
        record("runs.start", by=by, subject=run, named=f"{kind} {name}", centre=centre.name if centre else "")
        run.task_id = str(work.enqueue(str(run.pk)).id)
        run.save(update_fields=["task_id"])
    return run


def start_analysis(name: str, given: Mapping[str, Any], *, by: Any, centre: Centre | None = None) -> Run:
    """Ask for an analysis.

    Raises
    ------
    CoachlineError
        What is wrong with the parameters, before anything is queued.
    NoPermission
    """
    return enqueue("analysis", name, settled(name, given, centre_settings()), by=by, centre=centre)


def start_page(page: ResultPage, days: Days, *, by: Any, centre: Centre | None = None) -> Run:
    """Ask for everything that a page needs for these days.

    Raises
    ------
    NoPermission
    """
    return enqueue("page", page.code, days.parameters, by=by, centre=centre)


def keep_result(result: Result, name: str, parameters: Mapping[str, Any], *, by: Any, centre: Centre | None, since: Any) -> Run:
    """Enter a result that was calculated within another run, as a finished run of its own."""
    key = key_of("analysis", name, parameters, centre.pk if centre else None)
    run = Run(kind="analysis", name=name, parameters=dict(parameters), key=key, centre=centre, asked_by=by, attempts=1, started_at=since)
    save_result(result, run.folder)
    run.state, run.finished_at, run.share = Run.State.DONE, timezone.now(), 1.0
    run.lake, run.summary = dict(result.provenance.lake), summary_of(result)
    run.save(force_insert=True)
    return run


def summary_of(result: Result) -> dict[str, Any]:
    """What a list of runs shows of a result."""
    return {
        "version": result.provenance.version,
        "rows": result.table().num_rows,
        "seconds": round(result.provenance.seconds, 2),
        "notes": len(result.notes),
    }


def cancel(run: Run, *, by: Any) -> None:
    """Call a run off. What has begun is ended by its worker within seconds.

    Raises
    ------
    NoPermission
        It is neither their own nor may they start runs.
    """
    if run.asked_by_id != by.pk:
        require(by, "runs.start")
    with transaction.atomic():
        fresh = Run.objects.select_for_update().get(pk=run.pk)
        if fresh.state == Run.State.WAITING:
            fresh.state, fresh.finished_at = Run.State.CANCELLED, timezone.now()
        elif fresh.state == Run.State.RUNNING:
            fresh.cancel_asked = True
        else:
            return
        fresh.save(update_fields=["state", "finished_at", "cancel_asked"])
        record("runs.cancel", by=by, subject=fresh, named=f"{fresh.kind} {fresh.name}", centre=fresh.centre.name if fresh.centre else "")


def recover() -> list[Run]:
    """Take up runs whose worker has gone silent, and those whose place in the queue was lost.

    A run is tried again until `RUN_ATTEMPTS`; then it is marked as lost. Nothing stays "running" for ever.
    """
    from coachline.web.runs.tasks import work

    silent = timezone.now() - timedelta(seconds=settings.RUN_SILENT_AFTER_S)
    taken: list[Run] = []
    for run in Run.objects.filter(state=Run.State.RUNNING, beat_at__lt=silent):
        with transaction.atomic():
            fresh = Run.objects.select_for_update().get(pk=run.pk)
            if fresh.state != Run.State.RUNNING or (fresh.beat_at and fresh.beat_at >= silent):
                continue
            DBTaskResult.objects.filter(pk=fresh.task_id or None).delete()
            line = {
                "at": timezone.now().isoformat(timespec="seconds"),
                "code": "web.runs.log.worker_lost",
                "facts": {"attempt": fresh.attempts},
            }
            fresh.log = [*fresh.log, line]
            if fresh.cancel_asked:
                fresh.state, fresh.finished_at = Run.State.CANCELLED, timezone.now()
            elif fresh.attempts >= settings.RUN_ATTEMPTS:
                fresh.state, fresh.finished_at = Run.State.LOST, timezone.now()
            else:
                fresh.state, fresh.beat_at = Run.State.WAITING, None
                fresh.task_id = str(work.enqueue(str(fresh.pk)).id)
            fresh.save()
            record("runs.recover", by=None, subject=fresh, named=f"{fresh.kind} {fresh.name}", state=fresh.state)
        taken.append(fresh)
    queued = {str(pk) for pk in DBTaskResult.objects.ready().values_list("pk", flat=True)}
    just_now = timezone.now() - timedelta(seconds=settings.RUN_SILENT_AFTER_S)
    for run in Run.objects.filter(state=Run.State.WAITING, asked_at__lt=just_now):
        if run.task_id not in queued:
            run.task_id = str(work.enqueue(str(run.pk)).id)
            run.save(update_fields=["task_id"])
            taken.append(run)
    return taken

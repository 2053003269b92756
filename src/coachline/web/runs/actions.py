"""Asking for work, calling it off, and putting it back into the queue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from coachline.engine.result import Result
from coachline.errors import CoachlineError
from coachline.stored import save_result
from coachline.web.accounts.permissions import require
from coachline.web.base.centre_folder import centre_settings
from coachline.web.journal.actions import record
from coachline.web.org.models import Centre
from coachline.web.runs.days import Days
from coachline.web.runs.jobs import tell
from coachline.web.runs.keys import key_of, settled
from coachline.web.runs.models import Run, Timetable
from coachline.web.runs.pages import ResultPage
from coachline.web.runs.progress import line
from coachline.web.runs.queries import pending, timetable
from coachline.web.runs.wording import called

EVERYTHING = "everything"
BEHIND = -10
"""Place in the queue of what nobody waits for."""


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
    if by is not None:
        require(by, verb)
    same = pending(kind, name, parameters, centre)
    if same is not None:
        return same
    key = key_of(kind, name, parameters, centre.pk if centre else None)
    try:
        with transaction.atomic():
            run = Run.objects.create(kind=kind, name=name, parameters=dict(parameters), key=key, centre=centre, asked_by=by)
            record("runs.start", by=by, subject=run, named=called(run), centre=centre.name if centre else "")
            run.task_id = queue(run)
            run.save(update_fields=["task_id"])
    except IntegrityError:
        # Somebody asked for the same in this very moment.
        same = pending(kind, name, parameters, centre)
        if same is None:
            raise
        return same
    return run


def queue(run: Run) -> str:
    """Give a run a place in the queue; returns the number of that place."""
    from coachline.web.runs.tasks import work

    return str(work.using(priority=BEHIND if run.kind == EVERYTHING else 0).enqueue(str(run.pk)).id)


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


def start_everything(*, by: Any) -> Run:
    """Ask for every page and every analysis.

    Raises
    ------
    NoPermission
    """
    return enqueue(EVERYTHING, EVERYTHING, {}, by=by, verb="runs.schedule")


def keep_result(result: Result, name: str, parameters: Mapping[str, Any], *, within: Run, centre: Centre | None, since: datetime) -> Run:
    """Enter a result that was calculated in the course of another run, as a finished run of its own."""
    run = _part(name, parameters, within, centre, since)
    save_result(result, run.folder)
    run.state, run.share = Run.State.DONE, 1.0
    run.lake, run.summary = dict(result.provenance.lake), summary_of(result)
    run.save(force_insert=True)
    return run


def keep_refusal(
    error: CoachlineError,
    name: str,
    parameters: Mapping[str, Any],
    *,
    within: Run,
    centre: Centre | None,
    since: datetime,
    lake: Mapping[str, int],
    version: str,
) -> Run:
    """Enter that an analysis refused these facts: asking again would give the same, until they change."""
    run = _part(name, parameters, within, centre, since)
    run.state, run.error = Run.State.FAILED, account_of(error)
    run.lake, run.summary = dict(lake), {"version": version}
    run.save(force_insert=True)
    return run


def _part(name: str, parameters: Mapping[str, Any], within: Run, centre: Centre | None, since: datetime) -> Run:
    return Run(
        kind="analysis",
        name=name,
        parameters=dict(parameters),
        key=key_of("analysis", name, parameters, centre.pk if centre else None),
        centre=centre,
        asked_by=within.asked_by,
        within=within,
        attempts=1,
        started_at=since,
        finished_at=timezone.now(),
        told=True,
    )


def account_of(error: CoachlineError) -> dict[str, Any]:
    """An error as a run keeps it."""
    plain = {name: value if isinstance(value, str | int | float | bool | None) else str(value) for name, value in error.facts.items()}
    return {"code": error.code, "facts": plain}


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
        fresh = Run.objects.select_for_update(of=("self",)).get(pk=run.pk)
        waiting = fresh.state == Run.State.WAITING
        if waiting:
            fresh.state, fresh.finished_at, fresh.told = Run.State.CANCELLED, timezone.now(), True
        elif fresh.state == Run.State.RUNNING:
            fresh.cancel_asked = True
        else:
            return
        fresh.save(update_fields=["state", "finished_at", "cancel_asked", "told"])
        record("runs.cancel", by=by, subject=fresh, named=called(fresh), centre=fresh.centre.name if fresh.centre else "")
    if waiting:
        tell(fresh)


def put_back(run: Run, why: str, **facts: Any) -> None:
    """Put a run whose work was broken off back into the queue; the caller has locked it."""
    run.state, run.beat_at, run.step, run.share, run.worker = Run.State.WAITING, None, "", None, ""
    run.log = [*run.log, line(why, **facts)]
    run.task_id = queue(run)
    run.save()


def set_timetable(at: time, enabled: bool, *, by: Any) -> Timetable:
    """Set when everything is calculated each night, or that it is not.

    Raises
    ------
    NoPermission
    """
    require(by, "runs.schedule")
    now = datetime.now(centre_settings().zone)
    with transaction.atomic():
        found = timetable()
        found.at, found.enabled = at, enabled
        # An hour that is still to come counts today, even where an earlier one was kept already; one that is past counts tomorrow.
        found.last_day = None if at > now.time() else now.date()
        found.save()
        record("runs.schedule", by=by, subject=found, at=f"{at:%H:%M}", enabled=enabled)
    return found

"""Working off a run: a process of its own does it, so that it can be stopped and cannot take the worker along."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from typing import Any

from django.db import connections, transaction
from django.utils import timezone

from coachline.errors import CoachlineError
from coachline.web.runs.jobs import JOBS, tell
from coachline.web.runs.models import Run
from coachline.web.runs.progress import Progress

log = logging.getLogger("coachline.runs")

LOOK_EVERY_S = 0.25
BEAT_EVERY_S = 5.0
GRACE_S = 3.0


def execute(run_id: str) -> str:
    """Work off a run and return the state in which it ended; called by the worker."""
    run = _claim(run_id)
    if run is None:
        return "passed over"
    # Connections must not be shared between two processes.
    connections.close_all()
    child = multiprocessing.get_context("fork").Process(target=_child, args=(run_id, os.getpid()), daemon=True)
    child.start()
    called_off = _watch(run_id, child)
    _settle(run_id, called_off, child.exitcode)
    ended = Run.objects.get(pk=run_id)
    tell(ended)
    return str(ended.state)


def execute_here(run_id: str) -> str:
    """The same in this very process: for the sample centre, and for tests of what a job does."""
    run = _claim(run_id)
    if run is None:
        return "passed over"
    _work(run)
    ended = Run.objects.get(pk=run_id)
    tell(ended)
    return str(ended.state)


def _claim(run_id: str) -> Run | None:
    """Mark a waiting run as being worked on; None where it was called off, or somebody else has it."""
    with transaction.atomic():
        run = Run.objects.select_for_update().filter(pk=run_id, state=Run.State.WAITING).first()
        if run is None:
            return None
        now = timezone.now()
        run.state, run.started_at, run.beat_at, run.finished_at, run.error = Run.State.RUNNING, now, now, None, None
        run.step, run.share = "", None
        run.attempts += 1
        run.save()
    return run


def _watch(run_id: str, child: Any) -> bool:
    """Give signs of life while the child works; end it when the run is called off. Returns whether it was."""
    beaten = 0.0
    called_off = False
    try:
        while child.is_alive():
            if time.monotonic() - beaten > BEAT_EVERY_S:
                Run.objects.filter(pk=run_id).update(beat_at=timezone.now())
                beaten = time.monotonic()
            if not called_off and Run.objects.filter(pk=run_id, cancel_asked=True).exists():
                called_off = True
                child.terminate()
                child.join(GRACE_S)
                if child.is_alive():
                    child.kill()
            child.join(LOOK_EVERY_S)
    except BaseException:
        # The worker itself is being ended: the child must not outlive it.
        child.kill()
        child.join()
        raise
    return called_off


def _settle(run_id: str, called_off: bool, exit_code: int | None) -> None:
    """Make sure that a run whose process is gone does not stay "running"."""
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run_id)
        if run.state != Run.State.RUNNING:
            return
        run.finished_at = timezone.now()
        if called_off:
            run.state = Run.State.CANCELLED
        else:
            # The system ended it, most often because the memory ran out.
            run.state = Run.State.FAILED
            run.error = {"code": "run_process_died", "facts": {"code": exit_code}}
        run.save()


def _child(run_id: str, worker: int) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(worker,), daemon=True).start()
    connections.close_all()
    _work(Run.objects.get(pk=run_id))
    connections.close_all()
    # Nothing of the worker's is to be cleaned up here.
    os._exit(0)


def _end_with(worker: int) -> None:
    """A child whose worker was killed must not go on beside the one that takes the run up again."""
    while os.getppid() == worker:
        time.sleep(0.5)
    os._exit(1)


def _work(run: Run) -> None:
    progress = Progress(run)
    try:
        job = JOBS.get(run.kind)
        if job is None:
            raise CoachlineError("run_kind_unknown", kind=run.kind)
        job.work(run, progress)
    except CoachlineError as error:
        _finish(run, Run.State.FAILED, {"code": error.code, "facts": {k: _plain(v) for k, v in error.facts.items()}})
    except Exception as error:
        log.exception("run %s %s failed", run.kind, run.name)
        _finish(run, Run.State.FAILED, {"code": "run_failed", "facts": {"kind": type(error).__name__, "run": str(run.pk)[:8]}})
    else:
        _finish(run, Run.State.DONE, None)


def _finish(run: Run, state: Run.State, error: dict[str, Any] | None) -> None:
    Run.objects.filter(pk=run.pk).update(
        state=state,
        error=error,
        finished_at=timezone.now(),
        share=1.0 if state == Run.State.DONE else run.share,
        step="",
        lake=run.lake,
        summary=run.summary,
    )


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | None) else str(value)

"""Working off a run: a process of its own does it, so that it can be stopped and cannot take the worker along.

The worker never opens the lake and never computes: a process that is forked from one that has would inherit locks that nobody gives back.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from django.db import OperationalError, connections, transaction
from django.utils import timezone

from coachline.errors import CoachlineError
from coachline.web.base.centre_folder import folder
from coachline.web.runs.actions import account_of, put_back
from coachline.web.runs.jobs import JOBS, tell
from coachline.web.runs.models import Run
from coachline.web.runs.progress import Progress
from coachline.web.runs.worker_names import this_worker

log = logging.getLogger("coachline.runs")

LOOK_EVERY_S = 0.25
BEAT_EVERY_S = 5.0
GRACE_S = 1.0
TELLING_S = 300.0
NICE = 5
"""Work in the background gives way to pages."""
FORK = multiprocessing.get_context("fork")


@dataclass
class Stopping:
    """Whether the worker has been asked to end: what it works on is then put back into the queue."""

    asked: bool = False


stopping = Stopping()


class Ending(Enum):
    """How the process of a run ended."""

    BY_ITSELF = 1
    CALLED_OFF = 2
    PUT_BACK = 3
    TAKEN_AWAY = 4
    """Another worker has taken the run up meanwhile, as this one had given no sign of life."""


def execute(run_id: str) -> str:
    """Work off a run and return the state in which it ended; called by the worker."""
    run = _claim(run_id)
    if run is None:
        return "passed over"
    scratch = _scratch(run)
    child = _fork(_child, run, str(scratch), os.getpid())
    try:
        ending = _watch(run, child)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    state = _settle(run, ending, child.exitcode)
    if state in Run.ENDED:
        announce(run_id)
    return state


def execute_here(run_id: str) -> str:
    """The same in this very process: for tests of what a job does."""
    run = _claim(run_id)
    if run is None:
        return "passed over"
    _work(run)
    ended = Run.objects.get(pk=run_id)
    _tell(ended)
    return str(ended.state)


def announce(run_id: str) -> None:
    """Tell whoever wants to know that a run has ended; in a process of its own, since they may read results."""
    child = _fork(_teller, run_id, os.getpid())
    child.join(TELLING_S)
    if child.is_alive():
        log.error("telling about the end of run %s took too long", run_id)
        _end(child, Ending.CALLED_OFF)


def _fork(target: Callable[..., None], *arguments: Any) -> Any:
    # A connection must not be shared between two processes.
    connections.close_all()
    child = FORK.Process(target=target, args=arguments, daemon=True)
    child.start()
    return child


def _claim(run_id: str) -> Run | None:
    """Mark a waiting run as being worked on; None where it was called off, or somebody else has it."""
    with transaction.atomic():
        run = Run.objects.select_for_update().filter(pk=run_id, state=Run.State.WAITING).first()
        if run is None:
            return None
        now = timezone.now()
        run.state, run.started_at, run.beat_at, run.finished_at, run.error = Run.State.RUNNING, now, now, None, None
        run.step, run.share, run.worker, run.told = "", None, this_worker(), False
        run.attempts += 1
        run.save()
    return run


def _watch(run: Run, child: Any) -> Ending:
    """Give signs of life while the child works; end it when the run is called off, or the worker has to go."""
    beaten = 0.0
    mine = Run.objects.filter(pk=run.pk, attempts=run.attempts, state=Run.State.RUNNING)
    ended = Run.objects.filter(pk=run.pk, attempts=run.attempts, state__in=Run.ENDED)
    try:
        while child.is_alive():
            if stopping.asked:
                return _end(child, Ending.PUT_BACK)
            try:
                if time.monotonic() - beaten > BEAT_EVERY_S:
                    if not mine.update(beat_at=timezone.now()) and not ended.exists():
                        return _end(child, Ending.TAKEN_AWAY)
                    beaten = time.monotonic()
                if mine.filter(cancel_asked=True).exists():
                    return _end(child, Ending.CALLED_OFF)
            except OperationalError:
                # A database that is away for a moment is no reason to throw away an hour's work.
                log.warning("no database while run %s is worked on", run.pk)
                connections.close_all()
            child.join(LOOK_EVERY_S)
    except BaseException:
        # The worker itself is being ended: the child must not outlive it.
        _end(child, Ending.PUT_BACK)
        raise
    return Ending.BY_ITSELF


def _end(child: Any, ending: Ending) -> Ending:
    """End the child and whatever it has started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, number)
        except ProcessLookupError:
            # It has not come to lead a group yet, or nothing of the group is left.
            os.kill(child.pid, number)
        child.join(GRACE_S)
        if not child.is_alive():
            break
    child.join()
    return ending


def _settle(run: Run, ending: Ending, exit_code: int | None) -> str:
    """Make sure that a run whose process is gone does not stay "running"; returns the state in which it is now."""
    with transaction.atomic():
        fresh = Run.objects.select_for_update().get(pk=run.pk)
        if fresh.state != Run.State.RUNNING or fresh.attempts != run.attempts:
            return str(fresh.state) if fresh.attempts == run.attempts else "taken away"
        if ending == Ending.PUT_BACK and not fresh.cancel_asked:
            # It is not the run's fault that the worker had to go.
            fresh.attempts -= 1
            put_back(fresh, "web.runs.log.put_back")
            return str(fresh.state)
        fresh.finished_at, fresh.step = timezone.now(), ""
        if ending == Ending.BY_ITSELF and not fresh.cancel_asked:
            # The system ended it, most often because the memory ran out.
            fresh.state, fresh.error = Run.State.FAILED, {"code": "run_process_died", "facts": {"code": exit_code}}
        else:
            fresh.state = Run.State.CANCELLED
        fresh.save()
    return str(fresh.state)


def _child(run: Run, scratch: str, worker: int) -> None:
    _begin(worker)
    os.nice(NICE)
    tempfile.tempdir = scratch
    os.environ["TMPDIR"] = scratch
    _work(run)
    connections.close_all()
    # Nothing of the worker's is to be cleaned up here.
    os._exit(0)


def _teller(run_id: str, worker: int) -> None:
    _begin(worker)
    try:
        _tell(Run.objects.get(pk=run_id))
    except Exception:
        log.exception("telling about the end of run %s", run_id)
    connections.close_all()
    os._exit(0)


def _tell(run: Run) -> None:
    # Marked first: what fails for one run would otherwise fail again every minute.
    Run.objects.filter(pk=run.pk).update(told=True)
    tell(run)


def _begin(worker: int) -> None:
    os.setpgid(0, 0)
    for number in (signal.SIGTERM, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    # An interrupt at the keyboard reaches every process of the terminal; what becomes of this one is the worker's to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(worker,), daemon=True).start()


def _end_with(worker: int) -> None:
    """A child whose worker was killed must not go on beside the one that takes the run up again."""
    while os.getppid() == worker:
        time.sleep(LOOK_EVERY_S)
    os.killpg(0, signal.SIGKILL)


def _scratch(run: Run) -> Path:
    """Where the child's temporary files lie: they go with it, however it ends."""
    place = folder() / ".scratch" / f"{run.pk}-{run.attempts}"
    place.mkdir(parents=True, exist_ok=True)
    return place


def _work(run: Run) -> None:
    progress = Progress(run)
    try:
        job = JOBS.get(run.kind)
        if job is None:
            raise CoachlineError("run_kind_unknown", kind=run.kind)
        job.work(run, progress)
    except CoachlineError as error:
        _finish(run, Run.State.FAILED, account_of(error))
    except Exception as error:
        log.exception("run %s %s failed", run.kind, run.name)
        # Each engine has an error of its own for it.
        memory = isinstance(error, MemoryError) or "OutOfMemory" in type(error).__name__
        code = "run_out_of_memory" if memory else "run_failed"
        _finish(run, Run.State.FAILED, {"code": code, "facts": {"kind": type(error).__name__, "run": str(run.pk)[:8]}})
    else:
        _finish(run, Run.State.DONE, None)


def _finish(run: Run, state: Run.State, error: dict[str, Any] | None) -> None:
    Run.objects.filter(pk=run.pk, attempts=run.attempts, state=Run.State.RUNNING).update(
        state=state,
        error=error,
        finished_at=timezone.now(),
        share=1.0 if state == Run.State.DONE else run.share,
        step="",
        lake=run.lake,
        summary=run.summary,
    )

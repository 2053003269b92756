"""The worker: takes runs from the queue one after the other, and looks after what must not be lost in between."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable
from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError, close_old_connections, connections
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from coachline.web.runs.execution import announce, stopping
from coachline.web.runs.models import Run
from coachline.web.runs.recovery import prune, recover, start_by_new_facts, start_by_timetable, untold
from coachline.web.runs.worker_names import this_worker

log = logging.getLogger("coachline.runs")

LOOK_EVERY_S = 0.5
DATABASE_AWAY_S = 5.0


class _Queue(Worker):
    """The library's worker, one task at a time."""

    def __init__(self) -> None:
        super().__init__(
            queue_names=["default"],
            interval=0,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=1,
            worker_id=this_worker()[-64:],
            excluded_queue_names=[],
        )


class _Chore:
    """Something that is done every so often; a failure is logged and is no reason not to try again."""

    def __init__(self, every_s: float, what: Callable[[], object]) -> None:
        self.every_s = every_s
        self.what = what
        self.due = time.monotonic()

    def do(self) -> None:
        if time.monotonic() < self.due:
            return
        self.due = time.monotonic() + self.every_s
        try:
            self.what()
        except OperationalError:
            raise
        except Exception:
            log.exception("%s failed", self.what.__name__)


def work_off(*, until_empty: bool = False) -> None:
    """Work until asked to end by SIGTERM or SIGINT; what is being worked on then goes back into the queue.

    Parameters
    ----------
    until_empty : bool
        End as soon as nothing waits.
    """
    _listen()
    chores = [
        _Chore(30, take_up),
        _Chore(20, start_by_timetable),
        _Chore(10, start_by_new_facts),
        _Chore(3600, prune),
        _Chore(3600, SessionStore.clear_expired),
    ]
    log.info("worker %s begins", this_worker())
    while not stopping.asked:
        try:
            close_old_connections()
            for chore in chores:
                chore.do()
            worked = _work_one()
        except OperationalError as error:
            log.warning("no database: %s", error)
            connections.close_all()
            time.sleep(DATABASE_AWAY_S)
            continue
        if until_empty and not worked:
            break
        if not worked:
            time.sleep(LOOK_EVERY_S)
    log.info("worker %s ends", this_worker())


def take_up() -> list[Run]:
    """Take up what was broken off, and tell of what ended without anybody having been told."""
    taken = recover()
    for run in taken:
        log.warning("run %s %s %s was broken off: now %s", run.pk, run.kind, run.name, run.state)
    for run_id in untold():
        announce(run_id)
    return taken


def _work_one() -> bool:
    """Work off the first run of the queue; False where nothing waits."""
    if not DBTaskResult.objects.ready().exists():
        return False
    _Queue().run()
    return True


def _listen() -> None:
    def stop(number: int, frame: Any) -> None:
        stopping.asked = True

    stopping.asked = False
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, stop)

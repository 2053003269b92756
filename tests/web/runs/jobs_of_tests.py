"""Jobs that do what real ones do in the worst case."""

from __future__ import annotations

import os
import resource
import signal
import time

from django.apps import AppConfig


class JobsOfTests(AppConfig):
    name = "tests.web.runs"
    label = "jobs_of_tests"

    def ready(self) -> None:
        from coachline.web.runs.jobs import Job, register

        for work in (sleep, abort, killed, greedy, chat):
            register(Job(work.__name__, work))


def _leave_mark(run):
    """Says which process works on it, and how often anybody did."""
    from coachline.web.base.centre_folder import folder

    marks = folder() / "marks"
    marks.mkdir(exist_ok=True)
    (marks / f"{run.pk}-{run.attempts}-{os.getpid()}").touch()


def sleep(run, progress):
    _leave_mark(run)
    for step in range(int(run.parameters["seconds"] * 10)):
        time.sleep(0.1)
        progress.share(step / (run.parameters["seconds"] * 10))


def abort(run, progress):
    os.abort()


def killed(run, progress):
    os.kill(os.getpid(), signal.SIGKILL)


def greedy(run, progress):
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    bytearray(64 << 30)


def chat(run, progress):
    _leave_mark(run)
    for line in range(run.parameters["lines"]):
        progress.say("web.runs.log.put_back", line=line)

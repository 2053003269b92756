"""The work in the background that alerts make: asking the rules after new figures, and sending what waits."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from coachline.web.operations.actions.raising import raise_alerts
from coachline.web.operations.actions.sending import next_due, send_due
from coachline.web.runs.actions import enqueue
from coachline.web.runs.jobs import Job
from coachline.web.runs.models import Run
from coachline.web.runs.progress import Progress

KIND = "alerts"
READ = ("operations.daily", "operations.causes")
"""New results of these are a reason to ask the rules."""
AFTER_FAILURE = timedelta(minutes=10)


def work(run: Run, progress: Progress) -> None:
    """Ask every rule, then send what is due; what does not arrive is tried again later."""
    progress.step("web.operations.step.asking")
    raised = raise_alerts()
    progress.step("web.operations.step.sending")
    run.summary = {"raised": len(raised), "sent": send_due()}


def run_ended(run: Run) -> None:
    """After any run: ask the rules where it brought new figures, and come back for what is still to be sent."""
    if new_figures():
        start()
    elif run.kind == KIND:
        # Work that failed is not begun again at once, or it would fail for ever.
        come_back(timezone.now() if run.state == Run.State.DONE else timezone.now() + AFTER_FAILURE)
    elif _overdue():
        start()


def start() -> Run:
    """Ask for the work; asked for twice it is done once."""
    return enqueue(KIND, KIND, {}, by=None)


def new_figures() -> bool:
    """Whether something that rules read was calculated after they were last asked."""
    last = Run.objects.filter(kind=KIND, name=KIND, started_at__isnull=False).order_by("-started_at").first()
    fresh = Run.objects.filter(kind="analysis", name__in=READ, state=Run.State.DONE)
    return (fresh.filter(finished_at__gt=last.started_at) if last else fresh).exists()


def come_back(earliest: datetime) -> None:
    """Leave a note in the queue for the time of the next attempt."""
    from coachline.web.operations.tasks import wake

    at = next_due()
    if at is not None:
        wake.using(run_after=max(at, earliest)).enqueue()


def _overdue() -> bool:
    at = next_due()
    return at is not None and at <= timezone.now()


JOB = Job(KIND, work)

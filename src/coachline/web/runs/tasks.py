"""The one task that the queue knows: work off a run."""

from __future__ import annotations

from django_tasks import task

from coachline.web.runs.execution import execute


@task()
def work(run_id: str) -> str:
    """Work off the run of this id; returns the state in which it ended."""
    return execute(run_id)

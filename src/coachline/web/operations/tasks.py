"""What the queue knows of alerts: that it is time to try again."""

from __future__ import annotations

from django_tasks import task


@task()
def wake() -> str:
    """Send what could not be sent before."""
    from coachline.web.operations.alert_job import start

    return str(start().pk)

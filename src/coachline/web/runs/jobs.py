"""What kinds of work there are. A slice above registers its own, so that the queue knows nothing of files or pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from coachline.web.runs.models import Run
from coachline.web.runs.progress import Progress


class Link(NamedTuple):
    """Where what came of a run is shown, and what a reader must be allowed to do to see it."""

    address: str
    verb: str


@dataclass(frozen=True)
class Job:
    """A kind of work.

    Parameters
    ----------
    kind : str
        ``Run.kind``; ``web.runs.kind.<kind>`` is its name.
    work : callable
        ``work(run, progress)``; runs in a process of its own. A `CoachlineError` ends the run as failed with that reason; anything that it
        writes must be whole or not there, since the process may be killed at any moment.
    ended : callable, optional
        ``ended(run)``; told, in a process of its own, after the run has ended in whatever way; may be told twice of the same end.
    link : callable, optional
        ``link(run)``: the page that shows what came of it.
    """

    kind: str
    work: Callable[[Run, Progress], None]
    ended: Callable[[Run], None] | None = None
    link: Callable[[Run], Link | None] | None = None


def link_of(run: Run, user: Any) -> str:
    """Where `user` may see what came of a run; empty where nowhere."""
    job = JOBS.get(run.kind)
    if job is None or job.link is None or run.state != Run.State.DONE:
        return ""
    link = job.link(run)
    return link.address if link is not None and user.has_perm(link.verb) else ""


JOBS: dict[str, Job] = {}


def register(job: Job) -> None:
    """Make a kind of work known; called when the application starts."""
    JOBS[job.kind] = job


_LISTENERS: list[Callable[[Run], None]] = []


def afterwards(listener: Callable[[Run], None]) -> None:
    """Have ``listener(run)`` told of every run that has ended, of whatever kind: an analysis is also calculated within other runs."""
    if listener not in _LISTENERS:
        _LISTENERS.append(listener)


def tell(run: Run) -> None:
    """Say to whoever wants to know that `run` has ended. Everybody is told even where one fails; the first failure is raised afterwards."""
    job = JOBS.get(run.kind)
    failed: Exception | None = None
    for listener in [*([job.ended] if job is not None and job.ended is not None else []), *_LISTENERS]:
        try:
            listener(run)
        except Exception as error:
            failed = failed or error
    if failed is not None:
        raise failed

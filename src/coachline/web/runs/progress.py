"""How work tells how far it is."""

from __future__ import annotations

import time
from typing import Any

from django.utils import timezone

from coachline.web.runs.models import Run

LONGEST_LOG = 500
"""Lines that are kept of one run."""
EVERY_S = 0.3
"""Shares that change faster than anybody can read are not written."""


class Progress:
    """Writes step, share and log of one run, as long as it is this attempt that works on it."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._written = 0.0

    def step(self, code: str, share: float | None = None) -> None:
        """What is being done now, by its code in the wording, and how much of it is done, where anybody can say."""
        self._run.step, self._run.share = code, share
        self._save("step", "share")

    def share(self, done: float) -> None:
        """How much is done, 0-1."""
        self._run.share = min(1.0, done)
        if time.monotonic() - self._written > EVERY_S:
            self._save("share")

    def say(self, code: str, **facts: Any) -> None:
        """Add a line to the log."""
        self._run.log = [*self._run.log, line(code, **facts)][-LONGEST_LOG:]
        self._save("log")

    def _save(self, *fields: str) -> None:
        self._written = time.monotonic()
        changed = {field: getattr(self._run, field) for field in fields}
        Run.objects.filter(pk=self._run.pk, attempts=self._run.attempts, state=Run.State.RUNNING).update(**changed)


def line(code: str, **facts: Any) -> dict[str, Any]:
    """A line of the log."""
    return {"at": timezone.now().isoformat(timespec="seconds"), "code": code, "facts": facts}

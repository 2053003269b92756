"""What this slice does after any work in the background has ended."""

from __future__ import annotations

from coachline.web.facts.actions import discard_expired, take_up
from coachline.web.facts.queries.desk import QUALITY
from coachline.web.runs.models import Run

NIGHTLY = "everything"
READ_THE_DATA = ("page", NIGHTLY)
"""Kinds of run within which `facts.quality` may have been calculated."""


def run_ended(run: Run) -> None:
    """Say to tickets what a new reading of the data showed; each night, let go of files that nobody went on with."""
    if run.kind == NIGHTLY:
        discard_expired()
    if run.kind in READ_THE_DATA or (run.kind == "analysis" and run.name == QUALITY):
        take_up()

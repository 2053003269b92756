"""What counts as an outcome of work: one declaration each, from which evidence, models, pages and parameters read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["share", "rating", "time"]
Better = Literal["up", "down", "none"]
Source = Literal["calls", "inspections", "exams"]

RATINGS = (1, 2, 3, 4, 5)
"""Grades that a customer can give."""


@dataclass(frozen=True)
class Outcome:
    """Something that a case of work ends in, by which capability can be told.

    Attributes
    ----------
    code : str
    kind : str
        ``share``: it happened or not, so a cell holds tries and successes. ``rating``: a grade from 1 to 5. ``time``: seconds, held as natural
        logarithms because durations are skewed and differ by factors.
    better : str
        ``up``, ``down``, or ``none`` where neither more nor less is better.
    table : str
        Fact table of which one row is one case.
    needs : tuple of str
        Columns of `table` in which something must be recorded. Agent, business and time are always needed and not named here.
    """

    code: str
    kind: Kind
    better: Better
    table: Source
    needs: tuple[str, ...]


OUTCOMES: dict[str, Outcome] = {
    outcome.code: outcome
    for outcome in (
        Outcome("resolved", "share", "up", "calls", ("resolved",)),
        Outcome("satisfied", "share", "up", "calls", ("rating",)),
        Outcome("rating", "rating", "up", "calls", ("rating",)),
        Outcome("repeat", "share", "down", "calls", ("customer_id",)),
        Outcome("transferred", "share", "down", "calls", ("transferred",)),
        # A ticket may be just what the case needs, and a long call may be a good call: neither has a better direction.
        Outcome("ticketed", "share", "none", "calls", ("ticketed",)),
        Outcome("handle_time", "time", "none", "calls", ("talk_s",)),
        Outcome("passed", "share", "up", "inspections", ("call_id", "passed")),
        Outcome("correct", "share", "up", "exams", ("business", "correct")),
    )
}
"""Every outcome by its code, in the order in which they are shown."""

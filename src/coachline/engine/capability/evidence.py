"""Sufficient statistics of capability: all that an estimate needs to know about each agent on each business."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl

from coachline.engine.capability.outcomes import OUTCOMES
from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.operations.statistics import Settings
from coachline.engine.result import Note

RATINGS = (1, 2, 3, 4, 5)

KEYS = pl.Schema({"agent_id": pl.String(), "business": pl.String(), "outcome": pl.String()})
MONTH = pl.Schema({"month": pl.Int32()})
FIGURES = pl.Schema(
    {
        "n": pl.Int64(),
        "successes": pl.Int64(),
        "total": pl.Float64(),
        "total_sq": pl.Float64(),
        **{f"rating_{rating}": pl.Int64() for rating in RATINGS},
    }
)


@dataclass(frozen=True)
class Evidence:
    """The evidence of a period.

    Attributes
    ----------
    cells : polars.DataFrame
        One row per agent, business, outcome (and month), only where ``n > 0``, sorted by these. Columns: agent_id, business, outcome;
        month (if asked for; year * 12 + month - 1 on the centre's wall clock); n; successes (shares: how often the outcome's name was true, also
        where less is better); total and total_sq (rating: sum and sum of squares; time: the same of ln seconds); rating_1 ... rating_5 (rating:
        how often each grade was given). What does not belong to an outcome's kind is null.
    lacking : mapping of str to tuple of str
        Outcomes that were asked for and cannot be had, each with the columns (``table.column`` beyond the calls) that record nothing.
    left_out : mapping of str to (int, int)
        Fact table -> rows left out because agent or business is not known, and rows that would have counted with them.
    """

    cells: pl.DataFrame
    lacking: Mapping[str, tuple[str, ...]]
    left_out: Mapping[str, tuple[int, int]]

    @property
    def notes(self) -> tuple[Note, ...]:
        """What a reader must be told, as codes."""
        raise NotImplementedError


def evidence(facts: Facts, period: Period, settings: Settings, outcomes: Collection[str] | None = None, by_month: bool = False) -> Evidence:
    """Counts and sums per agent, business and outcome, reduced where the data lie.

    Parameters
    ----------
    facts : Facts
    period : Period
        Local days. A call counts on the day of its arrival, an inspection on that of its call, an exam on that on which it was taken.
    settings : Settings
        ``repeat_days`` and ``satisfied_from`` are used.
    outcomes : collection of str, optional
        Codes of `OUTCOMES`; without it, all.
    by_month : bool
        Split by calendar month.

    Returns
    -------
    Evidence

    Raises
    ------
    CoachlineError
        ``no_calls_in_period``.
    """
    raise NotImplementedError(OUTCOMES)

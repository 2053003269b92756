"""The half-life of evidence, chosen by how well the last month can be told from those before."""

from __future__ import annotations

import numpy as np
import polars as pl

from coachline.engine.capability.memory import Memory
from coachline.engine.capability.outcome_fit import Roll, coded, fit_outcome
from coachline.engine.capability.outcomes import OUTCOMES
from coachline.engine.stats.hierarchical.design import Floats
from coachline.engine.stats.hierarchical.posterior import levels
from coachline.errors import CoachlineError

HALF_LIVES = (1.0, 2.0, 4.0, 12.0)
"""Months that are tried, beside remembering all alike."""

MONTHS_NEEDED = 4
"""Fewer months cannot tell how fast people change."""


def remembered(cells: pl.DataFrame, roll: Roll, half_life: str) -> Memory:
    """The memory asked for; ``auto`` takes the half-life that best predicts the last month from those before.

    The outcome with most cases decides for all. A shorter memory must beat remembering everything by more than one standard error: it costs
    precision for everybody, so it needs a reason.

    Raises
    ------
    CoachlineError
        ``bad_parameter``, when `half_life` is neither ``none``, ``auto`` nor a number of months above 0.
    """
    if half_life == "none" or cells.is_empty():
        return Memory(None)
    months = cells["month"].unique().sort()
    last = int(months[-1])
    if half_life != "auto":
        return Memory(_months(half_life), last)
    if len(months) < MONTHS_NEEDED:
        return Memory(None, last)
    return _best(cells, roll, last)


def _months(given: str) -> float:
    try:
        months = float(given)
    except ValueError:
        months = np.nan
    if not 0.0 < months < np.inf:
        raise CoachlineError("bad_parameter", name="half_life", given=given, accepted="none | auto | 1 | 6 | 12")
    return months


def _best(cells: pl.DataFrame, roll: Roll, last: int) -> Memory:
    shares = cells.filter(pl.col("outcome").is_in([o.code for o in OUTCOMES.values() if o.kind == "share"]))
    if shares.is_empty():
        return Memory(None, last)
    code = shares.group_by("outcome").agg(pl.col("n").sum()).sort("n", "outcome", descending=True)["outcome"][0]
    chosen = shares.filter(pl.col("outcome") == code)
    before, fresh = chosen.filter(pl.col("month") < last), coded(chosen.filter(pl.col("month") == last), roll)
    agent, business = fresh["agent"].to_numpy(), fresh["b"].to_numpy()
    n, successes = fresh["n"].to_numpy().astype(float), fresh["successes"].to_numpy().astype(float)
    losses: dict[float | None, Floats] = {}
    for half_life in (None, *HALF_LIVES):
        fitted = fit_outcome(OUTCOMES[code], before, roll, Memory(half_life, last - 1), low_rank=False)
        level = np.empty((len(roll.agents), len(roll.businesses)))
        for found in levels(fitted.fit):
            level[found.block.agents] = found.mean
        chance = fitted.likelihood.value(level[agent, business])
        losses[half_life] = -(successes * np.log(chance) + (n - successes) * np.log1p(-chance))
    per_call = {half_life: float(loss.sum() / n.sum()) for half_life, loss in losses.items()}
    best = min(per_call, key=lambda half_life: per_call[half_life])
    gain = losses[None] - losses[best]
    error = np.sqrt(((gain - n * gain.sum() / n.sum()) ** 2).sum())
    if best is not None and gain.sum() <= error:
        best = None
    return Memory(best, last, tuple(per_call.items()))

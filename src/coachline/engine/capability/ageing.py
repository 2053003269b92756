"""What the months since have changed: evidence of the past says less of the last month where people, or businesses, drift."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from coachline.engine.capability.memory import Memory
from coachline.engine.capability.monthly import Series, all_series
from coachline.engine.capability.outcome_fit import FittedOutcome, coded
from coachline.engine.stats.hierarchical.design import Floats
from coachline.engine.stats.hierarchical.fit import Ageing

MONTHS_NEEDED = 4
"""Fewer months cannot tell how fast levels move."""


def aged(fitted: FittedOutcome, cells: pl.DataFrame, memory: Memory) -> FittedOutcome:
    """The same fit, unsure of the last month by as much as agents and businesses are found to wander.

    Parameters
    ----------
    fitted : FittedOutcome
    cells : polars.DataFrame
        Its evidence; without months, or with few, the fit is returned as it is.
    memory : Memory
        How the fit weighed the months.
    """
    if "month" not in cells.columns or cells["month"].n_unique() < MONTHS_NEEDED:
        return fitted
    first, last = int(cells["month"].min()), int(cells["month"].max())  # type: ignore[arg-type]
    rows = coded(cells, fitted.roll).with_columns(t=pl.col("month") - first)
    found = all_series(fitted, rows, last - first + 1, ("agent", "business"))
    agent, business = found["agent"], found["business"]
    assert agent.agent is not None and business.business is not None
    of_agent, of_business = np.zeros(fitted.design.agents), np.zeros(fitted.design.businesses)
    of_agent[agent.agent] = _wandered(agent, memory)
    of_business[business.business] = _wandered(business, memory)
    if not of_agent.any() and not of_business.any():
        return fitted
    return replace(fitted, fit=replace(fitted.fit, ageing=Ageing(of_agent, of_business)))


def _wandered(series: Series, memory: Memory) -> Floats:
    """(series,) variance of the last month's level less the mean of all months as they were weighed.

    The step into a month is missed by all evidence that is older; steps are independent, so their squares add up.
    """
    moving = series.wandering()
    if not moving.drifts:
        return np.zeros(len(series.centre))
    information = np.where(np.isfinite(series.variance), 1.0 / series.variance, 0.0)
    if memory.half_life is not None:
        information = information * 0.5 ** (np.arange(information.shape[1])[::-1] / memory.half_life)
    older = np.cumsum(information, axis=1)
    share = older[:, :-1] / np.maximum(older[:, -1:], 1e-300)
    return np.asarray(moving.step**2 * (share**2).sum(axis=1))

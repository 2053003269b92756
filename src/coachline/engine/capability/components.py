"""How much of the difference in an outcome lies with whom: the variance components as a table."""

from __future__ import annotations

import numpy as np
import polars as pl

from coachline.engine.capability.outcome_fit import FittedOutcome

SPREAD = pl.Schema({"outcome": pl.String(), "component": pl.String(), "sd": pl.Float64(), "share": pl.Float64()})
"""``sd`` on the model's scale: logit, or ln seconds. ``share`` of the variance of single calls, what is between businesses left aside for
the agents' side and the other way round."""

LOGISTIC = np.pi**2 / 3
"""Variance of a single call on the logit scale."""


def within(fitted: FittedOutcome) -> float:
    """Variance of single calls about their cell."""
    return fitted.fit.spread.within or float(LOGISTIC)


def agent_share(fitted: FittedOutcome) -> float:
    """Share of the variance of calls, given the business, that lies with the agent as such: the intraclass correlation of the plain model."""
    spread = fitted.plain.spread
    between = spread.team + spread.agent
    return between / (between + (spread.within or float(LOGISTIC)))


def components(fitted: FittedOutcome) -> pl.DataFrame:
    """The components of an outcome, schema `SPREAD`."""
    spread = fitted.fit.spread
    agents = {
        "tenure": float((fitted.fit.leaning.slope**2).sum()),
        "team": spread.team,
        "agent": spread.agent,
        "agent_family": spread.agent_family,
        "hidden_skills": float(spread.factors.sum()),
        "cell": spread.cell,
    }
    businesses = {f"business_level_{k + 1}": float(v) for k, v in enumerate(spread.levels)} | {"business": spread.business}
    single, agents_side = within(fitted), sum(agents.values())
    rows = [(fitted.outcome.code, name, np.sqrt(v), v / (agents_side + single)) for name, v in agents.items()]
    rows += [(fitted.outcome.code, name, np.sqrt(v), v / (spread.business_side + single)) for name, v in businesses.items()]
    rows.append((fitted.outcome.code, "single_call", np.sqrt(single), single / (agents_side + single)))
    return pl.DataFrame(rows, schema=SPREAD, orient="row")

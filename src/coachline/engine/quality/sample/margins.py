"""How sure the scores will be, before anybody has listened.

The margin of error is half the width of the interval for the share of defective calls that a plain random sample of an agent's calls allows:
``z sqrt(p (1 - p) / n (1 - n / N))`` with the share p that is to be expected.

Source: Cochran (1977), "Sampling Techniques", 3rd ed., section 3.2; the spread between agents by moments after Kleinman (1973), *JASA* 68, 46.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import ndtri

from coachline.engine.facts import Facts
from coachline.engine.quality.inspected import random_part
from coachline.engine.quality.sample.places import Floats, Ints

FEWEST = 30
"""Past inspections by chance from which on they say what share of defects to expect."""

FEWEST_AGENTS = 10
"""Agents with two past inspections or more from which on the spread between agents can be estimated."""


@dataclass(frozen=True)
class Expected:
    """What past inspections let expect.

    Attributes
    ----------
    defects : float
        Share of calls that fail.
    spread : float or None
        Standard deviation of that share between agents; None where it is not known.
    inspections : int
        On how many it rests; 0 if `defects` was presumed.
    """

    defects: float
    spread: float | None
    inspections: int


def expected(facts: Facts, presumed: float) -> Expected:
    """What the random part of past inspections lets expect; `presumed` where these are fewer than `FEWEST`."""
    rows = facts.table("inspections")
    rows = rows.filter(random_part(rows), rows.passed.notnull())
    found = pl.from_arrow(facts.collect(rows.group_by("agent_id").aggregate(n=rows.count(), failed=rows.count(where=~rows.passed))))
    assert isinstance(found, pl.DataFrame)
    n, failed = found["n"].to_numpy().astype(float), found["failed"].to_numpy().astype(float)
    if n.sum() < FEWEST:
        return Expected(presumed, None, 0)
    share = (failed.sum() + 0.5) / (n.sum() + 1.0)
    return Expected(float(share), spread_between(n[n > 1], failed[n > 1]), int(n.sum()))


def spread_between(n: Floats, failed: Floats) -> float | None:
    """Standard deviation of the true shares between agents, by moments.

    Parameters
    ----------
    n, failed : (agents,) float arrays
        Inspections, two or more, and those failed.

    Returns
    -------
    float or None
        None with fewer than `FEWEST_AGENTS` agents, and where they differ no more than by chance.
    """
    if len(n) < FEWEST_AGENTS:
        return None
    share, total = failed / n, n.sum()
    chance = share * (1.0 - share) * n / (n - 1.0)
    apart = (n * (share - failed.sum() / total) ** 2).sum() - ((1.0 - n / total) * chance).sum()
    return float(np.sqrt(apart / (total - (n**2).sum() / total))) if apart > 0 else None


@dataclass(frozen=True)
class Margins:
    """Margins of error of shares, from 0 to 1.

    Attributes
    ----------
    confidence : float
    defects : float
        Share that is to be expected.
    spread : float or None
        Standard deviation of the true shares between agents.
    """

    confidence: float
    defects: float
    spread: float | None = None

    @property
    def half(self) -> float:
        """Half the width of an interval, in standard errors."""
        return float(ndtri(0.5 + self.confidence / 2.0))

    def variance(self, n: Floats, calls: Ints) -> Floats:
        """Variance of an agent's share by `n` random calls out of `calls`; that of knowing nothing where `n` is 0."""
        kept = np.clip(1.0 - n / np.maximum(calls, 1), 0.0, 1.0)
        return np.where(n > 0, self.defects * (1.0 - self.defects) / np.maximum(n, 1e-12) * kept, np.nan)

    def of_agents(self, n: Floats, calls: Ints) -> Floats:
        """Margin of every agent's own share, at most 1; NaN where nothing is drawn."""
        return np.minimum(1.0, self.half * np.sqrt(self.variance(n, calls)))

    def assisted(self, n: Floats, calls: Ints) -> Floats | None:
        """Margin when an agent's share is weighed against those of the others; None where the spread between agents is not known."""
        if self.spread is None:
            return None
        variance, between = self.variance(n, calls), self.spread**2
        alone = np.where(np.isnan(variance), between, variance * between / np.maximum(variance + between, 1e-300))
        return self.half * np.sqrt(alone)

    def of_centre(self, n: Floats, calls: Ints) -> float:
        """Margin of the share of all calls of the agents of whom some are drawn; NaN where none is."""
        seen = n > 0
        if not seen.any():
            return float("nan")
        weight = calls[seen] / calls[seen].sum()
        return float(min(1.0, self.half * np.sqrt((weight**2 * self.variance(n, calls)[seen]).sum())))

"""How failing an item goes with what happened: odds ratios pooled over small groups of like calls, and what may be claimed of many items at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FEWEST = 5.0
"""Effective number of agents below which their scatter says too little about the error of a link."""


@dataclass(frozen=True)
class Tables2x2:
    """One fourfold table per row: an item within a stratum of like calls.

    Attributes
    ----------
    item, agent : (R,) int array
        Whose table it is. The strata of one agent hang together, so error is reckoned from agent to agent.
    calls : (R,) float array
        Calls of the stratum, unweighted.
    failed_with, failed_without, kept_with, kept_without : (R,) float array
        Sums of weights: calls on which the item was failed or kept, with or without the outcome.
    """

    item: Ints
    agent: Ints
    calls: Floats
    failed_with: Floats
    failed_without: Floats
    kept_with: Floats
    kept_without: Floats


@dataclass(frozen=True)
class Links:
    """What is known of each item's link with one outcome; NaN where nothing is.

    Attributes
    ----------
    log_odds : (I,) float array
        Natural logarithm of the odds ratio.
    se : (I,) float array
        Its standard error.
    agents : (I,) float array
        Effective number of agents that it rests on.
    """

    log_odds: Floats
    se: Floats
    agents: Floats

    def interval(self, confidence: float) -> tuple[Floats, Floats]:
        """Ends of the interval of the odds ratio."""
        half = stdtrit(self._freedom, (1.0 + confidence) / 2.0) * self.se
        return np.exp(self.log_odds - half), np.exp(self.log_odds + half)

    def p_above(self, log_odds: float) -> Floats:
        """One-sided p-value against "the link is `log_odds` or weaker"; 1 where nothing is known."""
        return self._p((log_odds - self.log_odds) / self.se)

    def p_below(self, log_odds: float) -> Floats:
        """One-sided p-value against "the link is `log_odds` or stronger"; 1 where nothing is known."""
        return self._p((self.log_odds - log_odds) / self.se)

    @property
    def _freedom(self) -> Floats:
        return np.maximum(self.agents - 1.0, 1.0)

    def _p(self, z: Floats) -> Floats:
        return np.where(np.isfinite(self.se), stdtr(self._freedom, np.where(np.isfinite(z), z, 0.0)), 1.0)


def pooled_links(tables: Tables2x2, items: int) -> Links:
    """Odds ratio of every item over all strata: Mantel and Haenszel's, with weights.

    The ratio of the sums of ``failed_with * kept_without / calls`` and ``failed_without * kept_with / calls``. Each product pairs two calls of one
    stratum, so whatever the calls of a stratum share (agent, inspector) cancels, however small the strata; dividing by the plain number of calls
    keeps the two sums comparable when the calls are weighted by one over their selection probability. The error comes from leaving out one
    agent at a time, so it also holds where the calls of an agent hang together and weights differ.

    Returns
    -------
    Links
        Without a standard error where fewer than `FEWEST` agents carry the figure or one alone does; without an odds ratio where one of the two
        sums is nothing.

    References
    ----------
    Mantel & Haenszel (1959), J. Natl. Cancer Inst. 22, 719-748; Robins, Breslow & Greenland (1986), Biometrics 42, 311-323 (many small strata);
    Efron (1982), The Jackknife, the Bootstrap and Other Resampling Plans, ch. 3.
    """
    agents = int(tables.agent.max(initial=-1)) + 1
    place = tables.item * agents + tables.agent
    calls = np.maximum(tables.calls, 1.0)

    def by_agent(product: Floats) -> Floats:
        summed: Floats = np.bincount(place, weights=product / calls, minlength=items * agents).astype(np.float64)
        return summed.reshape(items, agents)

    above = by_agent(tables.failed_with * tables.kept_without)
    below = by_agent(tables.failed_without * tables.kept_with)
    total_above, total_below = above.sum(axis=1, keepdims=True), below.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_odds = np.log(total_above / total_below)
        part = above / total_above + below / total_below
        effective = part.sum(axis=1) ** 2 / (part**2).sum(axis=1)
        left_out = np.log((total_above - above) / (total_below - below))
        carries = part > 0
        count = carries.sum(axis=1)
        # Without an agent who carries nothing the figure stays the same, so that agent adds nothing to its scatter.
        scatter = np.where(carries, (left_out - log_odds) ** 2, 0.0).sum(axis=1)
        se = np.sqrt((count - 1) / count * scatter)
    known = np.isfinite(log_odds[:, 0])
    told = known & (effective >= FEWEST) & np.isfinite(se) & (se > 0)
    return Links(np.where(known, log_odds[:, 0], np.nan), np.where(told, se, np.nan), np.where(known, effective, 0.0))


def verdicts(links: Links, nothing_within: float, confidence: float, false_discoveries: float) -> npt.NDArray[Any]:
    """What may be said of each item.

    An item ``predicts_nothing`` when the whole interval lies within the odds ratios that count as no link; it ``predicts`` when failing it
    surely goes with more of the outcome, is ``backwards`` when with less, and otherwise ``unknown``. Each of the three claims is made so that among
    the items of which it is made the expected share of wrong ones is at most `false_discoveries`.

    Parameters
    ----------
    links : Links
    nothing_within : float
        Odds ratio, above 1; from one over it up to it counts as no link.
    confidence, false_discoveries : float

    Returns
    -------
    numpy.ndarray
        (I,) str.

    References
    ----------
    Schuirmann (1987), J. Pharmacokinet. Biopharm. 15, 657-680 (two one-sided tests); Benjamini & Hochberg (1995), JRSS B 57, 289-300.
    """
    margin = float(np.log(nothing_within))
    low, high = links.interval(confidence)
    told = np.isfinite(links.se)
    inside = told & (low >= np.exp(-margin)) & (high <= np.exp(margin))
    none = np.maximum(links.p_above(-margin), links.p_below(margin))

    def claimed(p: Floats) -> npt.NDArray[np.bool_]:
        return told & (adjusted(p, told) <= false_discoveries)

    return np.select(
        [inside & claimed(none), claimed(links.p_above(0.0)) & (low > 1.0), claimed(links.p_below(0.0)) & (high < 1.0)],
        ["predicts_nothing", "predicts", "backwards"],
        "unknown",
    )


def adjusted(p: Floats, among: npt.NDArray[np.bool_]) -> Floats:
    """Benjamini and Hochberg's adjusted p-values of the items `among`; 1 for the others."""
    found = np.ones(len(p))
    places = np.flatnonzero(among)
    if len(places):
        order = places[np.argsort(p[places])]
        stepped = p[order] * len(order) / np.arange(1, len(order) + 1)
        found[order] = np.minimum(np.minimum.accumulate(stepped[::-1])[::-1], 1.0)
    return found

"""What callers meet when so many are there: service by each definition, whatever their patience, and in expectation over an uncertain forecast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import roots_genlaguerre

from coachline.engine.stats.erlang_a import erlang_a
from coachline.engine.stats.erlang_c import erlang_c

Floats = NDArray[np.float64]

NODES = 7
"""Loads by which the spread of a forecast is represented."""
LEAST_SPREAD = 1e-3
"""A smaller relative uncertainty of the load changes nothing that can be seen."""
MOST_SPREAD = 1.0
"""A forecast that knows less than this knows nothing."""


@dataclass(frozen=True)
class Service:
    """What callers meet, as shares of all who call; null (NaN) where nobody does.

    Attributes
    ----------
    answered_within, abandoned_within : numpy.ndarray
        Answered, or gone, within the threshold.
    abandoned, waits : numpy.ndarray
        Gone at all; neither answered at once nor gone.
    occupancy : numpy.ndarray
        Share of their time in which those who are there handle calls; NaN where nobody is there.
    """

    answered_within: Floats
    abandoned_within: Floats
    abandoned: Floats
    waits: Floats
    occupancy: Floats

    def level(self, measure: str) -> Floats:
        """The figure that a target may name, by `MEASURES`; NaN without a denominator."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(MEASURES[measure](self), float)


MEASURES: dict[str, Callable[[Service], Floats]] = {
    "service_level_offered": lambda s: s.answered_within + s.abandoned_within,
    "service_level_answered": lambda s: s.answered_within / (1.0 - s.abandoned),
    "service_level_strict": lambda s: s.answered_within,
    "service_level_patient": lambda s: s.answered_within / (1.0 - s.abandoned_within),
    "waits": lambda s: s.waits,
    "abandoned": lambda s: s.abandoned,
}
"""Four definitions of the service level, as among the running figures, and two shares that should be small."""
AT_MOST = frozenset({"waits", "abandoned"})


def service(
    load_erlangs: ArrayLike,
    heads: ArrayLike,
    handle_s: ArrayLike,
    patience_s: ArrayLike = np.inf,
    within_s: ArrayLike = 20.0,
    *,
    spread: ArrayLike = 0.0,
) -> Service:
    """Steady state of each slot: Erlang A, or Erlang C where patience is endless. All arguments are broadcast.

    Parameters
    ----------
    load_erlangs : array_like
        Calls per hour x handle time in hours, from 0 on.
    heads : array_like
        People at the phones.
    handle_s : array_like
        Mean handle time in seconds, above 0.
    patience_s : array_like
        Mean time in seconds after which callers hang up, above 0; infinite where they never do.
    within_s : array_like
        Threshold of the service level in seconds.
    spread : array_like
        Relative standard deviation of the load as far as the forecast does not know it (beside the chance of arrivals, which the formulas hold). The load is then a
        gamma variable, and every share is one of all callers: busier half-hours weigh more.

    Returns
    -------
    Service

    Raises
    ------
    ValueError
        Arguments outside their range, or not numbers.
    """
    load, n, handle, patience, within, sd = (
        np.asarray(v, float) for v in np.broadcast_arrays(load_erlangs, heads, handle_s, patience_s, within_s, spread)
    )
    require(load=load, heads=n, within=within, spread=sd, handle=handle, patience=patience)
    if not (sd > LEAST_SPREAD).any():
        return _steady(load, n, handle, patience, within)
    factor, weight = load_factors(np.minimum(sd, MOST_SPREAD))
    parts = _steady(load * factor, *(np.broadcast_to(v, factor.shape) for v in (n, handle, patience, within)))
    by_caller = weight * factor
    mean = {name: (by_caller * getattr(parts, name)).sum(axis=0) for name in ("answered_within", "abandoned_within", "abandoned", "waits")}
    return Service(**mean, occupancy=(weight * parts.occupancy).sum(axis=0))


def require(*, handle: Floats, patience: Floats, **others: Floats) -> None:
    """Refuse what is outside its range.

    Raises
    ------
    ValueError
    """
    for name, value in others.items():
        if not (np.isfinite(value) & (value >= 0.0)).all():
            raise ValueError(f"{name} is below 0 or not a number")
    if not ((handle > 0.0) & np.isfinite(handle) & (patience > 0.0)).all():
        raise ValueError("handle time and patience are not above 0")


def load_factors(spread: Floats) -> tuple[Floats, Floats]:
    """Factors of the load and their weights, so that means over a gamma distribution of mean 1 become sums.

    Parameters
    ----------
    spread : (...) float array
        Standard deviations.

    Returns
    -------
    factors, weights : (`NODES`, ...) float arrays
        Both the weights and the weighted factors sum to 1; the factors have the standard deviation that was asked for. Where it is 0 they are 1.
    """
    factors = np.ones((NODES, *spread.shape))
    weights = np.full(factors.shape, 1.0 / NODES)
    # Spreads come from shares that were rounded, or from one figure for all; each different one costs a small eigenvalue problem.
    rounded = np.round(spread, 3)
    for sd in np.unique(rounded[rounded > LEAST_SPREAD]):
        shape = 1.0 / sd**2
        nodes, weight = roots_genlaguerre(NODES, shape - 1.0) if shape < MOST_SHAPE else _normal_nodes(shape)
        here = rounded == sd
        factors[:, here] = (nodes / shape)[:, None]
        weights[:, here] = (weight / weight.sum())[:, None]
    return factors, weights


MOST_SHAPE = 150.0
"""Beyond it, weights of the gamma distribution leave the range of numbers, and a normal one is the same to four digits."""


def _normal_nodes(shape: float) -> tuple[Floats, Floats]:
    nodes, weight = np.polynomial.hermite_e.hermegauss(NODES)
    return shape + np.sqrt(shape) * nodes, weight


def _steady(load: Floats, n: Floats, handle: Floats, patience: Floats, within: Floats) -> Service:
    calls, endless = load > 0.0, np.isinf(patience)
    shape = load.shape
    found = {name: np.full(shape, np.nan) for name in ("answered_within", "abandoned_within", "abandoned", "waits")}
    here = calls & endless
    if here.any():
        c = erlang_c(load[here], n[here], (within / handle)[here])
        for name, value in (("answered_within", c.answered_within), ("abandoned_within", 0.0), ("abandoned", 0.0), ("waits", c.waits)):
            found[name][here] = value
    here = calls & ~endless
    if here.any():
        a = erlang_a(load[here], n[here], (patience / handle)[here], (within / handle)[here])
        for name, value in found.items():
            value[here] = getattr(a, name)
    with np.errstate(divide="ignore", invalid="ignore"):
        busy = np.where(calls, np.minimum(load * (1.0 - np.where(calls, found["abandoned"], 0.0)) / n, 1.0), 0.0)
    return Service(**found, occupancy=np.where(n > 0.0, busy, np.nan))

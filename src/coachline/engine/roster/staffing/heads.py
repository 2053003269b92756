"""The fewest people with whom a service target is met, for thousands of slots at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from coachline.engine.roster.staffing.service import AT_MOST, MEASURES, Service, require, service

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

MOST_DOUBLINGS = 40
"""Steps from the first guess upwards, each twice as long as the one before."""


@dataclass(frozen=True)
class Target:
    """What is promised to callers, and to those who answer.

    Attributes
    ----------
    measure : str
        One of `MEASURES`.
    share : float
        At least so much of a service level, at most so much of ``waits`` and ``abandoned``.
    within_s : float
        Threshold of the service level in seconds.
    occupancy_cap : float
        Nobody is to handle calls for more than this share of the time; 1 is no cap.
    """

    measure: str = "service_level_offered"
    share: float = 0.8
    within_s: float = 20.0
    occupancy_cap: float = 1.0

    def __post_init__(self) -> None:
        if self.measure not in MEASURES:
            raise ValueError(f"{self.measure} is not one of {', '.join(MEASURES)}")
        if not 0.0 < self.share < 1.0 or not 0.0 < self.occupancy_cap <= 1.0:
            raise ValueError("shares lie between 0 and 1")

    def met(self, met: Service) -> NDArray[np.bool_]:
        """Where the target holds; where nobody calls it does."""
        level = met.level(self.measure)
        with np.errstate(invalid="ignore"):
            kept = level <= self.share if self.measure in AT_MOST else level >= self.share
            kept &= ~(met.occupancy > self.occupancy_cap)
        return np.asarray(kept | np.isnan(met.waits))


def needed_heads(
    load_erlangs: ArrayLike,
    handle_s: ArrayLike,
    patience_s: ArrayLike = np.inf,
    target: Target | None = None,
    *,
    spread: ArrayLike = 0.0,
) -> Whole:
    """Fewest people at the phones with whom a target is met; 0 where nobody calls.

    Parameters
    ----------
    load_erlangs, handle_s, patience_s, spread : array_like
        As in `service`; broadcast.
    target : Target, optional
        80 % within 20 seconds by default.

    Returns
    -------
    numpy.ndarray of int
        Of the arguments' common shape. Without shrinkage: see `rostered_heads`.

    Raises
    ------
    ValueError
        Arguments outside their range.
    """
    goal = target or Target()
    load, handle, patience, sd = (np.asarray(v, float) for v in np.broadcast_arrays(load_erlangs, handle_s, patience_s, spread))
    require(load=load, handle=handle, patience=patience, spread=sd)
    needed = np.zeros(load.shape, np.int64)
    calls = load > 0.0
    if calls.any():
        needed[calls] = _search(load[calls], handle[calls], patience[calls], sd[calls], goal)
    return needed


def _search(load: Floats, handle: Floats, patience: Floats, sd: Floats, goal: Target) -> Whole:
    """Bracket, then halve: the first guess is the square-root rule, and only slots that are not settled are looked at again."""

    def enough(heads: Whole, at: Whole) -> NDArray[np.bool_]:
        return goal.met(service(load[at], heads, handle[at], patience[at], goal.within_s, spread=sd[at]))

    share = 1.0 - goal.share if goal.measure in AT_MOST else goal.share
    guess = np.ceil(np.maximum(load + ndtri(share) * np.sqrt(load), load / goal.occupancy_cap))
    some = np.maximum(guess, 1.0).astype(np.int64)
    everyone = np.arange(load.size)
    ok = enough(some, everyone)
    # `too_few` does not meet the target (nobody never does), `plenty` does.
    too_few, plenty = np.where(ok, 0, some), np.where(ok, some, 0)
    step = 1
    for _ in range(MOST_DOUBLINGS):
        open_ = np.flatnonzero((plenty == 0) | (ok & (too_few == 0) & (plenty > 1)))
        if not open_.size:
            break
        tried = np.maximum(np.where(ok, plenty, too_few)[open_] + np.where(ok[open_], -step, step), 1)
        good = enough(tried, open_)
        plenty[open_[good]] = tried[good]
        too_few[open_[~good]] = tried[~good]
        step *= 2
    while (open_ := np.flatnonzero(plenty - too_few > 1)).size:
        tried = (plenty[open_] + too_few[open_]) // 2
        good = enough(tried, open_)
        plenty[open_[good]] = tried[good]
        too_few[open_[~good]] = tried[~good]
    return plenty


def answered_share(
    load_erlangs: ArrayLike,
    heads: ArrayLike,
    handle_s: ArrayLike,
    patience_s: ArrayLike = np.inf,
    within_s: ArrayLike = 20.0,
    *,
    measure: str = "service_level_offered",
    spread: ArrayLike = 0.0,
) -> Floats:
    """Service level (or another of `MEASURES`) with so many people at the phones; NaN where nobody calls.

    Parameters
    ----------
    load_erlangs, heads, handle_s, patience_s, within_s, spread : array_like
        As in `service`; broadcast.
    measure : str
        One of `MEASURES`.

    Returns
    -------
    numpy.ndarray of float
    """
    return service(load_erlangs, heads, handle_s, patience_s, within_s, spread=spread).level(measure)


def rostered_heads(heads: ArrayLike, shrinkage: ArrayLike) -> Whole:
    """People to put on the roster so that `heads` are at the phones although a share of rostered time is lost.

    Parameters
    ----------
    heads : array_like
        At the phones.
    shrinkage : array_like
        Share of rostered time away from the phones, from 0 on and below 1.

    Returns
    -------
    numpy.ndarray of int
        ``heads / (1 - shrinkage)``, rounded up. Of 100 people of whom 30 % are away 70 are left; ``100 x 1.3`` for 100 would be 13 too few.

    Raises
    ------
    ValueError
        Shrinkage outside its range.
    """
    lost = np.asarray(shrinkage, float)
    if not ((lost >= 0.0) & (lost < 1.0)).all():
        raise ValueError("shrinkage lies between 0 and 1")
    return np.ceil(np.asarray(heads, float) / (1.0 - lost) - 1e-9).astype(np.int64)

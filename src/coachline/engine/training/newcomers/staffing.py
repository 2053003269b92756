"""Load and staffing by class of half-hours: what a change of heads does to the service level.

The centre's half-hours (of every queue and weekday) are put into a few classes of like load. Each has the staffing ``load + quality x root of load`` (square-root rule;
Halfin & Whitt, 1981); the one quality of all classes is such that the exact formulas of Erlang-A give today's service level. What rosters, queues and duties away from
the phones do to the service level is in that one figure. When capacity changes, the staffing of every class changes in proportion.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from coachline.engine.stats.erlang_a import erlang_a

Floats = NDArray[np.float64]

CLASSES = 8
SLOT_S = 1800.0
WORST, BEST = -6.0, 10.0
"""Qualities of staffing between which today's is looked for."""
HALVINGS = 44


@dataclass(frozen=True)
class Load:
    """Offered load by class of half-hours.

    Attributes
    ----------
    erlangs : (class, draws) float array
    share : (class,) float array
        Of the calls.
    """

    erlangs: Floats
    share: Floats


def load_of(slots: pl.DataFrame, days: pl.DataFrame, handle_s: Floats) -> Load | None:
    """The classes, of like numbers of calls each.

    Parameters
    ----------
    slots : polars.DataFrame
        By queue, weekday and slot: offered.
    days : polars.DataFrame
        By day: says how often each weekday came.
    handle_s : numpy.ndarray
        (draws,) mean handle time.

    Returns
    -------
    Load or None
        None where nobody called.
    """
    if not slots.height:
        return None
    first, last = int(days["day"].min()), int(days["day"].max())  # type: ignore[arg-type]
    # Day number 0 was a Thursday.
    times = np.bincount((np.arange(first, last + 1) + 3) % 7, minlength=7)
    offered = slots["offered"].to_numpy().astype(float)
    rate = offered / np.maximum(times[slots["weekday"].to_numpy()], 1)
    order = np.argsort(rate, kind="stable")
    place = np.minimum((np.cumsum(offered[order]) - offered[order] / 2) / offered.sum() * CLASSES, CLASSES - 1).astype(np.int64)
    calls = np.bincount(place, offered[order], CLASSES)
    mean = np.bincount(place, (offered * rate)[order], CLASSES)
    kept = calls > 0
    return Load(np.multiply.outer(mean[kept] / calls[kept], handle_s / SLOT_S), calls[kept] / offered.sum())


def servers(load: Load, quality: Floats) -> Floats:
    """(class, draws) staffing of a quality."""
    return np.maximum(load.erlangs + quality * np.sqrt(load.erlangs), 0.0)


def service_level(load: Load, staffed: Floats, patience: Floats, within: Floats) -> Floats:
    """Share of all calls answered within the threshold.

    Parameters
    ----------
    load : Load
        ``erlangs`` may have further axes.
    staffed : numpy.ndarray
        (class, ...) servers.
    patience, within : numpy.ndarray
        (...) in handle times.
    """
    met = erlang_a(load.erlangs, staffed, patience, within).answered_within
    return np.asarray(np.tensordot(load.share, met, axes=1))


def staffing_for(level: float, load: Load, patience: Floats, within: Floats) -> Floats:
    """The quality of staffing that gives a service level.

    Parameters
    ----------
    level : float
        Share; where no staffing that is looked at gives it, the nearest one is returned.
    load : Load
    patience, within : numpy.ndarray
        (draws,) in handle times.

    Returns
    -------
    numpy.ndarray
        (draws,) servers beyond the load, in roots of the load.
    """
    low, high = np.full(patience.shape, WORST), np.full(patience.shape, BEST)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        enough = service_level(load, servers(load, middle), patience, within) >= level
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.asarray((low + high) / 2)

"""How long callers wait before they hang up, learnt from those who did and from all who did not.

Who is answered after 40 seconds would have waited 40 seconds or longer: the wait is censored. With exponential patience the rate of hanging up is abandonments over the
total time waited by everybody (Mandelbaum & Zeltyn, 2013). Businesses have rates that scatter about the centre's as a gamma distribution, so that one with few
abandonments takes over what the others show; how much they differ, the data say.

In the first seconds other things go on: it rings, and who hangs up has dialled wrongly or changed their mind. Where their rate is unlike the rest, they are left out:
exponential patience has no memory, so that it may be counted from any second on.

References
----------
Mandelbaum, Zeltyn (2013), "Data-stories about (im)patient customers in tele-queues", *Queueing Systems* 75, 115-146. Brown et al. (2005), *JASA* 100, 36-50.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, gammaincinv, gammaln

from coachline.engine.roster.staffing.waits import BANDS, Waits

Floats = NDArray[np.float64]

SHAPES = np.geomspace(0.3, 3e3, 81)
"""Shapes of the gamma distribution that are tried: from businesses that differ wildly to such as are all alike."""
OWN_FROM = 30
"""Abandonments from which on a business's own say most."""
FEWEST_EXPECTED = 5.0
"""Stretches of the wait with fewer expected abandonments are not judged."""
UNLIKE, BY_CHANCE = 0.25, 0.01
"""Patience counts as not exponential where a stretch's rate is off by this share, and chance would do it this rarely."""


@dataclass(frozen=True)
class Patience:
    """Mean patience by business.

    Attributes
    ----------
    businesses : tuple of str
    seconds, low, high : (businesses,) float array
        Mean patience with its interval; infinite everywhere where nothing is known.
    abandoned, waited_s : (businesses,) float array
        What it rests on.
    basis : tuple of str
        ``own``, ``partly`` (few abandonments, drawn to the centre's), ``pooled`` (none) or ``unknown`` (no abandonment with a recorded wait anywhere), ``given``.
    overall : float
        Of the whole centre.
    from_s : float
        Second of the wait from which on it is counted.
    ratios : (bands,) float array
        Abandonments in each stretch of the wait over those expected of exponential patience; NaN where too few are expected.
    rates : (bands,) float array
        The same for all stretches, those before `from_s` too; 1 where too few are expected.
    chance : float
        How rarely exponential patience would give ratios so far from 1; NaN where it cannot be said.
    """

    businesses: tuple[str, ...]
    seconds: Floats
    low: Floats
    high: Floats
    abandoned: Floats
    waited_s: Floats
    basis: tuple[str, ...]
    overall: float
    from_s: float
    ratios: Floats
    rates: Floats
    chance: float

    @property
    def known(self) -> bool:
        return bool(np.isfinite(self.overall))

    @property
    def exponential(self) -> bool:
        """Whether nothing speaks against exponential patience."""
        off = np.abs(self.ratios - 1.0)
        return not (self.chance < BY_CHANCE and np.nanmax(off, initial=0.0) > UNLIKE)


def patience_of(waits: Waits, *, confidence: float = 0.9, given_s: float | None = None) -> Patience:
    """Mean patience of every business.

    Parameters
    ----------
    waits : Waits
    confidence : float
        Of the interval.
    given_s : float, optional
        Seconds to take for all, instead of what the calls say.
    """
    count = len(waits.businesses)
    if given_s is not None or waits.abandoned.sum() <= 0 or waits.waited_s.sum() <= 0:
        same = np.full(count, np.inf if given_s is None else given_s)
        basis = ("unknown" if given_s is None else "given",) * count
        gone, waited = waits.abandoned.sum(axis=0), waits.waited_s.sum(axis=0)
        overall = np.inf if given_s is None else float(given_s)
        return Patience(
            waits.businesses, same, same, same, gone, waited, basis, overall, 0.0, np.full(len(BANDS), np.nan), np.ones(len(BANDS)), np.nan
        )
    first = 1 if _first_seconds_differ(waits) else 0
    gone, waited = waits.abandoned[first:].sum(axis=0), waits.waited_s[first:].sum(axis=0)
    overall = gone.sum() / waited.sum()
    # The centre's rate is itself learnt from so many abandonments: what it lends to a business can be no surer.
    shape = 1.0 / (1.0 / _shape(gone, waited, overall) + 1.0 / max(gone.sum(), 1.0))
    seen, over = shape + gone, shape / overall + waited
    side = (1.0 - confidence) / 2.0
    low, high = (over / gammaincinv(seen, tail) for tail in (1.0 - side, side))
    ratios, chance = _stretches(waits, seen / over, first)
    rates, _ = _stretches(waits, seen / over, 0)
    basis = tuple("pooled" if n == 0 else "partly" if n < OWN_FROM else "own" for n in gone)
    return Patience(
        waits.businesses,
        over / seen,
        low,
        high,
        gone,
        waited,
        basis,
        float(1.0 / overall),
        BANDS[first],
        ratios,
        np.where(np.isnan(rates), 1.0, rates),
        chance,
    )


def _first_seconds_differ(waits: Waits) -> bool:
    """Whether callers hang up at another rate in the first stretch of the wait than in all others together."""
    gone, waited = waits.abandoned.sum(axis=1), waits.waited_s.sum(axis=1)
    left, spent = np.array([gone[0], gone[1:].sum()]), np.array([waited[0], waited[1:].sum()])
    expected = left.sum() * spent / spent.sum()
    if (expected < FEWEST_EXPECTED).any() or left[1] < OWN_FROM:
        return False
    chance = float(chdtrc(1, ((left - expected) ** 2 / expected).sum()))
    rates = left / spent
    return bool(chance < BY_CHANCE and abs(rates[0] / rates[1] - 1.0) > UNLIKE)


def _shape(gone: Floats, waited: Floats, overall: float) -> float:
    """The shape under which the abandonments of all businesses are the likeliest (a negative binomial distribution for each)."""
    there = waited > 0
    d, expected = gone[there], overall * waited[there]
    k = SHAPES[:, None]
    likely = gammaln(k + d) - gammaln(k) + k * np.log(k / (k + expected)) + d * np.log(expected / (k + expected))
    return float(SHAPES[int(likely.sum(axis=1).argmax())])


def _stretches(waits: Waits, rate: Floats, first: int) -> tuple[Floats, float]:
    expected = (waits.waited_s * rate).sum(axis=1)
    seen = waits.abandoned.sum(axis=1)
    judged = (expected >= FEWEST_EXPECTED) & (np.arange(len(BANDS)) >= first)
    ratios = np.where(judged, seen / np.where(judged, expected, 1.0), np.nan)
    if judged.sum() < 2:
        return ratios, np.nan
    distance = ((seen - expected)[judged] ** 2 / expected[judged]).sum()
    return ratios, float(chdtrc(judged.sum() - 1, distance))

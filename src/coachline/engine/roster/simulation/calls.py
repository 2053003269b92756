"""The calls of one try: when each comes, about what, how long its caller waits, how long it takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Calls:
    """Calls in the order of their coming; one entry each.

    What hangs on the call and not on who answers is drawn here, so that the same calls can be played against another roster: differences between rosters are then not
    blurred by chance.

    Attributes
    ----------
    arrives_s : float array
    business : int array
    patience_s : float array
        Seconds until the caller hangs up.
    work : float array
        Handle time over the mean handle time of whoever answers.
    fate : float array
        Between 0 and 1: the call is resolved by whoever resolves a larger share.
    rank : float array
        Between 0 and 1: the calls below r are a share r of the calls, at random.
    """

    arrives_s: Floats
    business: Ints
    patience_s: Floats
    work: Floats
    fate: Floats
    rank: Floats

    def share(self, part: float) -> Calls:
        """The calls whose rank is below `part`."""
        if part >= 1.0:
            return self
        kept = self.rank < part
        return Calls(self.arrives_s[kept], self.business[kept], self.patience_s[kept], self.work[kept], self.fate[kept], self.rank[kept])


@dataclass(frozen=True)
class Impatience:
    """How the rate of hanging up changes as callers wait.

    Attributes
    ----------
    from_s : (stretches,) float array
        Seconds at which stretches of the wait begin, the first at 0; the last is open.
    rates : (stretches,) float array
        Rate in each as a multiple of one over the mean patience, from 0 on.
    """

    from_s: Floats
    rates: Floats

    def waited(self, units: Floats) -> Floats:
        """Seconds after which callers hang up who have so many seconds of patience at a rate of 1."""
        used = np.concatenate([[0.0], np.cumsum(np.diff(self.from_s) * self.rates[:-1])])
        stretch = np.searchsorted(used, units, side="right") - 1
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.from_s[stretch] + (units - used[stretch]) / self.rates[stretch])


@dataclass(frozen=True)
class Traffic:
    """What calls are drawn from.

    Attributes
    ----------
    calls : (slots, businesses) float array
        Mean number.
    patience_s : (businesses,) float array
        Mean of an exponential distribution, see also `impatience`; may be infinite.
    handle_cv : (businesses,) float array
        Standard deviation over mean of the handle times of one person, log-normal; NaN for an exponential distribution.
    spread : (slots, businesses) float array or None
        Relative standard deviation of `calls` themselves; an error is one for the day and business.
    slot_s : float
    impatience : Impatience or None
        How patience differs from an exponential distribution.
    """

    calls: Floats
    patience_s: Floats
    handle_cv: Floats
    spread: Floats | None = None
    slot_s: float = 1800.0
    impatience: Impatience | None = None

    @property
    def edges(self) -> Floats:
        return np.asarray(np.arange(len(self.calls) + 1) * self.slot_s, float)

    def draw(self, seed: int, number: int, *, most: float = 1.0) -> Calls:
        """Calls of try `number`.

        Parameters
        ----------
        seed, number : int
            The same two give the same calls.
        most : float
            So many times the mean number; `Calls.share` takes fewer of the same.
        """
        rng = np.random.default_rng((seed, number))
        mean = self.calls * most
        if self.spread is not None:
            mean = mean * self._errors(rng)
        count = rng.poisson(mean)
        cells = np.repeat(np.arange(count.size), count.ravel())
        slot, business = cells // mean.shape[1], cells % mean.shape[1]
        n = len(cells)
        at = (slot + rng.random(n)) * self.slot_s
        order = np.argsort(at)
        business = business[order]
        patience = rng.standard_exponential(n) * self.patience_s[business]
        if self.impatience is not None:
            patience = self.impatience.waited(patience)
        return Calls(at[order], business, patience, self._work(business, rng), rng.random(n), rng.random(n))

    def _work(self, business: Ints, rng: np.random.Generator) -> Floats:
        n = len(business)
        exponential = np.isnan(self.handle_cv)
        if exponential.all():
            return rng.standard_exponential(n)
        sigma = np.sqrt(np.log1p(np.where(exponential, 1.0, self.handle_cv) ** 2))[business]
        work = np.exp(sigma * rng.standard_normal(n) - sigma**2 / 2.0)
        return np.where(exponential[business], rng.standard_exponential(n), work) if exponential.any() else work

    def _errors(self, rng: np.random.Generator) -> Floats:
        """(slots, businesses) factors of mean 1."""
        assert self.spread is not None
        slots, businesses = self.calls.shape
        a_day = round(86_400 / self.slot_s)
        day = np.arange(slots) // a_day
        days = int(day[-1]) + 1
        calls, errors = np.zeros((days, businesses)), np.zeros((days, businesses))
        np.add.at(calls, day, self.calls)
        np.add.at(errors, day, self.calls * self.spread)
        sd = np.where(calls > 0, errors / np.where(calls > 0, calls, 1.0), 0.0).clip(1e-4, 1.0)
        return np.asarray((rng.gamma(1.0 / sd**2) * sd**2)[day])

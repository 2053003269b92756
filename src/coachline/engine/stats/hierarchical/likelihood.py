"""What the calls of a cell say about its level: exact moments of likelihood x Gaussian, by adaptive Gauss-Hermite quadrature."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from coachline.engine.stats.hierarchical.design import Floats
from coachline.errors import CoachlineError

NODES, WEIGHTS = np.polynomial.hermite.hermgauss(5)
"""Five nodes about the mode give the moments to four digits for every size of cell."""

CHUNK = 1 << 14
"""Cells at a time: the nodes of a chunk stay in the processor's cache."""

PARALLEL = 64
"""Chunks from which on threads are worth their start."""

NEWTON_STEPS = 12
NEWTON_NEAR = 0.02
"""Most steps to a mode, and the last step after which it is near enough: the quadrature needs the neighbourhood, not the point."""

LONGEST_STEP = 1.5
"""Longest step on the logit scale; longer ones overshoot where the likelihood is flat."""


class Likelihood(Protocol):
    """The calls of every seen cell, as the model needs them."""

    @property
    def tries(self) -> Floats:
        """(cells,) calls."""

    def start(self) -> float:
        """Common level to start from."""

    def tilted(self, mean: Floats, variance: Floats, guess: Floats) -> tuple[Floats, Floats]:
        """Moments of likelihood x N(mean, variance), per cell; `guess` is where the mode is looked for first."""

    def score(self, level: Floats) -> tuple[Floats, Floats]:
        """Slope, and curvature with its sign changed, of each cell's log-likelihood at `level`."""

    def refined(self, mean: Floats, variance: Floats) -> Likelihood:
        """The likelihood with its own parameters brought up to date, given posterior moments of the cells."""

    def value(self, level: Floats) -> Floats:
        """What people read - a chance, seconds, a mean score - for levels on the scale of the model; it rises with the level."""

    def level(self, value: Floats) -> Floats:
        """The level of a value; values that no level has give -inf or inf."""


@dataclass(frozen=True)
class Shares:
    """Successes among tries, with logistic link.

    Attributes
    ----------
    tries, successes : (cells,) float arrays
    """

    tries: Floats
    successes: Floats

    @classmethod
    def of(cls, tries: Floats, successes: Floats) -> Shares:
        """The counts, after a check.

        Raises
        ------
        CoachlineError
            ``impossible_counts``.
        """
        _check((tries >= 0) & (successes >= 0) & (successes <= tries), tries, successes)
        return cls(tries, successes)

    def start(self) -> float:
        return float(np.log((self.successes.sum() + 0.5) / ((self.tries - self.successes).sum() + 0.5)))

    def tilted(self, mean: Floats, variance: Floats, guess: Floats) -> tuple[Floats, Floats]:
        def moments(part: slice) -> tuple[Floats, Floats]:
            n, s, m, v = self.tries[part], self.successes[part], mean[part], variance[part]
            precision = 1.0 / v

            def derivatives(x: Floats) -> tuple[Floats, Floats]:
                p = 1.0 / (1.0 + np.exp(-x))
                return s - n * p - (x - m) * precision, n * p * (1.0 - p) + precision

            mode, curvature = _mode(derivatives, guess[part])

            def log_density(x: Floats) -> Floats:
                return s * x - n * np.logaddexp(0.0, x) - 0.5 * (x - m) ** 2 * precision

            return _moments(log_density, mode, 1.0 / np.sqrt(curvature))

        return _in_chunks(len(mean), moments)

    def score(self, level: Floats) -> tuple[Floats, Floats]:
        p = np.asarray(expit(level))
        return self.successes - self.tries * p, self.tries * p * (1.0 - p)

    def refined(self, mean: Floats, variance: Floats) -> Shares:
        return self

    def value(self, level: Floats) -> Floats:
        return np.asarray(expit(level))

    def level(self, value: Floats) -> Floats:
        return np.asarray(logit(np.clip(value, 0.0, 1.0)))


@dataclass(frozen=True)
class Times:
    """Logarithms of durations: Gaussian about the cell's level.

    Attributes
    ----------
    tries, mean : (cells,) float arrays
        Calls and mean of their logarithms.
    about : float
        Sum of squares of single calls about the means of their cells.
    within : float
        Variance of single calls.
    """

    tries: Floats
    mean: Floats
    about: float
    within: float

    @classmethod
    def of(cls, tries: Floats, total: Floats, total_sq: Floats) -> Times:
        """From sums and sums of squares of logarithms; the variance within cells is pooled over those with two calls or more.

        Raises
        ------
        CoachlineError
            ``impossible_counts``.
        """
        _check((tries > 0) & (total_sq >= 0), tries, total, total_sq)
        mean = total / tries
        spare = float((tries - 1.0).sum())
        about = float(np.maximum(total_sq - total * mean, 0.0).sum())
        overall = max(float(total_sq.sum() / tries.sum() - (total.sum() / tries.sum()) ** 2), 0.0)
        return cls(tries, mean, about, max(about / spare if spare > 0.0 else overall, 1e-6))

    def start(self) -> float:
        return float((self.tries * self.mean).sum() / self.tries.sum())

    def tilted(self, mean: Floats, variance: Floats, guess: Floats) -> tuple[Floats, Floats]:
        posterior = 1.0 / (1.0 / variance + self.tries / self.within)
        return posterior * (mean / variance + self.tries * self.mean / self.within), posterior

    def score(self, level: Floats) -> tuple[Floats, Floats]:
        return self.tries * (self.mean - level) / self.within, self.tries / self.within

    def refined(self, mean: Floats, variance: Floats) -> Times:
        missed = float((self.tries * ((self.mean - mean) ** 2 + variance)).sum())
        return replace(self, within=max((self.about + missed) / float(self.tries.sum()), 1e-6))

    def value(self, level: Floats) -> Floats:
        return np.asarray(np.exp(level))

    def level(self, value: Floats) -> Floats:
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(np.maximum(value, 0.0)))


@dataclass(frozen=True)
class Ratings:
    """Scores on an ordered scale: cumulative logit with common thresholds.

    Attributes
    ----------
    counts : (cells, scores) float array
        How often each score was given.
    thresholds : (scores - 1,) float array
        On the logit scale: P(score > k) = logistic(level - thresholds[k]).
    """

    counts: Floats
    thresholds: Floats

    @classmethod
    def of(cls, counts: Floats) -> Ratings:
        """Thresholds start at the overall shares; scores nobody gave keep a hair's breadth.

        Raises
        ------
        CoachlineError
            ``impossible_counts``.
        """
        _check(np.asarray((counts >= 0).all(axis=1)), counts.sum(axis=1))
        shares = (counts.sum(axis=0) + 0.5) / (counts.sum() + 0.5 * counts.shape[1])
        above = 1.0 - np.cumsum(shares)[:-1]
        return cls(counts, -np.log(above / (1.0 - above)))

    @property
    def tries(self) -> Floats:
        return np.asarray(self.counts.sum(axis=1))

    def start(self) -> float:
        return 0.0

    def tilted(self, mean: Floats, variance: Floats, guess: Floats) -> tuple[Floats, Floats]:
        def moments(part: slice) -> tuple[Floats, Floats]:
            counts, m, v = self.counts[part], mean[part], variance[part]
            precision = 1.0 / v

            def derivatives(x: Floats) -> tuple[Floats, Floats]:
                slope, curvature = self._derivatives(counts, x)
                return slope - (x - m) * precision, curvature + precision

            mode, curvature = _mode(derivatives, guess[part])

            def log_density(x: Floats) -> Floats:
                return np.asarray((counts * np.log(np.maximum(self.chances(x), 1e-300))).sum(axis=1)) - 0.5 * (x - m) ** 2 * precision

            return _moments(log_density, mode, 1.0 / np.sqrt(curvature))

        return _in_chunks(len(mean), moments)

    def _above(self, level: Floats) -> Floats:
        """(cells, scores + 1) chance of a score above each boundary, 1 below the lowest and 0 above the highest."""
        inner = expit(level[:, None] - self.thresholds)
        return np.hstack([np.ones((len(level), 1)), inner, np.zeros((len(level), 1))])

    def chances(self, level: Floats) -> Floats:
        """(cells, scores) chance of each score."""
        above = self._above(level)
        return above[:, :-1] - above[:, 1:]

    def _derivatives(self, counts: Floats, level: Floats) -> tuple[Floats, Floats]:
        """Slope, and curvature with its sign changed, of the log-likelihood in the level."""
        above = self._above(level)
        # d log(F_k - F_{k+1}) = 1 - F_k - F_{k+1} for the logistic; its derivative is minus the two densities.
        slope = (counts * (1.0 - above[:, :-1] - above[:, 1:])).sum(axis=1)
        density = above * (1.0 - above)
        return slope, (counts * (density[:, :-1] + density[:, 1:])).sum(axis=1)

    def score(self, level: Floats) -> tuple[Floats, Floats]:
        return self._derivatives(self.counts, level)

    def refined(self, mean: Floats, variance: Floats) -> Ratings:
        """Thresholds at which the expected share above each equals the observed one; one Newton step each."""
        observed = np.cumsum(self.counts[:, ::-1].sum(axis=0))[::-1][1:]
        tries = self.tries
        expected, density = np.zeros_like(self.thresholds), np.zeros_like(self.thresholds)
        for node, weight in zip(NODES, WEIGHTS / np.sqrt(np.pi), strict=True):
            above = self._above(mean + np.sqrt(2.0 * variance) * node)[:, 1:-1]
            expected += weight * (tries[:, None] * above).sum(axis=0)
            density += weight * (tries[:, None] * above * (1.0 - above)).sum(axis=0)
        # Half a call of each score keeps thresholds of scores that nobody gave apart.
        step = np.clip((expected - observed) / (density + 0.5), -1.0, 1.0)
        return replace(self, thresholds=np.maximum.accumulate(self.thresholds + step + 1e-6 * np.arange(len(step))))

    def value(self, level: Floats) -> Floats:
        flat = np.ravel(level)
        mean = 1.0 + sum((expit(flat - threshold) for threshold in self.thresholds), np.zeros(len(flat)))
        return np.asarray(mean.reshape(np.shape(level)))

    def level(self, value: Floats) -> Floats:
        grid = np.linspace(self.thresholds[0] - 15.0, self.thresholds[-1] + 15.0, 4001)
        return np.asarray(np.interp(value, self.value(grid), grid, left=-np.inf, right=np.inf))


def expected(likelihood: Likelihood, mean: Floats, variance: Floats) -> Floats:
    """Posterior mean of the value for Gaussian levels, by quadrature."""
    scale = np.sqrt(2.0 * variance)
    total = np.zeros_like(mean)
    for node, weight in zip(NODES, WEIGHTS / np.sqrt(np.pi), strict=True):
        total += weight * likelihood.value(mean + scale * node)
    return total


def _check(possible: NDArray[np.bool_], *figures: Floats) -> None:
    wrong = ~possible
    for figure in figures:
        wrong |= ~np.isfinite(figure)
    if wrong.any():
        raise CoachlineError("impossible_counts", cells=int(wrong.sum()), first=int(np.flatnonzero(wrong)[0]))


def _in_chunks(cells: int, moments: Callable[[slice], tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    mean, variance = np.empty(cells), np.empty(cells)

    def fill(first: int) -> None:
        part = slice(first, first + CHUNK)
        mean[part], variance[part] = moments(part)

    firsts = range(0, cells, CHUNK)
    if len(firsts) < PARALLEL:
        for first in firsts:
            fill(first)
    else:
        # NumPy lets go of the interpreter while it works on a chunk, so threads share the cells.
        with ThreadPoolExecutor() as threads:
            deque(threads.map(fill, firsts), maxlen=0)
    return mean, variance


def _mode(derivatives: Callable[[Floats], tuple[Floats, Floats]], guess: Floats) -> tuple[Floats, Floats]:
    """Mode of a log-concave density by Newton steps of limited length, and the curvature there; `derivatives` gives slope and -curvature."""
    mode = guess
    for _ in range(NEWTON_STEPS):
        slope, curvature = derivatives(mode)
        step = np.clip(slope / curvature, -LONGEST_STEP, LONGEST_STEP)
        mode = mode + step
        if np.abs(step).max() < NEWTON_NEAR:
            break
    return mode, derivatives(mode)[1]


def _moments(log_density: Callable[[Floats], Floats], mode: Floats, scale: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of a density with the given mode and Laplace scale."""
    top = log_density(mode)
    total, first, second = np.zeros_like(mode), np.zeros_like(mode), np.zeros_like(mode)
    for node, weight in zip(NODES * np.sqrt(2.0), WEIGHTS, strict=True):
        mass = weight * np.exp(np.minimum(log_density(mode + scale * node) - top + 0.5 * node * node, 50.0))
        total += mass
        first += mass * node
        second += mass * node * node
    first /= total
    return mode + scale * first, scale * scale * np.maximum(second / total - first * first, 1e-12)

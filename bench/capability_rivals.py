"""Estimates of capability that need NumPy and SciPy only, Coachline's own among them; run as a program, one of them in a process of its own.

``python -m bench.capability_rivals METHOD FOLDER AGENTS BUSINESSES`` reads the cells that lie in the folder and leaves its prediction there.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betainc, betaincinv, betaln, digamma, ndtr, ndtri
from threadpoolctl import threadpool_limits

from bench.capability_metrics import Floats, Prediction
from bench.measure import timed
from bench.peers.gpboost_cells import peak_kib
from coachline.engine.stats.hierarchical.design import Design
from coachline.engine.stats.hierarchical.fit import fit
from coachline.engine.stats.hierarchical.likelihood import Shares, expected
from coachline.engine.stats.hierarchical.posterior import levels

Ints = NDArray[np.int64]
TAIL = 0.05
"""Each side of a 90 % interval."""


@dataclass(frozen=True)
class Cells:
    """The sufficient statistics, as arrays of shape (agents, businesses); `team`, `family` and `standard` as their names say."""

    tries: Ints
    successes: Ints
    team: Ints
    family: Ints
    standard: Floats

    @property
    def mean(self) -> float:
        return float(self.successes.sum() / self.tries.sum())


def raw(cells: Cells) -> Prediction:
    """Successes over tries with the interval of Wilson (1927); cells without tries get the overall mean and no interval."""
    tries, seen = np.maximum(cells.tries, 1), cells.tries > 0
    rate = cells.successes / tries
    z_square = float(ndtri(1 - TAIL)) ** 2
    middle = (rate + z_square / (2 * tries)) / (1 + z_square / tries)
    half = np.sqrt(z_square * (rate * (1 - rate) / tries + z_square / (4 * tries**2))) / (1 + z_square / tries)
    return Prediction(
        mean=np.where(seen, rate, cells.mean), low=np.where(seen, middle - half, np.nan), high=np.where(seen, middle + half, np.nan)
    )


def jeffreys(cells: Cells) -> Prediction:
    """Each cell by itself under the prior Beta(1/2, 1/2)."""
    return _beta(cells, np.full(1, 0.5), np.full(1, 0.5))


def agent_mean(cells: Cells) -> Prediction:
    tries, successes = cells.tries.sum(axis=1, keepdims=True), cells.successes.sum(axis=1, keepdims=True)
    return Prediction(np.broadcast_to(np.where(tries > 0, successes / np.maximum(tries, 1), cells.mean), cells.tries.shape))


def business_mean(cells: Cells) -> Prediction:
    tries, successes = cells.tries.sum(axis=0), cells.successes.sum(axis=0)
    return Prediction(np.broadcast_to(np.where(tries > 0, successes / np.maximum(tries, 1), cells.mean), cells.tries.shape))


def beta_binomial(cells: Cells) -> Prediction:
    """Empirical Bayes: a beta distribution of the agents' chances for each business, fitted by maximum likelihood."""
    # Several threads only wait for each other over matrices of two by two.
    with threadpool_limits(limits=1, user_api="blas"):
        priors = [_fitted_beta(tries, successes, cells.mean) for tries, successes in zip(cells.tries.T, cells.successes.T, strict=True)]
    a, b = np.array(priors).T
    return _beta(cells, a, b)


def _fitted_beta(tries: Ints, successes: Ints, start: float) -> tuple[float, float]:
    n, s = tries[tries > 0].astype(np.float64), successes[tries > 0].astype(np.float64)
    if not len(n):
        return start, 1.0 - start

    def surprise(logs: Floats) -> tuple[float, Floats]:
        a, b = np.exp(logs)
        common = digamma(n + a + b).sum() - len(n) * digamma(a + b)
        slope_a = digamma(s + a).sum() - len(n) * digamma(a) - common
        slope_b = digamma(n - s + b).sum() - len(n) * digamma(b) - common
        return float(len(n) * betaln(a, b) - betaln(s + a, n - s + b).sum()), -np.array([a * slope_a, b * slope_b])

    mean = np.clip(s.sum() / n.sum(), 0.01, 0.99)
    found = minimize(surprise, np.log(10.0 * np.array([mean, 1.0 - mean])), jac=True, method="L-BFGS-B", bounds=[(-5.0, 10.0)] * 2)
    a, b = np.exp(found.x)
    return float(a), float(b)


def _beta(cells: Cells, a: Floats, b: Floats) -> Prediction:
    after_a, after_b = cells.successes + a, cells.tries - cells.successes + b
    return Prediction(
        mean=after_a / (after_a + after_b),
        low=betaincinv(after_a, after_b, TAIL),
        high=betaincinv(after_a, after_b, 1 - TAIL),
        p_below=betainc(after_a, after_b, cells.standard),
    )


def coachline(cells: Cells) -> Prediction:
    """The model of ``capability.matrix``, from its sufficient statistics to chances, intervals and P(below) of all cells."""
    shape = cells.tries.shape
    agent, business = np.nonzero(cells.tries)
    seen = agent, business
    # One thread, so that the figure does not hang on how many cores are free; on a busy machine more of them mostly wait.
    with threadpool_limits(limits=1, user_api="blas"):
        design = Design(agent, business, cells.team, [cells.family], cells.family)
        fitted = fit(design, Shares.of(cells.tries[seen].astype(np.float64), cells.successes[seen].astype(np.float64)))
        mean, low, high, below = (np.empty(shape) for _ in range(4))
        for found in levels(fitted):
            rows, deviation = found.block.agents, np.sqrt(found.variance)
            mean[rows] = expected(fitted.likelihood, found.mean, found.variance)
            low[rows] = fitted.likelihood.value(found.mean + ndtri(TAIL) * deviation)
            high[rows] = fitted.likelihood.value(found.mean - ndtri(TAIL) * deviation)
            below[rows] = ndtr((fitted.likelihood.level(cells.standard) - found.mean) / deviation)
    return Prediction(mean, low, high, below)


METHODS: dict[str, Callable[[Cells], Prediction]] = {
    "raw": raw,
    "jeffreys": jeffreys,
    "agent_mean": agent_mean,
    "business_mean": business_mean,
    "beta_binomial": beta_binomial,
    "coachline": coachline,
}


def read(folder: Path, agents: int, businesses: int) -> Cells:
    """The cells that `capability_processes.write` left in `folder`."""
    agent, business, _, _, n, s = np.fromfile(folder / "cells.i32", dtype="<i4").reshape(6, -1).astype(np.int64)
    tries, successes = (np.zeros((agents, businesses), dtype=np.int64) for _ in range(2))
    tries[agent, business], successes[agent, business] = n, s
    team, family = (np.fromfile(folder / f"{name}.i32", dtype="<i4").astype(np.int64) for name in ("team", "family"))
    return Cells(tries, successes, team, family, np.fromfile(folder / "standard.f64", dtype="<f8"))


def main(method: str, folder: Path, agents: int, businesses: int) -> None:
    cells = read(folder, agents, businesses)
    cost, prediction = timed(lambda: METHODS[method](cells))
    for field in fields(prediction):
        values = getattr(prediction, field.name)
        if values is not None:
            np.ascontiguousarray(values, dtype="<f8").tofile(folder / f"{field.name}.f64")
    version = f"NumPy {np.__version__}, SciPy {scipy.__version__}"
    (folder / "cost.json").write_text(json.dumps({"wall_s": cost.wall_s, "cpu_s": cost.cpu_s, "peak_kib": peak_kib(), "version": version}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))

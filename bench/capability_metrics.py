"""How good estimates of capability are where the truth is known: error, calibration, and the decisions that follow from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, logit, ndtr

from coachline.engine.simulate.crossed_world import CrossedWorld

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SPARSE = 3
"""Most tries of a cell that counts as sparse."""

SHORT_OF_STANDARD = 0.04
"""A cell is weak where its true chance is this much below the call-weighted mean of the true chances of its business."""

SUREST = 1e-4
"""Predictions are kept this far from 0 and 1, or one surprise would cost a raw average an infinite log loss."""

BINS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1.0)
"""Edges by which P(below) is compared with what was truly below."""

TEST_LEVEL = 0.10


@dataclass(frozen=True)
class Prediction:
    """What a method says of every cell.

    Attributes
    ----------
    mean : (agents, businesses) float array
        Chance of success.
    low, high : (agents, businesses) float arrays, or None
        Bounds of 90 % intervals; NaN where the method gives none.
    p_below : (agents, businesses) float array, or None
        Probability that the chance is below the business's standard.
    """

    mean: Floats
    low: Floats | None = None
    high: Floats | None = None
    p_below: Floats | None = None


@dataclass(frozen=True)
class Scores:
    """How near a prediction comes to the truth.

    Attributes
    ----------
    rmse_seen, rmse_unseen : float
        Root mean square error of the chance over cells with and without tries; every cell counts once.
    log_loss : float
        Per call of the fresh period.
    seen, sparse, unseen : float or None
        Share of the 90 % intervals that hold the truth: all cells with tries, those with at most `SPARSE`, those without.
    width : float or None
        Mean width of the intervals of seen cells.
    """

    rmse_seen: float
    rmse_unseen: float
    log_loss: float
    seen: float | None
    sparse: float | None
    unseen: float | None
    width: float | None


@dataclass(frozen=True)
class Decision:
    """What comes of calling cells weak by some rule.

    Attributes
    ----------
    rule : str
    flagged : int
    false_share : float or None
        Share of the flagged that are not weak; None where nothing is flagged.
    power : float
        Share of the weak that are flagged.
    covered : float
        Share of the calls lost below standard in weak cells that fall to flagged ones.
    """

    rule: str
    flagged: int
    false_share: float | None
    power: float
    covered: float


def standards(world: CrossedWorld) -> Floats:
    """What is asked of each business, of shape (businesses,)."""
    weighted = (world.chance * world.tries).sum(axis=0) / np.maximum(world.tries.sum(axis=0), 1)
    level = np.where(world.tries.any(axis=0), weighted, world.chance.mean(axis=0))
    return np.asarray(np.clip(level - SHORT_OF_STANDARD, SUREST, 1 - SUREST))


def p_below(level: Floats, deviation: Floats, standard: Floats) -> Floats:
    """P(below standard) of chances that are normal on the logit scale."""
    return np.asarray(ndtr((logit(standard) - level) / deviation), dtype=np.float64)


def scores(world: CrossedWorld, prediction: Prediction) -> Scores:
    seen = world.tries > 0
    unseen = ~seen
    sparse = seen & (world.tries <= SPARSE)
    squares = (prediction.mean - world.chance) ** 2
    return Scores(
        rmse_seen=float(np.sqrt(squares[seen].mean())),
        rmse_unseen=float(np.sqrt(squares[unseen].mean())),
        log_loss=world.log_loss(np.clip(prediction.mean, SUREST, 1 - SUREST)),
        seen=_coverage(world.chance, prediction, seen),
        sparse=_coverage(world.chance, prediction, sparse),
        unseen=_coverage(world.chance, prediction, unseen),
        width=_width(prediction, seen),
    )


def _coverage(truth: Floats, prediction: Prediction, cells: Flags) -> float | None:
    if prediction.low is None or prediction.high is None or np.isnan(prediction.low[cells]).any():
        return None
    return float(((prediction.low <= truth) & (truth <= prediction.high))[cells].mean())


def _width(prediction: Prediction, cells: Flags) -> float | None:
    if prediction.low is None or prediction.high is None:
        return None
    return float((prediction.high - prediction.low)[cells].mean())


def decide(world: CrossedWorld, rule: str, flags: Flags) -> Decision:
    """How the seen cells of `flags` compare with those that are truly weak."""
    seen = world.tries > 0
    gap = np.where(seen, np.maximum(standards(world) - world.chance, 0.0), 0.0)
    weak, lost = gap > 0, world.tries * gap
    flags = flags & seen
    flagged = int(flags.sum())
    return Decision(
        rule=rule,
        flagged=flagged,
        false_share=float((flags & ~weak).sum() / flagged) if flagged else None,
        power=float((flags & weak).sum() / weak.sum()),
        covered=float(lost[flags].sum() / lost.sum()),
    )


def weak_share(world: CrossedWorld) -> float:
    """Share of the seen cells that are truly weak."""
    return float((world.chance < standards(world))[world.tries > 0].mean())


def below_raw(world: CrossedWorld, fewest: int) -> Flags:
    """Cells with at least `fewest` tries whose raw rate is below standard."""
    return (world.tries >= fewest) & (world.successes < standards(world) * world.tries)


def worst_raw(world: CrossedWorld, fewest: int, length: int) -> Flags:
    """The `length` cells with at least `fewest` tries whose raw rate is furthest below standard."""
    gap = np.where(world.tries >= fewest, standards(world) - world.successes / np.maximum(world.tries, 1), -np.inf)
    return _first(gap, length)


def tested(world: CrossedWorld) -> Flags:
    """One-sided binomial tests of the seen cells, false discoveries held at `TEST_LEVEL` as Benjamini and Hochberg (1995)."""
    seen = world.tries > 0
    standard = np.broadcast_to(standards(world), world.tries.shape)
    p_values = np.where(seen, bdtr(world.successes, world.tries, standard), np.inf)
    ordered = np.sort(p_values[seen])
    passing = np.nonzero(ordered <= TEST_LEVEL * np.arange(1, len(ordered) + 1) / len(ordered))[0]
    return np.asarray(p_values <= ordered[passing[-1]]) if len(passing) else np.zeros_like(seen)


def bayes_list(world: CrossedWorld, below: Floats, rate: float) -> Flags:
    """The longest list of seen cells, by falling P(below), whose expected share of false entries is at most `rate`."""
    surest = np.where(world.tries > 0, below, -np.inf)
    falling = np.sort(surest[world.tries > 0])[::-1]
    expected = np.cumsum(1.0 - falling) / np.arange(1, len(falling) + 1)
    return _first(surest, int(np.searchsorted(expected, rate, side="right")))


def _first(worth: Floats, length: int) -> Flags:
    flags = np.zeros(worth.size, dtype=np.bool_)
    flags[np.argsort(-worth, axis=None, kind="stable")[:length]] = True
    return flags.reshape(worth.shape)


def calibration(world: CrossedWorld, below: Floats) -> list[tuple[float, float, int, float, float]]:
    """Per bin of P(below) over the seen cells: edges, cells, mean of P(below), share truly below. Empty bins are left out."""
    seen = world.tries > 0
    claimed, true = below[seen], (world.chance < standards(world))[seen]
    place = np.clip(np.searchsorted(BINS, claimed, side="right") - 1, 0, len(BINS) - 2)
    return [
        (BINS[bin_], BINS[bin_ + 1], int(inside.sum()), float(claimed[inside].mean()), float(true[inside].mean()))
        for bin_ in range(len(BINS) - 1)
        if (inside := place == bin_).any()
    ]

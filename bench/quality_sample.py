"""Designs of inspection side by side: the habit of 6 : 3 : 1, random samples, and half of each, in worlds whose defect rates are known.

``python -m bench.run --only quality_sample``; the table also stands on the page of the method.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from bench.capability_page import LANGUAGES, inserted, markdown
from bench.measure import Line
from coachline.engine.quality.assisted import assisted_rates
from coachline.engine.quality.sample.places import Places, places
from coachline.engine.simulate.inspection_world import InspectionWorld, inspection_world

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PAGES = Path(__file__).parents[1] / "docs" / "methods"
RHOS = (0.9, 0.3)
BUDGET = 20
HABIT = np.array([6.0, 3.0, 1.0, 0.0])
TICKETS_FIRST = np.array([2.0, 3.0, 5.0, 0.0])
MOST_RMSE, LEAST_FOUND, MOST_ERRORS = 0.038, 1.7, 2.0

NAMES = {
    "habit": ("6:3:1 原始比率（常见做法）", "6:3:1, raw (common practice)"),
    "habit_model": ("只抽 6:3:1，借助模型", "6:3:1 only, model-assisted"),
    "random": ("简单随机，原始比率", "simple random, raw"),
    "proportionate": ("按比例分层，HT", "proportionate, HT"),
    "neyman": ("Neyman 分配，HT", "Neyman, HT"),
    "ordinary": ("一半 6:3:1，一半普通，HT", "half 6:3:1, half ordinary, HT"),
    "ordinary_model": ("同上，借助模型", "the same, model-assisted"),
    "tickets_model": ("一半 2:3:5，一半普通，借助模型", "half 2:3:5, half ordinary, model-assisted"),
    "random_model": ("简单随机，借助模型", "simple random, model-assisted"),
    "score": ("**quality.sample**，只用随机部分", "**quality.sample**, random part only"),
    "both": ("**quality.sample**，两部分，HT", "**quality.sample**, both parts, HT"),
    "both_model": ("**quality.sample**，两部分，借助模型", "**quality.sample**, both parts, model-assisted"),
}
HEADS = {
    "design": ("设计与估计", "design and estimate"),
    "figures": ("相关 {0}：偏差 / RMSE / 秩相关 / 每人查出", "correlation {0}: bias / RMSE / rank correlation / found per agent"),
    "centre": ("全中心（相关 0.9）：估计 ± 标准误", "centre (0.9): estimate ± standard error"),
}


@dataclass(frozen=True)
class Outcome:
    """What a design and estimate are worth, shares from 0 to 1.

    Attributes
    ----------
    bias, rmse : float
        Over agents, of the estimated defect rate.
    rank : float
        Spearman correlation with the true rates.
    found : float
        Defects found per agent.
    centre, error, truth : float
        Rate of the centre as estimated, its standard error (NaN where the design has none), and as it is.
    """

    bias: float
    rmse: float
    rank: float
    found: float
    centre: float
    error: float
    truth: float


def measure(*, quick: bool) -> list[Line]:
    """Try every design in both worlds; a full run writes the table into the pages of the method."""
    agents, seeds = (400, (1,)) if quick else (2000, (1, 2, 3, 4, 5))
    found = {rho: _averaged([tried(inspection_world(agents, rho=rho, seed=seed), seed) for seed in seeds]) for rho in RHOS}
    for language in LANGUAGES:
        text = page(found, language)
        if language == "en":
            print(text)
        if not quick:
            path = PAGES / f"quality.sample.{language}.md"
            path.write_text(inserted(path.read_text(encoding="utf-8"), text), encoding="utf-8")
    lines = []
    for rho, outcomes in found.items():
        ours, random = outcomes["both_model"], outcomes["random"]
        lines += [
            Line(f"quality.sample, correlation {rho}, RMSE of agents' defect rates", 100 * ours.rmse, "points", None if quick else 100 * MOST_RMSE),
            Line(f"simple random sample, correlation {rho}, RMSE", 100 * random.rmse, "points"),
            Line(f"defects found by a simple random sample, correlation {rho}, of those that quality.sample finds", random.found / ours.found, "x",
                 1 / LEAST_FOUND),
            Line(f"quality.sample, correlation {rho}, error of the centre's rate", _errors(outcomes["both"]), "standard errors", MOST_ERRORS),
        ]  # fmt: skip
    return lines


def tried(world: InspectionWorld, seed: int) -> dict[str, Outcome]:
    """Every design once in `world`."""
    draw = np.random.default_rng(1000 + seed)
    calls = world.calls
    share = calls / calls.sum(axis=1, keepdims=True)

    def allotted(budget: int, share_random: float, weights: Floats) -> Places:
        rounding = draw.integers(0, 2**32, len(calls))
        return places(calls, np.full(len(calls), budget), share_random, weights, np.zeros(calls.shape[1], np.int64), rounding)

    def tilted(weights: Floats) -> tuple[Ints, Floats]:
        taken = allotted(BUDGET // 2, 0.0, weights).coach
        taken[:, -1] = np.minimum(BUDGET // 2, calls[:, -1])
        return taken, taken.astype(float)

    habit = allotted(BUDGET, 0.0, HABIT).coach
    simple = np.stack([draw.multivariate_hypergeometric(own, BUDGET) for own in calls])
    even = allotted(BUDGET, 1.0, HABIT)
    ours = allotted(BUDGET, 0.5, HABIT)
    either: Floats = np.where(calls > 0, ours.score_chance[:, None] + ours.coach_chance, 0.0) * calls
    neyman = _neyman(world, share)
    samples: dict[str, tuple[Ints, Floats | None]] = {
        "habit": (habit, None),
        "random": (simple, None),
        "proportionate": (even.score, even.score_chance[:, None] * calls),
        "neyman": (_rounded(neyman, draw), neyman),
        "ordinary": tilted(HABIT),
        "tickets": tilted(TICKETS_FIRST),
        "score": (ours.score, ours.score_chance[:, None] * calls),
        "both": (ours.drawn, either),
    }
    heard = {name: world.inspect(tries, seed=100 * seed + n) for n, (name, (tries, _)) in enumerate(samples.items())}
    outcomes = {}
    for row in NAMES:
        name, _, by_model = row.partition("_")
        (tries, expected), defects = samples[name], heard[name]
        if by_model:
            estimate, error = _assisted(tries, defects, calls), np.nan
        elif expected is None:
            estimate, error = defects.sum(axis=1) / tries.sum(axis=1), np.nan
        else:
            estimate, error = _horvitz_thompson(defects, expected, calls), _centre_error(world, tries, defects, expected)
        outcomes[row] = _outcome(world, estimate, defects, error)
    return outcomes


def page(found: dict[float, dict[str, Outcome]], language: str) -> str:
    """The table in one language."""
    place = LANGUAGES.index(language)
    heads = [HEADS["design"][place], *(HEADS["figures"][place].format(rho) for rho in RHOS), HEADS["centre"][place]]
    lines = []
    for name, words in NAMES.items():
        figures = [f"{100 * o.bias:+.1f} / {100 * o.rmse:.2f} / {o.rank:.3f} / {o.found:.2f}" for o in (found[rho][name] for rho in RHOS)]
        first = found[RHOS[0]][name]
        centre = "–" if np.isnan(first.error) else f"{100 * first.centre:.2f} ± {100 * first.error:.2f} ({100 * first.truth:.2f})"
        lines.append([words[place], *figures, centre])
    return markdown(heads, lines)


def _horvitz_thompson(defects: Ints, expected: Floats, calls: Ints) -> Floats:
    """Defects over their chance of being drawn; Horvitz, Thompson (1952), *JASA* 47, 663."""
    weights = np.divide(calls, expected, out=np.zeros(calls.shape), where=expected > 0)
    return np.asarray((defects * weights).sum(axis=1) / calls.sum(axis=1))


def _assisted(tries: Ints, defects: Ints, calls: Ints) -> Floats:
    agent, stratum = np.nonzero(tries)
    return assisted_rates(agent, stratum, tries[agent, stratum], defects[agent, stratum], calls.astype(float)).estimate


def _neyman(world: InspectionWorld, share: Floats) -> Floats:
    """Places in proportion to size times deviation of the strata, as somebody would allot them who knows the rates of the centre."""
    rate = (world.calls * world.chance).sum(axis=0) / world.calls.sum(axis=0)
    size = share * np.sqrt(rate * (1.0 - rate))
    return np.asarray(BUDGET * size / size.sum(axis=1, keepdims=True))


def _rounded(expected: Floats, draw: np.random.Generator) -> Ints:
    """Whole numbers that are `expected` on average and in sum."""
    up = np.floor(np.cumsum(expected, axis=1) + draw.random((len(expected), 1)) + 1e-9)
    return np.diff(up, axis=1, prepend=0).astype(np.int64)


def _centre_error(world: InspectionWorld, tries: Ints, defects: Ints, expected: Floats) -> float:
    """Standard error of the centre's rate over designs that draw from every stratum with its expected number of calls."""
    rate = defects.sum(axis=0) / np.maximum(tries.sum(axis=0), 1)
    weights = np.divide(world.calls, expected, out=np.zeros(world.calls.shape), where=expected > 0) / world.calls.sum()
    fraction = expected - np.floor(expected)
    # Besides which calls are bad, the rounding of the places is chance.
    return float(np.sqrt((weights**2 * (expected * rate * (1 - rate) + fraction * (1 - fraction) * rate**2)).sum()))


def _outcome(world: InspectionWorld, estimate: Floats, defects: Ints, error: float) -> Outcome:
    off = estimate - world.rate
    rank = np.corrcoef(rankdata(estimate), rankdata(world.rate))[0, 1]
    weight = world.calls.sum(axis=1) / world.calls.sum()
    return Outcome(
        bias=float(off.mean()),
        rmse=float(np.sqrt((off**2).mean())),
        rank=float(rank),
        found=float(defects.sum() / len(defects)),
        centre=float((weight * estimate).sum()),
        error=error,
        truth=world.centre_rate,
    )


def _averaged(rounds: list[dict[str, Outcome]]) -> dict[str, Outcome]:
    """Means over worlds; the centre's figures are those of the first one, for errors of several would cancel out."""
    averaged = {}
    for name in rounds[0]:
        each = [outcomes[name] for outcomes in rounds]
        mean = {field: float(np.mean([getattr(o, field) for o in each])) for field in ("bias", "rmse", "rank", "found")}
        averaged[name] = Outcome(**mean, centre=each[0].centre, error=each[0].error, truth=each[0].truth)
    return averaged


def _errors(outcome: Outcome) -> float:
    return abs(outcome.centre - outcome.truth) / outcome.error

"""What a training seems to do where people are chosen because they were low: ways to measure it beside the truth, in many simulated worlds."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from bench.measure import Line
from coachline.engine.simulate.chosen_world import ChosenWorld, chosen_world
from coachline.engine.stats.effects.least_squares import fit_units
from coachline.engine.stats.effects.shrunk import shrunk_shares
from coachline.engine.training.designs.differences import differences
from coachline.engine.training.designs.shares import Shares, design_matrix
from coachline.engine.training.designs.waiting_list import waiting_list

PAGES = Path(__file__).parents[1] / "docs"
REPETITIONS = 300
PASSING = 0.25
WORLDS = ((0.02, 0.0), (0.02, PASSING), (0.0, 0.0), (0.0, PASSING))
BIAS, RMSE, COVERAGE = 0.1, 0.65, 0.02
"""Bounds: points, points, and how far the coverage may be from 95 %."""

Estimate = tuple[float, float, float]


def _period(world: ChosenWorld, period: int) -> Shares:
    return Shares(world.cases[period], world.successes[period])


def naive(world: ChosenWorld) -> Estimate:
    change = (_period(world, 2).share - _period(world, 1).share)[world.chosen]
    half = 1.96 * change.std(ddof=1) / np.sqrt(len(change))
    return change.mean(), change.mean() - half, change.mean() + half


def from_period_of_choice(world: ChosenWorld) -> Estimate:
    """Plain means, as it is mostly done."""
    change = _period(world, 2).share - _period(world, 1).share
    arms = [change[world.chosen], change[~world.chosen]]
    effect = arms[0].mean() - arms[1].mean()
    half = 1.96 * float(np.sqrt(sum(arm.var(ddof=1) / len(arm) for arm in arms)))
    return effect, effect - half, effect + half


def from_earlier_period(world: ChosenWorld) -> Estimate:
    found = differences(_period(world, 0), _period(world, 2), world.chosen)
    assert found is not None
    return found.effect, found.low, found.high


def regression(world: ChosenWorld) -> Estimate:
    """On the shrunk result of the period of choice, trained and others."""
    after = _period(world, 2)
    baseline = shrunk_shares(world.cases[1], world.successes[1])
    fitted = fit_units(after.share, design_matrix(world.chosen, baseline), after.sampling(world.chosen))
    return float(fitted.coefficients[1]), *fitted.interval(1, 0.95)


def lot(world: ChosenWorld, *, adjusted: bool) -> Estimate:
    pool = world.chosen | world.waiting
    before = Shares(world.cases[:2].sum(axis=0)[pool], world.successes[:2].sum(axis=0)[pool])
    found = waiting_list((before,) if adjusted else (), _period(world, 2).only(pool), world.chosen[pool])
    assert found is not None
    return found.effect, found.low, found.high


@dataclass(frozen=True)
class Way:
    """A way to measure; `ours` are held to the bounds."""

    estimate: Callable[[ChosenWorld], Estimate]
    zh: str
    en: str
    by_lot: bool = False
    pool: float | None = None
    ours: bool = False


WAYS: Mapping[str, Way] = {
    "naive": Way(naive, "培训前后对比", "before and after"),
    "selection": Way(from_period_of_choice, "双重差分，起点为选人那一期", "difference in differences from the period of choice"),
    "regression": Way(regression, "对收缩后的基线回归", "regression on the shrunk baseline"),
    "observed": Way(
        from_earlier_period, "**双重差分，起点为更早一期**", "**difference in differences from the earlier period**", ours=True
    ),
    "small_raw": Way(lambda w: lot(w, adjusted=False), "候训名单 200 对 200，不校正", "waiting list, 200 and 200, plain", True, 0.2),
    "small": Way(
        lambda w: lot(w, adjusted=True), "候训名单 200 对 200，校正基线", "waiting list, 200 and 200, baseline adjusted", True, 0.2
    ),
    "waiting_list": Way(
        lambda w: lot(w, adjusted=True),
        "**候训名单 400 对 400，校正基线**",
        "**waiting list, 400 and 400, baseline adjusted**",
        True,
        ours=True,
    ),
}

WORDS = {
    "title": ("培训效果怎样才测得准", "Ways to measure the effect of a training"),
    "written": (
        "由 `python -m bench.run --only training_effect` 写成。模拟：2,000 人，每期平均 60 通（多少不一），选中一期里原始得分最差的两成（400 人）培训，所有人都进步 1 个百分点，重复 {n} 次。"
        "「短期状态」指每期之间相关 0.5 的一时好坏（对数几率标准差 0.25）。候训名单一行把名单放宽到最差的四成，抽签先训一半，受训仍为 400 人；200 对 200 两行名单只取最差两成。"
        "数字为百分点：偏差／均方根误差（95% 区间覆盖真值的比例）。",
        "Written by `python -m bench.run --only training_effect`. Simulated: 2,000 people, 60 calls a period on average (few to hundreds), the worst fifth by raw score in one period (400 people) is "
        "trained, everybody gains 1 point, {n} repetitions. “Passing form” is good or bad form that carries on from period to period (correlation 0.5, standard deviation 0.25 on the logit). "
        "The waiting list draws half of the worst two fifths, so that again 400 are trained; with 200 and 200 the list is the worst fifth. Figures are points: bias / root mean square error (share of "
        "95 % intervals that hold the truth).",
    ),
    "way": ("方法", "way"),
    "reading": (
        "**读法。** 没有任何效果时，前后对比也会「看到」约 {naive:.1f} 个百分点。更早一期作起点之所以公平，是因为它离选人那一期与之后一期一样远，且没有用来选人；"
        "若状态的延续前后不对称，它就不再无偏，抽签候训则不受影响。200 对 200 时均方根误差为 {small:.2f} 至 {passing:.2f}：要低于 0.65，靠的是多一倍人，不是换公式。",
        "**Reading.** Before and after “sees” about {naive:.1f} points where there is no effect at all. The earlier period is a fair base because it lies as far from the period of choice as the one after, "
        "and was not used to choose; where form carries on unevenly it is not unbiased any more, while the lot does not mind. With 200 and 200 the root mean square error is {small:.2f} to {passing:.2f}: twice the people, not another formula, bring it below 0.65.",
    ),
}


WORLD_NAMES = (
    ("效果 2 点", "效果 2 点，有短期状态", "无效果", "无效果，有短期状态"),
    ("effect 2 points", "2 points, passing form", "no effect", "no effect, passing form"),
)


@dataclass(frozen=True)
class Score:
    """In points; coverage as a share."""

    bias: float
    rmse: float
    covered: float
    mean: float


def score(way: Way, effect: float, passing: float, repetitions: int) -> Score:
    found = np.array(
        [way.estimate(chosen_world(seed, effect=effect, passing=passing, by_lot=way.by_lot, pool=way.pool)) for seed in range(repetitions)]
    )
    off = found[:, 0] - effect
    covered = ((found[:, 1] <= effect) & (effect <= found[:, 2])).mean()
    return Score(100 * off.mean(), 100 * float(np.sqrt((off**2).mean())), float(covered), 100 * found[:, 0].mean())


def measure(*, quick: bool) -> list[Line]:
    """All ways in all worlds; pages are written unless `quick`."""
    repetitions = REPETITIONS // 10 if quick else REPETITIONS
    scores = {code: [score(way, *world, repetitions) for world in WORLDS] for code, way in WAYS.items()}
    if not quick:
        for place, language in enumerate(("zh", "en")):
            (PAGES / f"bench-training-effect.{language}.md").write_text(page(scores, place, repetitions), encoding="utf-8")
    lines = []
    for code, way in WAYS.items():
        for (effect, passing), each in zip(WORLDS, scores[code], strict=True):
            what = f"training effect, {code}, effect {100 * effect:g} points, passing form {passing:g}"
            # A tenth of the repetitions is too few to judge a bias of a tenth of a point by.
            held = way.ours and not quick
            lines += [
                Line(f"{what}: |bias|", abs(each.bias), "points", BIAS if held else None),
                Line(f"{what}: RMSE", each.rmse, "points", RMSE if held else None),
                Line(f"{what}: coverage off 95 %", abs(each.covered - 0.95), "", COVERAGE + 1e-9 if held else None),
            ]
    return lines


def page(scores: Mapping[str, list[Score]], place: int, repetitions: int) -> str:
    """The page in Chinese (0) or English (1)."""
    machine = f"{date.today():%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()}, NumPy {np.__version__}"  # noqa: DTZ011
    rows = [[WORDS["way"][place], *WORLD_NAMES[place]], ["---"] * (1 + len(WORLDS))]
    for code, way in WAYS.items():
        rows.append([(way.zh, way.en)[place], *(f"{s.bias:+.2f} / {s.rmse:.2f} ({s.covered:.3f})" for s in scores[code])])
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    head, reading = WORDS["written"][place].format(n=repetitions), reading_of(scores, place)
    return f"# {WORDS['title'][place]}\n\n{head}\n\n{machine}\n\n{table}\n\n{reading}\n"


def reading_of(scores: Mapping[str, list[Score]], place: int) -> str:
    """What the table tells."""
    small = [each.rmse for each in scores["small"]]
    return WORDS["reading"][place].format(naive=scores["naive"][2].mean, small=min(small), passing=max(small))

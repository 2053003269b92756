"""Whom to train with a fixed number of places: lists by raw score, by probability and by expected gain beside somebody who knows the truth.

The worlds are those of the bench of capability. A place is worth calls x half of the true gap to the standard.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from scipy.special import expit

from bench.capability import LARGE, OTHERS, SMALL, Size
from bench.capability_metrics import SHORT_OF_STANDARD, Floats, standards
from bench.measure import Line, timed
from coachline.engine.capability.weak_cells import chosen
from coachline.engine.simulate.crossed_world import CrossedWorld
from coachline.engine.stats.hierarchical.design import Design, levels_of
from coachline.engine.stats.hierarchical.fit import Fit, fit
from coachline.engine.stats.hierarchical.likelihood import Shares
from coachline.engine.stats.hierarchical.posterior import levels
from coachline.engine.training.expected_calls import shrunk
from coachline.engine.training.expected_gap import expected_gap
from coachline.engine.training.method_effects import PRIOR_CLOSED
from coachline.engine.training.settings import NeedsSettings

PAGES = Path(__file__).parents[1] / "docs"
PLACES = (2_000, 10_000)
BOUNDS = {2_000: 0.08, 10_000: 0.13}
"""Most of the oracle's value that may be missed, in the large world."""

OWN = "expected_gain"
LISTED = "as_listed"
NAMES: Mapping[str, Mapping[str, str]] = {
    "lowest_raw": {"zh": "原始得分最低（至少 1 通）", "en": "lowest raw score, n ≥ 1"},
    "lowest_raw_10": {"zh": "原始得分最低（至少 10 通）", "en": "lowest raw score, n ≥ 10"},
    "lowest_raw_30": {"zh": "原始得分最低（至少 30 通）", "en": "lowest raw score, n ≥ 30"},
    "raw_gap": {"zh": "原始差距 × 通话量", "en": "raw gap × calls"},
    "p_below": {"zh": "低于标准的概率", "en": "P(below)"},
    "plug_in": {"zh": "估计值的差距 × 通话量", "en": "gap of the estimate × calls"},
    OWN: {"zh": "**期望差距 × 预计来电**", "en": "**expected gap × expected calls**"},
    LISTED: {"zh": "**同上，只从培训需求名单中选**", "en": "**the same, of the list of needs only**"},
}
WORDS: Mapping[str, Mapping[str, str]] = {
    "title": {"zh": "名额有限时培训谁", "en": "Whom to train with a fixed number of places"},
    "written": {
        "zh": "由 `python -m bench.run --only training_needs` 写成。数据与[能力估计的对照](bench-capability.zh.md)相同，真值已知；标准为业务平均减 {short:.0f} 个百分点。"
        "一个名额值“通话量 × 真实差距的一半”；表中是各名单得到的价值占知道真值者的几成。“来电已知”用观察期的通话量结账，“未来”用之后新的一期结账，"
        "这一期的来电谁也不知道，知道真值者也只知道期望。名单为 `training.needs` 的默认值：低于标准的概率至少 {p_below:g}，预计误判不超过 {fdr:.0%}，自己的记录至少 {cases} 次。",
        "en": "Written by `python -m bench.run --only training_needs`. The data are those of [capability estimates beside their peers](bench-capability.en.md), so that the truth "
        "is known; the standard is the business's mean less {short:.0f} points. A place is worth calls × half of the true gap; the tables show which share of the value that somebody "
        "who knows the truth gets is reached. “Calls known” settles by the calls of the period that was observed, “ahead” by a fresh period whose calls nobody knows. The list is that of "
        "`training.needs` as it stands: probability of being below at least {p_below:g}, at most {fdr:.0%} expected to be wrong, at least {cases} own cases.",
    },
    "world": {"zh": "## {name}：{calls:,} 通电话，{cells:,} 格", "en": "## {name}: {calls:,} calls, {cells:,} cells"},
    "head": {"zh": "名单", "en": "list"},
    "known": {"zh": "{places:,} 个名额，来电已知", "en": "{places:,} places, calls known"},
    "ahead": {"zh": "{places:,} 个名额，未来", "en": "{places:,} places, ahead"},
    "machine": {
        "zh": "{day}，{cores} 核，Python {python}。期望差距的积分：{cells:,} 格用时 {seconds:.2f} 秒。",
        "en": "{day}, {cores} cores, Python {python}. The integrals of {cells:,} expected gaps took {seconds:.2f} s.",
    },
}


@dataclass(frozen=True)
class Choice:
    """What lists reach in a world: (list, places, settled by) -> share of the oracle's value; and the seconds of the integrals."""

    name: str
    calls: int
    cells: int
    shares: Mapping[tuple[str, int, str], float]
    seconds: float


def fitted(world: CrossedWorld) -> Fit:
    agent, business = np.nonzero(world.tries)
    names = [f"f{family:02d}/b{place:03d}" for place, family in enumerate(world.family)]
    design = Design(agent, business, world.team, levels_of(names), world.family, None)
    counts = (values[agent, business].astype(float) for values in (world.tries, world.successes))
    return fit(design, Shares.of(*counts))


def judged(world: CrossedWorld, made: Fit, standard: Floats) -> tuple[Floats, Floats, Floats]:
    """Expected gap, probability of being below, and estimate of every cell."""
    gap, below, mean = (np.empty(world.chance.shape) for _ in range(3))
    for found in levels(made):
        own = found.block.agents
        gap[own], below[own] = expected_gap(made.likelihood, found.mean, found.variance, standard, 1.0)
        mean[own] = expit(found.mean)
    return gap, below, mean


def choose(size: Size, places: tuple[int, ...]) -> Choice:
    """All lists on one world."""
    world = size.draw()
    standard = standards(world)
    made = fitted(world)
    cost, (gap, below, mean) = timed(lambda: judged(world, made, standard))
    seen = world.tries > 0
    raw = np.divide(world.successes, world.tries, out=np.full(seen.shape, np.nan), where=seen)
    ahead = shrunk(world.tries.astype(float), np.ones(len(world.tries)))
    defaults = NeedsSettings()
    enough = world.tries >= defaults.least_cases
    listed = np.zeros(seen.size, np.bool_)
    listed[chosen(np.where(enough, below, np.nan).ravel(), defaults.fdr)[0]] = True
    listed = listed.reshape(seen.shape) & (below >= defaults.p_below)
    worth = {
        **{
            name: np.where(world.tries >= fewest, -raw, np.nan)
            for name, fewest in (("lowest_raw", 1), ("lowest_raw_10", 10), ("lowest_raw_30", 30))
        },
        "raw_gap": (standard - raw) * world.tries,
        "p_below": np.where(seen, below, np.nan),
        "plug_in": (standard - mean) * world.tries,
        OWN: np.where(seen, gap * ahead, np.nan),
        LISTED: np.where(listed, gap * ahead, np.nan),
    }
    true_gap = PRIOR_CLOSED * np.maximum(standard - world.chance, 0.0)
    shares = {}
    for settled, calls, foreseen in (("known", world.tries, world.tries), ("ahead", world.fresh_tries, ahead)):
        for count in places:
            best = _value(true_gap * foreseen, true_gap * calls, count)
            for name, score in worth.items():
                shares[name, count, settled] = _value(score, true_gap * calls, count) / best
    return Choice(size.name, int(world.tries.sum()), int(seen.sum()), shares, cost.wall_s)


def _value(score: Floats, value: Floats, places: int) -> float:
    """What the `places` best by `score` are worth; what has no score is not chosen."""
    order = np.argsort(-score, axis=None, kind="stable")[:places]
    return float(value.ravel()[order[~np.isnan(score.ravel()[order])]].sum())


def table(found: Choice, places: tuple[int, ...], language: str) -> str:
    columns = [(count, settled) for settled in ("known", "ahead") for count in places]
    head = [WORDS["head"][language], *(WORDS[settled][language].format(places=count) for count, settled in columns)]
    rows = [[NAMES[name][language], *(f"{found.shares[name, *column]:.3f}" for column in columns)] for name in NAMES]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows))


def measure(*, quick: bool) -> list[Line]:
    """All tables, printed and, unless `quick`, written to the pages."""
    worlds = (SMALL,) if quick else (LARGE, *OTHERS)
    places = (100, 500) if quick else PLACES
    found = [choose(size, places) for size in worlds]
    defaults = NeedsSettings()
    for language in ("zh", "en"):
        words = {code: each[language] for code, each in WORDS.items()}
        written = words["written"].format(
            short=100 * SHORT_OF_STANDARD, p_below=defaults.p_below, fdr=defaults.fdr, cases=defaults.least_cases
        )
        machine = words["machine"].format(
            day=f"{date.today():%Y-%m-%d}",  # noqa: DTZ011
            cores=os.cpu_count(),
            python=platform.python_version(),
            cells=LARGE.agents * LARGE.businesses,
            seconds=found[0].seconds,
        )
        parts = [f"# {words['title']}", written, machine]
        for each in found:
            parts += [words["world"].format(name=each.name, calls=each.calls, cells=each.cells), table(each, places, language)]
        if quick:
            continue
        (PAGES / f"bench-training-needs.{language}.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    print("\n\n".join(table(each, places, "en") for each in found), flush=True)
    if quick:
        return []
    return [
        Line(
            f"needs, {count:,} places: value missed by expected gain ({each.name})",
            1.0 - each.shares[OWN, count, "known"],
            "",
            BOUNDS[count] if n == 0 else None,
        )
        for n, each in enumerate(found)
        for count in places
    ]

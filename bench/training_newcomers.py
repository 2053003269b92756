"""The pipeline of newcomers: its equations beside single people played one by one, and what its calibration recovers of centres whose truth is known."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from bench.measure import Line, timed
from coachline.engine.simulate.newcomer_world import Careers, Ladder, careers
from coachline.engine.training.newcomers import learning, leaving, pipeline
from coachline.engine.training.newcomers.calibration import FIXED_PRIORS, Calibration
from coachline.engine.training.newcomers.pipeline import CLASS, LICENSED, STAGES, Settings, State, integrate
from coachline.engine.training.newcomers.plans import read_plans
from coachline.engine.training.newcomers.records import People
from coachline.engine.training.newcomers.start import settings_of, start_of

Floats = NDArray[np.float64]

PAGES = Path(__file__).parents[1] / "docs"
MONTHS = 24
HIRES, RATE, PASSING, TIME = 6.0, 0.03, 0.9, 3.0
PARTS: Mapping[str, slice] = {
    "classroom": pipeline.CLASS,
    "mentored": pipeline.MENTORED,
    "new": pipeline.NEW,
    "experienced": pipeline.EXPERIENCED,
    "expert": pipeline.EXPERT,
}
TRUE_RATES = np.array([0.06, 0.03, 0.015, 0.01])
MONTHLY = 4.0
"""Recruits a month of the centres whose heads are foretold."""
GAP, LEARNING, SPREAD, LEVEL = 0.5, 3.0, 0.3, 1.8

WORDS: Mapping[str, Mapping[str, str]] = {
    "title": {"zh": "新人方程与逐人模拟", "en": "Newcomers: equations beside single people"},
    "written": {
        "zh": "由 `python -m bench.run --only training_newcomers` 写成。",
        "en": "Written by `python -m bench.run --only training_newcomers`.",
    },
    "machine": {"zh": "{day}，{cores} 核，Python {python}，NumPy {numpy}。", "en": "{day}, {cores} cores, Python {python}, NumPy {numpy}."},
    "people": {
        "zh": "## 逐人模拟\n\n{worlds} 个世界，每个从 112 人开始，每月平均招 6 人（泊松），每人各自入职、考试（90% 通过）、学习、离开（每月 3%）。表中是 {months} 个月后的人数：方程、逐人的平均及其标准误、单个世界的标准差。"
        "所有月份、所有阶段中，平均与方程最多相差 {worst:.1f} 个标准误（{cells} 个数中偶然可达 {chance:.1f}）。单个世界的标准差说明 `training.newcomers` 的区间不含的那部分偶然有多大。",
        "en": "## Person by person\n\n{worlds} worlds begin with 112 people each and recruit 6 a month on average (Poisson); everybody is hired, examined (90 % pass), learns and leaves (3 % a month) by chance of their own. The table has people after {months} months: by the "
        "equations, the mean of the worlds with its standard error, and the standard deviation of a single world. Over all months and stages the mean is off by {worst:.1f} standard errors at most (chance alone reaches {chance:.1f} in {cells} figures). The "
        "standard deviation of a world is the chance that the intervals of `training.newcomers` do not hold.",
    },
    "people_head": {
        "zh": "阶段|方程|逐人平均|标准误|单个世界的标准差",
        "en": "stage|equations|mean of people|standard error|SD of one world",
    },
    "overload": {
        "zh": "## 师傅不够时\n\n每月招 20 人，只有 20 位熟手可带人，学习速度随师傅的负担下降（唯一的非线性）。12 个月后所有持证者还差的部分之和：方程 {ours:.2f}，“带教不受影响”的方程 {free:.2f}。",
        "en": "## Where mentors are short\n\n20 recruits a month and 20 seasoned people: learning slows with the load of mentors, the one non-linearity. What all licensed people lack after 12 months: {ours:.2f} by the equations, {free:.2f} if the load did not matter.",
    },
    "recovered": {
        "zh": "## 已知真值的中心\n\n{worlds} 个中心：500 人、24 个月记录的离职（工龄四段每月 6%、3%、1.5%、1%）；150 人中 30 位新人、5 个月通话的学习曲线（差距 0.5 logit，时间常数 3 个月，人与人之间标准差 0.3）。表中是估计的平均和 90% 区间覆盖真值的占比。",
        "en": "## Centres with known truth\n\n{worlds} centres: leaving of 500 people over 24 months of records (6, 3, 1.5 and 1 % a month by tenure); the learning curve of 30 newcomers among 150 people over 5 months of calls (gap 0.5 logits, time constant 3 months, standard deviation 0.3 "
        "between people). The table has the mean of the estimates and the share of 90 % intervals that hold the truth.",
    },
    "recovered_head": {"zh": "量|真值|估计的平均|覆盖率", "en": "quantity|truth|mean estimate|coverage"},
    "foretold": {
        "zh": "## 一年后的人数\n\n{worlds} 个中心，每月招 4 人，离职率同上，用两年的记录推一年后的人数。应有的人数平均 {expected:.1f}，推算的平均 {forecast:.1f}；90% 区间覆盖应有人数的占 {coverage:.2f}，覆盖实际人数的占 {heads:.2f}：后者低，因为区间不含个别人去留的偶然；按提示 `chance_of_people` 加上这部分后为 {chance:.2f}。",
        "en": "## Heads a year ahead\n\n{worlds} centres that recruit 4 a month, with rates of leaving as above; heads a year ahead from two years of records. To be expected are {expected:.1f} on average, forecast are {forecast:.1f}; 90 % intervals hold the expected heads in {coverage:.2f} of the centres and the "
        "heads that came in {heads:.2f}: less, since the chance of single people is not in them; with that added as the note `chance_of_people` says, {chance:.2f}.",
    },
    "time": {
        "zh": "## 用时\n\n9 个方案、200 次抽样、{months} 个月的积分用 {seconds:.2f} 秒。步长减半，误差之比 {ratio:.1f}（四阶应为 16）。",
        "en": "## Time\n\nIntegrating 9 plans, 200 draws and {months} months takes {seconds:.2f} s. Half the step divides the error by {ratio:.1f} (16 for the fourth order).",
    },
    "classroom": {"zh": "课堂", "en": "classroom"},
    "mentored": {"zh": "跟师傅", "en": "with a mentor"},
    "new": {"zh": "新人", "en": "new"},
    "experienced": {"zh": "熟手", "en": "experienced"},
    "expert": {"zh": "老手", "en": "expert"},
    "lacking": {"zh": "还差的部分之和", "en": "sum of what is lacking"},
    "left": {"zh": "累计离职", "en": "left so far"},
    "gap": {"zh": "起点差距（logit）", "en": "starting gap (logit)"},
    "months": {"zh": "学习时间常数（月）", "en": "time constant of learning (months)"},
    **{
        f"leaving_{band}": {"zh": f"离职率，工龄 {name} 个月", "en": f"leaving, tenure {name} months"}
        for band, name in zip(leaving.BANDS, ("0–3", "3–12", "12–36", "≥ 36"), strict=True)
    },
}


@dataclass(frozen=True)
class Beside:
    """A figure of the equations and of the worlds of single people, by month."""

    name: str
    equations: Floats
    worlds: Floats

    @property
    def error(self) -> Floats:
        return np.asarray(self.worlds.std(axis=0, ddof=1) / np.sqrt(len(self.worlds)))

    @property
    def off(self) -> Floats:
        """Difference in standard errors, by month; 0 where nothing is left to chance."""
        return np.asarray(np.abs(self.worlds.mean(axis=0) - self.equations) / np.maximum(self.error, 1e-9) * (self.error > 1e-9))


@dataclass(frozen=True)
class Recovered:
    """A quantity with its truth, the mean of its estimates, and how often its interval held the truth."""

    name: str
    truth: float
    mean: float
    coverage: float


def settings(shape: tuple[int, int] = (1, 1), **given: float) -> Settings:
    """A pipeline with one rate of leaving."""
    figures = {
        "hires": HIRES, "class_months": 1.5, "mentor_months": 2.0, "passing": PASSING, "ratio": 2.0, "ratio_now": 2.0, "elasticity": 0.25,
        "mentor_time": 0.25, "practice": 0.5,
    }  # fmt: skip
    arrays = {name: np.full(shape, value) for name, value in (figures | given).items()}
    return Settings(leaving=np.full((4, *shape), RATE), starting=np.ones((1, *shape)), times=np.full((1, *shape), TIME), **arrays)


def start(shape: tuple[int, int] = (1, 1), seasoned: float = 100.0) -> State:
    heads = np.zeros((STAGES, *shape))
    heads[pipeline.NEW] = 4.0
    heads[pipeline.EXPERIENCED] = 0.1 * seasoned
    heads[pipeline.EXPERT] = 0.6 * seasoned
    return State(heads, np.zeros((1, STAGES, *shape)), np.zeros((len(pipeline.COUNTED), *shape)))


def person_by_person(worlds: int) -> list[Beside]:
    """The same centre by the equations and by single people."""
    path = integrate(start(), settings(), MONTHS)
    lengths = np.array([0.5] * 3 + [1.0] * 2 + [8.5 / 3] * 3 + [6.0] * 4 + [np.inf])
    onward = RATE / np.expm1(RATE * lengths)
    ladder = Ladder(onward, np.full(STAGES, RATE), CLASS.stop - 1, PASSING, 1.0, np.full(STAGES, 1 / TIME))
    first = np.repeat(np.arange(STAGES), path[0].heads[:, 0, 0].astype(int))
    played: list[Careers] = []
    for seed in range(worlds):
        draw = np.random.default_rng(seed)
        hired = draw.poisson(HIRES * MONTHS)
        begins = np.concatenate([np.zeros(len(first)), draw.uniform(0, MONTHS, hired)])
        played.append(careers(ladder, begins, np.concatenate([first, np.zeros(hired, np.int64)]), np.zeros(len(begins)), MONTHS, draw))
    heads, lacking = np.array([p.heads for p in played]), np.array([p.lacking[:, LICENSED].sum(axis=1) for p in played])
    return [
        *(
            Beside(name, np.array([s.heads[part].sum() for s in path]), heads[:, :, part].sum(axis=2).astype(float))
            for name, part in PARTS.items()
        ),
        Beside("lacking", np.array([s.lacking[0, LICENSED].sum() for s in path]), lacking),
        Beside("left", np.array([float(s.count("left")[0, 0]) for s in path]), np.array([p.left for p in played], float)),
    ]


def _overloaded() -> tuple[float, float]:
    """What is lacking where mentors are short, and if that did not matter."""
    return tuple(  # type: ignore[return-value]
        float(integrate(start(seasoned=20.0), settings(hires=20.0, elasticity=power), 12)[-1].lacking[0, LICENSED].sum())
        for power in (0.25, 0.0)
    )


def _stays(people: int, draw: np.random.Generator) -> Floats:
    """Months that people stay under the true rates."""
    hazard, stay = draw.exponential(size=people), np.zeros(people)
    for rate, (low, high) in zip(TRUE_RATES, pairwise(leaving.EDGES), strict=True):
        stay += np.clip(hazard / rate, 0.0, high - low)
        hazard = hazard - rate * (high - low)
    return stay


def _leaving(seed: int) -> tuple[Floats, Floats]:
    """Estimates and whether the intervals hold the truth, for a centre of 500 over two years."""
    draw = np.random.default_rng(seed)
    hired = draw.uniform(-48, 24, 500)
    hired, left = hired * leaving.MONTH_DAYS, (hired + _stays(500, draw)) * leaving.MONTH_DAYS
    end = 24 * leaving.MONTH_DAYS
    there = left > 0
    found = leaving.rates(leaving.seen_in(hired[there], np.where(left < end, left, np.nan)[there], 0.0, end), draw, 1_000)
    low, high = np.quantile(found, (0.05, 0.95), axis=1)
    return np.median(found, axis=1), np.asarray((low <= TRUE_RATES) & (high >= TRUE_RATES), float)


def _learning(seed: int) -> tuple[Floats, Floats]:
    """The same for gap and time constant."""
    draw = np.random.default_rng(seed)
    hired = np.concatenate([-draw.uniform(-2, 4, 30), -draw.uniform(8, 60, 120)])
    own = SPREAD * draw.standard_normal(len(hired))
    person, month = np.divmod(np.arange(len(hired) * 5), 5)
    tenure, calls = month + 0.5 - hired[person], draw.poisson(100, len(person))
    kept = (tenure > 0) & (calls > 0)
    solved = draw.binomial(calls, expit(LEVEL + own[person] - GAP * np.exp(-tenure / LEARNING)))
    usual = np.full(int(kept.sum()), expit(LEVEL))
    curve = learning.fit_shares(person[kept], tenure[kept], calls[kept].astype(float), solved[kept].astype(float), usual, (0.5, 0.5))
    _, gap, time = curve.draw(draw, 1_000)
    both, truth = np.array([gap, time]), np.array([GAP, LEARNING])
    low, high = np.quantile(both, (0.05, 0.95), axis=1)
    return np.median(both, axis=1), np.asarray((low <= truth) & (high >= truth), float)


def recovered(worlds: int) -> list[Recovered]:
    found = []
    for names, truth, estimate in (
        ([f"leaving_{band}" for band in leaving.BANDS], TRUE_RATES, _leaving),
        (["gap", "months"], np.array([GAP, LEARNING]), _learning),
    ):
        seen = [estimate(seed) for seed in range(worlds)]
        means, covered = (np.mean([each[k] for each in seen], axis=0) for k in (0, 1))
        found += [Recovered(name, float(t), float(m), float(c)) for name, t, m, c in zip(names, truth, means, covered, strict=True)]
    return found


def _foretold(seed: int) -> tuple[Floats, float, float]:
    """Ends of the heads a year ahead, without and with the chance of single people, from two years of records; heads to be expected, and those that came."""
    draw = np.random.default_rng(seed)
    hired = np.sort(draw.uniform(-120, 36, draw.poisson(MONTHLY * 156)))
    left = hired + _stays(len(hired), draw)
    seen = (left > 0) & (hired < 24)
    days = leaving.MONTH_DAYS
    people = People(
        [""] * int(seen.sum()),
        np.floor(hired[seen] * days),
        np.where(left < 24, np.floor(left * days), np.nan)[seen],
        0,
        round(24 * days),
        0,
    )
    found, draws = Calibration(), 200
    for name in (*FIXED_PRIORS, "passing", "resolved_months", "handle_months", "resolved_spread"):
        found.enter(name, np.ones(draws), "", "prior")
    found.enter("class_weeks", np.zeros(draws), "weeks", "prior")
    found.enter("hires", draw.gamma(0.5 + ((hired >= 0) & (hired < 24)).sum(), 1 / 24, draws), "per_month", "facts")
    found.leaving = leaving.rates(leaving.seen_in(people.hired, people.left, 0.0, people.closed), draw, draws)
    plans = read_plans({})
    settings = settings_of(found, plans, float(people.present.sum()), 12)
    first = start_of(found, people, settings, plans)
    heads = integrate(first, settings, 12)[-1].heads.sum(axis=0)[:, 0]
    with_chance = heads + pipeline.chance(first, settings, 12)[:, 0] * draw.standard_normal(draws)
    there = (hired < 24) & (left >= 24)
    expected = (_survival(36 - hired[there]) / _survival(24 - hired[there])).sum() + MONTHLY * _survival(
        np.linspace(0, 12, 1201)
    ).mean() * 12
    ends = np.concatenate([np.quantile(heads, (0.05, 0.5, 0.95)), np.quantile(with_chance, (0.05, 0.95))])
    return ends, float(expected), float(((hired < 36) & (left >= 36)).sum())


def _survival(months: Floats) -> Floats:
    """Share still there after so many months."""
    hazard = sum(
        rate * np.clip(months - low, 0.0, high - low) for rate, (low, high) in zip(TRUE_RATES, pairwise(leaving.EDGES), strict=True)
    )
    return np.asarray(np.exp(-hazard))


@dataclass(frozen=True)
class Foretold:
    """A year ahead: mean of expected heads and of their forecast, coverage of the expected heads, of those that came, and of these with the chance of single people added."""

    expected: float
    forecast: float
    coverage: float
    coverage_of_heads: float
    coverage_with_chance: float


def foretold(worlds: int) -> Foretold:
    seen = [_foretold(seed) for seed in range(worlds)]
    ends, expected, came = (np.array([each[k] for each in seen]) for k in range(3))
    held = [
        float(((ends[:, low] <= truth) & (truth <= ends[:, high])).mean())
        for truth, low, high in ((expected, 0, 2), (came, 0, 2), (came, 3, 4))
    ]
    return Foretold(float(expected.mean()), float(ends[:, 1].mean()), *held)


def _error_ratio() -> float:
    first = start()
    exact = integrate(first, settings(), 3, 256)[-1].heads
    coarse, fine = (np.abs(integrate(first, settings(), 3, steps)[-1].heads - exact).max() for steps in (8, 16))
    return float(coarse / fine)


def measure(*, quick: bool) -> list[Line]:
    """All tables, written to the pages unless `quick`."""
    worlds = 200 if quick else 2_000
    beside, truths, ahead = person_by_person(worlds), recovered(worlds // 10), foretold(worlds // 20)
    shape = (200, 9)
    cost, _ = timed(lambda: integrate(start(shape), settings(shape), MONTHS))
    off = np.concatenate([each.off[1:] for each in beside])
    ratio = _error_ratio()
    if not quick:
        for language in ("zh", "en"):
            text = _page(language, worlds, beside, truths, ahead, cost.wall_s, ratio)
            (PAGES / f"bench-training-newcomers.{language}.md").write_text(text, encoding="utf-8")
    return [
        Line(
            f"newcomers: largest difference of equations and {worlds:,} worlds of single people, in standard errors",
            float(off.max()),
            "",
            4.5,
        ),
        *(Line(f"newcomers: coverage of 90 % intervals, {each.name} (less 0.9)", abs(each.coverage - 0.9), "") for each in truths),
        Line("newcomers: coverage of the heads to be expected a year ahead (less 0.9)", abs(ahead.coverage - 0.9), ""),
        Line(f"newcomers: 9 plans x 200 draws x {MONTHS} months", cost.wall_s, "s", 5.0),
    ]


def _page(
    language: str, worlds: int, beside: Sequence[Beside], truths: Sequence[Recovered], ahead: Foretold, seconds: float, ratio: float
) -> str:
    words = {code: each[language] for code, each in WORDS.items()}
    off = np.concatenate([each.off[1:] for each in beside])
    ours, free = _overloaded()
    today = f"{date.today():%Y-%m-%d}"  # noqa: DTZ011
    machine = words["machine"].format(day=today, cores=os.cpu_count(), python=platform.python_version(), numpy=np.__version__)
    people = [
        [
            words[each.name],
            f"{each.equations[-1]:.2f}",
            f"{each.worlds[:, -1].mean():.2f}",
            f"{each.error[-1]:.3f}",
            f"{each.worlds[:, -1].std(ddof=1):.2f}",
        ]
        for each in beside
    ]
    rows = [[words[each.name], f"{each.truth:g}", f"{each.mean:.3g}", f"{each.coverage:.2f}"] for each in truths]
    parts = [
        f"# {words['title']}",
        words["written"],
        machine,
        words["people"].format(
            worlds=f"{worlds:,}", months=MONTHS, worst=off.max(), cells=off.size, chance=np.sqrt(2 * np.log(2 * off.size))
        ),
        _table(words["people_head"], people),
        words["overload"].format(ours=ours, free=free),
        words["recovered"].format(worlds=worlds // 10),
        _table(words["recovered_head"], rows),
        words["foretold"].format(
            worlds=worlds // 20,
            expected=ahead.expected,
            forecast=ahead.forecast,
            coverage=ahead.coverage,
            heads=ahead.coverage_of_heads,
            chance=ahead.coverage_with_chance,
        ),
        words["time"].format(months=MONTHS, seconds=seconds, ratio=ratio),
    ]
    return "\n\n".join(parts) + "\n"


def _table(head: str, rows: Sequence[Sequence[str]]) -> str:
    names = head.split("|")
    return "\n".join("| " + " | ".join(row) + " |" for row in (names, ["---"] * len(names), *rows))

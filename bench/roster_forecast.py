"""Forecasts of calls: errors and intervals on the calls of a real bank against plain averages, and the time for a large centre."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from bench.measure import Line, timed
from coachline.engine import clock
from coachline.engine.roster.forecast.models import MODELS
from coachline.engine.roster.forecast.scatter import quantile
from coachline.engine.roster.forecast.slots import work
from tests.engine.roster.forecast import bank
from tests.engine.roster.forecast.worlds import START, world

PAGES = {language: Path(__file__).parents[1] / "docs" / f"bench-roster-forecast.{language}.md" for language in ("zh", "en")}
GOALS = {1: 5.85, 5: 6.89, 10: 6.96}
"""WAPE in percent at a day, a week and two weeks of days with calls."""

PUBLISHED = (("MSTL + AutoETS", (9.05, 9.35, 9.67)), ("MSTL + AutoARIMA", (7.55, 9.33, 9.29)))
"""Of peers, measured apart on the same origins (AutoARIMA on four of them)."""

BUSINESSES, DAYS, AHEAD = 300, 460, 28


@dataclass(frozen=True)
class Shown:
    name: str
    wape: tuple[float, ...]
    covered: tuple[float, ...] | None = None


def measure(*, quick: bool = False) -> list[Line]:
    """The bank (where its calls are on this machine) and a made-up centre of 300 businesses; the pages are written unless `quick`."""
    known = bank.read() if bank.FILE.exists() else None
    shown = _bank(*known) if known else []
    made = world(1, days=DAYS, calls=20_000.0, businesses=BUSINESSES)
    past = made.history(DAYS - AHEAD)
    first = clock.EPOCH + timedelta(START + DAYS - AHEAD)
    cost, _ = timed(lambda: work(past, first, AHEAD))
    if not quick and shown:
        for language, page in PAGES.items():
            page.write_text(_page(shown, cost.wall_s, cost.cpu_s, first, language), encoding="utf-8")
    lines = [Line(f"forecast: {AHEAD} days, {BUSINESSES} businesses, half-hours, with back-test", cost.wall_s, "s", 30.0)]
    own = next((each for each in shown if each.covered), None)
    if own and own.covered:
        lines += [
            Line(f"forecast of the bank's calls, WAPE {days} working days ahead", error, "%", goal)
            for (days, goal), error in zip(GOALS.items(), own.wape, strict=True)
        ]
        lines.append(
            Line(
                "forecast of the bank's calls: largest distance of coverage from 90 %",
                max(abs(100 * c - 90) for c in own.covered),
                "points",
                3.0,
            )
        )
    return lines


def _bank(days: np.ndarray, calls: np.ndarray) -> list[Shown]:
    """Rivals, single models and the mix; every one sees only the days before each origin."""
    said: dict[str, list[np.ndarray]] = {name: [] for name in ("plain 1", "plain 4", "plain 8", *MODELS, "mix")}
    inside: list[np.ndarray] = []
    for origin in bank.ORIGINS:
        for weeks in (1, 4, 8):
            said[f"plain {weeks}"].append(bank.plain(days, calls, origin, weeks))
        known = bank.known_before(days, calls, origin)
        found = work(known, clock.EPOCH + timedelta(known.end), bank.REACH, country="none")
        for name, model in zip(MODELS, found.said, strict=True):
            said[name].append(bank.ahead(days, known, model[0], origin))
        mixed = bank.ahead(days, known, found.calls[0], origin)
        beyond = bank.ahead(days, known, np.repeat(found.beyond[0][:, None], 48, axis=1), origin)
        said["mix"].append(mixed)
        truth = calls[origin : origin + bank.HORIZONS[-1]]
        inside.append((quantile(0.05, mixed, beyond) <= truth) & (truth <= quantile(0.95, mixed, beyond)))
    covered = tuple(float(np.mean([each[:horizon].mean() for each in inside])) for horizon in bank.HORIZONS)
    return [Shown(name, bank.wapes(calls, each), covered if name == "mix" else None) for name, each in said.items()]


WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "head": "# 测速：话务量预测\n\n由 `python -m bench.run --only roster_forecast` 写成。\n\n## 真实数据\n\n一家银行 164 个工作日的来电（2003 年，按半小时），11 个滚动起点；每个起点只用此前的数据学习影响、权重和区间，全程同一套做法。"
        "WAPE：绝对误差之和 ÷ 来电之和。目标 {goals}。\n",
        "columns": "| 方法 | 提前 1 天 | 1 周 | 2 周 | 90% 区间实际覆盖 |",
        "plain": "前 {0} 个同星期日均值",
        "published": "（另行测得）",
        "mix": "**本系统（组合）**",
        "model": "其中：{0}",
        "foot": "\n只凭偶然（泊松）的误差约 2.3%。\n\n## 大中心\n\n虚拟中心：{businesses} 个业务、每天约 2 万通、{days} 天历史，预测 {ahead} 天（自 {first}），含 12 次回测：{wall:.1f} 秒（CPU {cpu:.1f} 秒）。\n",
    },
    "en": {
        "head": "# Bench: forecast of calls\n\nWritten by `python -m bench.run --only roster_forecast`.\n\n## Real data\n\nCalls of a bank on 164 working days (2003, half-hours), 11 rolling origins; at each of them effects, weights and intervals are learnt from the days before "
        "alone, by one and the same procedure. WAPE: sum of absolute errors by sum of calls. Goal {goals}.\n",
        "columns": "| method | 1 day ahead | 1 week | 2 weeks | held by 90 % intervals |",
        "plain": "mean of the last {0} same weekdays",
        "published": " (measured apart)",
        "mix": "**ours (the mix)**",
        "model": "of it: {0}",
        "foot": "\nChance alone (Poisson) makes an error of about 2.3 %.\n\n## A large centre\n\nMade up: {businesses} businesses, about 20,000 calls a day, {days} days of history, {ahead} days forecast (from {first} on), with 12 back-tests: "
        "{wall:.1f} s ({cpu:.1f} s of CPU).\n",
    },
}


def _page(shown: list[Shown], wall_s: float, cpu_s: float, first: date, language: str) -> str:
    words = WORDS[language]
    rows = [_row(_title(each.name, words), each.wape, each.covered) for each in shown]
    rows += [_row(name + words["published"], wape, None) for name, wape in PUBLISHED]
    goals = " / ".join(f"{goal:.2f}" for goal in GOALS.values()) + " %"
    foot = words["foot"].format(businesses=BUSINESSES, days=DAYS - AHEAD, ahead=AHEAD, first=first, wall=wall_s, cpu=cpu_s)
    return "\n".join([words["head"].format(goals=goals), words["columns"], "|---|---|---|---|---|", *rows, foot])


def _title(name: str, words: dict[str, str]) -> str:
    kind, _, rest = name.partition(" ")
    return words[kind].format(rest) if kind in words else words["model"].format(name)


def _row(title: str, wape: tuple[float, ...], covered: tuple[float, ...] | None) -> str:
    held = " / ".join(f"{100 * each:.1f}" for each in covered) + " %" if covered else ""
    return f"| {title} | {' | '.join(f'{each:.2f}' for each in wape)} | {held} |"

"""Heads for a month of half-hours at once against one half-hour after the other, formulas against simulation, and the compiled simulator against plain Python."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from math import exp
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.measure import Line, in_turns, timed
from coachline.engine.roster.simulation.calls import Calls, Traffic
from coachline.engine.roster.simulation.crew import Crew
from coachline.engine.roster.simulation.trying import Habits, estimate, played, tried
from coachline.engine.roster.staffing.heads import needed_heads
from coachline.engine.stats.erlang_a import erlang_a
from tests.engine.roster.simulation.plain import plain_play

PAGES = {language: Path(__file__).parents[1] / "docs" / f"bench-roster-staffing.{language}.md" for language in ("zh", "en")}
HANDLE_S, PATIENCE_S, WITHIN_S = 240.0, 120.0, 20.0
QUEUES = ((8, 11), (40, 46), (160, 169))
MONTH_GOAL_S = 1.0
EXACT_GOAL = 0.002

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Queue:
    """One queue by formula and by simulation."""

    load: int
    heads: int
    formula: float
    simulated: float
    calls_a_second: float
    ratio: float


def month(seed: int) -> tuple[Floats, Floats, Floats, Floats]:
    """28 days of half-hours for 20 businesses: load, handle time, patience, spread."""
    rng = np.random.default_rng(seed)
    load = rng.gamma(0.7, 10.0, (28 * 48, 20))
    load[rng.random(load.shape) < 0.2] = 0.0
    return load, rng.uniform(100, 400, 20), rng.uniform(60, 300, 20), rng.uniform(0.05, 0.4, load.shape)


def one_by_one(load: Floats, handle_s: Floats) -> NDArray[np.int64]:
    """Erlang C for 80 % in 20 s as it stands in textbooks: the recursion, one half-hour after the other."""
    found = np.zeros(load.shape, np.int64)
    for place, a in np.ndenumerate(load):
        if a <= 0:
            continue
        lost, n = 1.0, 0
        while True:
            n += 1
            lost = a * lost / (n + a * lost)
            if n > a and 1.0 - n * lost / (n - a * (1.0 - lost)) * exp(-(n - a) * WITHIN_S / handle_s[place[1]]) >= 0.8:
                break
        found[place] = n
    return found


def alone(load: float, heads: int, calls: int) -> tuple[Crew, Traffic]:
    slots = round(calls * HANDLE_S / load / 1800)
    traffic = Traffic(np.full((slots, 1), load / HANDLE_S * 1800), np.array([PATIENCE_S]), np.array([np.nan]))
    start = np.zeros(heads)
    return Crew(
        np.arange(heads), start.astype(np.int64), start, start + slots * 1800.0, np.ones((heads, 1), np.bool_), np.full((heads, 1), HANDLE_S),
        np.full((heads, 1), 0.8), np.zeros(1),
    ), traffic  # fmt: skip


def plain(calls: Calls, heads: int) -> float:
    """The share abandoned, by the shortest plain loop there is: a heap of the moments at which somebody becomes free."""
    free = [0.0] * heads
    gone = 0
    for at, patience, work in zip(calls.arrives_s.tolist(), calls.patience_s.tolist(), calls.work.tolist(), strict=True):
        begins = max(at, free[0])
        if begins - at >= patience:
            gone += 1
        else:
            heapq.heapreplace(free, begins + HANDLE_S * work)
    return gone / len(calls.work)


def queue(load: int, heads: int, calls: int) -> Queue:
    crew, traffic = alone(load, heads, calls)
    drawn = traffic.draw(1, 0)
    habits = Habits(WITHIN_S)
    played(crew, traffic.draw(2, 0).share(0.01), traffic, habits, 1)
    (ours, theirs), _ = in_turns([lambda: played(crew, drawn, traffic, habits, 1), lambda: plain(drawn, heads)], 3)
    found = tried(crew, traffic, habits, tries=4)
    formula = erlang_a(load, heads, PATIENCE_S / HANDLE_S, WITHIN_S / HANDLE_S)
    return Queue(
        load, heads, float(formula.abandoned), float(estimate("abandoned", found).value), len(drawn.work) / ours.cpu_s, theirs.cpu_s / ours.cpu_s
    )  # fmt: skip


def centre(seed: int) -> tuple[Crew, Traffic]:
    """300 people, 20 businesses of which each takes four, a month of shifts of eight hours."""
    rng = np.random.default_rng(seed)
    people, businesses, days = 300, 20, 28
    skilled = np.zeros((people, businesses), np.bool_)
    for who in range(people):
        skilled[who, rng.choice(businesses, 4, replace=False)] = True
    worked = np.argwhere(rng.random((people, days)) < 5 / 7)
    agent, day = worked[:, 0], worked[:, 1]
    begins = day * 86_400.0 + rng.choice([8, 10, 13, 14], len(agent)) * 3600.0
    post = np.array([rng.choice(np.flatnonzero(skilled[each])) for each in agent])
    crew = Crew(
        agent, post, begins, begins + 8 * 3600.0, skilled, rng.uniform(150, 300, skilled.shape), rng.uniform(0.6, 0.95, skilled.shape),
        (np.arange(businesses) < 3).astype(float),
    )  # fmt: skip
    hour = np.arange(days * 48) % 48 / 2
    shape = np.where((hour >= 8) & (hour < 22), 1.0 + np.sin((hour - 8) / 14 * np.pi), 0.02)
    share = rng.dirichlet(np.full(businesses, 2.0))
    return crew, Traffic(600.0 * shape[:, None] * share, np.full(businesses, PATIENCE_S), np.full(businesses, 0.55))


def measure(*, quick: bool = False) -> list[Line]:
    """Time and compare; the pages are written unless `quick`."""
    load, handle, patience, spread = month(1)
    repetitions = 2 if quick else 5
    actions = [
        lambda: needed_heads(load, handle),
        lambda: one_by_one(load, handle),
        lambda: needed_heads(load, handle, patience),
        lambda: needed_heads(load, handle, patience, spread=spread),
    ]
    costs, heads = in_turns(actions, repetitions)
    queues = [queue(*each, 100_000 if quick else 1_000_000) for each in QUEUES]
    crew, traffic = centre(1)
    calls = traffic.draw(1, 0)
    habits = Habits(WITHIN_S)
    played(crew, calls.share(0.01), traffic, habits, 1)
    skills, _ = timed(lambda: played(crew, calls, traffic, habits, 1))
    one_day = calls.share(0.03)
    (fast, slow), both = in_turns(
        [
            lambda: played(crew, one_day, traffic, habits, 1),
            lambda: plain_play(crew, one_day, WITHIN_S, len(traffic.calls), traffic.slot_s),
        ],
        1,
    )
    drawing, _ = timed(lambda: traffic.draw(1, 1))
    figures = {
        "same": float((heads[0] == heads[1]).mean()),
        "c": costs[0].cpu_s,
        "loop": costs[1].cpu_s,
        "a": costs[2].cpu_s,
        "spread": costs[3].cpu_s,
        "ratio": costs[1].cpu_s / costs[0].cpu_s,
        "calls": float(len(calls.work)),
        "skills": len(calls.work) / skills.cpu_s,
        "drawing": drawing.cpu_s,
        "seconds": skills.cpu_s,
        "same_rules": slow.cpu_s / fast.cpu_s,
        "cells_apart": float((both[0][..., :5] != both[1][..., :5]).sum()),
    }
    if not quick:
        for language, page in PAGES.items():
            page.write_text(_page(figures, queues, language), encoding="utf-8")
    return [
        Line("staffing: a month of 20 businesses, Erlang A over an uncertain forecast", figures["spread"], "s", MONTH_GOAL_S),
        Line("staffing: Erlang C at once, against the recursion one half-hour after the other", 1.0 / figures["ratio"], "of its time", 1.0),
        Line("staffing: half-hours in which both say otherwise", 1.0 - figures["same"], "", 0.0),
        Line("Erlang A against simulation, largest difference of the share abandoned", max(abs(q.formula - q.simulated) for q in queues), "", EXACT_GOAL),
        Line("simulator, one queue: slowest, millions of calls a second", min(q.calls_a_second for q in queues) / 1e6, "M/s"),
        Line("simulator, one queue: time against plain Python", 1.0 / min(q.ratio for q in queues), "", 1.0),
        Line("simulator, 300 people of 4 skills, 20 businesses: a month", figures["seconds"], "s", 5.0),
        Line("simulator, several skills: time against the same rules in plain Python", 1.0 / figures["same_rules"], "", 1.0),
        Line("simulator, several skills: figures that differ from plain Python's", figures["cells_apart"], "", 0.0),
    ]  # fmt: skip


WORDS = {
    "zh": (
        "# 测速：人力需求与模拟\n\n由 `python -m bench.run --only roster_staffing` 写成；时间是处理器秒，一个核。\n\n## 一个月、20 项业务（26,880 个半小时）\n",
        "| | 秒 |\n|---|---|\n| 厄兰 C，逐格递推（教科书写法，Python） | {loop:.2f} |\n| 厄兰 C，一次算完 | {c:.3f} |\n| 厄兰 A（各业务耐心不同） | {a:.3f} |\n| 厄兰 A，预测不准时平均达标 | {spread:.2f} |\n\n"
        "一次算完是逐格的 {ratio:.0f} 倍快，人数相同的格占 {same:.2%}。\n\n## 公式与模拟（处理 4 分钟，耐心 2 分钟，各四百万通）\n",
        "| 话务量 | 人数 | 放弃率：公式 | 模拟 | 百万通/秒 | 纯 Python 循环的几倍 |\n|---|---|---|---|---|---|",
        "\n对手是最短的纯 Python 写法（空闲时刻的堆），只会一个队列、不分技能，也不记各半小时的数。\n\n## 多技能\n\n300 人、每人会 4 项、20 项业务中 3 项优先、一个月 {calls:,.0f} 通：模拟 {seconds:.2f} 秒，每秒 {million:.1f} 百万通；抽这些来电 {drawing:.2f} 秒。同样的规则用纯 Python 写（测试中核对用的那份），慢 {same_rules:.0f} 倍，逐格结果不同的有 {cells_apart:.0f} 处。\n",
    ),
    "en": (
        "# Bench: staffing and simulation\n\nWritten by `python -m bench.run --only roster_staffing`; times are seconds of processor, one core.\n\n## A month of 20 businesses (26,880 half-hours)\n",
        "| | s |\n|---|---|\n| Erlang C, the recursion cell by cell (as in textbooks, Python) | {loop:.2f} |\n| Erlang C, all at once | {c:.3f} |\n| Erlang A, patience by business | {a:.3f} |\n"
        "| Erlang A, held on average over an uncertain forecast | {spread:.2f} |\n\nAll at once is {ratio:.0f} times as fast; heads agree in {same:.2%} of the cells.\n\n"
        "## Formula and simulation (4 minutes of handling, 2 of patience, four million calls each)\n",
        "| load | heads | abandoned: formula | simulated | million calls/s | times plain Python |\n|---|---|---|---|---|---|",
        "\nThe rival is the shortest plain loop (a heap of the moments at which somebody becomes free): one queue, no skills, no figures by half-hour.\n\n## Several skills\n\n"
        "300 people of 4 skills each, 20 businesses of which 3 come first, a month of {calls:,.0f} calls: {seconds:.2f} s, {million:.1f} million calls/s; drawing them {drawing:.2f} s. The same rules in plain Python (as tests have them) take {same_rules:.0f} times as long; figures that differ: {cells_apart:.0f}.\n",
    ),
}


def _page(figures: dict[str, float], queues: list[Queue], language: str) -> str:
    head, at_once, columns, skills = WORDS[language]
    rows = [
        f"| {q.load} | {q.heads} | {q.formula:.4f} | {q.simulated:.4f} | {q.calls_a_second / 1e6:.1f} | {q.ratio:.0f} |" for q in queues
    ]
    return "\n".join([head, at_once.format(**figures), columns, *rows, skills.format(**figures, million=figures["skills"] / 1e6)])

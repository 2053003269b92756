"""Drill by spaced repetition beside a fixed timetable: how often people practise, and how much they know day by day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from fsrs import Card, Rating, Scheduler
from fsrs.scheduler import DEFAULT_PARAMETERS

from bench.measure import Line

PAGES = Path(__file__).parents[1] / "docs"
PHRASES, AGENTS, DAYS = 30, 300, 180
RECALL = 0.9
SHORT = 0.8
START = datetime(2026, 1, 1, tzinfo=UTC)

WORDS: Mapping[str, Mapping[str, str]] = {
    "title": {"zh": "练习：间隔重复与固定日程", "en": "Drill: spaced repetition beside a fixed timetable"},
    "written": {
        "zh": "由 `python -m bench.run --only training_drill` 写成。{agents} 人 × {phrases} 条话术，第 0 天学会，之后 {days} 天；记忆按 FSRS-6 遗忘，练习时记得的概率就是当时的记忆。"
        "“记忆如常”中每个人的记忆正是排程所假定的，这是好处的上限；“记忆因人而异”中每人记忆的稳定度为排程所假定的 e^(0.5z) 倍（z 为标准正态），排程并不知道。",
        "en": "Written by `python -m bench.run --only training_drill`. {agents} people x {phrases} phrases, learnt on day 0, over {days} days; memory fades as in FSRS-6, and what is known when it "
        "is practised is drawn from that. In “memory as assumed” everybody forgets just as the timetable assumes, which is the most that it can gain; in “memory of their own” each person's stability is "
        "exp(0.5 z) times what is assumed (z standard normal), and the timetable does not know.",
    },
    "head": {
        "zh": "| 记忆 | 日程 | 每条练习次数 | 平均记得 | 低于 {short} 的天数占比 |",
        "en": "| memory | timetable | drills per phrase | mean recall | days below {short} |",
    },
    "same": {"zh": "如常", "en": "as assumed"},
    "own": {"zh": "因人而异", "en": "of their own"},
    "every": {"zh": "每 {days} 天", "en": "every {days} days"},
    "spaced": {"zh": "**间隔重复，目标 {recall}**", "en": "**spaced repetition, recall {recall}**"},
    "spaced_up": {"zh": "间隔重复，目标 {recall}", "en": "spaced repetition, recall {recall}"},
}


@dataclass(frozen=True)
class Outcome:
    """What a timetable comes to: drills per phrase, mean recall over all days, share of days below `SHORT`."""

    memory: str
    timetable: str
    every: int | None
    recall: float | None
    drills: float
    known: float
    short: float


def practise(memory: str, every: int | None, recall: float | None, agents: int) -> Outcome:
    """Follow all phrases for `DAYS` days on one timetable; the same seed for all of them."""
    draw = np.random.default_rng(20260701)
    planner = Scheduler(desired_retention=recall or RECALL, learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    drills = 0
    known: list[np.ndarray] = []
    for _ in range(agents):
        factor = float(np.exp(0.5 * draw.standard_normal())) if memory == "own" else 1.0
        truth = Scheduler([w * factor if k < 4 else w for k, w in enumerate(DEFAULT_PARAMETERS)], learning_steps=(), relearning_steps=())
        luck = draw.random((PHRASES, DAYS + 1))
        for phrase in range(PHRASES):
            true, planned = (Card(card_id=1, due=START) for _ in range(2))
            true, _ = truth.review_card(true, Rating.Good, START)
            planned, _ = planner.review_card(planned, Rating.Good, START)
            day = 0
            while day < DAYS:
                following = day + every if every else (planned.due - START).days
                stop = min(following, DAYS)
                assert true.stability is not None
                ages = np.arange(1, stop - day + 1)
                known.append((1 + truth._FACTOR * ages / true.stability) ** truth._DECAY)
                day = following
                if day >= DAYS:
                    break
                when = START + timedelta(days=day)
                rating = Rating.Good if luck[phrase, day] < known[-1][-1] else Rating.Again
                true, _ = truth.review_card(true, rating, when)
                planned, _ = planner.review_card(planned, rating, when)
                drills += 1
    every_day = np.concatenate(known)
    label = "every" if every else "spaced" if recall == RECALL else "spaced_up"
    return Outcome(memory, label, every, recall, drills / (agents * PHRASES), float(every_day.mean()), float((every_day < SHORT).mean()))


def measure(*, quick: bool) -> list[Line]:
    """All timetables; pages are written unless `quick`."""
    agents = 20 if quick else AGENTS
    timetables: tuple[tuple[int | None, float | None], ...] = ((14, None), (30, None), (None, RECALL), (None, 0.93))
    found = [practise(memory, every, recall, agents) for memory in ("same", "own") for every, recall in timetables]
    if not quick:
        for language in ("zh", "en"):
            (PAGES / f"bench-training-drill.{language}.md").write_text(page(found, language), encoding="utf-8")
    lines = []
    for memory in ("same", "own"):
        fixed, spaced = (
            next(o for o in found if o.memory == memory and (o.every, o.recall) == which) for which in ((14, None), (None, RECALL))
        )
        what = f"drill ({WORDS[memory]['en']}): spaced repetition beside every 14 days, recall {spaced.known:.4f} and {fixed.known:.4f}"
        lines.append(Line(f"{what}, drills", spaced.drills / fixed.drills, "x", 0.5 if memory == "same" else None))
        lines.append(Line(f"{what}, recall lost", fixed.known - spaced.known, "", 0.005 if memory == "same" else None))
    return lines


def page(found: list[Outcome], language: str) -> str:
    words = {code: each[language] for code, each in WORDS.items()}
    rows = [
        f"| {words[o.memory]} | {words[o.timetable].format(days=o.every, recall=o.recall)} | {o.drills:.1f} | {o.known:.4f} | {o.short:.2%} |"
        for o in found
    ]
    written = words["written"].format(agents=AGENTS, phrases=PHRASES, days=DAYS)
    head = words["head"].format(short=SHORT)
    return "\n\n".join([f"# {words['title']}", written, "\n".join([head, "|---|---|---|---|---|", *rows])]) + "\n"

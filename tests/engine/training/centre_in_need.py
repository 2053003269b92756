"""A small centre of which it is known who is weak where: everybody alike but for the pairs that a test names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from coachline.engine.facts import Facts
from tests.engine.capability.calls import START, calls_of

FactsOf = Callable[..., Facts]
AGENTS = [f"a{n:02d}" for n in range(24)]
BUSINESSES = ["包裹/查询", "包裹/投诉", "包裹/资费", "储蓄/查询", "储蓄/挂失", "汇款"]
USUAL, WEAK, EXCELLENT = 0.85, 0.45, 1.0
CALLS = 60
"""Of everybody on every business, on one day."""

LAST_DAY = START
Rates = Mapping[tuple[int, int], float]


def weak(agents: range, business: int) -> dict[tuple[int, int], float]:
    return {(agent, business): WEAK for agent in agents}


def centre(rates: Rates, calls: Mapping[tuple[int, int], int] | None = None, **tables: Any) -> dict[str, Any]:
    """Fact tables: calls on the last day, agents in four teams, and `tables`."""
    tries = np.full((len(AGENTS), len(BUSINESSES)), CALLS)
    chance = np.full(tries.shape, USUAL)
    for pair, rate in rates.items():
        chance[pair] = rate
    for pair, count in (calls or {}).items():
        tries[pair] = count
    # Whom no test names differs from the others by chance alone.
    by_chance = np.random.default_rng(5).binomial(tries, USUAL)
    successes = np.where(chance == USUAL, by_chance, np.round(tries * chance)).astype(int)
    staff = [{"agent_id": agent, "team": f"t{n % 4}", "role": "客服专员"} for n, agent in enumerate(AGENTS)]
    return {"calls": calls_of(tries, successes, AGENTS, BUSINESSES), "agents": staff, **tables}


def before(days: float) -> datetime:
    """So many days before the last one."""
    return LAST_DAY - timedelta(days=days)


def training(agent: int, business: int, days: float | None, **more: Any) -> dict[str, Any]:
    moment = None if days is None else before(days)
    return {
        "training_id": f"t{agent}-{business}-{days}", "agent_id": AGENTS[agent], "business": BUSINESSES[business], "method": "class",
        "started_at": moment, "hours": 2.0, **more,
    }  # fmt: skip


def exam(agent: int, business: int, right: int, wrong: int, days: float) -> list[dict[str, Any]]:
    return [
        {
            "exam_id": f"e{agent}-{days}", "agent_id": AGENTS[agent], "item": f"q{n}", "business": BUSINESSES[business], "taken_at": before(days),
            "correct": n < right,
        }
        for n in range(right + wrong)
    ]  # fmt: skip


def shifts(hours: Mapping[int, tuple[int, int]], days: int = 10) -> list[dict[str, Any]]:
    """Everybody's work from one hour to another, day by day."""
    midnight = datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, tzinfo=UTC)
    return [
        {"agent_id": AGENTS[agent], "starts_at": midnight + timedelta(days=-day, hours=first), "ends_at": midnight + timedelta(days=-day, hours=last), "activity": "work"}
        for agent, (first, last) in hours.items()
        for day in range(days)
    ]  # fmt: skip


def everything_in_need() -> dict[str, Any]:
    """A centre in which every table of needs and groups holds something."""
    strong = {(20, 5): EXCELLENT, (21, 5): EXCELLENT}
    made = centre(
        {**weak(range(7), 0), **weak(range(2), 5), (8, 1): 0.0, **strong},
        {(8, 1): 3},
        exams=[*exam(0, 0, 9, 1, 5), *exam(1, 0, 2, 8, 5)],
        trainings=[training(2, 0, 9), training(3, 3, 9, hours=1.5, method="mentor", trainer_id=AGENTS[21])],
        enrolments=[
            {"training_id": "new", "agent_id": AGENTS[3], "business": BUSINESSES[0], "arm": "waiting", "decided_at": before(2)},
        ],
        survey_answers=[{"survey": "s", "respondent": AGENTS[4], "question": "想参加什么培训", "text": "汇款，包裹/查询"}],
        businesses=[{"business": BUSINESSES[0], "title": "件在哪里", "minutes_to_train": 90.0}],
        shifts=shifts(dict.fromkeys(range(22), (1, 9)) | {20: (5, 13)}),
    )
    made["agents"].append({"agent_id": "new", "team": "t1", "role": "客服专员", "hired_on": before(3).date()})
    return made

"""Exams: one of everybody each month, one after each training; answers follow a two-parameter item response model."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from scipy.special import expit

from coachline.engine.simulate.conform import conform
from coachline.engine.simulate.instants import instants
from coachline.engine.simulate.roster import DAY_S
from coachline.engine.simulate.size import MONTH_DAYS
from coachline.engine.simulate.world import World

MONTHLY_ITEMS, TRAINING_ITEMS = 20, 10
POOL = 60
"""Items from which the monthly exams are put together."""
POINTS = 5.0


def hold(world: World, rng: np.random.Generator) -> tuple[pa.Table, dict[str, pa.Table]]:
    """Hold all exams.

    P(correct) = logistic(discrimination x (ability - difficulty)).

    Returns
    -------
    tuple
        The fact table; the truth ``exam_items`` (discrimination, difficulty) and ``exam_abilities``.
    """
    people, businesses = world.people, world.businesses
    effect = world.truth.agent["resolved"]
    ability = 0.8 * effect / max(float(effect.std()), 1e-9) + 0.6 * rng.standard_normal(people.count)
    difficulty = rng.standard_normal(POOL) - 0.8
    discrimination = np.exp(0.3 * rng.standard_normal(POOL))
    topic = rng.choice(world.size.businesses, POOL, p=businesses.share)
    exam: list[np.ndarray] = []
    labels: list[str] = []
    for number, day in enumerate(range(MONTH_DAYS - 8, world.size.days, MONTH_DAYS)):
        sitting = np.flatnonzero(people.present(day))
        items = np.sort(rng.choice(POOL, MONTHLY_ITEMS, replace=False))
        exam.append(_answers(len(labels), sitting, items, np.full(len(sitting), day), topic[items]))
        labels.append(f"YK{number + 1:03d}")
    trainings = world.trainings
    for training in np.unique(trainings["training"]):
        rows = np.flatnonzero((trainings["training"] == training) & (trainings["day"] >= 0) & (trainings["day"] < world.size.days - 1))
        if not len(rows):
            continue
        items = np.sort(rng.choice(POOL, TRAINING_ITEMS, replace=False))
        about = np.full(TRAINING_ITEMS, trainings["business"][rows[0]])
        exam.append(_answers(len(labels), trainings["agent"][rows], items, trainings["day"][rows] + 1, about))
        labels.append(f"PK{training:05d}")
    answers = np.concatenate(exam, axis=1) if exam else np.zeros((5, 0), np.int64)
    paper, agent, item, taken, about = answers
    correct = rng.random(len(item)) < expit(discrimination[item] * (ability[agent] - difficulty[item]))
    ids = pa.array(people.agent_id)
    table = conform(
        "exams",
        {
            "exam_id": pa.array(labels, pa.string()).take(pa.array(paper)),
            "agent_id": ids.take(pa.array(agent)),
            "item": pa.array([f"T{n + 1:03d}" for n in range(POOL)]).take(pa.array(item)),
            "business": pa.array(businesses.path).take(pa.array(about)),
            "taken_at": instants(world.size.start, taken * DAY_S + 17 * 3600),
            "correct": correct,
            "points": np.where(correct, POINTS, 0.0),
            "max_points": np.full(len(item), POINTS),
        },
    )
    truth = {
        "exam_items": pa.table(
            {"item": [f"T{n + 1:03d}" for n in range(POOL)], "discrimination": discrimination, "difficulty": difficulty}
        ),
        "exam_abilities": pa.table({"agent_id": ids, "ability": ability}),
    }
    return table, truth


def _answers(number: int, agents: np.ndarray, items: np.ndarray, day: np.ndarray, about: np.ndarray) -> np.ndarray:
    """(5, agents x items) exam, agent, item, day, business."""
    count = len(items)
    return np.stack(
        [
            np.full(len(agents) * count, number),
            np.repeat(agents, count),
            np.tile(items, len(agents)),
            np.repeat(day, count),
            np.tile(about, len(agents)),
        ]
    ).astype(np.int64)

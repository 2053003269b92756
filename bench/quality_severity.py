"""Fair scores beside raw ones: who hears whom, how many calls are scored twice; and the time of a large fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.measure import Line, timed
from coachline.engine.stats.crossed_reml import Rows, fit_reml

AGENTS, INSPECTORS, EACH = 156, 12, 20
SKILL, SEVERITY, NOISE, SHARED = 3.0, 3.0, 6.0, 22.6
"""Standard deviations in points; of the variance of the noise, `SHARED` belongs to the call and is heard alike by everybody."""

LARGE = 100_000


@dataclass(frozen=True)
class World:
    """Scores with true skill and severity."""

    rows: Rows
    skill: NDArray[np.float64]
    severity: NDArray[np.float64]


def world(seed: int, own_team: bool, twice: float, agents: int = AGENTS, inspectors: int = INSPECTORS, each: int = EACH) -> World:
    """Agents of equal teams; each inspector hears the own team, or anybody."""
    draw = np.random.default_rng(seed)
    team = np.arange(agents) % inspectors
    skill, severity = SKILL * draw.standard_normal(agents), SEVERITY * draw.standard_normal(inspectors)
    agent = np.repeat(np.arange(agents), each)
    calls = len(agent)
    first = team[agent] if own_team else draw.integers(inspectors, size=calls)
    again = np.flatnonzero(draw.random(calls) < twice)
    call = np.concatenate([np.arange(calls), again])
    inspector = np.concatenate([first, (first[again] + draw.integers(1, inspectors, len(again))) % inspectors])
    heard = SHARED**0.5 * draw.standard_normal(calls)
    value = 80 + skill[agent[call]] + heard[call] - severity[inspector] + (NOISE**2 - SHARED) ** 0.5 * draw.standard_normal(len(call))
    return World(Rows(value, agent[call], {"inspector_id": inspector, "team": team[agent[call]]}, call), skill, severity)


def rank_correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(np.corrcoef(one.argsort().argsort(), other.argsort().argsort())[0, 1])


def measure(repetitions: int = 40) -> list[Line]:
    """Mean figures of `repetitions` worlds for each design, and the fit of `LARGE` inspections."""
    lines = []
    for own_team in (True, False):
        for twice in (0.0, 0.1, 0.2):
            raw, fair, known, off = [], [], [], []
            for seed in range(repetitions):
                made = world(seed, own_team, twice)
                rows, fitted = made.rows, fit_reml(made.rows)
                mean = np.bincount(rows.group, rows.value) / np.bincount(rows.group)
                kinder = np.bincount(rows.group, rows.value + made.severity[rows.crossed["inspector_id"]]) / np.bincount(rows.group)
                level = fitted.group_levels("inspector_id", team=np.arange(AGENTS) % INSPECTORS).mean
                raw.append(rank_correlation(mean, made.skill))
                fair.append(rank_correlation(level, made.skill))
                known.append(rank_correlation(kinder, made.skill))
                centred = made.severity - made.severity.mean()
                off.append(float(np.sqrt(((-fitted.contrasts("inspector_id").mean - centred) ** 2).mean())))
            design = f"severity: {'own team' if own_team else 'anybody'}, {twice:.0%} scored twice"
            beside = f"(raw {np.mean(raw):.3f}, severity known {np.mean(known):.3f}, severity RMSE {np.mean(off):.2f} points)"
            short = 1.0 - float(np.mean(fair))
            # The bound is on what is lacking to 1, so that less is better as everywhere in the table.
            bound = 0.11 if own_team and twice == 0.1 else None
            lines.append(Line(f"{design}: 1 - rank correlation of fair scores with skill {beside}", short, "", bound))
    large = world(1, False, 0.1, agents=2_000, inspectors=100, each=round(LARGE / 1.1 / 2_000))
    cost, _ = timed(lambda: fit_reml(large.rows))
    lines.append(Line(f"severity: fit of {len(large.rows.value):,} inspections, 2,000 agents, 100 inspectors", cost.wall_s, "s", 2.0))
    return lines

"""What people wish of the roster to come: a free day or two, rather at weekends, and now and then a shift."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pyarrow as pa

from coachline.engine.simulate.conform import conform
from coachline.engine.simulate.roster import OFF_WEIGHTS
from coachline.engine.simulate.world import World

AHEAD_DAYS = 28
WISHING = 0.6
"""Share of those employed who hand in wishes; each of them on one to `MOST_DAYS` days."""
MOST_DAYS = 4
WISHES, SHARES = ("休息", "早班", "晚班"), (0.75, 0.15, 0.10)
STRENGTHS = (1.0, 2.0, 3.0)
STREAM = 20260701


def wishes_ahead(world: World) -> pa.Table:
    """The fact table for the four weeks after the last day."""
    rng = np.random.default_rng([world.seed, STREAM])
    first = world.size.days
    weekday = (world.size.day(first - 1).weekday() + 1 + np.arange(AHEAD_DAYS)) % 7
    chance = OFF_WEIGHTS[weekday] / OFF_WEIGHTS[weekday].sum()
    employed = np.flatnonzero(world.people.present(first - 1))
    agents, days = [], []
    for agent in employed[rng.random(len(employed)) < WISHING]:
        wanted = np.sort(rng.choice(AHEAD_DAYS, rng.integers(1, MOST_DAYS + 1), replace=False, p=chance))
        agents += [world.people.agent_id[agent]] * len(wanted)
        days += wanted.tolist()
    start = world.size.start + timedelta(days=first)
    return conform(
        "wishes",
        {
            "agent_id": pa.array(agents, pa.string()),
            "date": pa.array([start + timedelta(days=int(day)) for day in days], pa.date32()),
            "wish": pa.array(rng.choice(WISHES, len(days), p=SHARES).tolist(), pa.string()),
            "strength": pa.array(rng.choice(STRENGTHS, len(days)), pa.float64()),
        },
    )

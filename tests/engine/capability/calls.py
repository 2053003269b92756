"""Calls whose chances are known, as fact rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from coachline.engine.simulate.crossed_world import CrossedWorld

START = datetime(2026, 1, 1, 1, tzinfo=UTC)


def names(world: CrossedWorld) -> tuple[list[str], list[str]]:
    """Agents and businesses of a world; the businesses stand under their family."""
    agents = [f"a{i:04d}" for i in range(world.chance.shape[0])]
    return agents, [f"f{f:02d}/b{j:03d}" for j, f in enumerate(world.family)]


def calls_of(
    tries: np.ndarray, successes: np.ndarray, agents: list[str], businesses: list[str], column: str = "resolved", day: int = 0
) -> pa.Table:
    """One answered call per try; the first ones of a cell succeed."""
    i, j = np.nonzero(tries)
    n, s = tries[i, j], successes[i, j]
    cell = np.repeat(np.arange(len(n)), n)
    place = np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)
    moments = [START + timedelta(days=day, seconds=int(k) % 40_000) for k in range(len(cell))]
    return pa.table(
        {
            "call_id": [f"{day}-{k}" for k in range(len(cell))],
            "arrived_at": pa.array(moments, pa.timestamp("us", "UTC")),
            "outcome": ["answered"] * len(cell),
            "agent_id": [agents[k] for k in i[cell]],
            "business": [businesses[k] for k in j[cell]],
            column: pa.array(place < s[cell]),
        }
    )


def matrix_rows(result: Any, outcome: str, agents: list[str], businesses: list[str], column: str) -> np.ndarray:
    """A figure of the matrix as an array (agents, businesses)."""
    rows = result.polars().filter(outcome=outcome).sort("agent_id", "business")
    assert rows.height == len(agents) * len(businesses)
    assert rows["agent_id"].unique(maintain_order=True).to_list() == sorted(agents)
    return np.asarray(rows[column].to_numpy()).reshape(len(agents), len(businesses))

"""A synthetic centre of some size, and its files as a Chinese call system would export them."""

from __future__ import annotations

from bench.measure import Line, timed
from coachline.engine.simulate import CentreSize, simulate_centre

GOAL_S = 60.0


def measure(rows: int) -> list[Line]:
    size = CentreSize(agents=400, businesses=60, days=365, calls=rows)
    cost, centre = timed(lambda: simulate_centre(size))
    assert centre.tables["calls"].num_rows == rows
    return [Line(f"simulated centre, {rows:,} calls", cost.wall_s, "s", GOAL_S)]

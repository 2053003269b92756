"""Agents whose every call carries the same figure: filled in by habit or by the system, not observed."""

from __future__ import annotations

import numpy as np
import polars as pl

from coachline.engine.facts import Facts
from coachline.engine.tables import TABLES
from coachline.engine.tables.kinds import Flag, Seconds
from coachline.engine.trust.issue import Issue

LOOKED_AT = ("talk_s", "rating", "resolved", "ticketed", "transferred", "invited")
FEWEST = 30

CHANCE = 1e-6
"""Chance, for any agent of the centre, of being named by luck."""

LIKELY = 0.95
"""Quantile of the colleagues' shares that stands for an agent who is at the good end."""

MEASURED = 0.5
"""No honest clock gives one and the same duration in half of all calls."""


def issues(facts: Facts) -> list[Issue]:
    """Code ``same_by_agent``: agents with one and the same value in all of their calls where colleagues' values differ.

    A good agent may well solve twenty calls in a row. So the run of equal values must be too long for an agent at the 95th percentile
    of the colleagues' shares of the commonest value.
    """
    calls = facts.table("calls")
    taken = calls.filter((calls.outcome == "answered") & calls.agent_id.notnull())
    figures = {"rows": taken.count()}
    for name in LOOKED_AT:
        value = taken[name].cast("int64") if isinstance(TABLES["calls"].column(name).kind, Flag) else taken[name]
        figures |= {f"n.{name}": value.count(), f"low.{name}": value.min(), f"high.{name}": value.max(), f"sum.{name}": value.sum()}
    frame = pl.from_arrow(facts.collect(taken.group_by("agent_id").aggregate(**figures)))
    assert isinstance(frame, pl.DataFrame)
    return [issue for name in LOOKED_AT for issue in _same(name, frame, facts.rows("calls"))]


def _same(name: str, frame: pl.DataFrame, total: int) -> list[Issue]:
    part = frame.filter(pl.col(f"n.{name}") >= FEWEST).sort("agent_id")
    same = part[f"low.{name}"].to_numpy() == part[f"high.{name}"].to_numpy()
    if not same.any() or same.all():
        return []
    n = part[f"n.{name}"].to_numpy()
    # How near the colleagues come to always the same: the mean's distance from either end of the scale bounds the commonest share.
    low, high = float(part[f"low.{name}"].min()), float(part[f"high.{name}"].max())  # type: ignore[arg-type]
    mean = part[f"sum.{name}"].to_numpy().astype(float) / n
    position = (mean[~same] - low) / (high - low)
    share = float(np.quantile(np.maximum(position, 1 - position), LIKELY))
    if isinstance(TABLES["calls"].column(name).kind, Seconds):
        share = MEASURED
    beyond = same & (n * np.log(share) < np.log(CHANCE / len(n))) if share < 1 else np.zeros_like(same)
    if not beyond.any():
        return []
    who = part["agent_id"].to_numpy()[beyond]
    rows = int(n[beyond].sum())
    example = ", ".join(str(agent) for agent in who[:3]) + (" …" if len(who) > 3 else "")
    return [Issue("calls", name, "same_by_agent", rows, rows / total, "doubt", example)]

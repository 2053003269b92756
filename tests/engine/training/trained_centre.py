"""A centre of which is known, call by call, what a training did: shares per person and week that come out exactly."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

MONDAY = datetime(2026, 1, 5, 1, tzinfo=UTC)
"""Nine o'clock on the Monday of week 0, in Shanghai."""

BUSINESS = "国际业务/查询"


def moment(week: int, day: int = 0, hours: int = 0) -> datetime:
    """An instant in a week, counted from 0."""
    return MONDAY + timedelta(weeks=week, days=day, hours=hours)


def calls_of(shares: np.ndarray, each: int = 20, business: str = BUSINESS, agents: Sequence[str] | None = None) -> pa.Table:
    """Calls so that everybody's share of resolved ones per week is as asked.

    Parameters
    ----------
    shares : numpy.ndarray
        (people, weeks); NaN where somebody has no calls, negative where the result of the calls is not recorded.
    each : int
        Calls per person and week.
    business : str
    agents : sequence of str, optional
    """
    names = [f"a{k:02d}" for k in range(len(shares))] if agents is None else list(agents)
    agent, week = np.nonzero(~np.isnan(shares))
    row = np.repeat(np.arange(len(agent)), each)
    place = np.tile(np.arange(each), len(agent))
    share = shares[agent, week][row]
    # Seconds apart so that no two calls fall on one moment.
    seconds = week[row].astype(np.int64) * 7 * 86_400 + place * (5 * 86_400 // each) + agent[row]
    start = np.datetime64(int(MONDAY.timestamp() * 1e6), "us")
    return pa.table(
        {
            "call_id": [f"{business}{k}" for k in range(len(row))],
            "arrived_at": pa.array(start + (seconds * 1_000_000).astype("timedelta64[us]")).cast(pa.timestamp("us", "UTC")),
            "outcome": ["answered"] * len(row),
            "agent_id": [names[k] for k in agent[row]],
            "business": [business] * len(row),
            "resolved": pa.array(place < np.round(share * each), pa.bool_(), mask=share < 0),
        }
    )


def attended(people: Sequence[str], week: int | None, training: str = "T1", **more: Any) -> list[dict[str, Any]]:
    """Rows of trainings held on the Wednesday of a week."""
    row = {"training_id": training, "business": BUSINESS, "method": "coaching", "hours": 2.0} | more
    return [{**row, "agent_id": agent, "started_at": None if week is None else moment(week, 2)} for agent in people]


def listed(people: Sequence[str], arm: str, week: int, training: str = "T1", *, random: bool = True) -> list[dict[str, Any]]:
    """Rows of a list settled on the Friday of a week."""
    row = {"training_id": training, "business": BUSINESS, "arm": arm, "random": random, "decided_at": moment(week, 4)}
    return [{**row, "agent_id": agent} for agent in people]

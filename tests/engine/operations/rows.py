"""Rows of calls for tests: one call by its local time, and a busy little centre with everything that real data have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

SHANGHAI = ZoneInfo("Asia/Shanghai")
_number = iter(range(10**9))


def at(text: str, zone: str = "Asia/Shanghai", fold: int = 0) -> datetime:
    """``2026-03-02 09:30[:15]`` on the wall clock of `zone`."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def call(when: str | datetime, outcome: str = "answered", **fields: Any) -> dict[str, Any]:
    moment = at(when) if isinstance(when, str) else when
    return {"call_id": f"c{next(_number)}", "arrived_at": moment, "direction": "inbound", "outcome": outcome, **fields}


def centre(days: int = 50, per_day: int = 60, seed: int = 1) -> dict[str, list[dict[str, Any]]]:
    """Calls, agents and shifts of a small centre over some weeks: nulls everywhere, repeats, ties, outbound work, night shifts."""
    rng = np.random.default_rng(seed)
    first = datetime(2026, 1, 5, tzinfo=SHANGHAI)
    people = [f"a{n:02d}" for n in range(12)]
    businesses = ["国际业务/查询", "国际业务/投诉", "国内业务/查询", "国内业务/资费", None]

    def maybe(value: Any, chance: float) -> Any:
        return None if rng.random() < chance else value

    calls = []
    for day in range(days):
        for _ in range(per_day if day % 7 < 5 else per_day // 2):
            moment = first + timedelta(days=day, seconds=int(rng.integers(0, 86_400)))
            outcome = str(rng.choice(["answered", "abandoned", "ivr_only", "ignored"], p=[0.85, 0.1, 0.03, 0.02]))
            answered = outcome == "answered"
            invited = maybe(bool(rng.random() < 0.8), 0.05) if answered else None
            row = call(
                moment.astimezone(UTC),
                outcome,
                direction=maybe("outbound" if rng.random() < 0.1 else "inbound", 0.03),
                customer_id=maybe(f"k{rng.integers(0, 150)}", 0.1),
                business=businesses[rng.integers(0, 5)],
                queue=maybe(f"q{rng.integers(0, 3)}", 0.05),
                agent_id=maybe(str(rng.choice(people)), 0.02) if answered else None,
                ivr_s=float(rng.integers(-1, 60)),
                wait_s=maybe(float(rng.exponential(25)), 0.05),
                talk_s=maybe(float(rng.exponential(180)), 0.02) if answered else None,
                hold_s=maybe(float(rng.exponential(20)), 0.1) if answered else None,
                wrap_s=maybe(float(rng.exponential(40)), 0.05) if answered else None,
                transferred=maybe(bool(rng.random() < 0.05), 0.05) if answered else None,
                ticketed=bool(rng.random() < 0.1) if answered else None,
                resolved=maybe(bool(rng.random() < 0.86), 0.3) if answered else None,
                invited=invited,
                rating=int(rng.integers(1, 6)) if invited and rng.random() < 0.5 else None,
            )
            calls.append(row)
            if rng.random() < 0.02:
                # The same customer twice at the same moment, as two feeds may record it.
                calls.append({**row, "call_id": f"c{next(_number)}", "outcome": "abandoned", "agent_id": None, "talk_s": None})
    agents = [{"agent_id": who, "team": maybe(f"班组{n % 3}", 0.1), "name": who} for n, who in enumerate(people[:-1])]
    shifts = []
    for who in people[:-2]:
        for day in range(days):
            begins = first + timedelta(days=day, hours=int(rng.choice([8, 16, 20])))
            activity = str(rng.choice(["work", "work", "work", "training", "meeting", "leave", "break"]))
            shifts.append({"agent_id": who, "starts_at": begins, "ends_at": begins + timedelta(hours=8), "activity": activity})
    return {"calls": calls, "agents": agents, "shifts": shifts}

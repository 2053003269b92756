"""The busy little centre of the operations tests with what only capability reads."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import numpy as np

from tests.engine.operations.rows import at, centre


def inspected_centre() -> dict[str, list[dict[str, Any]]]:
    """Calls, agents and shifts, and two months of inspections and exams: of every purpose, of calls that are lost, of two calls of one number."""
    rows = centre()
    rng = np.random.default_rng(5)
    answered = [row for row in rows["calls"] if row["outcome"] == "answered" and row["agent_id"]]
    purposes = ["score", "score", None, "coach"]
    rows["inspections"] = [
        {
            "inspection_id": f"i{n}", "call_id": row["call_id"] if n % 9 else "gone", "agent_id": row["agent_id"],
            "inspected_at": row["arrived_at"] + timedelta(days=3), "purpose": purposes[n % 4], "passed": [True, False, None][rng.integers(3)],
            "score": [float("nan"), None, *(62.5 + 3 * score for score in range(11))][n % 13],
        }
        for n, row in enumerate(answered[::5])
    ]  # fmt: skip
    rows["exams"] = [
        {
            "exam_id": f"e{n % 4}", "item": f"q{n}", "agent_id": f"a{n % 12:02d}", "business": ["国际业务/查询", "国内业务/资费", None][n % 3],
            "taken_at": at(f"2026-0{1 + n % 2}-20 09:00"), "correct": bool(rng.random() < 0.7),
        }
        for n in range(200)
    ]  # fmt: skip
    twice = {row["call_id"] for row in answered[::25]}
    rows["calls"] += [{**row, "source": "second", "agent_id": "a00"} for row in rows["calls"] if row["call_id"] in twice]
    # The same customer speaks with two people at the same moment.
    rows["calls"] += [{**row, "call_id": f"{row['call_id']}+", "agent_id": "a01"} for row in answered[::20]]
    for row in rows["calls"]:
        row.setdefault("source", "first")
    _describe(rows)
    return rows


def _describe(rows: dict[str, list[dict[str, Any]]]) -> None:
    """What else capability reads: targets, dates and tags of people, trainings, mystery calls of several centres."""
    for n, row in enumerate(rows["agents"]):
        row.update(
            centre="天津",
            hired_on=date(2026 - n, 3, 1),
            seat_level=n % 4 or None,
            tags={"学历": "本科", "持证": "投诉|查询"} if n % 3 else None,
        )
    rows["businesses"] = [
        {"business": "国际业务", "standard": {"resolved": 0.9}},
        {"business": "国内业务/资费", "standard": {"satisfied": 0.5, "resolved": 0.8}},
        {"business": "国内业务/开办", "standard": None},
    ]
    methods = ["class", "drill", "mentor", None]
    rows["trainings"] = [
        {
            "training_id": f"t{n // 3}", "agent_id": f"a{n % 12:02d}", "business": ["国际业务/查询", "国际业务", None][n % 3], "method": methods[n % 4],
            "started_at": None if n % 11 == 0 else at(f"2026-0{1 + n % 2}-{1 + n % 28:02d} 09:00"), "hours": [1.5, None, math.nan, 0.1][n % 4],
        }
        for n in range(40)
    ]  # fmt: skip
    rows["enrolments"] = [
        {
            "training_id": "t1" if n % 2 else "t4", "agent_id": f"a{n:02d}", "business": "国际业务/查询" if n < 9 else None,
            "arm": ["trained", "waiting"][n // 2 % 2], "random": [True, True, None][n % 3] if n > 8 else True, "decided_at": at("2026-01-12 18:00"),
        }
        for n in range(12)
    ]  # fmt: skip
    rows["mystery_calls"] = [
        {
            "mystery_id": f"m{n // 4}", "item": f"p{n % 4}", "centre": ["天津", "山西"][n // 4 % 2], "agent_id": f"a{n // 4 % 12:02d}",
            "called_at": at(f"2026-01-{1 + n % 28:02d} 09:00"), "points": [8.3, 0.1, None, math.nan][n % 4], "max_points": 10.0,
        }
        for n in range(100)
    ]  # fmt: skip

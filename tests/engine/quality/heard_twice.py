"""Inspections in which calls are heard by several inspectors, with faults and severities that are known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from scipy.special import expit

FIRST = datetime(2026, 1, 5, 2, tzinfo=UTC)


def sheet(number: int, call: str, inspector: str, score: float | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "inspection_id": f"i{number:05d}",
        "call_id": call,
        "agent_id": "a1",
        "inspector_id": inspector,
        "inspected_at": FIRST + timedelta(hours=number),
        "purpose": "score",
        "score": score,
        **fields,
    }


def mark(number: int, item: str, failed: bool | None, **fields: Any) -> dict[str, Any]:
    return {"inspection_id": f"i{number:05d}", "item": item, "failed": failed, **fields}


def world(
    seed: int, calls: int = 200, inspectors: int = 8, items: int = 6, severity: float = 0.5, impression: float = 0.0, days: int = 80
) -> dict[str, list[dict[str, Any]]]:
    """Every call is heard by two inspectors; a sheet's points lost are 6 for each item marked."""
    rng = np.random.default_rng(seed)
    faults = rng.random((calls, items)) < 0.25
    severe = severity * rng.standard_normal(inspectors)
    inspections, marks = [], []
    for number in range(calls):
        when = FIRST + timedelta(days=int(days * number / calls))
        for place, who in enumerate(rng.permutation(inspectors)[:2]):
            logit = np.where(faults[number], 2.0, -3.0) + severe[who] + impression * rng.standard_normal()
            failed = rng.random(items) < expit(logit)
            sheet_number = 2 * number + place
            score = 100 - 6.0 * int(failed.sum())
            inspections.append(
                sheet(
                    sheet_number,
                    f"c{number}",
                    f"q{who}",
                    score,
                    passed=bool(score >= 90),
                    agent_id=f"a{number % 12}",
                    purpose="calibration" if place else "score",
                    inspected_at=when + timedelta(minutes=place),
                    form="表",
                    form_version="1" if number < calls // 2 else "2",
                )
            )
            marks += [mark(sheet_number, f"项{item}", bool(one)) for item, one in enumerate(failed)]
    return {"inspections": inspections, "inspection_items": marks}

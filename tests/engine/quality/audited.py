"""First hearings and audits of a random part of the passes, with known false passes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

FIRST = datetime(2026, 1, 5, 2, tzinfo=UTC)


def first(number: int, passed: bool | None, **fields: Any) -> dict[str, Any]:
    return {
        "inspection_id": f"i{number:05d}",
        "call_id": f"c{number}",
        "agent_id": f"a{number % 28}",
        "inspector_id": f"q{number % 6}",
        "inspected_at": FIRST + timedelta(hours=number),
        "purpose": "score",
        "passed": passed,
        **fields,
    }


def second(number: int, passed: bool | None, **fields: Any) -> dict[str, Any]:
    """The audit of `first` of the same number, by somebody else."""
    fields = {"inspection_id": f"j{number:05d}", "inspector_id": f"q{(number + 1) % 6}", "purpose": "audit", **fields}
    return first(number, passed, **fields) | {"inspected_at": FIRST + timedelta(days=40, hours=number)}


def sampled(seed: int, calls: int = 20_000, inspected: int = 600, rechecked: float = 0.3) -> tuple[list[dict[str, Any]], float]:
    """Inspections with recorded probabilities, and the share of all calls that would stand up to both hearings.

    Bad calls are inspected three times as often; passes of the first inspector are rechecked twice as often, and stand less often.
    """
    rng = np.random.default_rng(seed)
    risky = rng.random(calls) < 0.2
    passes = rng.random(calls) < np.where(risky, 0.6, 0.93)
    inspector = rng.integers(0, 6, calls)
    stands = passes & (rng.random(calls) < np.where(inspector == 0, 0.7, 0.92))
    chance = np.where(risky, 3.0, 1.0)
    chance *= inspected / chance.sum()
    chosen = np.flatnonzero(rng.random(calls) < chance)
    rows = []
    for n in chosen:
        rows.append(first(int(n), bool(passes[n]), probability=float(chance[n]), inspector_id=f"q{inspector[n]}"))
        again = rechecked * (2.0 if inspector[n] == 0 else 1.0)
        if passes[n] and rng.random() < again:
            rows.append(second(int(n), bool(stands[n]), probability=float(chance[n] * again), inspector_id="q9"))
    return rows, float(stands.mean())

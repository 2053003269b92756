"""Mystery calls whose centres have known levels."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from scipy.special import expit

FIRST = datetime(2026, 1, 1, 2, tzinfo=UTC)
ITEMS = (("接通速度", 10.0), ("业务解答", 30.0), ("服务态度", 20.0))


def mystery_row(number: int, centre: str, item: str, points: float | None, maximum: float | None = 10.0, **fields: Any) -> dict[str, Any]:
    return {
        "mystery_id": f"m{number:05d}",
        "centre": centre,
        "item": item,
        "points": points,
        "max_points": maximum,
        "called_at": FIRST + timedelta(hours=number % 24, minutes=number),
        **fields,
    }


def world(seed: int, centres: int = 30, months: int = 1, calls: int = 20, between: float = 0.4, within: float = 0.7) -> tuple[Any, Any]:
    """Rows, and the expected share of points of each centre (centres,); the items of a call hang together."""
    rng = np.random.default_rng(seed)
    level = 0.8 + between * rng.standard_normal(centres)
    weight = np.array([maximum for _, maximum in ITEMS])
    draws = within * rng.standard_normal((4000, 1)) + 0.6 * rng.standard_normal((4000, len(ITEMS)))
    truth = np.array([float((expit(one + draws) @ weight).mean() / weight.sum()) for one in level])
    rows, number = [], 0
    for month in range(months):
        for centre in range(centres):
            for one in range(calls):
                logit = level[centre] + within * rng.standard_normal() + 0.6 * rng.standard_normal(len(ITEMS))
                when = FIRST + timedelta(days=31 * month + one % 27, minutes=7 * centre)
                fields = {"called_at": when, "caller": f"k{(one + centre) % 25 + 25 * (month // 2)}"}
                for (item, maximum), share in zip(ITEMS, expit(logit), strict=True):
                    rows.append(mystery_row(number, f"中心{centre:02d}", item, float(share * maximum), maximum, **fields))
                number += 1
    return rows, truth

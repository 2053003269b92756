"""A little centre in which calls are heard again: by a second inspector, by an audit, by mystery callers with numbers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

Rows = dict[str, list[dict[str, Any]]]


def heard_again(rows: Rows) -> Rows:
    """`rows` with inspectors, items, calibrations and audits of its inspections, and numbers of its mystery calls."""
    firsts = rows["inspections"]
    for n, row in enumerate(firsts):
        row.update(inspector_id=f"q{n % 5}", form="表", form_version=str(1 + n // 60), probability=0.05 + 0.01 * (n % 7))
    again = []
    for n, row in enumerate(firsts):
        later = {"inspected_at": row["inspected_at"] + timedelta(days=2), "inspector_id": f"q{(n + 1) % 5}"}
        if n % 3 == 0:
            score = None if row["score"] is None else row["score"] + n % 4
            again.append({**row, **later, "inspection_id": f"{row['inspection_id']}c", "purpose": "calibration", "score": score})
        if n % 4 == 0:
            audit = {"purpose": "audit", "passed": n % 3 > 0, "probability": row["probability"] / 4}
            again.append({**row, **later, **audit, "inspection_id": f"{row['inspection_id']}a"})
    rows["inspections"] = [*firsts, *again]
    rows["inspection_items"] = [
        {
            "inspection_id": row["inspection_id"], "item": item, "points": float(place), "max_points": 10.0,
            "failed": [True, False, None, False][(n * (place + 3) + len(row["inspection_id"])) % 4],
        }
        for n, row in enumerate(rows["inspections"])
        for place, item in enumerate(("开头语", "业务解答", "结束语"))
    ]  # fmt: skip
    heard = [call for call in rows["calls"] if call["outcome"] == "answered" and call["customer_id"]]
    for n, row in enumerate(rows["mystery_calls"]):
        call = heard[n // 4]
        row.update(called_at=call["arrived_at"] + timedelta(minutes=n % 4), caller=call["customer_id"], business=call["business"])
    return rows

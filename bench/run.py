"""``make bench``: every measurement, as a table on the screen and in ``docs/bench.md``.

``--quick`` takes a tenth of the rows and leaves the pages alone; ``--only NAME`` takes one measurement; ``--slow`` lets peers of the capability
fit run that take minutes.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from bench import (
    capability,
    capability_map,
    import_calls,
    operations,
    quality_sample,
    quality_severity,
    report,
    roster_forecast,
    roster_plan,
    roster_staffing,
    simulate,
    training_cycle,
    training_drill,
    training_effect,
    training_needs,
    training_newcomers,
    training_plan,
    web,
)
from bench.measure import Line, table

PAGE = Path(__file__).parents[1] / "docs" / "bench.md"
INTRODUCTION = """\
# Bench · 测速

Written by `make bench`; each figure is the median of several rounds in which both sides take turns on the same files. Ratios travel from
one machine to another, seconds do not. The hand-written SQL is `bench/operations.py`; that it gives the same figures is checked first.
"""


@dataclass(frozen=True)
class Asked:
    """What the command line asks for."""

    rows: int
    repetitions: int
    slow: bool
    quick: bool


MEASUREMENTS: dict[str, Callable[[Asked], list[Line]]] = {
    "simulate": lambda asked: simulate.measure(asked.rows // 10),
    "import": lambda asked: import_calls.measure(asked.rows // 10, asked.repetitions),
    "operations": lambda asked: operations.measure(asked.rows, asked.repetitions),
    "report": lambda asked: report.measure(asked.rows),
    "capability": lambda asked: capability.measure(slow=asked.slow, quick=asked.quick),
    "quality_severity": lambda asked: quality_severity.measure(5 if asked.quick else 40),
    "web": lambda asked: web.measure(asked.rows if not asked.quick else asked.rows // 5, quick=asked.quick),
    "capability_map": lambda asked: capability_map.measure(),
    "training_cycle": lambda asked: training_cycle.measure(quick=asked.quick),
    "training_drill": lambda asked: training_drill.measure(quick=asked.quick),
    "training_effect": lambda asked: training_effect.measure(quick=asked.quick),
    "quality_sample": lambda asked: quality_sample.measure(quick=asked.quick),
    "training_needs": lambda asked: training_needs.measure(quick=asked.quick),
    "training_newcomers": lambda asked: training_newcomers.measure(quick=asked.quick),
    "roster_forecast": lambda asked: roster_forecast.measure(quick=asked.quick),
    "roster_plan": lambda asked: roster_plan.measure(quick=asked.quick),
    "roster_staffing": lambda asked: roster_staffing.measure(quick=asked.quick),
    "training_plan": lambda asked: training_plan.measure(quick=asked.quick),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000, help="calls of the large centre; import and simulation take a tenth")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--only", choices=MEASUREMENTS, action="append")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--slow", action="store_true", help="also peers that take minutes; their figures are kept")
    chosen = parser.parse_args()
    asked = Asked(chosen.rows // 10 if chosen.quick else chosen.rows, chosen.repetitions, chosen.slow, chosen.quick)
    lines: list[Line] = []
    for name in chosen.only or MEASUREMENTS:
        found = MEASUREMENTS[name](asked)
        print(table(found), flush=True)
        lines += found
    if not (chosen.quick or chosen.only):
        machine = f"{date.today():%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()}, DuckDB {duckdb.__version__}"  # noqa: DTZ011
        PAGE.write_text(f"{INTRODUCTION}\n{machine}\n\n{table(lines)}\n", encoding="utf-8")
    raise SystemExit(not all(line.kept for line in lines))


if __name__ == "__main__":
    main()

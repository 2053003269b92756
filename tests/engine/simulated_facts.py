"""Facts of simulated centres, as they would lie in a lake: one alone, or two in one lake."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from coachline.engine.compute import Compute
from coachline.engine.facts import Facts, Snapshot
from coachline.engine.simulate import CentreSize, simulate_centre
from tests.conftest import as_fact_table

ZONE = ZoneInfo("Asia/Shanghai")
OTHER = "乙"
"""What stands before every id of the other centre, and is its name."""

GIVEN: Mapping[str, Mapping[str, Any]] = {
    "operations.intervals": {"by": "team"},
    "capability.trend": {"cells": True},
    "quality.sample": {"named_inspectors": "QC001,QC002", "conflicts": "QC001:80001"},
    "training.plan": {"weeks": 2},
    "roster.forecast": {"days": 2, "level": 1},
    "roster.staffing": {"days": 2, "level": 1},
    "roster.plan": {"weeks": 1, "seconds": 1},
    "roster.explain": {"weeks": 1, "seconds": 1, "price_seconds": 1},
    "roster.whatif": {"weeks": 1, "seconds": 1, "tries": 2},
}
"""What an analysis is given there: what makes it name more people than it would by itself, and a shorter search where that takes most of the time."""

IDS = (
    "agent_id", "inspector_id", "trainer_id", "call_id", "inspection_id", "training_id", "exam_id", "customer_id", "queue", "team", "business",
    "name", "respondent", "survey", "recording",
)  # fmt: skip


@functools.cache
def simulated() -> Mapping[str, pa.Table]:
    """A small simulated centre, its survey answered under the agents' own numbers.

    Calls that nobody could ascribe to a centre (no agent, queue nor business) are not in it.
    """
    tables = dict(simulate_centre(CentreSize(agents=30, businesses=12, days=100, calls=12_000), seed=5).tables)
    calls = pl.DataFrame(tables["calls"])
    whose = pl.any_horizontal(pl.col("agent_id", "queue", "business").is_not_null())
    tables["calls"] = calls.filter(whose).to_arrow()
    agents = pl.DataFrame(tables["agents"])["agent_id"].sort()
    answers = pl.DataFrame(tables["survey_answers"])
    numbers = answers["respondent"].unique().sort()
    tables["survey_answers"] = answers.with_columns(pl.col("respondent").replace_strict(numbers, agents[: len(numbers)])).to_arrow()
    return {name: as_fact_table(name, table) for name, table in tables.items()}


def lay_down(folder: Path, tables: Mapping[str, pa.Table], compute: Compute) -> Facts:
    snapshots = {}
    for name, table in tables.items():
        file = folder / f"{name}.parquet"
        pq.write_table(table, file)
        snapshots[name] = Snapshot(0, [str(file)], table.num_rows)
    return Facts(compute, snapshots, ZONE)


def with_another() -> dict[str, pa.Table]:
    """The simulated centre and, in the same tables, a twin of it under other ids and names; the twin's businesses are not in the table of businesses."""
    both = {}
    for name, table in simulated().items():
        frame = pl.DataFrame(table)
        if name == "businesses":
            both[name] = table
            continue
        twin = frame.with_columns((OTHER + pl.col(column)).alias(column) for column in IDS if column in frame.columns)
        if name == "agents":
            twin = twin.with_columns(centre=pl.lit(OTHER))
        if name == "mystery_calls":
            # The ranking is one: the other centre's agents stand in rows of their own centre.
            listed = frame["agent_id"].is_not_null()
            others = frame.filter(~listed).with_columns(agent_id=pl.lit(f"{OTHER}1001"))
            both[name] = pl.concat([frame.filter(listed), others]).to_arrow().cast(table.schema)
            continue
        both[name] = pl.concat([frame, twin]).to_arrow().cast(table.schema)
    return both

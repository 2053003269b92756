"""A real centre with known figures: a bank's February 1999."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from coachline.engine.facts import Facts
from coachline.engine.operations.daily import daily
from coachline.engine.operations.intervals import intervals

CALLS = Path(__file__).parents[4] / "shared" / "data" / "calls_bank_1999_02" / "calls.tsv"

pytestmark = pytest.mark.skipif(not CALLS.exists(), reason="the bank's calls are not part of the repository")

WEDNESDAY = [
    *(6.75, 1.75, 1.25, 0, 0.5, 0.25, 4.75, 39.5, 97.25, 107.5, 124, 110.25),
    *(95.5, 203.5, 115.75, 115.5, 67.75, 75, 88.75, 85.5, 68, 61.5, 57.5, 44.25),
]
"""Mean arrivals per hour on Wednesdays, published with the data."""


@pytest.fixture
def bank(facts_of: Callable[..., Facts]) -> Facts:
    raw = pl.read_csv(CALLS, separator="\t", infer_schema_length=0)
    moment = (pl.col("date") + " " + pl.col("vru_entry").str.zfill(8)).str.to_datetime("%y%m%d %H:%M:%S")
    calls = raw.select(
        call_id=pl.col("vru+line") + "-" + pl.col("call_id"),
        arrived_at=moment.dt.replace_time_zone("Asia/Jerusalem").dt.convert_time_zone("UTC"),
        outcome=pl.col("outcome").replace({"AGENT": "answered", "HANG": "abandoned", "PHANTOM": "ignored"}),
        business=pl.col("type"),
        ivr_s=pl.col("vru_time").cast(pl.Float64),
        wait_s=pl.col("q_time").cast(pl.Float64),
        talk_s=pl.when(pl.col("outcome") == "AGENT").then(pl.col("ser_time").cast(pl.Float64)),
    )
    return facts_of({"calls": calls.to_arrow()}, zone="Asia/Jerusalem")


def test_outcomes(bank: Facts) -> None:
    found = daily(bank)
    rows = pl.DataFrame(found.tables["daily"].to_pylist())
    totals = dict(rows.group_by("metric").agg(pl.col("numerator").sum()).iter_rows())
    assert (totals["answered"], totals["abandoned"]) == (27_162, 5_904)
    assert found.values["calls"] == 27_162 + 5_904 + 278
    assert [dict(note.facts) for note in found.notes if note.code == "not_offered"] == [{"ivr_only": 0, "ignored": 278}]


def test_arrivals_per_hour_on_wednesdays(bank: Facts) -> None:
    rows = pl.DataFrame(intervals(bank, minutes=60, by="none").tables["intervals"].to_pylist())
    local = pl.col("starts_at").dt.convert_time_zone("Asia/Jerusalem")
    wednesdays = rows.filter(local.dt.weekday() == 3).group_by(local.dt.hour().alias("hour")).agg(pl.col("offered").sum())
    by_hour = dict(wednesdays.iter_rows())
    assert [by_hour.get(hour, 0) / 4 for hour in range(24)] == WEDNESDAY

"""Calls to look through: two real sets, as an import with a map file would give them, and a made-up centre in which nothing is wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from python_calamine import CalamineWorkbook

DATA = Path(__file__).parents[4] / "shared" / "data"


def _file(relative: str) -> Path:
    file = DATA / relative
    if not file.exists():
        pytest.skip(f"the real data set {relative} is not at hand")
    return file


@pytest.fixture(scope="session")
def bank_calls() -> pa.Table:
    """A bank's February 1999; its dirt is known: 25 negative IVR times, 491 answered without agent, 85 answered for 0 s."""
    raw = pl.read_csv(_file("calls_bank_1999_02/calls.tsv"), separator="\t", infer_schema_length=0)
    answered = pl.col("outcome") == "AGENT"
    moment = pl.col("date") + " " + pl.col("vru_entry").str.zfill(8)
    return raw.select(
        call_id=pl.int_range(pl.len()).cast(pl.String) + "-" + pl.col("call_id"),
        arrived_at=moment.str.to_datetime("%y%m%d %H:%M:%S", time_unit="us").dt.replace_time_zone("Asia/Jerusalem"),
        customer_id=pl.when(pl.col("customer_id") != "0").then("customer_id"),
        business=pl.col("type"),
        agent_id=pl.when(pl.col("server") != "NO_SERVER").then("server"),
        ivr_s=pl.col("vru_time").cast(pl.Float64),
        wait_s=pl.col("q_time").cast(pl.Float64),
        talk_s=pl.when(answered).then(pl.col("ser_time").cast(pl.Float64)),
        outcome=pl.col("outcome").replace_strict({"AGENT": "answered", "HANG": "abandoned", "PHANTOM": "ignored"}),
    ).to_arrow()


@pytest.fixture(scope="session")
def telecom_calls() -> pa.Table:
    """Five thousand calls of eight agents, probably made up, and clean."""
    sheet = CalamineWorkbook.from_path(str(_file("calls_telecom_null/calls.xlsx"))).get_sheet_by_index(0)
    head, *body = sheet.to_python()
    return pa.Table.from_pylist([_telecom_call(dict(zip(head, row, strict=True))) for row in body])


def _telecom_call(row: dict[str, Any]) -> dict[str, Any]:
    answered, talked = row["Answered (Y/N)"] == "Y", row["AvgTalkDuration"]
    return {
        "call_id": row["Call Id"],
        "arrived_at": datetime.combine(date.fromisoformat(row["Date"]), row["Time"], ZoneInfo("Asia/Shanghai")),
        "business": row["Topic"],
        "agent_id": row["Agent"],
        "wait_s": row["Speed of answer in seconds"] if answered else None,
        "talk_s": float(talked.hour * 3600 + talked.minute * 60 + talked.second) if answered else None,
        "outcome": "answered" if answered else "abandoned",
        "resolved": row["Resolved"] == "Y" if answered else None,
        "rating": int(row["Satisfaction rating"]) if answered else None,
    }


@pytest.fixture(scope="session")
def steady() -> Callable[..., pl.DataFrame]:
    """``steady(days=30, a_day=200, seed=0)`` -> calls of a centre in which nothing is wrong and nothing changes."""
    return steady_calls


def steady_calls(days: int = 30, a_day: int = 200, seed: int = 0, first: date = date(2026, 3, 2), agents: int = 20) -> pl.DataFrame:
    """Weekly rhythm, busier and slower days, agents who differ, one call at a time, some wrap-up unrecorded, a third rated."""
    rng = np.random.default_rng(seed)
    weekly = np.array([1.2, 1.1, 1.0, 1.0, 1.1, 0.6, 0.5])
    busy = np.exp(rng.normal(0, 0.15, days))
    volume = rng.poisson(a_day * weekly[np.arange(days) % 7] * busy)
    day = np.repeat(np.arange(days), volume)
    n = len(day)
    # Every agent's calls of a day stand in slots of their own, so that no two overlap.
    place = np.concatenate([np.arange(v) for v in volume])
    agent, slot = place % agents, place // agents
    second = 8 * 3600 + slot * 1800 + rng.integers(0, 300, n)
    talk = np.minimum(np.ceil(np.exp(rng.normal(4.8, 0.6, n) + rng.normal(0, 0.1, agents)[agent])), 1200)
    lost = rng.random(n) < np.minimum(0.05 * np.exp(rng.normal(0, 0.5, days)), 0.4)[day]
    skill = np.clip(rng.normal(0.86, 0.04, agents), 0.5, 0.97)
    invited = ~lost & (rng.random(n) < 0.9)
    start = datetime.combine(first, time(), ZoneInfo("Asia/Shanghai"))
    labels = np.array(["国际业务/查询/国际件查询", "国内业务/查询/国内件查询", "国内业务/投诉/延误投诉", "国内业务/寄递/上门揽收"])
    frame = pl.DataFrame(
        {
            "call_id": [f"c{i:07d}" for i in range(n)],
            "channel": ["voice"] * n,
            "direction": ["inbound"] * n,
            "arrived_at": [start + timedelta(seconds=int(s)) for s in day * 86_400 + second],
            "customer_id": [f"{h:08x}" for h in rng.integers(0, 2**32, n)],
            "business": rng.choice(labels, n, p=[0.5, 0.3, 0.15, 0.05]),
            "queue": ["普通"] * n,
            "agent_id": [f"A{a:03d}" for a in agent],
            "ivr_s": rng.integers(5, 60, n).astype(float),
            "wait_s": np.floor(rng.exponential(20, n)),
            "talk_s": talk,
            "hold_s": np.where(rng.random(n) < 0.2, np.ceil(rng.exponential(30, n)), 0.0),
            "wrap_s": np.ceil(rng.exponential(25, n)),
            "outcome": np.where(lost, "abandoned", "answered"),
            "transferred": rng.random(n) < 0.05,
            "ticketed": rng.random(n) < 0.1,
            "resolved": rng.random(n) < skill[agent],
            "invited": invited,
            "rating": np.where(rng.random(n) < 0.9, 5, rng.integers(1, 5, n)),
            "recording": [f"r{i}" for i in range(n)],
        }
    )
    answered = pl.col("outcome") == "answered"
    only_answered = ("agent_id", "talk_s", "hold_s", "wrap_s", "transferred", "ticketed", "resolved", "invited", "rating", "recording")
    rated = pl.Series(invited & (rng.random(n) < 0.4))
    return frame.with_columns(pl.when(answered).then(pl.col(name)).alias(name) for name in only_answered).with_columns(
        rating=pl.when(rated).then("rating"), wrap_s=pl.when(pl.Series(rng.random(n) < 0.99)).then("wrap_s")
    )

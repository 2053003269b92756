"""Drift recovered month by month, and no change called real where none is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from coachline.engine.analyses import run
from coachline.engine.facts import Facts
from tests.engine.operations.rows import call

FactsOf = Callable[..., Facts]
AGENTS, BUSINESSES, MONTHS = 60, 10, 8


def drifting(step: float, seed: int, calls: float = 12, jump: float = 0.0) -> tuple[pa.Table, np.ndarray]:
    """Calls of people whose level wanders by `step` a month on the logit scale, and the true levels (agents, businesses, months).

    Every fourth jumps half-way by `jump` up or down. `calls` are those of an agent on a business in a month, on average.
    """
    draw = np.random.default_rng(seed)
    walk = np.cumsum(step * draw.standard_normal((AGENTS, MONTHS)), axis=1)
    level = 1.4 + 0.3 * draw.standard_normal((AGENTS, 1, 1)) + 0.5 * draw.standard_normal((1, BUSINESSES, 1)) + walk[:, None, :]
    level[::4, :, MONTHS // 2 :] += jump * np.where(np.arange(AGENTS)[::4, None, None] % 8, 1, -1)
    tries = draw.poisson(calls, level.shape)
    successes = draw.binomial(tries, 1 / (1 + np.exp(-level)))
    i, j, t = np.nonzero(tries)
    n, s = tries[i, j, t], successes[i, j, t]
    cell = np.repeat(np.arange(len(n)), n)
    place = np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)
    moments = [datetime(2026, month + 1, 12, 3, tzinfo=UTC) for month in range(MONTHS)]
    return pa.table(
        {
            "call_id": [str(k) for k in range(len(cell))],
            "arrived_at": pa.array([moments[k] for k in t[cell]], pa.timestamp("us", "UTC")),
            "outcome": ["answered"] * len(cell),
            "agent_id": [f"a{k:03d}" for k in i[cell]],
            "business": [f"b{k:02d}" for k in j[cell]],
            "resolved": pa.array(place < s[cell]),
        }
    ), level


def agents_of(facts_of: FactsOf, calls: pa.Table, **given: Any) -> tuple[pl.DataFrame, pl.DataFrame, Any]:
    result = run("capability.trend", facts_of({"calls": calls}), {"outcome": "resolved", **given})
    own = pl.col("agent_id").is_not_null() & pl.col("business").is_null()
    return result.polars().filter(own).sort("agent_id", "period"), result.polars("changes").filter(own).sort("agent_id"), result


def test_levels_of_months_and_real_changes_are_recovered(facts_of: FactsOf) -> None:
    covered, right, called, great, found_great = [], 0, 0, 0, 0
    for seed in (1, 2, 3):
        calls, level = drifting(0.15, seed)
        rows, changes, result = agents_of(facts_of, calls)
        assert rows["period"].unique(maintain_order=True).to_list() == [f"2026-0{m}" for m in range(1, 9)]
        truth = (1 / (1 + np.exp(-level))).mean(axis=1)
        low, high = (rows[c].to_numpy().reshape(AGENTS, MONTHS) for c in ("low", "high"))
        covered.append(((low <= truth) & (truth <= high)).mean())
        change = truth[:, -1] - truth[:, 0]
        up = (changes["verdict"] == "rising").to_numpy()
        down = (changes["verdict"] == "falling").to_numpy()
        called += int((up | down).sum())
        right += int((change[up] > 0).sum() + (change[down] < 0).sum())
        great += int((np.abs(change) > 0.10).sum())
        found_great += int((np.abs(change) > 0.10)[up | down].sum())
        drift = result.polars("drift").filter(kind="agent").to_dicts()[0]
        assert drift["drifts"] and drift["step"] == pytest.approx(0.15, abs=0.06)
    assert 0.86 <= np.mean(covered) <= 0.94
    assert called > 20 and right / called > 0.93
    assert found_great / great > 0.5


def test_where_nobody_changes_no_change_is_called_real(facts_of: FactsOf) -> None:
    called = 0
    for seed in (4, 5, 6, 7):
        calls, _ = drifting(0.0, seed)
        _, changes, result = agents_of(facts_of, calls)
        called += changes.filter(pl.col("verdict").is_in(["rising", "falling"])).height
        assert result.values["real_changes"] <= 3
    assert called <= 4


def test_monthly_intervals_cover_the_truth_where_nobody_changes(facts_of: FactsOf) -> None:
    people, businesses, centre = [], [], []
    for seed in (11, 12, 13, 14, 15, 16):
        calls, level = drifting(0.0, seed)
        rows = run("capability.trend", facts_of({"calls": calls}), {"outcome": "resolved"}).polars()
        chance = 1 / (1 + np.exp(-level))
        no_agent, no_business = pl.col("agent_id").is_null(), pl.col("business").is_null()
        for found, which, truth in (
            (people, ~no_agent & no_business, chance.mean(axis=1)),
            (businesses, no_agent & ~no_business, chance.mean(axis=0)),
            (centre, no_agent & no_business, chance.mean(axis=(0, 1))),
        ):
            low, high = rows.filter(which).sort("agent_id", "business", "period").select("low", "high").to_numpy().T
            found.append(((low <= truth.ravel()) & (truth.ravel() <= high)).mean())
    assert 0.86 <= np.mean(people) <= 0.94
    assert 0.84 <= np.mean(businesses) <= 0.97
    assert np.mean(centre) > 0.8


def test_steady_is_said_only_where_the_own_records_could_have_shown_more(facts_of: FactsOf) -> None:
    steady, wrong, jumped = 0, 0, 0
    for calls_each in (1.5, 12, 60):
        for seed in (21, 22):
            calls, level = drifting(0.0, seed, calls_each, jump=0.6)
            _, changes, _ = agents_of(facts_of, calls)
            truth = (1 / (1 + np.exp(-level))).mean(axis=1)
            moved = np.abs(truth[:, -1] - truth[:, 0]) > 0.25 * (1 - truth[:, 0])
            found = (changes["verdict"] == "steady").to_numpy()
            assert len(found) == AGENTS
            steady, wrong, jumped = steady + found.sum(), wrong + found[moved].sum(), jumped + moved.sum()
            if calls_each == 1.5:
                assert found.sum() == 0
    assert jumped > 60 and wrong / jumped <= 0.05
    assert steady > 60


def test_whoever_has_records_in_one_month_only_is_not_steady(facts_of: FactsOf) -> None:
    draw = np.random.default_rng(3)
    rows = [
        call(f"2026-0{month}-10 09:00", agent_id=f"a{i}", business="查询", resolved=bool(draw.random() < 0.8))
        for month in (1, 2, 3, 4)
        for i in range(10)
        for _ in range(900)
        if i or month == 1
    ]
    changes = run("capability.trend", facts_of({"calls": rows}), {"outcome": "resolved"}).polars("changes")
    verdicts = dict(changes.filter(pl.col("business").is_null(), pl.col("agent_id").is_not_null()).select("agent_id", "verdict").rows())
    assert verdicts.pop("a0") == "unknown"
    assert list(verdicts.values()).count("steady") >= 7


def test_series_of_the_centre_businesses_and_cells(facts_of: FactsOf) -> None:
    calls, level = drifting(0.0, 8)
    result = run("capability.trend", facts_of({"calls": calls}), {"outcome": "resolved", "cells": "true"})
    rows = result.polars()
    centre = rows.filter(pl.col("agent_id").is_null(), pl.col("business").is_null())
    assert centre["n"].sum() == calls.num_rows
    assert centre["estimate"].to_list() == pytest.approx([(1 / (1 + np.exp(-level))).mean()] * MONTHS, abs=0.02)
    businesses = rows.filter(pl.col("agent_id").is_null(), pl.col("business").is_not_null())
    cells = rows.filter(pl.col("agent_id").is_not_null(), pl.col("business").is_not_null())
    assert businesses.height == BUSINESSES * MONTHS and cells.height == AGENTS * BUSINESSES * MONTHS
    assert cells["n"].sum() == businesses["n"].sum() == calls.num_rows
    truth = (1 / (1 + np.exp(-level))).ravel()
    found = cells.sort("agent_id", "business", "period")
    # No cell has anything of its own here, so what the weak prior leaves to it makes the intervals a little wide.
    assert 0.88 < ((found["low"].to_numpy() <= truth) & (truth <= found["high"].to_numpy())).mean() < 0.995
    assert (found["high"] - found["low"]).mean() < 0.25


def test_one_month_has_no_trend(facts_of: FactsOf) -> None:
    rows = [call("2026-03-02 09:00", agent_id=f"a{k % 3}", business="查询", resolved=k % 4 > 0) for k in range(60)]
    result = run("capability.trend", facts_of({"calls": rows}), {})
    assert result.values == {"months": 1, "real_changes": 0}
    assert [n.code for n in result.notes if n.code == "one_month_only"] == ["one_month_only"]
    assert not set(result.polars("changes")["verdict"]) & {"rising", "falling"}


def test_months_without_calls_are_bridged_and_less_sure(facts_of: FactsOf) -> None:
    rows = []
    draw = np.random.default_rng(9)
    for month in (1, 2, 5, 6):
        for i in range(12):
            level = 0.9 if (i < 6) == (month < 4) else 0.6
            rows += [
                call(f"2026-0{month}-10 09:00", agent_id=f"a{i:02d}", business="查询", resolved=bool(draw.random() < level))
                for _ in range(60)
            ]
    trend = run("capability.trend", facts_of({"calls": rows}), {"outcome": "resolved"})
    one = trend.polars().filter(pl.col("agent_id") == "a00", pl.col("business").is_null()).sort("period")
    assert one["period"].to_list() == ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06"]
    assert one["n"].to_list() == [60, 60, 0, 0, 60, 60]
    width = (one["high"] - one["low"]).to_list()
    assert min(width[2], width[3]) > max(width[0], width[1])
    verdicts = dict(
        trend.polars("changes").filter(pl.col("business").is_null(), pl.col("agent_id").is_not_null()).select("agent_id", "verdict").rows()
    )
    early, late = ([verdicts[f"a{i:02d}"] for i in part] for part in (range(6), range(6, 12)))
    assert early.count("falling") >= 5 and late.count("rising") >= 5

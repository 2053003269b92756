"""Daily figures of a table: what stands out is named rightly, and a centre in which nothing changes stays quiet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from coachline.engine.tables import TABLES
from coachline.engine.trust.issue import Issue
from coachline.engine.trust.level_changes import Series, daily, issues, lost_days, series_of
from tests.conftest import FactsOf

Steady = Callable[..., pl.DataFrame]
DAY = pl.col("arrived_at").dt.date()


def found_in(facts_of: FactsOf, calls: pl.DataFrame) -> list[Issue]:
    frame = daily(facts_of({"calls": calls.to_arrow()}), TABLES["calls"])
    return issues(series_of(TABLES["calls"], frame)) + lost_days(TABLES["calls"], frame)


def test_nothing_changes_in_a_hundred_centres() -> None:
    """Every figure wanders from day to day with heavier tails than the normal, and neighbouring days are alike."""
    alarms, days = 0, np.arange(20_500, 20_545)
    for seed in range(100):
        rng = np.random.default_rng(seed)

        def wander(scale: float, rng: np.random.Generator = rng) -> np.ndarray:
            shocks = rng.standard_t(4, len(days)) * scale
            return shocks + 0.4 * np.roll(shocks, 1)

        rows = np.exp(6 + wander(0.1)).astype(int)
        se = 0.5 / np.sqrt(rows)
        share = np.clip(0.1 + wander(0.02), 0, 1)
        series = [
            Series("calls", "wrap_s", "missing", days, rows, rows.sum(), share, se, 0.1, 0.2),
            Series("calls", "talk_s", "level", days, rows, rows.sum(), 5 + wander(0.05), 2 * se, np.log(3), np.log(5)),
            Series("calls", "wait_s", "level", days, rows, rows.sum(), 3 + wander(0.4), 2 * se, np.log(30), np.log(30)),
            Series("calls", "resolved", "share", days, rows, rows.sum(), 0.8 + wander(0.03), se, 0.4, 0.4),
            Series("calls", "arrived_at", "volume", days, rows, rows.sum(), np.log(rows), 1 / np.sqrt(rows), np.log(3), np.log(5)),
        ]
        alarms += bool(issues(series))
    assert alarms <= 3


@pytest.mark.parametrize("seed", range(4))
def test_a_steady_centre_is_quiet(facts_of: FactsOf, steady: Steady, seed: int) -> None:
    assert found_in(facts_of, steady(days=35, seed=100 + seed)) == []


@pytest.mark.parametrize(
    ("factor", "example"),
    [(1000.0, "2026-03-20: ×1000"), (1 / 60, "2026-03-20: ÷60"), (3600.0, "2026-03-20: ×3600"), (8.0, "2026-03-20: ×")],
)
def test_units_are_told_from_other_jumps(facts_of: FactsOf, steady: Steady, factor: float, example: str) -> None:
    calls = steady(days=30, seed=3).with_columns(
        hold_s=pl.when(date(2026, 3, 20) <= DAY).then(pl.col("hold_s") * factor).otherwise("hold_s")
    )
    [found] = found_in(facts_of, calls)
    assert (found.column, found.code) == ("hold_s", "level_from" if factor == 8 else "unit_from")
    assert (found.example or "").startswith(example)
    assert found.grade == ("doubt" if factor == 8 else "wrong")


def test_missing_from_a_day_on_and_until_a_day(facts_of: FactsOf, steady: Steady) -> None:
    calls = steady(days=30, seed=4).with_columns(
        resolved=pl.when(date(2026, 3, 25) > DAY).then("resolved"), queue=pl.when(date(2026, 3, 10) <= DAY).then("queue")
    )
    found = {issue.column: issue for issue in found_in(facts_of, calls)}
    assert {column: (issue.code, issue.example) for column, issue in found.items()} == {
        "resolved": ("missing_from", "2026-03-25: 0% → 100%"),
        "queue": ("missing_from", "2026-03-10: 100% → 0%"),
    }
    answered = pl.col("outcome") == "answered"
    assert found["resolved"].rows == calls.filter(answered & (date(2026, 3, 25) <= DAY)).height
    # It got better: the rows at fault are those before.
    assert found["queue"].rows == calls.filter(date(2026, 3, 10) > DAY).height
    assert (found["resolved"].grade, found["queue"].grade) == ("wrong", "gap")


def test_a_bad_day_of_many_abandoned_calls_is_no_fault_of_the_data(facts_of: FactsOf, steady: Steady) -> None:
    bad = (date(2026, 3, 17) == DAY) & (pl.int_range(pl.len()) % 5 < 3)
    only_answered = ("agent_id", "talk_s", "hold_s", "wrap_s", "transferred", "ticketed", "resolved", "invited", "rating", "recording")
    calls = steady(days=30, seed=5).with_columns(
        outcome=pl.when(bad).then(pl.lit("abandoned")).otherwise("outcome"),
        wait_s=pl.when(date(2026, 3, 17) == DAY).then(pl.col("wait_s") * 12).otherwise("wait_s"),
        **{name: pl.when(~bad).then(name) for name in only_answered},
    )
    assert found_in(facts_of, calls) == []


def test_answers_turned_round(facts_of: FactsOf, steady: Steady) -> None:
    calls = steady(days=30, seed=6).with_columns(resolved=pl.when(date(2026, 3, 20) <= DAY).then(~pl.col("resolved")).otherwise("resolved"))
    [found] = found_in(facts_of, calls)
    assert (found.column, found.code) == ("resolved", "level_from")
    assert (found.example or "").startswith("2026-03-20: 8")


def test_volume_that_breaks_down_and_a_day_half_loaded(facts_of: FactsOf, steady: Steady) -> None:
    calls = steady(days=60, a_day=400, seed=7)
    few = pl.int_range(pl.len()) % 30 == 0
    half_loaded = calls.filter((date(2026, 3, 25) != DAY) | few)
    assert [(i.column, i.code, (i.example or "")[:10]) for i in found_in(facts_of, half_loaded)] == [
        ("arrived_at", "volume_on", "2026-03-25")
    ]
    broken = calls.filter((date(2026, 4, 12) > DAY) | few)
    assert [(i.code, (i.example or "")[:10]) for i in found_in(facts_of, broken)] == [("volume_from", "2026-04-12")]
    assert found_in(facts_of, broken)[0].whole_row


def test_lost_days_but_not_closed_sundays(facts_of: FactsOf, steady: Steady) -> None:
    calls = steady(days=42, seed=8).filter(DAY.dt.weekday() != 7)
    assert found_in(facts_of, calls) == []
    [found] = found_in(facts_of, calls.filter(~DAY.is_in([date(2026, 3, 18), date(2026, 3, 19)])))
    assert (found.code, found.column, found.rows, found.example) == ("empty_days", "arrived_at", 0, "2026-03-18, 2026-03-19")
    assert found.share == pytest.approx(2 / 41)


def test_sparse_tables_have_no_lost_days(facts_of: FactsOf) -> None:
    exams = [
        {"exam_id": f"e{i}", "agent_id": "a", "item": "1", "taken_at": datetime(2026, 3, 2) + timedelta(days=i // 3 * 5)} for i in range(60)
    ]
    frame = daily(facts_of({"exams": exams}), TABLES["exams"])
    assert lost_days(TABLES["exams"], frame) == []
    assert issues(series_of(TABLES["exams"], frame)) == []

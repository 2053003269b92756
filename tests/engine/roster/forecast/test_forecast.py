"""The forecast through the run, from facts: what counts, what is asked for, and input that is hard to bear."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from coachline.engine.analyses import run
from coachline.engine.facts import Facts
from coachline.engine.result import Result
from coachline.engine.roster.forecast.slots import forecast_slots
from coachline.errors import CoachlineError

FactsOf = Callable[..., Facts]
SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 1, 5)


def calls_of(
    counts: dict[str | None, np.ndarray], *, first: date = MONDAY, zone: ZoneInfo = SHANGHAI, talk: float = 200.0, **same: Any
) -> pa.Table:
    """Calls in the middle of half-hours; counts by business as (days, 48) arrays."""
    moments: list[datetime] = []
    businesses: list[str | None] = []
    for business, grid in counts.items():
        for day, half in zip(*np.nonzero(grid), strict=True):
            wall = datetime.combine(first + timedelta(int(day)), datetime.min.time(), zone) + timedelta(minutes=30 * int(half) + 15)
            moments += [wall.astimezone(UTC)] * int(grid[day, half])
            businesses += [business] * int(grid[day, half])
    size = len(moments)
    return pa.table(
        {
            "call_id": [str(n) for n in range(size)],
            "arrived_at": pa.array(moments, pa.timestamp("us", tz="UTC")),
            "business": pa.array(businesses, pa.string()),
            "outcome": pa.array([same.get("outcome", "answered")] * size),
            "direction": pa.array([same.get("direction", "inbound")] * size),
            "talk_s": pa.array([talk if talk else None] * size, pa.float64()),
        }
    )


def steady(days: int, calls: int = 12, *, seed: int = 1) -> np.ndarray:
    """(days, 48) calls from 8 to 18 o'clock on all days but Sundays."""
    rng = np.random.default_rng(seed)
    grid = np.zeros((days, 48), np.int64)
    grid[:, 16:36] = rng.poisson(calls, (days, 20))
    grid[6::7] = 0
    return grid


def ask(facts: Facts, **given: Any) -> Result:
    return run("roster.forecast", facts, given)


def codes(result: Result) -> set[str]:
    return {note.code for note in result.notes}


def test_the_table_of_the_contract(facts_of: FactsOf) -> None:
    result = ask(facts_of({"calls": calls_of({"国际/查询": steady(70), "国内": steady(70, 3, seed=2)})}), days=14)
    table = result.polars()

    assert table.columns == ["starts_at", "business", "calls", "low", "high", "handle_s", "handle_low", "handle_high"]
    assert table.height == 14 * 48 * 2
    assert table["starts_at"][0].isoformat() == "2026-03-15T00:00:00+08:00"
    assert table["business"].unique().sort().to_list() == ["国内", "国际/查询"]
    assert (table["low"] <= table["high"]).all()
    busy = table.filter(pl.col("business") == "国际/查询", pl.col("calls") > 0)
    assert busy["calls"].mean() == pytest.approx(12, rel=0.05)
    assert busy["handle_s"].to_list() == pytest.approx([200.0] * busy.height)
    hour, weekday = table["starts_at"].dt.hour(), table["starts_at"].dt.weekday()
    assert table.filter((hour < 8) | (hour >= 18) | (weekday == 7))["calls"].sum() == 0
    assert table.filter((hour < 8) | (hour >= 18) | (weekday == 7))["high"].sum() == 0
    assert result.values["calls"] == pytest.approx(table["calls"].sum())
    assert result.values["wape_2_to_7_days"] < 0.35
    assert [check.code for check in result.checks] == ["forecast_intervals_hold", "forecast_beats_average"]
    assert result.checks[0].ok
    assert set(result.polars("backtest")["model"]) >= {"last_week", "mean_4", "calendar", "mix"}


def test_levels_cut_paths(facts_of: FactsOf) -> None:
    facts = facts_of({"calls": calls_of({"国际/查询/包裹": steady(40), "国际/投诉": steady(40, 3, seed=2), "国内": steady(40, 3, seed=3)})})

    assert forecast_slots(facts, date(2026, 2, 16), 7, level=1).businesses == ("国内", "国际")
    fine, coarse = (forecast_slots(facts, date(2026, 2, 16), 7, level=level).calls.sum() for level in (None, 1))
    assert fine == pytest.approx(coarse, rel=0.05)


def test_only_calls_that_people_were_to_answer_count(facts_of: FactsOf) -> None:
    real = calls_of({"国内": steady(40)})
    others = [
        calls_of({"国内": steady(40, seed=2)}, outcome=o, direction=d) for o, d in (("ivr_only", "inbound"), ("answered", "outbound"))
    ]
    others = [each.set_column(0, "call_id", pa.array([f"{n}-{i}" for i in range(each.num_rows)])) for n, each in enumerate(others)]
    alone, among = (ask(facts_of({"calls": each}), days=7).values["calls"] for each in (real, pa.concat_tables([real, *others])))

    assert among == pytest.approx(alone)


def test_calls_without_business_are_shared_out(facts_of: FactsOf) -> None:
    grid = steady(40)
    result = ask(facts_of({"calls": calls_of({"国内": grid, "国际": grid, None: grid})}), days=7, country="none")
    by_business = result.polars().group_by("business").agg(pl.col("calls").sum()).sort("business")["calls"].to_list()

    assert "calls_without_business_shared" in codes(result)
    assert by_business[0] == pytest.approx(by_business[1], rel=0.02)
    assert sum(by_business) == pytest.approx(3 * 12 * 20 * 6, rel=0.1)


def test_no_business_at_all_is_the_whole_centre(facts_of: FactsOf) -> None:
    result = ask(facts_of({"calls": calls_of({None: steady(40)})}), days=7)

    assert result.polars()["business"].null_count() == result.polars().height
    assert "calls_without_business_shared" not in codes(result)
    assert forecast_slots(facts_of({"calls": calls_of({None: steady(40)})}), date(2026, 2, 16), 7).businesses == ("",)


@pytest.mark.parametrize("days", [1, 3, 10, 25])
def test_few_days_are_answered_and_said_to_be_few(days: int, facts_of: FactsOf) -> None:
    result = ask(facts_of({"calls": calls_of({"国内": steady(days)})}), days=14)
    table = result.polars()

    assert {"forecast_from_few_days", "forecast_not_tested"} <= codes(result)
    assert result.values["origins"] == 0
    assert result.values["within_interval"] is None
    assert np.isfinite(table["calls"].to_numpy()).all()
    assert table.filter(pl.col("starts_at").dt.weekday() == 1)["calls"].sum() / 2 == pytest.approx(240, rel=0.35)


def test_one_call_is_answered(facts_of: FactsOf) -> None:
    grid = np.zeros((1, 48), np.int64)
    grid[0, 20] = 1
    result = ask(facts_of({"calls": calls_of({"国内": grid})}), days=7)

    assert np.isfinite(result.polars()["calls"].to_numpy()).all()
    assert result.values["calls"] < 30


def test_who_is_closed_at_weekends_is_closed_on_holidays(facts_of: FactsOf) -> None:
    grid = steady(75)
    grid[5::7] = 0
    # Spring Festival 2026 as in every office: closed.
    grid[41:50] = 0
    days = ask(facts_of({"calls": calls_of({"国内": grid})}), days=21).polars("days")

    assert days.filter(pl.col("day_type") == "holiday")["calls"].sum() == 0
    assert days.filter(pl.col("day_type") == "weekend")["high"].sum() == 0
    assert days.filter(pl.col("day_type") == "workday")["calls"].mean() == pytest.approx(240, rel=0.06)


def test_an_empty_week_is_a_gap_and_not_the_end_of_demand(facts_of: FactsOf) -> None:
    grid = steady(84)
    grid[60:67] = 0
    result = ask(facts_of({"calls": calls_of({"国内": grid})}), days=7)

    assert "weeks_without_calls" in codes(result)
    assert result.values["calls"] == pytest.approx(12 * 20 * 6, rel=0.06)


def test_a_last_day_that_is_cut_off_is_not_learnt_from(facts_of: FactsOf) -> None:
    grid = steady(60)
    grid[-1, 21:] = 0
    result = ask(facts_of({"calls": calls_of({"国内": grid})}), days=7)
    [note] = [note for note in result.notes if note.code == "last_day_cut_off"]

    assert note.facts == {"day": "2026-03-05", "hour": "10:30"}
    assert result.values["first_day"] == "2026-03-06"
    assert result.values["calls"] == pytest.approx(12 * 20 * 6, rel=0.06)


def test_clock_changes_leave_out_and_repeat_half_hours(facts_of: FactsOf) -> None:
    """In New York 2026-03-08 lacks 02:00 to 03:00, 2026-11-01 has 01:00 to 02:00 twice."""
    zone = ZoneInfo("America/New_York")
    grid = np.random.default_rng(1).poisson(5, (60, 48))
    calls = calls_of({"all": grid}, first=date(2026, 1, 8), zone=zone)
    spring = ask(facts_of({"calls": calls}, zone=zone.key), first_day="2026-03-08", days=1, country="none").polars()
    later = facts_of({"calls": calls_of({"all": grid}, first=date(2026, 9, 3), zone=zone)}, zone=zone.key)
    autumn = ask(later, first_day="2026-11-01", days=1, country="none").polars()

    assert spring.height == 46
    assert autumn.height == 50
    assert spring["starts_at"].is_sorted()
    assert spring["starts_at"].n_unique() == 46
    assert autumn["starts_at"].n_unique() == 50
    assert spring["calls"].mean() == pytest.approx(5, rel=0.15)


def test_the_hour_that_came_twice_does_not_count_double(facts_of: FactsOf) -> None:
    zone = ZoneInfo("America/New_York")
    first = date(2026, 10, 5)
    calls = calls_of({"all": np.full((60, 48), 6, np.int64)}, first=first, zone=zone)
    # The second time round the clock shows one to two again.
    again = [datetime(2026, 11, 1, 1, 15 + 30 * half, fold=1, tzinfo=zone).astimezone(UTC) for half in (0, 1) for _ in range(6)]
    rows = calls.slice(0, len(again)).set_column(1, "arrived_at", pa.array(again, pa.timestamp("us", tz="UTC")))
    rows = rows.set_column(0, "call_id", pa.array([f"again{n}" for n in range(len(again))]))
    result = ask(facts_of({"calls": pa.concat_tables([calls, rows])}, zone=zone.key), days=7, country="none").polars()
    by_hour = result.group_by(hour=pl.col("starts_at").dt.hour()).agg(pl.col("calls").mean())["calls"].to_numpy()

    assert by_hour == pytest.approx(np.full(24, 6.0), rel=0.02)


def test_handle_times_by_business_and_hour_only_where_they_differ(facts_of: FactsOf) -> None:
    rng = np.random.default_rng(2)
    tables = []
    for name, mean, late in (("长", 400.0, 1.0), ("短", 100.0, 1.0), ("晚", 200.0, 1.6)):
        calls = calls_of({name: steady(50, 8, seed=len(tables))})
        half = np.array([moment.astimezone(SHANGHAI).hour for moment in calls["arrived_at"].to_pylist()])
        seconds = rng.gamma(4.0, mean / 4, calls.num_rows) * np.where(half >= 14, late, 1.0)
        # A forgotten wrap-up of a day.
        seconds[10] = 80_000.0
        tables.append(
            calls.set_column(5, "talk_s", pa.array(seconds)).set_column(0, "call_id", pa.array([f"{name}{n}" for n in range(len(seconds))]))
        )
    few = calls_of({"少": np.eye(50, 48, dtype=np.int64)[[40, 41]]}, talk=900.0)
    few = few.set_column(0, "call_id", pa.array(["x", "y"]))
    found = forecast_slots(facts_of({"calls": pa.concat_tables([*tables, few])}), date(2026, 2, 24), 1)
    at = {name: found.handle_s[:, n] for n, name in enumerate(found.businesses)}

    assert at["长"][[18, 30]] == pytest.approx([400, 400], rel=0.05)
    assert at["短"][[18, 30]] == pytest.approx([100, 100], rel=0.05)
    assert at["晚"][18] == pytest.approx(200, rel=0.08)
    assert at["晚"][30] == pytest.approx(320, rel=0.08)
    # Two calls of 900 s say little against all others.
    assert at["少"][20] < 850


def test_intervals_of_handle_times_hold_what_days_bring(facts_of: FactsOf) -> None:
    """Days differ by 6 %; the interval made from the first sixty holds the means of about nine in ten later ones."""
    rng = np.random.default_rng(3)
    calls = calls_of({"甲": steady(130, 8), "乙": steady(130, 4, seed=2)})
    day = np.array([(moment.astimezone(SHANGHAI).date() - MONDAY).days for moment in calls["arrived_at"].to_pylist()])
    factor = np.exp(0.06 * rng.standard_normal(130))
    seconds = rng.gamma(4.0, 60.0, calls.num_rows) * factor[day]
    calls = calls.set_column(5, "talk_s", pa.array(seconds)).set_column(0, "call_id", pa.array([str(n) for n in range(len(seconds))]))
    found = forecast_slots(facts_of({"calls": calls}), MONDAY + timedelta(60), 1)

    assert found.handle_s[20] == pytest.approx(240.0, rel=0.04)
    later = 240.0 * factor[60:]
    for business in (0, 1):
        held = (found.handle_low[20, business] <= later) & (later <= found.handle_high[20, business])
        assert 0.8 <= held.mean() <= 0.97


def test_no_handle_time_is_unknown_and_not_zero(facts_of: FactsOf) -> None:
    result = ask(facts_of({"calls": calls_of({"国内": steady(40)}, talk=0.0)}), days=7)

    assert "handle_time_unknown" in codes(result)
    assert result.polars()["handle_s"].null_count() == result.polars().height
    assert result.values["handle_s"] is None


def test_a_new_price_that_stays_is_a_level_and_not_an_exception(facts_of: FactsOf) -> None:
    grid = steady(100)
    grid[70:] = np.random.default_rng(4).poisson(grid[70:] * 1.5)
    result = ask(facts_of({"calls": calls_of({"国内": grid})}), days=7, country="none", events="新价=2026-03-16..2027-01-01")
    [effect] = result.polars("effects").filter(pl.col("cause") == "event").iter_rows(named=True)

    assert effect["factor"] == pytest.approx(1.5, rel=0.12)
    assert result.values["calls"] == pytest.approx(1.5 * 12 * 20 * 6, rel=0.08)
    assert result.values["wape_1_day"] is not None


def test_events_and_holidays_without_a_past_are_said(facts_of: FactsOf) -> None:
    facts = facts_of({"calls": calls_of({"国内": steady(60)})})
    plain, marked = ask(facts, days=7, country="none"), ask(facts, days=45, events="促销=2026-03-09")
    [event] = [note for note in marked.notes if note.code == "event_without_past"]
    [holiday] = [note for note in marked.notes if note.code == "holiday_without_past"]

    assert event.facts == {"event": "促销"}
    assert holiday.facts == {"holiday": "清明节"}
    wide, usual = (each.polars("days").filter(pl.col("date") == date(2026, 3, 9)).row(0, named=True) for each in (marked, plain))
    assert wide["high"] - wide["low"] > 2 * (usual["high"] - usual["low"])
    assert wide["events"] == "促销"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"first_day": "2026-01-05"}, "no_calls_before"),
        ({"first_day": "2020-01-01"}, "no_calls_before"),
        ({"first_day": "2030-01-01"}, "forecast_too_far"),
        ({"country": "Atlantis"}, "unknown_country"),
        ({"events": "x=tomorrow"}, "bad_event"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_what_to_do(given: dict[str, str], code: str, facts_of: FactsOf) -> None:
    facts = facts_of({"calls": calls_of({"国内": steady(20)})})

    with pytest.raises(CoachlineError) as refused:
        ask(facts, **given)
    assert refused.value.code == code
    assert len(str(refused.value)) > 40


def test_looking_back_sees_only_what_was_known_then(facts_of: FactsOf) -> None:
    grid = steady(80)
    later = grid.copy()
    later[60:] *= 3
    first = MONDAY + timedelta(60)
    one, other = (forecast_slots(facts_of({"calls": calls_of({"国内": each})}), first, 7) for each in (grid, later))

    assert one.calls == pytest.approx(other.calls)
    assert one.handle_s == pytest.approx(other.handle_s)

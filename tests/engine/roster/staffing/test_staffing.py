"""The analysis through the run: figures by hand, the forecast, every target, changes of the clock, and bad input."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from coachline.engine.analyses import run
from coachline.engine.result import Result
from coachline.engine.roster.staffing.heads import Target, needed_heads
from coachline.errors import CoachlineError
from tests.conftest import FactsOf
from tests.engine.operations.rows import at, call

DAY = date(2026, 3, 2)


def half_hour(when: str, calls: int, business: str | None = "查询", *, gone: int = 0, **fields: Any) -> list[dict[str, Any]]:
    """Calls of one half-hour; the first `gone` of them hang up after 40 seconds, the others are answered after 20."""
    start = at(when)
    rows = []
    for n in range(calls):
        moment = start + timedelta(seconds=1700 * n / calls)
        known = {"wait_s": 40.0} if n < gone else {"wait_s": 20.0, "talk_s": 150.0, "wrap_s": 30.0}
        rows.append(call(moment, "abandoned" if n < gone else "answered", **{"business": business, **known, **fields}))
    return rows


def staffing(
    facts_of: FactsOf, rows: list[dict[str, Any]], more: dict[str, Any] | None = None, zone: str = "Asia/Shanghai", **given: Any
) -> Result:
    return run("roster.staffing", facts_of({"calls": rows, **(more or {})}, zone=zone), {"demand": "past", **given})


def codes(result: Result) -> set[str]:
    return {note.code for note in result.notes}


def test_a_half_hour_by_hand(facts_of: FactsOf) -> None:
    rows = half_hour("2026-03-02 09:00", 40, gone=10)
    result = staffing(facts_of, rows)
    # 10 hung up and 30 were answered: 400 + 600 seconds of waiting, so 100 seconds of patience; load 40 x 180 / 1800.
    assert result.values["patience_s"] == pytest.approx(100)
    [row] = result.polars().filter(pl.col("calls") > 0).to_dicts()
    assert row["starts_at"] == at("2026-03-02 09:00") and row["business"] == "查询" and row["handle_s"] == pytest.approx(180)
    assert row["load_erlangs"] == pytest.approx(4.0)
    assert row["agents"] == needed_heads(4.0, 180.0, 100.0, Target(occupancy_cap=0.9))
    assert row["agents_erlang_c"] == needed_heads(4.0, 180.0) > row["agents"]
    assert row["service_level"] >= 0.8 and row["occupancy"] == pytest.approx(4 * (1 - row["abandoned_share"]) / row["agents"])
    assert result.polars().height == 48 and result.values["agent_hours"] == row["agents"] / 2


@pytest.mark.parametrize(
    ("target", "share"),
    [("service_level_strict", 0.9), ("service_level_answered", 0.9), ("service_level_patient", 0.9), ("waits", 0.1), ("abandoned", 0.01)],
)
def test_stricter_targets_take_more(facts_of: FactsOf, target: str, share: float) -> None:
    rows = half_hour("2026-03-02 09:00", 40, gone=10)
    usual, strict = (staffing(facts_of, rows, target=target, **given).values for given in ({}, {"target_share": share}))
    assert strict["agent_hours"] > usual["agent_hours"] and strict["target_share"] == share


def test_shrinkage_from_shifts_divides(facts_of: FactsOf) -> None:
    shifts = [
        {"agent_id": "a1", "starts_at": at(f"2026-03-02 {a}"), "ends_at": at(f"2026-03-02 {b}"), "activity": what}
        for a, b, what in (("08:00", "11:00", "work"), ("11:00", "12:00", "break"), ("12:00", "20:00", "leave"))
    ]
    result = staffing(facts_of, half_hour("2026-03-02 09:00", 40, gone=10), {"shifts": shifts})
    assert result.values["shrinkage"] == pytest.approx(0.25) and "shrinkage_from_shifts" in codes(result)
    busy = result.polars("slots").filter(pl.col("calls") > 0).to_dicts()[0]
    assert busy["rostered"] == np.ceil(busy["agents"] / 0.75)


def test_one_team_for_all_needs_fewer(facts_of: FactsOf) -> None:
    rows = [row for business in "甲乙丙" for row in half_hour("2026-03-02 09:00", 12, business, gone=2)]
    slot = staffing(facts_of, rows).polars("slots").filter(pl.col("calls") > 0).to_dicts()[0]
    assert slot["agents_together"] < slot["agents"] and slot["load_erlangs"] == pytest.approx(3.6)


def test_the_forecast_asks_for_more_when_it_is_not_sure(facts_of: FactsOf) -> None:
    rng = np.random.default_rng(1)
    rows = [
        row
        for day in range(35)
        for hour in (9, 10)
        for row in half_hour(f"{DAY + timedelta(day)} {hour:02d}:00", int(rng.poisson(rng.gamma(9, 4))), gone=3)
    ]
    facts = facts_of({"calls": rows})
    sure, unsure = (run("roster.staffing", facts, {"days": 7, "uncertain": flag}) for flag in (False, True))
    assert sure.values["first_day"] == str(DAY + timedelta(35)) and sure.polars().height == 7 * 48
    assert unsure.values["agent_hours"] > sure.values["agent_hours"] and "target_over_uncertainty" in codes(unsure)
    assert unsure.polars().filter(pl.col("calls") > 1)["spread"].min() > 0
    assert all(check.ok for check in unsure.checks if check.code == "target_met")


def test_half_hours_that_come_twice_or_not_at_all(facts_of: FactsOf) -> None:
    zone = "America/New_York"
    for day, hours in ((date(2026, 3, 8), 23), (date(2026, 11, 1), 25)):
        rows = [call(at(f"{day} 12:00", zone), business="q", wait_s=5.0, talk_s=100.0)]
        found = staffing(facts_of, rows, zone=zone).polars()
        assert found.height == 2 * hours
        assert found["starts_at"].dt.convert_time_zone("UTC").diff().drop_nulls().unique().to_list() == [timedelta(minutes=30)]


def test_nobody_hung_up_in_one_business(facts_of: FactsOf) -> None:
    rows = half_hour("2026-03-02 09:00", 40, "甲", gone=10) + half_hour("2026-03-02 09:00", 10, "乙")
    result = staffing(facts_of, rows)
    basis = dict(result.polars("patience").select("business", "basis").iter_rows())
    assert basis == {"甲": "partly", "乙": "pooled"}
    assert [note.facts["businesses"] for note in result.notes if note.code == "patience_pooled"] == ["乙"]


def test_patience_not_known_is_erlang_c(facts_of: FactsOf) -> None:
    rows = half_hour("2026-03-02 09:00", 40, gone=10, wait_s=None)
    result = staffing(facts_of, rows)
    assert {"patience_not_known", "waits_unknown"} <= codes(result) and result.values["patience_s"] is None
    [row] = result.polars().filter(pl.col("calls") > 0).to_dicts()
    assert row["agents"] == row["agents_erlang_c"]
    assert result.polars("patience")["patience_s"].to_list() == [None]
    with pytest.raises(CoachlineError, match="patience_s"):
        staffing(facts_of, rows, target="abandoned")
    assert staffing(facts_of, rows, target="abandoned", patience_s=100).values["agent_hours"] > 0


def test_handle_times_that_are_missing_or_zero(facts_of: FactsOf) -> None:
    known = half_hour("2026-03-02 09:00", 20, "甲", gone=4)
    for lacking in ({"talk_s": None}, {"talk_s": 0.0, "wrap_s": 0.0}):
        result = staffing(facts_of, [*known, *half_hour("2026-03-02 09:00", 20, "乙", gone=4, **lacking)])
        handle = dict(result.polars().select("business", "handle_s").unique().iter_rows())
        assert handle == pytest.approx({"甲": 180.0, "乙": 180.0})
        assert [note.facts["businesses"] for note in result.notes if note.code == "handle_time_from_all"] == ["乙"]
    with pytest.raises(CoachlineError, match="talk"):
        staffing(facts_of, half_hour("2026-03-02 09:00", 20, gone=4, talk_s=None))


def test_calls_of_no_business_are_shared_out(facts_of: FactsOf) -> None:
    rows = half_hour("2026-03-02 09:00", 30, "甲", gone=3) + half_hour("2026-03-02 09:00", 10, None)
    result = staffing(facts_of, rows)
    assert result.polars()["business"].unique().to_list() == ["甲"] and result.values["calls"] == 40
    assert "calls_without_business_shared" in codes(result)
    nameless = staffing(facts_of, half_hour("2026-03-02 09:00", 10, None))
    assert nameless.polars()["business"].unique().to_list() == [None] and nameless.values["calls"] == 10


def test_a_time_without_calls_is_refused(facts_of: FactsOf) -> None:
    rows = half_hour("2026-03-02 09:00", 5)
    with pytest.raises(CoachlineError, match="2026"):
        staffing(facts_of, rows, since="2026-05-01", until="2026-05-07")
    only_ivr = [call("2026-03-02 09:00", "ivr_only")]
    with pytest.raises(CoachlineError):
        staffing(facts_of, only_ivr)

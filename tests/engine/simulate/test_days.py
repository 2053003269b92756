"""The days are those of a centre: weeks, holidays, nights, shifts, a bad day."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from coachline.engine.simulate import CentreSize, SimulatedCentre, simulate_centre
from coachline.engine.simulate.holidays import DayKind, holiday_name, kind_of


@pytest.fixture(scope="module")
def work(centre: SimulatedCentre) -> pl.DataFrame:
    return pl.DataFrame(centre.tables["shifts"]).filter(pl.col("activity") == "work").sort("agent_id", "starts_at")


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        (date(2026, 5, 1), DayKind.HOLIDAY, "劳动节"),
        (date(2026, 5, 5), DayKind.HOLIDAY, "劳动节"),
        (date(2026, 5, 6), DayKind.WORKDAY, None),
        (date(2026, 5, 9), DayKind.WORKED_WEEKEND, None),
        (date(2026, 6, 20), DayKind.HOLIDAY, "端午节"),
        (date(2026, 6, 27), DayKind.WEEKEND, None),
        (date(2025, 10, 8), DayKind.HOLIDAY, "国庆节、中秋节"),
        (date(2025, 9, 28), DayKind.WORKED_WEEKEND, None),
    ],
)
def test_holidays_follow_the_notices(day: date, kind: DayKind, name: str | None) -> None:
    assert kind_of(day) == kind
    assert holiday_name(day) == name


def test_weeks_days_and_holidays_have_their_shape(calls: pl.DataFrame, centre: SimulatedCentre) -> None:
    days = (
        calls.group_by("date").len().join(pl.DataFrame(centre.truth["days"]), on="date").with_columns(weekday=pl.col("date").dt.weekday())
    )
    assert (days["len"] == days["calls"]).all()
    level = dict(days.group_by("kind").agg(pl.col("len").mean()).iter_rows())
    assert level["holiday"] < level["weekend"] < level["worked_weekend"] < level["workday"]
    workdays = days.filter(pl.col("kind") == "workday")
    assert workdays.filter(pl.col("weekday") == 1)["len"].mean() > 1.05 * workdays.filter(pl.col("weekday") == 5)["len"].mean()
    hour = calls.group_by(pl.col("local").dt.hour().alias("hour")).len().sort("hour")["len"].to_numpy()
    assert hour[10] > 5 * hour[3] > 0
    assert hour[10] > hour[12] < hour[15]


def test_on_the_bad_day_calls_flood_in_and_most_are_lost_while_it_lasts(calls: pl.DataFrame, centre: SimulatedCentre) -> None:
    outage = next(e for e in centre.truth["events"].to_pylist() if e["kind"] == "outage")
    inbound = calls.filter((pl.col("direction") == "inbound") & pl.col("outcome").is_in(["answered", "abandoned"]))
    daily = inbound.group_by("date").agg((pl.col("outcome") == "answered").mean().alias("connect_rate"), pl.len())
    bad = daily.filter(pl.col("date") == outage["first_day"])
    assert bad["connect_rate"].item() == daily["connect_rate"].min()
    assert bad["connect_rate"].item() < 0.85
    assert daily["connect_rate"].median() > 0.93
    assert bad["len"].item() > 1.5 * daily["len"].median()


def test_a_change_of_rules_brings_calls_on_one_business(calls: pl.DataFrame, centre: SimulatedCentre) -> None:
    surge = next(e for e in centre.truth["events"].to_pylist() if e["kind"] == "surge")
    share = calls.group_by("date").agg((pl.col("true_business") == surge["business"]).mean().alias("share"))
    inside = share.filter(pl.col("date").is_between(surge["first_day"], surge["last_day"]))["share"].mean()
    outside = share.filter(~pl.col("date").is_between(surge["first_day"], surge["last_day"]))["share"].mean()
    assert 2.5 < inside / outside < 4.5


def test_no_agent_has_two_calls_at_a_time_or_answers_off_duty(calls: pl.DataFrame, work: pl.DataFrame) -> None:
    handled = calls.filter(pl.col("agent_id").is_not_null()).with_columns(
        answered_at=pl.col("arrived_at") + pl.duration(seconds=pl.col("ivr_s").fill_null(0) + pl.col("wait_s").fill_null(0)),
    )
    handled = handled.with_columns(
        done_at=pl.col("answered_at") + pl.duration(seconds=pl.col("talk_s") + pl.col("hold_s") + pl.col("wrap_s"))
    ).sort("agent_id", "answered_at")
    overlap = handled.select((pl.col("done_at").shift(1).over("agent_id") > pl.col("answered_at")).sum()).item()
    assert overlap == 0
    # The agent takes the call before it has rung out: at most six seconds after the stretch of work ends.
    begun = handled.sort("answered_at").join_asof(
        work.sort("starts_at"), left_on="answered_at", right_on="starts_at", by="agent_id", check_sortedness=False
    )
    assert begun["ends_at"].is_not_null().all()
    assert begun.select((pl.col("answered_at") <= pl.col("ends_at") + pl.duration(seconds=6)).all()).item()


def test_shifts_do_not_overlap_and_add_up_to_about_160_hours(centre: SimulatedCentre) -> None:
    shifts = pl.DataFrame(centre.tables["shifts"]).sort("agent_id", "starts_at")
    assert not shifts.select(pl.col("ends_at").shift(1).over("agent_id") > pl.col("starts_at")).to_series().any()
    counted = shifts.filter(pl.col("activity") != "break").with_columns(
        hours=(pl.col("ends_at") - pl.col("starts_at")).dt.total_seconds() / 3600
    )
    stayed = pl.DataFrame(centre.tables["agents"]).filter(pl.col("left_on").is_null() & (pl.col("hired_on") < centre.size.start))
    month = counted.join(stayed, on="agent_id", how="semi").group_by("agent_id").agg(pl.col("hours").sum() * 30.4 / centre.size.days)
    assert month["hours"].mean() == pytest.approx(160, abs=8)
    assert set(shifts["activity"]) == {"work", "break", "training", "leave", "meeting"}


def test_who_has_left_or_is_not_there_yet_takes_no_calls(calls: pl.DataFrame, centre: SimulatedCentre) -> None:
    found = calls.join(pl.DataFrame(centre.tables["agents"]), on="agent_id")
    assert found["hired_on"].max() > centre.size.start
    assert found.filter(pl.col("date") < pl.col("hired_on")).is_empty()
    # A night shift that begins on the last day ends on the next one.
    assert found.filter(pl.col("date") > pl.col("left_on")).is_empty()


def test_waits_grow_with_the_load() -> None:
    def wait(count: int) -> tuple[float, float]:
        made = pl.DataFrame(simulate_centre(CentreSize(agents=24, businesses=10, days=14, calls=count), seed=2).tables["calls"])
        inbound = made.filter((pl.col("direction") == "inbound") & (pl.col("outcome") != "ivr_only"))
        return float(inbound["wait_s"].mean()), float((inbound["outcome"] == "answered").mean())

    (calm, connected), (busy, lost) = wait(8_000), wait(40_000)
    assert busy > 3 * calm
    assert lost < connected - 0.2


def test_handle_time_is_log_normal_with_effects_of_agent_and_business(calls: pl.DataFrame, centre: SimulatedCentre) -> None:
    answered = calls.filter((pl.col("was_resolved").is_not_null()) & (pl.col("channel") == "voice")).with_columns(
        log=pl.col("talk_s").log()
    )
    by_agent = answered.group_by("agent_id").agg(pl.col("log").mean()).join(pl.DataFrame(centre.truth["agents"]), on="agent_id")
    assert np.corrcoef(by_agent["log"], np.log(by_agent["talk_factor"]))[0, 1] > 0.7
    businesses = pl.DataFrame(centre.truth["businesses"])
    found = answered.with_columns(business=pl.col("true_business")).group_by("business").agg(pl.col("log").mean())
    by_business = found.join(businesses, on="business")
    assert np.corrcoef(by_business["log"], np.log(by_business["median_talk_s"]))[0, 1] > 0.95
    assert answered.filter("was_resolved")["log"].mean() < answered.filter(~pl.col("was_resolved"))["log"].mean()


def test_outbound_work_reaches_a_good_half(calls: pl.DataFrame) -> None:
    outbound = calls.filter(pl.col("direction") == "outbound")
    assert outbound.height / calls.height == pytest.approx(0.04, abs=0.02)
    assert (outbound["outcome"] == "answered").mean() == pytest.approx(0.55, abs=0.04)
    assert set(outbound["business"].drop_nulls().str.split("/").list.first()) == {"外呼服务"}

"""Rosters of a small centre: strong people where their business is dense, every rule kept, and an answer to whatever comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from coachline.engine.analyses import run
from coachline.engine.facts import Facts
from coachline.engine.result import Result
from coachline.engine.roster.plan.plan import by_cover_alone, rostered, time_to_search
from coachline.engine.roster.plan.request import SLOTS_A_DAY, Request, ShiftKind
from coachline.engine.roster.plan.tables import people_table, wishes_kept
from tests.engine.roster.plan.busy_centre import FIRST, PEOPLE, centre, moment, shifts, worked
from tests.engine.roster.rules.small_roster import small

FactsOf = Callable[..., Facts]
QUICK = {"weeks": 1, "seconds": 1.5}
ROOM = {"least_h": 0, "most_weekends": 4}
"""Limits that ten people can keep in one week whatever comes."""


@pytest.fixture(scope="module")
def proposed(tmp_path_factory: pytest.TempPathFactory) -> Result:
    from coachline.engine.compute import DuckDBCompute
    from tests.conftest import as_fact_table
    from tests.engine.simulated_facts import lay_down

    wishes = [{"agent_id": who, "date": FIRST + timedelta(n % 7), "wish": "休息", "strength": 3.0} for n, who in enumerate(PEOPLE[:6])]
    learns = {
        "agent_id": "a4",
        "starts_at": moment(FIRST + timedelta(1), 9),
        "ends_at": moment(FIRST + timedelta(1), 11),
        "activity": "training",
    }
    tables = centre(wishes=wishes, shifts=[*shifts(), learns])
    compute = DuckDBCompute()
    facts = lay_down(tmp_path_factory.mktemp("plan"), {name: as_fact_table(name, rows) for name, rows in tables.items()}, compute)
    result = run("roster.plan", facts, QUICK)
    compute.close()
    return result


def check(result: Result, code: str) -> bool:
    return next(each.ok for each in result.checks if each.code == code)


def gain(result: Result, compared: str, measure: str) -> dict[str, Any]:
    return result.polars("gains").row(by_predicate=(pl.col("compared") == compared) & (pl.col("measure") == measure), named=True)


def test_what_asking_and_telling_take_is_taken_from_the_search_but_half_is_left() -> None:
    assert time_to_search(60.0, 5.0) == 39.0
    assert time_to_search(10.0, 8.0) == 5.0


def test_a_roster_keeps_its_rules_and_is_worth_more_than_heads(proposed: Result) -> None:
    assert check(proposed, "roster_keeps_its_rules") and check(proposed, "hours_within_cap")
    more = gain(proposed, "cover_only", "resolved_more_by_plan")
    assert 0 < more["low"] <= more["value"] <= more["high"]
    assert gain(proposed, "plan", "resolved_share")["value"] > gain(proposed, "present", "resolved_share")["value"]
    assert proposed.values["resolved_share_low"] < proposed.values["resolved_share"] < proposed.values["resolved_share_high"] < 1


def test_the_strong_sit_where_and_when_their_business_is_dense(proposed: Result) -> None:
    """Parcels come before noon, and the first five are strong at them; savings come after it."""
    begins = pl.col("starts_at").dt.convert_time_zone("Asia/Shanghai").dt.hour()
    work = proposed.polars().filter(pl.col("activity") == "work")
    for business, hours, strong in (("包裹", (8, 12), PEOPLE[:5]), ("储蓄", (12, 16), PEOPLE[5:])):
        dense = work.filter(pl.col("business") == business, begins.is_between(*hours, closed="left"))
        assert dense["agent_id"].is_in(strong).mean() > 0.8


def test_rows_tell_shifts_with_their_breaks_and_trainings(proposed: Result) -> None:
    table = proposed.polars()
    assert table["activity"].unique().sort().to_list() == ["break", "training", "work"]
    day = table.filter(pl.col("agent_id") == "a4", pl.col("date") == FIRST + timedelta(1)).sort("starts_at")
    assert "training" in day["activity"].to_list()
    # One stretch follows the other, the training inside.
    assert (day["starts_at"][1:] == day["ends_at"][:-1]).all()
    assert (
        table.filter(pl.col("activity") == "work")["reason"]
        .is_in(["as_wished", "around_training", "strong_where_dense", "strongest_business", "needed"])
        .all()
    )
    breaks = table.filter(pl.col("activity") == "break")
    assert (breaks["ends_at"] - breaks["starts_at"]).unique().to_list() == [timedelta(minutes=30)]


def test_tables_agree_with_each_other(proposed: Result) -> None:
    work = proposed.polars().filter(pl.col("activity") == "work")
    hours = work.group_by("agent_id").agg(hours=(pl.col("ends_at") - pl.col("starts_at")).dt.total_minutes().sum() / 60).sort("agent_id")
    # The training of two hours lies in a shift.
    people = proposed.polars("people").sort("agent_id").filter(pl.col("shifts") > 0)
    assert people["hours"].sum() - hours["hours"].sum() == pytest.approx(2.0)
    cover = proposed.polars("cover")
    assert cover["heads"].sum() / 2 == pytest.approx(people["hours"].sum(), rel=0.02)
    assert cover["calls"].sum() == pytest.approx(proposed.values["calls"])
    assert people["wishes_kept"].sum() == proposed.values["wishes_kept"] >= 5


def test_a_sick_call_changes_little_and_nothing_before(facts_of: FactsOf) -> None:
    ahead = [row for n, who in enumerate(PEOPLE) for day in range(7) if (day + n) % 7 < 5 for row in worked(who, FIRST + timedelta(day))]
    facts = facts_of(centre(shifts=[*shifts(), *ahead]))
    # a3 is rostered on the first five days but one; now away on the second and third.
    given = {**QUICK, **ROOM, "replan_from": FIRST + timedelta(1), "absent": "a3:2", "stability_price": 50}
    result = run("roster.plan", facts, given)
    changes = result.polars("changes")
    assert check(result, "roster_keeps_its_rules")
    assert changes["date"].min() >= FIRST + timedelta(1)
    mine = result.polars().filter(pl.col("agent_id") == "a3", pl.col("activity") == "work")
    assert not mine["date"].is_in([FIRST + timedelta(1), FIRST + timedelta(2)]).any()
    assert changes.filter(pl.col("agent_id") != "a3").height <= 3


def test_one_person_gets_a_roster(facts_of: FactsOf) -> None:
    result = run("roster.plan", facts_of(centre(shifts=shifts(people=PEOPLE[:1]))), {**QUICK, **ROOM})
    assert check(result, "roster_keeps_its_rules") and result.values["people"] == 1
    assert result.polars()["agent_id"].unique().to_list() == ["a0"]
    assert "demand_not_met" in {note.code for note in result.notes}


def test_everybody_on_leave_and_nobody_licensed_give_an_answer(facts_of: FactsOf) -> None:
    away = [
        {"agent_id": who, "starts_at": moment(FIRST, 0), "ends_at": moment(FIRST + timedelta(9), 0), "activity": "leave"} for who in PEOPLE
    ]
    result = run("roster.plan", facts_of(centre(shifts=[*shifts(), *away])), {**QUICK, **ROOM})
    assert result.polars()["activity"].unique().to_list() == ["leave"]
    assert {"everybody_on_leave", "demand_not_met"} <= {note.code for note in result.notes}
    assert result.values["resolved_share"] == 0.0


def test_shifts_over_a_change_of_the_clock(facts_of: FactsOf) -> None:
    # In Berlin the early shifts begin at one, and the clock is put from two to three on 29 March 2026, the last day.
    facts = facts_of(centre(shifts=shifts(people=PEOPLE[:3])), zone="Europe/Berlin")
    result = run("roster.plan", facts, {**QUICK, **ROOM, "weeks": 4, "most_nights": 28})
    assert check(result, "roster_keeps_its_rules") and "clock_changes" in {note.code for note in result.notes}
    rows, cover = result.polars().filter(pl.col("activity") != "leave"), result.polars("cover")
    assert (rows["starts_at"] < rows["ends_at"]).all()
    assert not cover.select("starts_at", "business").is_duplicated().any()
    assert rows.filter(pl.col("date") == FIRST + timedelta(27)).height > 0


def asked(people: int = 4) -> Request:
    """Everybody works early or late; the first half are better at the first post, which is called in the morning."""
    hour = np.arange(3 * SLOTS_A_DAY) % SLOTS_A_DAY / 2.0
    calls = np.stack([np.where((hour >= 8) & (hour < 12), 5.0, 0.0), np.where((hour >= 14) & (hour < 18), 5.0, 0.0)], axis=1)
    skill = np.where((np.arange(people) < people // 2)[:, None] == np.array([True, False]), 0.95, 0.55)
    kinds = (ShiftKind.of("E", 8 * 60, 12 * 60), ShiftKind.of("L", 14 * 60, 18 * 60))
    return small(
        people, days=3, kinds=kinds, calls=calls, need=np.where(calls > 0, 2.0, 0.0), skill=skill, wish_off=np.full((people, 3), 1e-4)
    )


def test_the_best_roster_of_a_world_counted_by_hand() -> None:
    request = asked()
    found = rostered(request, 2.0)
    # Two strong ones for each peak, on each day, and nobody else.
    assert (found.schedule.shift[:2] == 0).all() and (found.schedule.shift[2:] == 1).all()
    assert (found.schedule.post[:2, :, 0] == 0).all() and (found.schedule.post[2:, :, 1] == 1).all()


def test_by_cover_alone_everybody_is_alike() -> None:
    flat = by_cover_alone(asked())
    assert np.ptp(flat.skill, axis=0).tolist() == [0.0, 0.0] and flat.skill.mean() == pytest.approx(0.75)


def test_whoever_has_no_roster_at_all_is_off_and_named() -> None:
    # a0 must work every day of seven, and nobody may work more than two in a row.
    request = small(2, days=7, limits={"longest_run": 2})
    fixed = np.zeros((2, 7), np.bool_)
    fixed[0] = True
    last = np.full((2, 7), -2, np.int64)
    last[0] = 0
    found = rostered(replace(request, fixed=fixed, last_roster=last), 1.0)
    assert found.without == (0,) and (found.schedule.shift[0] == -1).all()


def test_wishes_and_hours_by_person() -> None:
    request = small(2, days=7)
    wish_off = np.zeros((2, 7))
    wish_off[0, :2] = 1.0
    wish_shift = np.zeros((2, 7, 4))
    wish_shift[1, 3, 2] = 2.0
    shift = np.full((2, 7), -1, np.int64)
    shift[0, 1], shift[1, 3], shift[1, 5] = 0, 2, 0
    request = replace(request, wish_off=wish_off, wish_shift=wish_shift)
    wish, kept = wishes_kept(request, shift)
    assert wish.sum(axis=1).tolist() == [2, 1] and kept.sum(axis=1).tolist() == [1, 1]
    table = people_table(request, shift, np.array([[3.0, 0.0], [0.0, 0.0]]))
    assert table.select("shifts", "hours", "nights", "weekends", "skill").rows() == [
        (1, 8.0, 0, 0, pytest.approx(0.8)),
        (2, 16.0, 1, 1, None),
    ]

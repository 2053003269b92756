"""Plans for newcomers from facts to comparison: a simulated centre, truths that were put in, and facts that lack nearly everything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from coachline.engine.analyses import run
from coachline.engine.compute import DuckDBCompute
from coachline.engine.facts import Facts
from coachline.engine.result import Result
from coachline.errors import CoachlineError
from tests.engine.simulated_facts import lay_down, simulated

FactsOf = Callable[..., Facts]
START = date(2026, 1, 1)
FAST = {"draws": 60, "months": 6}


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return lay_down(tmp_path_factory.mktemp("facts"), simulated(), DuckDBCompute())


@pytest.fixture(scope="module")
def result(centre: Facts) -> Result:
    return run("training.newcomers", centre, {"draws": 100})


def calls(
    agents: int, days: int, each: int = 1, gap: float = 0.0, hired: Mapping[str, date] | None = None, **more: Any
) -> list[dict[str, Any]]:
    """Calls of agents a0, a1 ..., `each` a day; who was hired lately resolves less and takes longer by `gap` at first, with a time constant of 3 months."""
    draw = np.random.default_rng(1)
    rows = []
    for agent in range(agents):
        begun = (hired or {}).get(f"a{agent}")
        for day in range(days):
            at = START + timedelta(day)
            if begun is not None and at < begun:
                continue
            behind = gap * np.exp(-(at - begun).days / 91.3) if begun is not None else 0.0
            share = 1 / (1 + np.exp(-1.5 + behind))
            for k in range(each):
                rows.append(
                    {
                        "call_id": f"{agent}-{day}-{k}",
                        "arrived_at": datetime(at.year, at.month, at.day, 2 + k % 8, tzinfo=UTC),
                        "direction": "inbound",
                        "business": "查询",
                        "agent_id": f"a{agent}",
                        "outcome": "answered",
                        "wait_s": float(draw.exponential(10)),
                        "talk_s": float(180 * np.exp(0.4 * draw.standard_normal() + behind)),
                        "resolved": bool(draw.random() < share),
                        **more,
                    }
                )
    return rows


def staff(count: int, hired: date | None = START - timedelta(900), left: date | None = None) -> list[dict[str, Any]]:
    return [{"agent_id": f"a{k}", "hired_on": hired, "left_on": left} for k in range(count)]


def months_of(found: Result, plan: str) -> pl.DataFrame:
    return found.polars().filter(pl.col("plan") == plan)


def codes(found: Result) -> set[str]:
    return {note.code for note in found.notes}


def test_a_simulated_centre_gets_all_its_tables(result: Result, centre: Facts) -> None:
    plans = result.polars()
    assert plans.columns[:7] == ["plan", "month", "heads", "licensed", "capability", "cost", "service_level"]
    assert plans.height == 9 * 13 and plans.null_count().sum_horizontal()[0] == 0
    now = months_of(result, "as_now").filter(pl.col("month") == 0).row(0, named=True)
    agents = pl.DataFrame(simulated()["agents"])
    there = int((agents["left_on"].is_null() | (agents["left_on"] > date(2026, 6, 8))).sum())
    assert now["heads"] == there == result.values["people"]
    assert now["service_level"] == pytest.approx(result.values["service_level_now"], abs=1e-6)
    answered = pl.DataFrame(simulated()["calls"]).filter(pl.col("outcome") == "answered", pl.col("direction") == "inbound")
    assert now["capability"] == pytest.approx(answered["resolved"].mean(), abs=0.02)
    for figure in ("heads", "capability", "service_level", "cost"):
        assert (plans[f"{figure}_low"] <= plans[figure] + 1e-12).all() and (plans[figure] <= plans[f"{figure}_high"] + 1e-12).all()
    assert all(check.ok for check in result.checks if check.code in ("people_conserved", "steps_fine_enough"))
    sources = result.polars("calibration")
    assert set(sources["source"]) == {"facts", "prior"} and sources.filter(quantity="patience_s")["source"][0] == "facts"
    assert sources.filter(quantity="hours_worked")["value"][0] == pytest.approx(155, rel=0.1)


def test_stages_and_costs_add_up(result: Result) -> None:
    first = result.polars("stages").filter(pl.col("month") == 0, pl.col("plan") == "as_now")
    assert first["heads"].sum() == result.values["people"]
    spent = result.polars("comparison").filter(measure="cost_total", plan="as_now")["value"][0]
    assert result.polars("costs").filter(plan="as_now")["cost"].sum() == pytest.approx(spent, rel=0.05)


def test_the_same_seed_gives_the_same_and_plans_share_their_draws(centre: Facts) -> None:
    asked = {**FAST, "plans": {"twin": "now", "fewer": "monthly 0", "more": "once 30%"}}
    one, two = (run("training.newcomers", centre, asked) for _ in range(2))
    for table in one.tables:
        # Sums in another order differ in the last digits.
        assert_frame_equal(one.polars(table), two.polars(table), rel_tol=1e-9, abs_tol=1e-9)
    compared = one.polars("comparison")
    twin = compared.filter(plan="twin")
    assert (twin["against_now"] == 0).all() and (twin["against_now_low"] == 0).all()
    assert set(twin["p_better"].drop_nulls()) == {0.5}
    fewer, more = (compared.filter(plan=plan) for plan in ("fewer", "more"))
    # The difference is surer than either figure.
    heads = more.filter(measure="heads").row(0, named=True)
    assert heads["against_now_high"] - heads["against_now_low"] < heads["high"] - heads["low"]
    assert heads["against_now_low"] > 0 > fewer.filter(measure="heads")["against_now_high"][0]
    assert more.filter(measure="cost_total")["p_better"][0] == 0 and more.filter(measure="service_level")["p_better"][0] > 0.9
    assert fewer.filter(measure="mentor_load_peak")["against_now"][0] <= 0
    other = run("training.newcomers", centre, {**asked, "seed": 2}).polars()
    assert not np.allclose(other["heads_high"], one.polars()["heads_high"], rtol=1e-6)


def test_rates_and_curve_are_recovered_from_facts(facts_of: FactsOf) -> None:
    """A centre that hired evenly and whose newcomers start one logit, and a third in time, behind."""
    draw = np.random.default_rng(3)
    people, begun = [], {}
    for agent in range(80):
        new = agent < 20
        hired = START + timedelta(int(draw.integers(0, 100))) if new else START - timedelta(int(draw.integers(400, 2000)))
        begun[f"a{agent}"] = hired
        people.append({"agent_id": f"a{agent}", "hired_on": hired})
    people += [{"agent_id": f"g{k}", "hired_on": START - timedelta(1200), "left_on": START + timedelta(10 + 12 * k)} for k in range(8)]
    found = run("training.newcomers", facts_of({"agents": people, "calls": calls(80, 120, each=3, gap=1.0, hired=begun)}), FAST)
    seen = {row["quantity"]: row for row in found.polars("calibration").to_dicts()}
    for quantity, truth in {
        "hires": 20 / (120 / 30.44), "resolved_gap": 1.0, "handle_gap": 1.0, "handle_months": 3.0, "resolved_months": 3.0,
        "leaving_36_on": 8 / (64 * 120 / 30.44), "resolved_seasoned": 1 / (1 + np.exp(-1.5)), "class_weeks": 0.0,
    }.items():  # fmt: skip
        assert seen[quantity]["low"] - 0.01 <= truth <= seen[quantity]["high"] + 0.01, quantity
        assert seen[quantity]["source"] == "facts"
    assert seen["handle_gap"]["value"] == pytest.approx(1.0, abs=0.1)


def test_growth_given_lowers_the_service_level(centre: Facts) -> None:
    levels = [
        months_of(run("training.newcomers", centre, {**FAST, "growth": growth}), "as_now")["service_level"][-1]
        for growth in (-0.3, 0.0, 0.5)
    ]
    assert levels[0] > levels[1] > levels[2]


def test_zero_months_show_today(centre: Facts) -> None:
    found = run("training.newcomers", centre, {**FAST, "months": 0})
    assert set(found.polars()["month"]) == {0} and "today_only" in codes(found)
    assert found.polars("comparison").filter(measure="cost_total", plan="as_now")["value"][0] == 0


def test_no_dates_at_all(facts_of: FactsOf) -> None:
    found = run("training.newcomers", facts_of({"agents": staff(40, hired=None), "calls": calls(40, 20)}), FAST)
    assert "nobody_dated" in codes(found)
    assert set(found.polars("calibration").filter(pl.col("quantity").str.starts_with("leaving"))["source"]) == {"prior"}
    assert months_of(found, "as_now")["heads"][0] == 40


def test_nobody_hired_and_nobody_left(facts_of: FactsOf) -> None:
    found = run("training.newcomers", facts_of({"agents": staff(40), "calls": calls(40, 20)}), FAST)
    assert {"nobody_hired", "nobody_left", "resolved_curve_from_prior", "handle_curve_from_prior"} <= codes(found)
    assert not {check.code: check.ok for check in found.checks}["leaving_from_facts"]


def test_everybody_left(facts_of: FactsOf) -> None:
    found = run("training.newcomers", facts_of({"agents": staff(12, left=START + timedelta(9)), "calls": calls(12, 20)}), FAST)
    assert "nobody_there" in codes(found)
    batch = run(
        "training.newcomers",
        facts_of({"agents": staff(12, left=START + timedelta(9)), "calls": calls(12, 20)}),
        {**FAST, "plans": "b=once 5"},
    )
    plan = months_of(batch, "b")
    assert plan["heads"][0] == 5 and plan["licensed"][-1] > 2
    assert plan["service_level"].null_count() == plan.height and plan["capability"][0] is None


def test_one_agent(facts_of: FactsOf) -> None:
    found = run("training.newcomers", facts_of({"agents": staff(1), "calls": calls(1, 30)}), FAST)
    assert "chance_of_people" in codes(found) and months_of(found, "as_now")["heads"][0] == 1


def test_calls_that_record_next_to_nothing(facts_of: FactsOf) -> None:
    bare = calls(5, 10, wait_s=None, talk_s=None, resolved=None)
    found = run("training.newcomers", facts_of({"agents": staff(5), "calls": bare}), FAST)
    assert {"wait_not_recorded", "handle_time_not_recorded", "resolution_not_recorded"} <= codes(found)
    assert months_of(found, "as_now")["capability"].null_count() == 7 and months_of(found, "as_now")["service_level"].null_count() == 0
    odd = calls(5, 10, wait_s=float("nan"), talk_s=float("inf"), agent_id=None, business=None)
    assert "nobody_called" not in codes(run("training.newcomers", facts_of({"agents": staff(5), "calls": odd}), FAST))
    outbound = calls(5, 10, direction="outbound")
    found = run("training.newcomers", facts_of({"agents": staff(5), "calls": outbound}), FAST)
    assert "nobody_called" in codes(found) and months_of(found, "as_now")["service_level"].null_count() == 7


def test_hired_after_the_last_day(facts_of: FactsOf) -> None:
    people = [*staff(30), {"agent_id": "z", "hired_on": START + timedelta(400)}]
    found = run("training.newcomers", facts_of({"agents": people, "calls": calls(30, 20)}), FAST)
    assert "hired_ahead" in codes(found) and months_of(found, "as_now")["heads"][0] == 30


def test_refusals(facts_of: FactsOf, tmp_path: Path) -> None:
    facts = facts_of({"agents": staff(3), "calls": calls(3, 5)})
    for given, code in (
        ({"plans": "a=once -5"}, "bad_plan"),
        ({"since": "2030-01-01"}, "no_calls_in_period"),
        ({"months": -1}, "bad_parameter"),
    ):
        with pytest.raises(CoachlineError) as refused:
            run("training.newcomers", facts, given)
        assert refused.value.code == code

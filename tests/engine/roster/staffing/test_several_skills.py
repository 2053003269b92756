"""People of several skills by simulation: between separate teams and one team, near the formulas at both ends, and who is urgent."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from coachline.engine.analyses import run
from coachline.engine.roster.forecast.history import HALVES_A_DAY
from coachline.engine.roster.simulation.calls import Impatience
from coachline.engine.roster.staffing.demand import Demand
from coachline.engine.roster.staffing.heads import Target
from coachline.engine.roster.staffing.several_skills import Team, dealt_out, shared_heads
from coachline.engine.roster.staffing.staffed import by_formula, one_team
from coachline.errors import CoachlineError
from tests.conftest import FactsOf
from tests.engine.operations.rows import at, call

GOAL = Target("service_level_strict", 0.8, 20.0)
PATIENCE = np.array([120.0, 120.0, 120.0, 120.0])


def demand() -> Demand:
    """Four businesses, one of them small; no calls at night and a peak in the morning."""
    shape = np.concatenate([np.zeros(16), np.linspace(0.3, 1.0, 10), np.full(14, 0.7), np.linspace(0.7, 0.2, 8)])
    calls = shape[:, None] * np.array([60.0, 40.0, 25.0, 6.0])
    zeros = np.zeros((HALVES_A_DAY, 4))
    return Demand(date(2026, 3, 2), 1, ZoneInfo("Asia/Shanghai"), tuple("甲乙丙丁"), calls, zeros + 240.0, zeros, ())


def heads(skilled: list[list[int]], urgency: tuple[float, ...] = (0, 0, 0, 0)) -> tuple[np.ndarray, np.ndarray]:
    load = demand()
    team = Team(np.array(skilled, np.bool_), np.full(4, np.nan), np.array(urgency, float))
    apart = by_formula(load, PATIENCE, GOAL, load.spread).heads.sum(axis=1)
    found = shared_heads(load, PATIENCE, GOAL, team, one_team(load, PATIENCE, GOAL, load.spread), apart)
    assert found.met.all()
    return found.heads, found.level


def test_everybody_takes_everything_is_one_queue() -> None:
    load = demand()
    found, _ = heads([[1, 1, 1, 1]] * 10)
    one = one_team(load, PATIENCE, GOAL, load.spread)
    assert found.sum() == pytest.approx(one.sum(), rel=0.03) and (np.abs(found - one) <= 1).all()


def test_two_skills_each_lie_between_and_near_one_team() -> None:
    """A chain of skills does most of what full flexibility does (Jordan & Graves, 1995)."""
    load = demand()
    chain, _ = heads([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1], [1, 0, 0, 1], [1, 1, 0, 0], [1, 0, 1, 0]] * 4)
    apart = by_formula(load, PATIENCE, GOAL, load.spread).heads.sum()
    one = one_team(load, PATIENCE, GOAL, load.spread).sum()
    assert one <= chain.sum() < apart and (chain.sum() - one) < 0.6 * (apart - one)


def test_urgent_calls_are_served_better_by_as_many() -> None:
    everybody = [[1, 1, 1, 1]] * 10
    plain, even = heads(everybody)
    urgent, uneven = heads(everybody, (0, 0, 0, 1))
    there = demand().calls[:, 3] > 0
    assert uneven[there, 3].mean() > even[there, 3].mean() + 0.05
    assert urgent.sum() == pytest.approx(plain.sum(), rel=0.05)


@pytest.mark.parametrize(("rates", "sign"), [((0.0, 2.0), 1), ((3.0, 0.2), -1)])
def test_who_hangs_up_late_takes_more_people_and_who_does_early_takes_fewer(rates: tuple[float, float], sign: int) -> None:
    """The mean patience says less than when people hang up: those who stay in the first minute are in the queue of all others."""
    load = demand()
    team = Team(np.ones((10, 4), np.bool_), np.full(4, np.nan), np.zeros(4), Impatience(np.array([0.0, 60.0]), np.array(rates)))
    one = one_team(load, PATIENCE, GOAL, load.spread)
    found = shared_heads(load, PATIENCE, GOAL, team, np.maximum(one - 5, 0), 2 * one)
    assert found.met.all() and sign * (found.heads.sum() / one.sum() - 1) > 0.03


def test_heads_are_dealt_out_in_whole_people() -> None:
    found = dealt_out(np.array([7, 0, 1]), np.array([[3.0, 1.5, 0.5], [1.0, 1.0, 0.0], [0.2, 0.3, 0.0]]))
    assert found.tolist() == [[4, 2, 1], [0, 0, 0], [0, 1, 0]]


def rows(takers: dict[str, str]) -> list[dict[str, object]]:
    """Half an hour a day over a week in which every taker has ten calls of each of theirs, and some callers hang up."""
    found = []
    for day in range(7):
        start = at("2026-03-02 09:00") + timedelta(days=day)
        for agent, businesses in takers.items():
            for n in range(10 * len(businesses)):
                business = businesses[n % len(businesses)]
                moment = start + timedelta(seconds=170 * n % 1799)
                found.append(call(moment, business=business, agent_id=agent, wait_s=15.0, talk_s=240.0))
                if n % 5 == 0:
                    found.append(call(moment, "abandoned", business=business, wait_s=30.0))
    return found


def test_through_the_run(facts_of: FactsOf) -> None:
    facts = facts_of({"calls": rows({"a1": "甲乙", "a2": "乙丙", "a3": "丙甲"})})
    given = {"demand": "past", "target": "service_level_strict"}
    apart, shared = (run("roster.staffing", facts, {**given, "method": method}) for method in ("erlang_a", "simulation"))
    assert shared.values["together_hours"] <= shared.values["agent_hours"] < apart.values["agent_hours"]
    assert {note.code for note in shared.notes} >= {"agents_by_simulation"}
    assert shared.values["service_level"] == pytest.approx(0.85, abs=0.06)
    with pytest.raises(CoachlineError, match="丁"):
        run("roster.staffing", facts, {**given, "method": "simulation", "priorities": "丁=1"})


def test_a_business_that_nobody_takes(facts_of: FactsOf) -> None:
    lost = [call(at("2026-03-02 09:00") + timedelta(seconds=60 * n), "abandoned", business="丁", wait_s=60.0) for n in range(20)]
    facts = facts_of({"calls": [*rows({"a1": "甲", "a2": "甲"}), *lost]})
    result = run("roster.staffing", facts, {"demand": "past", "method": "simulation"})
    assert [note.facts["businesses"] for note in result.notes if note.code == "nobody_takes"] == ["丁"]
    assert not next(check for check in result.checks if check.code == "target_met").ok
    nameless = facts_of({"calls": [{**row, "agent_id": None} for row in rows({"a1": "甲"})]})
    with pytest.raises(CoachlineError, match="agent"):
        run("roster.staffing", nameless, {"demand": "past", "method": "simulation"})

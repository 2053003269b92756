"""Plans: proven near the best, every rule kept, conflicts named, bad input answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import numpy as np
import polars as pl
import pytest

from coachline.engine.analyses import run
from coachline.engine.compute import DuckDBCompute
from coachline.engine.facts import Facts
from coachline.engine.training.plan.at_work import at_work, expected_load
from coachline.engine.training.plan.check import broken
from coachline.engine.training.plan.draft import chances
from coachline.engine.training.plan.plan import planned
from coachline.engine.training.plan.prices import narrowed
from coachline.engine.training.plan.request import HALVES_A_DAY, Limits, Request, Room
from coachline.engine.training.plan.rules import RULES
from coachline.engine.training.plan.solution import Held, worth
from coachline.engine.training.plan.solving import exact, solve
from coachline.engine.training.plan.teachers import named_teachers
from coachline.errors import CoachlineError
from tests.engine.simulated_facts import lay_down, simulated
from tests.engine.training.plan.small_centre import at, rows, session, small
from tests.engine.training.plan.worlds import world

FactsOf = Callable[..., Facts]


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    compute = DuckDBCompute()
    yield lay_down(tmp_path_factory.mktemp("facts"), simulated(), compute)
    compute.close()


def codes(found: Any) -> set[str]:
    return {note.code for note in found.notes}


def test_it_finds_what_trying_everything_finds() -> None:
    """Two sessions of two members each at half-hours of one day: every combination of starts is tried."""
    request = small(session("A", (0, 1), gain=0.5), session("B", (1, 2), gain=0.4), cool_down_days=0.0)
    request = replace(request, load=request.load * np.linspace(0.8, 1.3, request.slots))
    request = replace(request, limits=replace(request.limits, load_price=0.05))
    possible = [t for t in range(HALVES_A_DAY) if chances(request, RULES).starts[:, t].any()]
    best = 0.0
    members = ((), (0,), (1,), (0, 1))
    for one, other in product(possible, possible):
        for mine, theirs in product(members, members):
            plan = tuple(Held(n, t, 0, 0, who) for n, t, who in ((0, one, mine), (1, other, theirs)) if who)
            value = worth(request, plan)
            if value > best and not broken(request, rows(request, plan)):
                best = value
    first_day = replace(request, floor=np.where(np.arange(request.slots) < HALVES_A_DAY, request.floor, 0.0))
    found = solve(first_day, seconds=20, seed=1)
    assert found.worth == pytest.approx(best, rel=1e-3) and best > 0.3


def test_forty_sessions_for_three_hundred_people_are_proven_within_one_in_a_hundred() -> None:
    request = world(1)
    found = planned(request, 60.0)
    assert found.values["gap"] <= 0.01
    assert found.values["sessions"] == 40
    assert [check.ok for check in found.checks] == [True]
    assert planned(request, 60.0).tables["plan"].equals(found.tables["plan"])


def test_prices_bound_what_the_exact_model_proves() -> None:
    request = world(3, agents=40, sessions=6, weeks=1, size=4, trainers=4, rooms=1)
    open_ = chances(request, RULES)
    near = narrowed(request, open_, seconds=20, seed=1)
    best = exact(request, open_, RULES, until=1e12, seed=1)
    assert worth(request, near.plan) <= best.bound + 1e-6
    assert best.worth <= near.bound + 1e-6
    narrow = exact(request, near.chances, RULES, until=1e12, seed=1, first=near.plan)
    # What is left out can be in no better plan.
    assert narrow.worth == pytest.approx(best.worth, rel=2e-3)


def test_sessions_lie_in_the_valley() -> None:
    request = small(session("A"), load_price=0.1)
    [held] = solve(request, seconds=10, seed=1).plan or ()
    assert not at(0, 9) < held.start % HALVES_A_DAY < at(0, 11)


def conflicts_of(request: Request) -> tuple[set[str], list[dict[str, Any]]]:
    found = planned(request, 40.0)
    return codes(found), found.tables["conflicts"].to_pylist()


def test_rules_in_conflict_are_named_with_the_cheapest_to_loosen() -> None:
    notes, found = conflicts_of(small(session("A"), session("B", (2, 3)), budget_hours=3.0, required="places"))
    assert notes == {"not_all_possible"}
    assert found == [{"rule": "budget", "relax_by": 1.0, "relax_unit": "person_hours", "effort": 0.5, "cheapest": True}]


def test_a_conflict_of_two_rules_names_both_and_no_third() -> None:
    """Seven sessions of two hours, one trainer who is there on one day with four hours at either side of lunch: too many for the day, and for the rest."""
    asked = [session(f"S{n}", (n % 4,), 2.0) for n in range(7)]
    request = small(*asked, rooms=tuple(Room(f"R{n}", 5) for n in range(7)), required="sessions", most_away=1.0)
    work, here = request.at_work.copy(), request.here.copy()
    work[4, HALVES_A_DAY:] = here[4, HALVES_A_DAY:] = False
    notes, found = conflicts_of(replace(request, at_work=work, here=here))
    assert notes == {"not_all_possible"}
    assert {row["rule"] for row in found} == {"trainer_at_work", "trainer_free"}
    assert {row["relax_by"] for row in found} == {1.0}


def test_what_can_be_had_is_had() -> None:
    found = planned(small(session("A"), session("B", (2, 3)), budget_hours=4.0, required="places"), 20.0)
    assert not codes(found) and found.values["places"] == 4 and found.tables["conflicts"].num_rows == 0


def test_a_simulated_centre_is_planned_and_explained(centre: Facts) -> None:
    found = run("training.plan", centre, {"most_away": 0.4, "rooms": "A=12"})
    plan, reasons = found.polars(), found.polars("reasons")
    assert plan.height and found.values["gap"] <= 0.01
    assert all(check.ok for check in found.checks)
    assert set(plan["session"]) == set(reasons["session"])
    assert codes(found) >= {"usual_week_instead_of_roster"}
    groups = run("training.groups", centre, {}).polars()
    out = found.polars("left_out")
    placed = plan.select(pl.col("session").str.split("-").list.first().alias("group"), "agent_id")
    everybody = pl.concat([placed, out.select("group", "agent_id")]).sort("group", "agent_id")
    assert everybody.equals(groups.select("group", "agent_id").sort("group", "agent_id"))


@pytest.mark.parametrize(
    ("given", "note", "reason"),
    [
        ({"session_h": 12}, "session_longer_than_shifts", "longer_than_any_shift"),
        ({"first_day": "2031-01-01"}, "everybody_away", "no_shifts"),
        ({"most_away": 0}, None, "valley"),
        ({"budget_h": 0}, None, "budget"),
        ({"load_price": 100}, None, "load_outweighs"),
    ],
)
def test_what_cannot_be_planned_is_said(centre: Facts, given: dict[str, Any], note: str | None, reason: str) -> None:
    found = run("training.plan", centre, given)
    assert found.polars().is_empty()
    assert note is None or note in codes(found)
    assert reason in set(found.polars("left_out")["reason"])


def test_without_a_trainer_nothing_is_planned(tmp_path: Any) -> None:
    tables = {name: table for name, table in simulated().items() if name != "trainings"}
    agents = pl.DataFrame(tables["agents"]).with_columns(role=pl.lit("客服专员"))
    compute = DuckDBCompute()
    facts = lay_down(tmp_path, {**tables, "agents": agents.to_arrow().cast(tables["agents"].schema)}, compute)
    found = run("training.plan", facts, {})
    assert found.polars().is_empty()
    assert "no_trainer_licensed" in codes(found)
    assert set(found.polars("left_out")["reason"]) == {"trainer_licensed"}
    named = run("training.plan", facts, {"trainers": "外聘：*", "most_away": 0.4})
    assert set(named.polars()["trainer_id"]) == {"外聘"} and "trainers_in_office_hours" in codes(named)
    compute.close()


def test_nobody_to_train(centre: Facts) -> None:
    found = run("training.plan", centre, {"least_size": 20})
    assert found.polars().is_empty() and codes(found) & {"nobody_to_train", "no_group_formed"}


def test_without_shifts_it_asks_for_them(tmp_path: Any) -> None:
    compute = DuckDBCompute()
    facts = lay_down(tmp_path, {name: table for name, table in simulated().items() if name != "shifts"}, compute)
    with pytest.raises(CoachlineError, match="shifts"):
        run("training.plan", facts, {})
    compute.close()


def shift(day: date, begins: float, ends: float, activity: str = "work", agent: str = "a") -> dict[str, Any]:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return {
        "agent_id": agent,
        "starts_at": midnight + timedelta(hours=begins),
        "ends_at": midnight + timedelta(hours=ends),
        "activity": activity,
    }


def test_the_roster_counts_as_far_as_it_goes_then_the_usual_week(facts_of: FactsOf) -> None:
    monday = date(2026, 3, 2)
    past = [shift(monday - timedelta(7 * week), 8, 12) for week in range(1, 9)]
    ahead = [shift(monday, 13, 15), shift(monday, 15, 15.5, "break"), shift(monday, 15.5, 17), shift(monday, 17, 18, "training")]
    there = at_work(facts_of({"shifts": [*past, *ahead]}, zone="UTC"), ["a", "b"], monday, 14)
    assert np.flatnonzero(there.at_work[0]).tolist() == [
        *range(26, 30),
        *range(31, 34),
        *(7 * HALVES_A_DAY + half for half in range(16, 24)),
    ]
    assert there.here[0, 30] and not there.here[0, 34]
    assert there.known.tolist() == [True, False]
    assert [(note.code, note.facts["day"]) for note in there.notes] == [("usual_week_after_roster", "2026-03-03")]


def test_the_load_is_the_mean_of_four_same_weekdays(facts_of: FactsOf) -> None:
    monday = datetime(2026, 3, 2, 9, 10, tzinfo=UTC)
    calls = [
        {"call_id": f"{week}-{n}", "arrived_at": monday - timedelta(7 * week), "outcome": "answered", "direction": "inbound"}
        for week in range(1, 6)
        for n in range(week)
    ]
    load, weeks = expected_load(facts_of({"calls": calls}, zone="UTC"), date(2026, 3, 2), 7)
    assert weeks == 4 and load[18] == (1 + 2 + 3 + 4) / 4 and load.sum() == load[18]


def test_trainers_as_a_centre_writes_them() -> None:
    assert named_teachers("80012：国际业务/包裹，80013:*, 80014") == {"80012": {"国际业务/包裹"}, "80013": {"*"}, "80014": {"*"}}
    with pytest.raises(CoachlineError, match=":x"):
        named_teachers(":x")


def test_limits_that_cannot_be_are_refused(centre: Facts) -> None:
    with pytest.raises(CoachlineError, match="opens"):
        run("training.plan", centre, {"opens": 18, "closes": 9})
    with pytest.raises(CoachlineError, match="seats"):
        run("training.plan", centre, {"rooms": "A=1.5"})


def test_the_usual_limits_are_those_that_are_documented() -> None:
    assert Limits().most_away == 0.15 and Limits().hours_cap == 167.0

"""The whole explanation of small rosters: prices counted by hand, conflicts, and what cannot be explained."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from coachline.engine.result import Findings, Result
from coachline.engine.roster.explain.explain import explained
from coachline.engine.roster.explain.prices import calls, price_rows
from coachline.engine.roster.explain.weighing import without_must
from coachline.engine.roster.plan.plan import rostered
from coachline.engine.roster.plan.request import Request
from coachline.engine.roster.rules import RULES
from tests.engine.roster.rules.small_roster import EARLY, LATE, calling, small


class Question:
    """What is explained, of which only this is read."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.notes = ()


def answer(request: Request) -> Findings:
    return explained(Question(request), 1.0, 20.0)  # type: ignore[arg-type]


def prices(request: Request) -> dict[str, dict[str, Any]]:
    found = rostered(request, 2.0)
    rows = price_rows(request, found.problem, found.schedule, (), time.monotonic() + 20.0, 1)
    return {row["roster_rule"]: row for row in rows.iter_rows(named=True)}


def test_the_price_of_leave_is_what_the_person_away_would_resolve() -> None:
    request = calling(small(1, limits={"wish_price": 0.0}), (0, EARLY), (1, EARLY))
    leave = request.leave.copy()
    leave[0, 0] = True
    request = replace(request, leave=leave)
    found = prices(request)
    here = rostered(replace(request, leave=np.zeros_like(leave)), 2.0)
    plain = without_must(request, here.problem.cover.may)
    # Both days are alike, so that the one costs what the other brings.
    brings = calls(here.problem, plain, here.schedule) / 2.0
    assert brings > 20.0
    assert (found["leave"]["price"], found["leave"]["calls"]) == (pytest.approx(brings), pytest.approx(brings))
    assert found["leave"]["low"] <= found["leave"]["price"] <= found["leave"]["high"] + 1e-9
    unbound = {"licence", "training_kept", "fixed_days", "rest_between_shifts", "after_night", "stability", "mentor_and_apprentice"}
    assert {(row["price"], row["high"], row["known_by"]) for rule, row in found.items() if rule in unbound} == {
        (0.0, 0.0, "changes_nothing")
    }
    assert set(found) == set(RULES)


def test_the_price_of_a_wish_is_the_calls_that_it_costs() -> None:
    """One wishes to be off on the day with calls, strongly enough to be."""
    request = calling(small(1, days=1, limits={"wish_price": 100.0}), (0, EARLY))
    request = replace(request, wish_off=np.ones((1, 1)))
    found = prices(request)["wishes"]
    worked = rostered(replace(request, wish_off=np.zeros((1, 1))), 1.0)
    lost = calls(worked.problem, without_must(request, worked.problem.cover.may), worked.schedule)
    assert found["price"] == pytest.approx(lost) and found["calls"] == pytest.approx(lost) and lost > 20.0
    assert found["known_by"] == "proven"


def test_the_dearest_rule_comes_first_and_prices_reach_no_further_than_bounds() -> None:
    request = calling(small(2, limits={"longest_run": 3, "rest_h": 11.0}), *((day, kind) for day in range(7) for kind in (EARLY, LATE)))
    rows = list(prices(request).values())
    assert rows[0]["roster_rule"] == "longest_run" and rows[0]["price"] > 0
    assert [row["by_prices"] for row in rows] == sorted((row["by_prices"] for row in rows), reverse=True)
    assert all(row["low"] <= row["price"] <= row["high"] + 1e-6 for row in rows)
    # What the worth of heads allows is never less than what was found, but for what the roster lacks by itself.
    assert all(row["by_prices"] >= row["low"] - 1e-6 for row in rows)


def test_who_has_no_roster_is_named_with_the_conflict_and_the_others_are_explained() -> None:
    request = calling(small(2, limits={"rest_h": 11.0, "wish_price": 0.0}), (3, EARLY))
    last, fixed = request.last_roster.copy(), request.fixed.copy()
    last[1, :2], fixed[1, :2] = (LATE, EARLY), True
    found = answer(replace(request, last_roster=last, fixed=fixed))
    assert [(row["agent_id"], row["roster_rule"], row["cheapest"]) for row in found.tables["conflicts"].to_pylist()] == [
        ("a1", "fixed_days", True),
        ("a1", "rest_between_shifts", False),
    ]
    assert {note.code for note in found.notes} == {"rules_leave_no_roster"}
    assert [(row["agent_id"], row["shift"]) for row in found.tables["reasons"].to_pylist() if row["gain"] > 1] == [("a0", "E")]
    assert found.values["people_without_roster"] == 1


def test_a_week_without_calls_has_nothing_to_explain() -> None:
    found = answer(small(2))
    assert found.tables["reasons"].num_rows == found.tables["conflicts"].num_rows == found.tables["unserved"].num_rows == 0
    assert found.values["gap"] is None


def test_everybody_on_leave_is_said_with_the_calls_that_nobody_serves() -> None:
    request = calling(small(2), (0, EARLY))
    found = answer(replace(request, leave=np.ones((2, 7), np.bool_)))
    assert {note.code: note.facts for note in found.notes} == {"demand_unserved": {"calls": 80.0, "business": "包裹"}}
    assert [row["lacking"] for row in found.tables["unserved"].to_pylist()] == ["everybody_away"]


def test_time_that_is_over_is_said() -> None:
    request = calling(small(2, limits={"longest_run": 3}), *((day, EARLY) for day in range(7)))
    found = explained(Question(request), 1.0, 0.0)  # type: ignore[arg-type]
    codes = {note.code for note in found.notes}
    assert codes == {"shifts_not_explained", "rules_not_priced"}
    untold = {row["roster_rule"] for row in found.tables["rule_prices"].to_pylist() if row["known_by"] == "no_time"}
    assert "longest_run" in untold and "leave" not in untold


def test_a_simulated_centre_is_explained(simulated_results: Mapping[str, Result]) -> None:
    found = simulated_results["roster.explain"]
    reasons = found.polars()
    assert reasons.height == found.values["shifts_explained"] > 0
    assert found.polars("rule_prices").height == len(RULES)

"""Groups and mentors through the run: who is left out and why, who learns from whom, and bad input."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from coachline.engine.analyses import run
from coachline.engine.result import Result
from coachline.engine.training.groups import proposed_groups
from coachline.errors import CoachlineError
from tests.engine.operations.rows import call
from tests.engine.training.centre_in_need import (
    AGENTS,
    BUSINESSES,
    EXCELLENT,
    FactsOf,
    before,
    centre,
    exam,
    shifts,
    training,
    weak,
)

SIX = weak(range(6), 0)
MENTORS = {(20, 0): EXCELLENT, (21, 0): EXCELLENT}


def groups(facts_of: FactsOf, tables: dict[str, Any], **given: Any) -> Result:
    return run("training.groups", facts_of(tables), given)


def placed(result: Result) -> list[str]:
    return sorted(result.polars()["agent_id"])


def left_out(result: Result) -> dict[tuple[str, str], str]:
    return {
        (who, business): reason for who, business, reason in result.polars("left_out").select("agent_id", "business", "reason").iter_rows()
    }


def codes(result: Result) -> set[str]:
    return {note.code for note in result.notes}


def test_people_of_all_teams_come_together_by_business(facts_of: FactsOf) -> None:
    facts = facts_of(centre({**SIX, **weak(range(8, 14), 4)}))
    result = run("training.groups", facts, {})
    rows, sessions = result.polars(), result.polars("sessions")
    assert dict(rows.group_by("business").agg(pl.col("agent_id").sort()).iter_rows()) == {
        BUSINESSES[0]: AGENTS[:6],
        BUSINESSES[4]: AGENTS[8:14],
    }
    assert sessions["teams"].to_list() == [4, 4] and sessions["people"].to_list() == [6, 6]
    assert set(rows["reason"]) == {"surely_below"} and rows["team"].n_unique() == 4
    assert sessions["gain"].to_list() == pytest.approx(sorted(rows.group_by("group").agg(pl.col("gain").sum())["gain"], reverse=True))
    # The plan is given the same.
    made = proposed_groups(facts)
    assert [(group.code, group.business, group.hours) for group in made.groups] == list(
        sessions.select("group", "business", "hours").iter_rows()
    )
    assert sorted(agent for group in made.groups for agent in group.agents) == sorted(rows["agent_id"])
    assert sum(group.gain for group in made.groups) == pytest.approx(result.values["gain"])


def test_each_reason_for_having_no_place(facts_of: FactsOf) -> None:
    facts: dict[str, Any] = {
        "exams": [*exam(0, 0, 9, 1, 5), *exam(6, 0, 9, 1, 100), *exam(7, 0, 2, 8, 5)],
        "trainings": [training(1, 0, 9), training(8, 0, 40), training(2, 3, 9, hours=7.0), training(9, 3, 9, hours=5.0)],
        "enrolments": [
            {"training_id": "new", "agent_id": AGENTS[n], "business": BUSINESSES[0], "arm": arm, "decided_at": before(days)}
            for n, arm, days in ((3, "trained", 3), (4, "waiting", 3), (10, "waiting", 60))
        ],
    }
    minutes = [{"business": BUSINESSES[0], "minutes_to_train": 120.0}]
    # Nobody works at the same time, so that who passed the exam finds no mentor either.
    result = groups(facts_of, centre(weak(range(11), 0), businesses=minutes, shifts=shifts({0: (1, 9)}), **facts))
    assert {who: code for (who, business), code in left_out(result).items() if business == BUSINESSES[0]} == {
        AGENTS[n]: code for n, code in enumerate(("passed_exam", "cooling_down", "hours_used_up", "on_a_list", "kept_waiting"))
    }
    assert placed(result) == AGENTS[5:11]
    reasons = dict(result.polars().select("agent_id", "reason").iter_rows())
    assert reasons[AGENTS[7]] == "failed_exam" and reasons[AGENTS[5]] == "surely_below"
    assert "no_mentor_found" in codes(result)


def test_limits_are_parameters(facts_of: FactsOf) -> None:
    tables = centre(SIX, trainings=[training(0, 0, 9), training(1, 3, 9, hours=7.0)])
    assert placed(groups(facts_of, tables)) == AGENTS[2:6]
    assert placed(groups(facts_of, tables, cooldown_days=5)) == [AGENTS[0], *AGENTS[2:6]]
    assert placed(groups(facts_of, tables, hours_cap=12)) == AGENTS[1:6]
    assert placed(groups(facts_of, tables, least_size=5)) == []
    assert groups(facts_of, tables, least_size=2, most_size=2).polars("sessions")["people"].to_list() == [2, 2]
    with pytest.raises(CoachlineError) as refused:
        groups(facts_of, tables, least_size=5, most_size=4)
    assert refused.value.code == "group_sizes_crossed"


def test_needs_of_one_family_are_bundled(facts_of: FactsOf) -> None:
    result = groups(facts_of, centre({**weak(range(6), 0), **weak(range(6), 1)}))
    [session] = result.polars("sessions").to_dicts()
    assert (session["business"], session["businesses"], session["hours"]) == ("包裹", 2, 4.0)
    assert set(result.polars()["reason"]) == {"bundled"} and set(result.polars()["businesses"]) == {2}
    apart = groups(facts_of, centre({**weak(range(6), 0), **weak(range(6), 1)}), bundle_hours=3)
    assert set(apart.polars("sessions")["business"]) == set(BUSINESSES[:2])


def test_whom_no_group_serves_gets_a_mentor_who_is_strong_there(facts_of: FactsOf) -> None:
    result = groups(facts_of, centre({**weak(range(2), 0), **MENTORS}))
    rows = result.polars("mentors")
    assert result.polars().height == 0 and "no_group_formed" in codes(result)
    assert set(rows["agent_id"]) == set(AGENTS[:2]) and set(rows["mentor_id"]) <= {AGENTS[20], AGENTS[21]}
    assert (rows["mentor_estimate"] > rows["estimate"] + 0.2).all()
    assert not left_out(result)
    assert "no_shifts_to_compare" in codes(result) and rows["overlap"].null_count() == 2


def test_a_mentor_helps_with_several_weak_businesses_of_one_person(facts_of: FactsOf) -> None:
    strong = {(20, 0): EXCELLENT, (21, 0): EXCELLENT, (21, 4): EXCELLENT}
    rows = groups(facts_of, centre({(0, 0): 0.45, (0, 4): 0.45, **strong})).polars("mentors")
    assert rows.select("agent_id", "mentor_id", "businesses", "reason").row(0) == (AGENTS[0], AGENTS[21], 2, "strong_in_several")


def test_mentor_and_apprentice_work_at_the_same_hours(facts_of: FactsOf) -> None:
    worlds = centre({**weak(range(1), 0), **MENTORS})
    day, evening = (1, 9), (9, 17)
    apart = groups(facts_of, {**worlds, "shifts": shifts({0: day, 20: evening, 21: evening})})
    assert apart.polars("mentors").height == 0 and "no_mentor_found" in codes(apart)
    one = groups(facts_of, {**worlds, "shifts": shifts({0: day, 20: evening, 21: (5, 13)})}).polars("mentors")
    assert one.select("mentor_id", "overlap").row(0) == (AGENTS[21], pytest.approx(0.5))
    both = groups(facts_of, {**worlds, "shifts": shifts({0: day, 20: day, 21: (5, 13)})}).polars("mentors")
    assert both.select("mentor_id", "overlap").row(0) == (AGENTS[20], pytest.approx(1.0))
    choosy = groups(facts_of, {**worlds, "shifts": shifts({0: day, 20: evening, 21: (5, 13)})}, least_overlap=0.6)
    assert choosy.polars("mentors").height == 0


def test_a_mentor_has_only_so_many_apprentices(facts_of: FactsOf) -> None:
    worlds = centre({**weak(range(3), 0), (20, 0): EXCELLENT}, shifts=shifts(dict.fromkeys((0, 1, 2, 20), (1, 9))))
    assert groups(facts_of, worlds).polars("mentors")["mentor_id"].to_list() == [AGENTS[20]] * 2
    assert groups(facts_of, worlds, mentor_load=3).polars("mentors").height == 3
    had = [training(12, 3, 9, method="mentor", trainer_id=AGENTS[20])]
    busy = groups(facts_of, {**worlds, "trainings": had})
    assert busy.polars("mentors").height == 1 and set(left_out(busy).values()) == {"too_few"}


def test_nobody_everybody_and_one_agent(facts_of: FactsOf) -> None:
    nobody = groups(facts_of, centre({}))
    assert nobody.polars().height == 0 and "nobody_to_train" in codes(nobody)
    targets = [{"business": b, "standard": [("resolved", 0.999)]} for b in BUSINESSES]
    everybody = groups(facts_of, centre({}, businesses=targets), hours_cap=100)
    assert set(everybody.polars()["agent_id"]) == set(AGENTS)
    assert everybody.polars("sessions")["people"].max() <= 20
    alone = [call("2026-03-02 09:00", agent_id="a", business="查询", resolved=n % 3 > 0) for n in range(30)]
    one = groups(facts_of, {"calls": alone, "businesses": [{"business": "查询", "standard": [("resolved", 0.95)]}]})
    assert one.polars().height == 0 and {"no_group_formed", "no_mentor_found"} <= codes(one)
    assert left_out(one) == {("a", "查询"): "too_few"}

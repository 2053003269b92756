"""Scenarios played for a centre of which everything is known: skill, pace, roster and who is trained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from coachline.engine.analyses import run
from coachline.engine.compute import DuckDBCompute
from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.result import Result
from coachline.engine.roster.plan.asking import Asked, asked
from coachline.engine.roster.plan.request import Limits
from coachline.engine.roster.plan.settings import RosterSettings
from coachline.engine.roster.whatif.people import paces, to_train, without
from coachline.engine.roster.whatif.rosters import Circumstances, crew_of, present
from coachline.errors import CoachlineError
from tests.conftest import FactsOf, as_fact_table
from tests.engine.operations.rows import at, call
from tests.engine.roster.plan.busy_centre import PEOPLE, STRONG, WEAK, centre, shifts
from tests.engine.simulated_facts import lay_down

UNDER = Circumstances(1, 0.0, 0.5, 0.0, np.zeros(2))
ONE_WEEK = {"weeks": 1, "tries": 12}


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    compute = DuckDBCompute()
    yield lay_down(tmp_path_factory.mktemp("busy"), {name: as_fact_table(name, rows) for name, rows in centre().items()}, compute)
    compute.close()


@pytest.fixture(scope="module")
def question(facts: Facts) -> Asked:
    return asked(facts, RosterSettings(weeks=1), Limits())


@pytest.fixture(scope="module")
def played(facts: Facts) -> Result:
    scenarios = "busy=calls +60%; same=calls 100%; course=train 3 包裹; both=calls +60%, train 3 包裹"
    return run("roster.whatif", facts, {**ONE_WEEK, "scenarios": scenarios})


def row(result: Result, scenario: str, measure: str) -> dict[str, Any]:
    [found] = result.polars().filter(pl.col("scenario") == scenario, pl.col("measure") == measure).to_dicts()
    return found


def test_more_calls_are_served_worse_by_the_same_people(played: Result) -> None:
    level, hours = (row(played, "busy", measure) for measure in ("service_level_offered", "paid_hours"))
    assert level["against"] == "as_now" and level["more_high"] < 0 and hours["more"] == 0
    assert row(played, "busy", "occupancy")["value"] == pytest.approx(1.6 * row(played, "as_now", "occupancy")["value"], rel=0.1)
    assert row(played, "busy", "wait_s")["more"] > 0


def test_the_same_calls_change_nothing(played: Result) -> None:
    for measure in ("service_level_offered", "resolved_of_all", "wait_s", "labour_cost"):
        same = row(played, "same", measure)
        assert same["more"] == same["more_low"] == same["more_high"] == 0.0


def test_training_resolves_more_and_differences_are_told_apart(played: Result) -> None:
    course = row(played, "course", "resolved")
    assert course["more_low"] > 0 and course["more"] > 0.005
    assert course["more_high"] - course["more_low"] < course["high"] - course["low"]
    assert {note.code for note in played.notes} >= {"who_is_trained", "training_effect_assumed", "present_shifts_repeated"}


def test_cost_is_hours_times_price(facts: Facts, played: Result) -> None:
    hours = row(played, "as_now", "paid_hours")["value"]
    assert row(played, "as_now", "labour_cost")["value"] == pytest.approx(40 * hours)
    # Ten people with five shifts of seven and a half hours, and half of them with a sixth one.
    assert hours == pytest.approx(55 * 7.5)


def test_hours_of_the_day_add_up(played: Result) -> None:
    hours = played.polars("hours")
    calls = dict(hours.group_by("scenario").agg(pl.col("calls").sum()).iter_rows())
    assert calls["busy"] == pytest.approx(1.6 * calls["same"], rel=0.05) and calls["as_now"] == calls["same"]
    there = hours.filter(pl.col("scenario") == "as_now")
    assert there["present_h"].sum() == pytest.approx(0.95 * row(played, "as_now", "paid_hours")["value"], rel=0.1)
    assert there.filter(pl.col("hour") < 8)["present_h"].sum() == 0


def test_skill_of_the_crew_is_that_of_the_people(question: Asked) -> None:
    request = replace(question.request, skill_sd=np.zeros_like(question.request.skill_sd))
    here = present(request, question.usual, question.skills.mix, 1)
    crew = crew_of(request, here, np.full(len(request.posts), 600.0), np.ones(10), UNDER, None)(0)
    parcels = request.posts.index("包裹")
    assert crew.resolves[:5, parcels].mean() == pytest.approx(STRONG, abs=0.06)
    assert crew.resolves[5:, parcels].mean() == pytest.approx(WEAK, abs=0.08)
    assert len(crew.agent) == len(here.person)
    # Nobody is twice anywhere, and breaks are no work.
    order = np.lexsort((here.starts_s, here.person))
    same = np.diff(here.person[order]) == 0
    assert (here.starts_s[order][1:][same] >= here.ends_s[order][:-1][same]).all()
    assert (here.ends_s - here.starts_s).sum() / 3600 == pytest.approx(here.hours.sum())


def test_who_is_trained_and_how_far(question: Asked) -> None:
    request = replace(question.request, skill_sd=np.zeros_like(question.request.skill_sd))
    here = present(request, question.usual, question.skills.mix, 1)
    parcels = request.posts.index("包裹")
    trained = to_train(request, parcels, 3, here.hours)
    assert set(trained.people) <= set(range(5, 10)) and len(trained.people) == 3
    barred = request.licensed.copy()
    barred[9, parcels] = False
    assert to_train(replace(request, licensed=barred), parcels, 1, here.hours).people.tolist() == [9]
    half, none = (
        crew_of(request, here, np.full(len(request.posts), 600.0), np.ones(10), replace(UNDER, closed=closed), trained)(0).resolves
        for closed in (0.5, 0.0)
    )
    before = none[trained.people, parcels]
    assert half[trained.people, parcels] == pytest.approx(before + 0.5 * (trained.level - before))


def test_absence_thins_the_crew_by_whole_shifts(question: Asked) -> None:
    here = present(question.request, question.usual, question.skills.mix, 1)
    crews = crew_of(question.request, here, np.full(len(question.request.posts), 600.0), np.ones(10), replace(UNDER, absence=0.3), None)
    kept = np.mean([len(crews(number).agent) for number in range(40)]) / len(here.person)
    assert kept == pytest.approx(0.7, abs=0.05)


def test_people_who_are_gone_are_away_all_days(question: Asked) -> None:
    gone = without(question.request, np.array([2, 4]))
    assert gone.leave[[2, 4]].all() and not gone.leave[[0, 1, 3]].any()
    here = present(gone, question.usual, question.skills.mix, 1)
    assert not set(here.person) & {2, 4} and here.hours[[2, 4]].sum() < question.request.minutes.max()


def test_paces_come_back(facts_of: FactsOf) -> None:
    rng = np.random.default_rng(3)
    truth = np.array([0.8, 1.0, 1.25, 1.0])
    rows = [
        call(
            at("2026-03-02 09:00") + timedelta(seconds=n),
            business="甲",
            agent_id=f"a{who}",
            talk_s=200 * truth[who] * rng.lognormal(-0.125, 0.5),
        )
        for who, count in enumerate((800, 800, 800, 5))
        for n in range(count)
    ]
    found = paces(facts_of({"calls": rows}), Period(), ["a0", "a1", "a2", "a3", "nobody"])
    assert found[:3] / found[1] == pytest.approx(truth[:3], rel=0.06)
    # Of five calls little is believed, and of none nothing.
    assert found[3] == pytest.approx(1.0, abs=0.12) and found[4] == 1.0


def test_calls_that_come_again(facts: Facts, played: Result) -> None:
    again = run("roster.whatif", facts, {**ONE_WEEK, "scenarios": "busy=calls +60%", "repeat_share": 0.5})
    calls = [each.polars("hours").filter(pl.col("scenario") == "as_now")["calls"].sum() for each in (again, played)]
    # A fifth and more goes unsolved, half of whom call again.
    assert 1.08 < calls[0] / calls[1] < 1.25


def test_posts_that_come_first_wait_less_where_there_is_a_queue(facts: Facts) -> None:
    given = {**ONE_WEEK, "scenarios": "busy=calls +900%"}
    first, alike = (run("roster.whatif", facts, given | more) for more in ({"priorities": "包裹=1"}, {}))

    def ahead(result: Result) -> float:
        level = result.polars("businesses").filter(scenario="busy", measure="service_level_offered")
        return float(level.filter(business="储蓄")["value"][0] - level.filter(business="包裹")["value"][0])

    assert ahead(first) < ahead(alike) - 0.005


def test_what_cannot_be_played(facts: Facts, facts_of: FactsOf) -> None:
    with pytest.raises(CoachlineError, match="包裹"):
        run("roster.whatif", facts, {**ONE_WEEK, "scenarios": "x=train 2 电报"})
    with pytest.raises(CoachlineError, match="包裹"):
        run("roster.whatif", facts, {**ONE_WEEK, "priorities": "电报=2"})
    away = [
        {"agent_id": who, "starts_at": row["starts_at"], "ends_at": row["ends_at"], "activity": "leave"}
        for who in PEOPLE
        for row in shifts([who])
    ]
    with pytest.raises(CoachlineError):
        run("roster.whatif", facts_of({**centre(), "shifts": away}), ONE_WEEK)


def test_another_cap_and_fewer_people_get_a_new_roster(facts: Facts) -> None:
    result = run(
        "roster.whatif",
        facts,
        {**ONE_WEEK, "scenarios": "cap=上限 20; fewer=人数 -4; anew=建议班表", "seconds": 1, "least_h": 0, "tries": 4},
    )
    against = dict(result.polars().select("scenario", "against").unique().iter_rows())
    assert against == {"as_now": None, "proposed": "as_now", "cap": "proposed", "fewer": "proposed", "anew": "as_now"}
    assert row(result, "anew", "resolved")["more"] == row(result, "proposed", "resolved")["more"]
    hours = {name: row(result, name, "paid_hours")["value"] for name in against}
    # Ten people, less than 20 hours each in the month of March, of which this is the first week.
    assert hours["cap"] <= 200 < hours["proposed"]
    assert row(result, "cap", "resolved_of_all")["more_high"] < 0
    assert hours["fewer"] <= 6 * 6 * 7.5 and "fewer_at_random" in {note.code for note in result.notes}


def test_nobody_left_and_hours_that_hold_no_shift(facts: Facts) -> None:
    result = run("roster.whatif", facts, {**ONE_WEEK, "scenarios": "nobody=人数 -100; hardly=上限 1，来电 +900%", "seconds": 1, "tries": 2})
    for name in ("nobody", "hardly"):
        assert row(result, name, "paid_hours")["value"] == 0 == row(result, name, "answered")["value"]
        assert row(result, name, "wait_s")["value"] is None and row(result, name, "resolved")["value"] is None

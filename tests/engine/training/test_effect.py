"""Effect files against centres whose truth is known, and against what goes wrong in practice."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from coachline.engine.analyses import run
from coachline.engine.result import Result
from tests.conftest import FactsOf
from tests.engine.training.trained_centre import BUSINESS, attended, calls_of, listed, moment

WEEKS, START = 22, 13
LOW = [f"a{k:02d}" for k in range(6)]
SELECTION = slice(7, 13)
"""The six weeks before the start: four of choice and two of lead."""


def chosen_for_bad_luck() -> np.ndarray:
    """30 people at 0.8, six of them with bad luck just before; afterwards all gain 0.05, the six 0.15."""
    shares = np.full((30, WEEKS), 0.80)
    shares[:6, SELECTION] = 0.60
    shares[:, START:] = 0.85
    shares[:6, START:] = 0.95
    return shares


def effects(facts_of: FactsOf, tables: dict[str, Any], **given: Any) -> Result:
    return run("training.effect", facts_of(tables), given)


def only(result: Result, outcome: str = "resolved") -> dict[str, Any]:
    [row] = result.polars().filter(outcome=outcome).to_dicts()
    return row


def notes(result: Result) -> dict[str, Any]:
    return {note.code: dict(note.facts) for note in result.notes}


def test_bad_luck_that_passes_is_no_effect_and_what_is_more_than_others_gained_is(facts_of: FactsOf) -> None:
    result = effects(facts_of, {"calls": calls_of(chosen_for_bad_luck()), "trainings": attended(LOW, START)})
    row = only(result)
    assert row["naive"] == pytest.approx(0.95 - 0.60)
    assert row["effect"] == pytest.approx(0.15 - 0.05)
    assert row["low"] < row["effect"] < row["high"]
    assert (row["verdict"], row["design"], row["n_trained"], row["n_control"]) == ("worked", "differences", 6, 24)
    assert (row["base_since"], row["base_until"]) == (date(2026, 1, 12), date(2026, 2, 22))
    assert (row["after_since"], row["after_until"]) == (date(2026, 4, 13), date(2026, 5, 24))
    assert row["cases_after"] == 6 * 6 * 20
    assert row["gained_calls"] == pytest.approx(0.1 * 720)
    assert row["hours_per_gained_call"] == pytest.approx(12 / 72)
    assert row["placebo"] == pytest.approx(0, abs=1e-9)
    assert "before_after_biased" in notes(result)
    assert {check.code: check.ok for check in result.checks} == {"training_made_up_start": True, "training_trend_before": True}
    assert result.values["worked"] == 1
    methods = result.polars("methods")
    assert methods.select("method", "business").rows() == [(None, None), ("coaching", None), (None, BUSINESS)]
    assert methods["effect"].to_list() == pytest.approx([0.1] * 3)


def test_nothing_done_is_nothing_found_and_harm_is_called_harm(facts_of: FactsOf) -> None:
    shares = chosen_for_bad_luck()
    shares[:6, START:] = 0.85
    row = only(effects(facts_of, {"calls": calls_of(shares), "trainings": attended(LOW, START)}))
    assert row["naive"] == pytest.approx(0.25)
    assert row["effect"] == pytest.approx(0, abs=1e-9)
    assert (row["verdict"], row["hours_per_gained_call"]) == ("no_evidence", None)
    shares[:6, START:] = 0.70
    assert only(effects(facts_of, {"calls": calls_of(shares), "trainings": attended(LOW, START)}))["verdict"] == "harmed"


def test_a_waiting_list_is_compared_as_drawn(facts_of: FactsOf) -> None:
    shares = np.full((20, WEEKS), 0.6)
    shares[:, START:] = 0.7
    shares[:5, START:] = 0.9
    people = [f"a{k:02d}" for k in range(10)]
    enrolments = listed(people[:5], "trained", START - 1) + listed(people[5:], "waiting", START - 1)
    tables = {"calls": calls_of(shares), "trainings": attended(people[:5], START), "enrolments": enrolments}
    result = effects(facts_of, tables)
    row = only(result)
    assert (row["design"], row["n_trained"], row["n_control"], row["verdict"]) == ("waiting_list", 5, 5, "worked")
    assert row["effect"] == pytest.approx(0.2)
    assert row["trainings_more"] == pytest.approx(1.0)
    assert [check.code for check in result.checks] == ["training_arms_alike_before"]
    # One of the five stays away: the four who came carry the difference of the arms.
    shares[4, START:] = 0.7
    tables = {"calls": calls_of(shares), "trainings": attended(people[:4], START), "enrolments": enrolments}
    row = only(effects(facts_of, tables))
    assert (row["n_trained"], row["n_control"]) == (5, 5)
    assert row["trainings_more"] == pytest.approx(0.8)
    assert row["effect"] == pytest.approx(0.2)
    # A list that was not drawn by lot is a list of the worst like any other.
    tables["enrolments"] = [{**entry, "random": False} for entry in enrolments]
    assert only(effects(facts_of, tables))["design"] == "differences"


def test_a_file_is_open_before_the_training_starts(facts_of: FactsOf) -> None:
    enrolments = listed(LOW[:3], "trained", 20) + listed(LOW[3:], "waiting", 20)
    result = effects(facts_of, {"calls": calls_of(chosen_for_bad_luck()), "enrolments": enrolments})
    row = only(result)
    assert (row["training"], row["no_effect_reason"], row["verdict"], row["effect"]) == ("T1", "not_started", "no_evidence", None)
    assert notes(result)["effect_not_started"]["trainings"] == 1


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("everybody", "no_controls"),
        ("just_now", "not_over"),
        ("too_early", "no_earlier_weeks"),
        ("before_all_calls", "no_earlier_weeks"),
        ("stops", "outcome_stopped"),
        ("left", "trained_left"),
        ("all_trained_before", "not_trained_more"),
        ("one_agent", "no_controls"),
    ],
)
def test_where_nothing_can_be_said_it_says_why(facts_of: FactsOf, case: str, reason: str) -> None:
    shares = chosen_for_bad_luck()
    trainings = attended(LOW, START)
    match case:
        case "everybody":
            trainings = attended([f"a{k:02d}" for k in range(30)], START)
        case "just_now":
            trainings = attended(LOW, WEEKS - 2)
        case "too_early":
            trainings = attended(LOW, 6)
        case "before_all_calls":
            trainings = attended(LOW, -90)
        case "stops":
            shares[:, START:] = -1.0
        case "left":
            shares[:6, START:] = np.nan
        case "all_trained_before":
            trainings += attended([f"a{k:02d}" for k in range(6, 30)], START, "T2", business="国际业务")
        case "one_agent":
            shares = shares[:1]
            trainings = attended(LOW[:1], START)
    result = effects(facts_of, {"calls": calls_of(shares), "trainings": trainings})
    row = next(row for row in result.polars().to_dicts() if row["training"] == "T1" and row["outcome"] == "resolved")
    assert (row["verdict"], row["no_effect_reason"], row["design"], row["effect"]) == ("no_evidence", reason, "none", None)
    assert f"effect_{reason}" in notes(result)


def test_trainings_without_date_or_business_are_told(facts_of: FactsOf) -> None:
    trainings = attended(LOW, START) + attended(LOW[:2], None, "T2") + attended(LOW[:1], START, "T3", business=None, hours=float("nan"))
    result = effects(facts_of, {"calls": calls_of(chosen_for_bad_luck()), "trainings": trainings})
    assert result.polars()["training"].to_list() == ["T1"]
    assert notes(result)["trainings_without_date"] == {"trainings": 2}
    assert notes(result)["trainings_without_business"] == {"trainings": 1}
    unknown = [{**row, "business": None} for row in listed(LOW, "waiting", START, "T9")]
    assert (
        notes(effects(facts_of, {"calls": calls_of(chosen_for_bad_luck()), "enrolments": unknown}))["enrolments_without_business"]["people"]
        == 6
    )


def test_no_training_at_all_and_trainings_on_what_nobody_handles(facts_of: FactsOf) -> None:
    calls = calls_of(chosen_for_bad_luck())
    none = effects(facts_of, {"calls": calls})
    assert none.polars().height == 0
    assert "no_effect_files" in notes(none)
    elsewhere = effects(facts_of, {"calls": calls, "trainings": attended(LOW, START, business="没有的业务")})
    assert elsewhere.polars().height == 0
    assert "no_calls_on_trained_businesses" in notes(elsewhere)


def test_hours_that_nobody_knows_leave_the_cost_open(facts_of: FactsOf) -> None:
    row = only(effects(facts_of, {"calls": calls_of(chosen_for_bad_luck()), "trainings": attended(LOW, START, hours=float("nan"))}))
    assert (row["hours"], row["hours_per_gained_call"], row["verdict"]) == (None, None, "worked")


def test_a_training_on_a_family_stands_for_all_below_it(facts_of: FactsOf) -> None:
    trainings = attended(LOW, START, business="国际业务")
    row = only(effects(facts_of, {"calls": calls_of(chosen_for_bad_luck()), "trainings": trainings}))
    assert (row["business"], row["effect"]) == ("国际业务", pytest.approx(0.1))
    assert row["trainings_more"] == pytest.approx(1.0)


def test_one_person_can_be_compared_with_many(facts_of: FactsOf) -> None:
    shares = chosen_for_bad_luck()
    shares[1:6, START:] = 0.85
    row = only(effects(facts_of, {"calls": calls_of(shares, each=100), "trainings": attended(["a00"], START)}))
    assert (row["n_trained"], row["verdict"], row["effect"]) == (1, "worked", pytest.approx(0.1, abs=0.001))


def test_who_is_trained_twice_counts_twice_and_nobody_is_dropped(facts_of: FactsOf) -> None:
    """All six have another training between base and after, so the change is that of two trainings."""
    trainings = attended(LOW, START) + attended(LOW, 10, "T0")
    result = effects(facts_of, {"calls": calls_of(chosen_for_bad_luck()), "trainings": trainings}, half_life_days=36_500)
    row = result.polars().filter(training="T1").to_dicts()[0]
    assert row["trainings_more"] == pytest.approx(2.0, abs=0.01)
    assert row["effect"] == pytest.approx(0.05, abs=0.001)


def test_starts_weeks_apart_are_waves(facts_of: FactsOf) -> None:
    trainings = attended(LOW[:3], 9) + attended(LOW[3:], START + 2)
    table = effects(
        facts_of, {"calls": calls_of(chosen_for_bad_luck()), "trainings": trainings}, fewest_weeks=1, selection_weeks=2
    ).polars()
    assert table.select("wave", "n_trained").rows() == [(1, 3), (2, 3)]


def test_less_is_better_where_it_is(facts_of: FactsOf) -> None:
    """Transfers fall where people were trained: that worked, and the gain counts upwards."""
    calls = calls_of(1 - chosen_for_bad_luck())
    calls = calls.append_column("transferred", calls["resolved"]).drop_columns("resolved")
    result = effects(facts_of, {"calls": calls, "trainings": attended(LOW, START)})
    row = only(result, "transferred")
    assert row["effect"] == pytest.approx(-0.1)
    assert row["gained_calls"] == pytest.approx(72)
    assert row["verdict"] == "worked"


def test_outcome_and_confidence_can_be_chosen(facts_of: FactsOf) -> None:
    facts = facts_of({"calls": calls_of(chosen_for_bad_luck()), "trainings": attended(LOW, START)})
    wide, narrow = (run("training.effect", facts, {"confidence": c, "outcome": "resolved"}).polars() for c in (0.99, 0.8))
    assert wide["outcome"].to_list() == ["resolved"]
    assert wide["high"][0] - wide["low"][0] > 1.5 * (narrow["high"][0] - narrow["low"][0])


def test_people_drifting_before_are_noticed(facts_of: FactsOf) -> None:
    shares = chosen_for_bad_luck()
    shares[:6, :7] = np.linspace(0.4, 0.9, 7)
    result = effects(facts_of, {"calls": calls_of(shares, each=40), "trainings": attended(LOW, START)})
    assert {check.code: check.ok for check in result.checks} == {"training_made_up_start": False, "training_trend_before": False}


def test_weeks_are_those_of_the_centres_own_clock(facts_of: FactsOf) -> None:
    """Sunday evening in UTC is Monday in Shanghai."""
    calls = calls_of(chosen_for_bad_luck())
    trainings = [{**row, "started_at": moment(START, -1, 16)} for row in attended(LOW, START)]
    row = only(effects(facts_of, {"calls": calls, "trainings": trainings}))
    assert row["after_since"] == date(2026, 4, 13)
    assert pl.Series([row["base_until"]]).dt.weekday()[0] == 7

"""What is counted for a capability, by hand and against the daily report; truth that was put in comes out."""

from __future__ import annotations

import gc
import math
from collections.abc import Callable
from datetime import date, timedelta
from itertools import permutations
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from coachline.engine.capability import evidence as module
from coachline.engine.capability.evidence import EVIDENCE_COLUMNS, Evidence, evidence
from coachline.engine.capability.outcomes import OUTCOMES
from coachline.engine.facts import Facts
from coachline.engine.operations.daily import daily
from coachline.engine.operations.period import Period
from coachline.engine.operations.statistics import Settings
from coachline.engine.tables import TABLES
from coachline.errors import CoachlineError
from tests.engine.capability.inspected import inspected_centre
from tests.engine.operations.rows import at, call, centre

FactsOf = Callable[..., Facts]
ALWAYS = Period()
WHO = {"agent_id": "a1", "business": "查询"}


def found(facts: Facts, period: Period = ALWAYS, outcomes: Any = None, by_month: bool = False, **settings: Any) -> Evidence:
    return evidence(facts, period, Settings(**settings), outcomes, by_month)


def counts(answer: Evidence, outcome: str, *columns: str) -> list[tuple[Any, ...]]:
    rows = answer.cells.filter(pl.col("outcome") == outcome)
    return rows.select("agent_id", "business", *(columns or ("n", "successes"))).rows()


def inspection(
    number: int, call_id: str | None, passed: bool | None = True, when: str | None = "2026-03-20 10:00", **fields: Any
) -> dict[str, Any]:
    moment = when and at(when)
    return {"inspection_id": f"i{number}", "call_id": call_id, "agent_id": "a1", "inspected_at": moment, "passed": passed, **fields}


def item(number: int, correct: bool | None, when: str | None = "2026-03-20 10:00", **fields: Any) -> dict[str, Any]:
    moment = when and at(when)
    return {"exam_id": "e", "item": f"q{number}", "taken_at": moment, "correct": correct, **WHO, **fields}


def test_outcomes_are_declared_over_columns_that_exist() -> None:
    for code, outcome in OUTCOMES.items():
        assert code == outcome.code
        names = {column.name for column in TABLES[outcome.table].columns}
        assert set(outcome.needs) <= names
        assert set(outcome.needs) <= set(EVIDENCE_COLUMNS[outcome.table])
    assert {code: outcome.better for code, outcome in OUTCOMES.items() if outcome.better != "up"} == {
        "repeat": "down", "transferred": "down", "ticketed": "none", "handle_time": "none",
    }  # fmt: skip


def test_grades_and_their_sums(facts_of: FactsOf) -> None:
    rows = [call("2026-03-02 09:00", rating=rating, **WHO) for rating in (5, 5, 4, 2, None)]
    answer = found(facts_of({"calls": rows}), satisfied_from=5)
    assert counts(answer, "rating", "n", "total", "total_sq", *(f"rating_{grade}" for grade in range(1, 6))) == [
        ("a1", "查询", 4, 16.0, 70.0, 0, 1, 0, 1, 2)
    ]
    assert counts(answer, "satisfied") == [("a1", "查询", 4, 2)]


@pytest.mark.parametrize(("wraps", "handled"), [((30.0, 0.0, None), (90.0, 50.0)), ((None, None, None), (60.0, 50.0, 40.0))])
def test_handle_time_is_talk_and_wrap_up_where_it_is_recorded(
    wraps: tuple[Any, ...], handled: tuple[float, ...], facts_of: FactsOf
) -> None:
    rows = [call("2026-03-02 09:00", talk_s=talk, wrap_s=wrap, **WHO) for talk, wrap in zip((60.0, 50.0, 40.0), wraps, strict=True)]
    # A call of no length and one of unknown length say nothing about the time that work takes.
    rows += [call("2026-03-02 09:00", talk_s=talk, wrap_s=0.0 if wraps[0] else None, **WHO) for talk in (0.0, None)]
    [(_, _, n, total, total_sq)] = counts(found(facts_of({"calls": rows})), "handle_time", "n", "total", "total_sq")
    assert n == len(handled)
    assert total == pytest.approx(sum(math.log(s) for s in handled))
    assert total_sq == pytest.approx(sum(math.log(s) ** 2 for s in handled))


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_a_time_that_is_no_number_is_left_out(wrong: float, facts_of: FactsOf) -> None:
    rows = [call("2026-03-02 09:00", talk_s=talk, **WHO) for talk in (math.e, wrong)]
    assert counts(found(facts_of({"calls": rows})), "handle_time", "n", "total") == [("a1", "查询", 1, pytest.approx(1.0))]


def test_repeats_belong_to_the_one_who_took_the_call_before(facts_of: FactsOf) -> None:
    other = {"agent_id": "a2", "business": "查询"}
    rows = [
        call("2026-03-01 09:00", customer_id="k", **WHO),
        call("2026-03-05 09:00", customer_id="k", **other),
        call("2026-03-06 09:00", customer_id="m", **WHO),
        call("2026-03-07 09:00", "abandoned", customer_id="m", business="投诉"),
        call("2026-03-08 09:00", customer_id=None, **WHO),
        # Too near to the end of the data: had the customer not called again, it could not be told.
        call("2026-03-28 09:00", customer_id="z", **WHO),
        call("2026-03-30 09:00", customer_id="z", **other),
    ]
    facts = facts_of({"calls": rows})
    assert counts(found(facts), "repeat") == [("a1", "查询", 2, 1), ("a2", "查询", 1, 0)]
    assert counts(found(facts, repeat_days=3), "repeat") == [("a1", "查询", 2, 0), ("a2", "查询", 1, 0)]
    # The further call lies beyond the period, and the agent who took it has no other one in it.
    assert counts(found(facts, Period(None, date(2026, 3, 1))), "repeat") == [("a1", "查询", 1, 1)]


def test_inspections_find_business_and_month_by_their_call(facts_of: FactsOf) -> None:
    calls = [
        {**call("2026-02-28 23:59", **WHO), "call_id": "c"},
        {**call("2026-03-02 09:00", agent_id="a9", business=None), "call_id": "n"},
    ]
    inspections = [
        inspection(1, "c", True),
        inspection(2, "c", False, purpose="score", when=None),
        *(inspection(3 + n, "c", False, purpose=purpose) for n, purpose in enumerate(("coach", "audit", "calibration", "exam"))),
        inspection(7, "c", None),
        inspection(8, "unknown"),
        inspection(9, None, False),
        inspection(10, "n"),
        inspection(11, None, when=None),
    ]
    facts = facts_of({"calls": calls, "inspections": inspections})
    answer = found(facts, outcomes=("passed",), by_month=True)
    assert counts(answer, "passed", "month", "n", "successes") == [("a1", "查询", 2026 * 12 + 1, 2, 1)]
    # Without a moment of its own or of its call, an inspection belongs to no period.
    assert answer.left_out == {"inspections": (3, 5)}
    assert [(note.code, dict(note.facts)) for note in answer.notes] == [("inspections_left_out", {"inspections": 3, "share": 0.6})]
    assert found(facts, Period(None, date(2026, 2, 28)), ("passed",)).left_out == {"inspections": (0, 2)}
    assert found(facts, Period(date(2026, 3, 1)), ("passed",)).left_out == {"inspections": (3, 3)}


def test_a_call_number_of_several_sources_multiplies_nothing(facts_of: FactsOf) -> None:
    def taken(number: str, source: str, agent: str, business: str | None) -> dict[str, Any]:
        return {**call("2026-03-02 09:00", agent_id=agent, business=business), "call_id": number, "source": source}

    calls = [
        taken("both", "A", "a1", "查询"), taken("both", "B", "a1", "查询"),
        taken("other", "A", "a1", "查询"), taken("other", "B", "a2", "投诉"),
        taken("unclear", "A", "a1", "查询"), taken("unclear", "B", "a1", "投诉"),
        taken("foreign", "A", "a2", "投诉"), taken("foreign", "B", "a3", "投诉"),
        taken("blank", "A", "a1", None), taken("blank", "B", "a2", "投诉"),
    ]  # fmt: skip
    inspections = [inspection(n, number) for n, number in enumerate(("both", "other", "unclear", "foreign", "blank"))]
    answer = found(facts_of({"calls": calls, "inspections": inspections}), outcomes=("passed",))
    assert counts(answer, "passed") == [("a1", "投诉", 1, 1), ("a1", "查询", 2, 2)]
    assert answer.left_out == {"inspections": (2, 5)}


def test_exams_by_business_and_day(facts_of: FactsOf) -> None:
    exams = [
        item(1, True), item(2, False), item(3, None), item(4, True, business="投诉"), item(5, True, business=None),
        item(6, True, when="2026-04-01 00:00"), item(7, True, when=None),
    ]  # fmt: skip
    facts = facts_of({"calls": [call("2026-03-02 09:00")], "exams": exams})
    answer = found(facts, Period(None, date(2026, 3, 31)), ("correct",))
    assert counts(answer, "correct") == [("a1", "投诉", 1, 1), ("a1", "查询", 2, 1)]
    assert [(note.code, dict(note.facts)) for note in answer.notes] == [("exams_left_out", {"items": 1, "share": 0.25})]
    months = found(facts, outcomes=("correct",), by_month=True)
    assert counts(months, "correct", "month", "n") == [
        ("a1", "投诉", 2026 * 12 + 2, 1),
        ("a1", "查询", 2026 * 12 + 2, 2),
        ("a1", "查询", 2026 * 12 + 3, 1),
    ]


def test_what_is_missing_is_named_outcome_by_outcome(facts_of: FactsOf) -> None:
    rows = {
        "calls": [call("2026-03-02 09:00", customer_id="k", resolved=False, **WHO)],
        "inspections": [inspection(1, "unknown", None)],
        "exams": [item(1, True, when=None)],
    }
    answer = found(facts_of(rows))
    assert counts(answer, "resolved") == [("a1", "查询", 1, 0)]
    assert answer.lacking == {
        "satisfied": ("rating",),
        "rating": ("rating",),
        "transferred": ("transferred",),
        "ticketed": ("ticketed",),
        "handle_time": ("talk_s",),
        # All that it takes is recorded, but the data end too soon after the call.
        "repeat": (),
        "passed": ("inspections.passed",),
        "correct": ("exams.taken_at",),
    }
    assert {note.facts["outcome"] for note in answer.notes if note.code == "outcome_without_cases"} == {"repeat"}
    assert {note.facts["column"] for note in answer.notes if note.code == "outcome_not_recorded"} >= {"rating", "exams.taken_at"}


@pytest.mark.parametrize("by_month", [False, True])
def test_no_evidence_is_an_empty_frame_of_the_same_shape(by_month: bool, facts_of: FactsOf) -> None:
    full = found(facts_of({"calls": [call("2026-03-02 09:00", resolved=True, rating=3, talk_s=9.0, **WHO)]}), by_month=by_month)
    unknown = found(facts_of({"calls": [call("2026-03-02 09:00", resolved=True, customer_id="k")]}), by_month=by_month)
    unanswered = found(facts_of({"calls": [call("2026-03-02 09:00", "abandoned", resolved=True)]}), by_month=by_month)
    assert full.cells.schema == unknown.cells.schema == unanswered.cells.schema
    assert ("month" in full.cells.columns) == by_month
    assert unknown.cells.height == unanswered.cells.height == 0
    assert unknown.left_out == {"calls": (1, 1)}
    assert unanswered.left_out == {"calls": (0, 0)}


def test_a_period_without_any_call_is_refused_for_outcomes_of_calls(facts_of: FactsOf) -> None:
    facts = facts_of({"calls": [call("2026-03-02 09:00", **WHO)], "exams": [item(1, True, when="2020-01-01 09:00")]})
    past = Period(None, date(2020, 1, 1))
    with pytest.raises(CoachlineError, match="2026-03-02"):
        found(facts, past)
    assert counts(found(facts, past, ("correct",)), "correct") == [("a1", "查询", 1, 1)]


def test_cells_add_up_to_the_daily_report(facts_of: FactsOf) -> None:
    facts = facts_of(centre())
    period = {"since": date(2026, 1, 12), "until": date(2026, 2, 10)}
    answer = found(facts, Period(*period.values()), repeat_days=3, satisfied_from=5)
    # The same rows as the daily report's, but for those without person or business.
    rows = pl.from_arrow(facts.collect(facts.table("calls")))
    assert isinstance(rows, pl.DataFrame)
    known = rows.filter(pl.col("agent_id").is_not_null() | (pl.col("outcome") != "answered"), pl.col("business").is_not_null())
    whole = pl.from_arrow(daily(facts_of({"calls": known.to_arrow()}), **period, repeat_days=3, satisfied_from=5).tables["daily"])
    assert isinstance(whole, pl.DataFrame)
    totals = {row[0]: row[1:] for row in whole.group_by("metric").agg(pl.col("numerator", "denominator").sum()).rows()}
    cells = {row[0]: row[1:] for row in answer.cells.group_by("outcome").agg(pl.col("successes", "n").sum()).rows()}
    for outcome, metric in (
        ("resolved", "resolution_recorded"),
        ("satisfied", "satisfaction"),
        ("ticketed", "ticket_rate"),
        ("transferred", "transfer_rate"),
    ):
        assert cells[outcome] == totals[metric]
        assert cells[outcome][1] > 100
    assert cells["handle_time"][1] == totals["aht"][1]
    not_repeated, followed = totals["resolution_no_repeat"]
    assert cells["repeat"] == (followed - not_repeated, followed)
    assert 0 < cells["repeat"][0] < followed
    assert answer.left_out["calls"][0] > 0


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
def test_months_are_those_of_the_wall_clock(zone: str, facts_of: FactsOf) -> None:
    days = [date(1969, 12, 31), date(1970, 1, 1), date(2000, 2, 29), date(2000, 3, 1), date(2100, 2, 28), date(2100, 3, 1)]
    days += [date(2023, 12, 1) + timedelta(n) for n in range(430)]
    moments = [f"{day} {clock}" for day in days for clock in ("00:00:00", "23:59:59")]
    rows = [call(at(moment, zone), resolved=True, **WHO) for moment in moments]
    answer = found(facts_of({"calls": rows}, zone=zone), outcomes=("resolved",), by_month=True)
    expected = pl.Series([day.year * 12 + day.month - 1 for day in days]).value_counts().sort("")
    assert answer.cells["month"].to_list() == expected[""].to_list()
    assert answer.cells["n"].to_list() == (2 * expected["count"]).to_list()


def test_months_add_up_to_the_whole_and_parts_to_all(facts_of: FactsOf) -> None:
    facts = facts_of(inspected_centre())
    whole, months = found(facts), found(facts, by_month=True)
    figures = [name for name in whole.cells.columns if name not in ("agent_id", "business", "outcome")]
    # The sum of nothing but nulls is null here, as it is for the kinds of outcome that lack the column.
    again = months.cells.group_by("agent_id", "business", "outcome", maintain_order=True).agg(
        pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name) for name in figures
    )
    order = ["agent_id", "business", "outcome"]
    assert set(whole.cells["outcome"]) == set(OUTCOMES)
    assert months.cells["month"].n_unique() == 2
    assert_frame_equal(again.sort(order), whole.cells.sort(order), abs_tol=1e-9)
    for code in OUTCOMES:
        assert found(facts, outcomes=(code,)).cells.equals(whole.cells.filter(pl.col("outcome") == code))
    assert whole.cells["outcome"].unique(maintain_order=True).to_list() == list(OUTCOMES)


def test_people_are_told_apart_as_they_were_made(facts_of: FactsOf) -> None:
    """Repeats go to the right cell: each agent's chance, put in by business, comes out."""
    rng = np.random.default_rng(3)
    chance = {
        (f"a{a}", f"业务{k}"): p for (a, k), p in zip([(a, k) for a in range(3) for k in range(2)], np.linspace(0.05, 0.8, 6), strict=True)
    }
    rows, repeats = [call("2026-05-01 00:00", "ivr_only")], dict.fromkeys(chance, 0)
    for number in range(600):
        agent, business = list(chance)[number % 6]
        again = rng.random() < chance[agent, business]
        repeats[agent, business] += int(again)
        about = {"customer_id": f"k{number}", "business": business}
        rows.append(call("2026-03-02 09:00", agent_id=agent, **about))
        if again:
            rows.append(call("2026-03-04 09:00", "abandoned", **about))
    assert counts(found(facts_of({"calls": rows})), "repeat") == [(*cell, 100, repeats[cell]) for cell in sorted(repeats)]


def test_calls_at_the_same_moment_fall_by_name(facts_of: FactsOf) -> None:
    rows = [
        call("2026-03-02 09:00", customer_id=f"k{number}", agent_id=agent, business="查询")
        for number, order in enumerate(permutations("abc"))
        for agent in order
    ]
    answer = found(facts_of({"calls": [*rows, call("2026-05-01 00:00", "ivr_only")]}), outcomes=("repeat",))
    assert counts(answer, "repeat") == [("a", "查询", 6, 6), ("b", "查询", 6, 6), ("c", "查询", 6, 0)]


def test_the_passes_are_made_once_and_few_are_kept(facts_of: FactsOf) -> None:
    facts = facts_of(inspected_centre())
    first = found(facts, satisfied_from=4)
    kept = {key: id(frame) for key, frame in module._known[facts].items()}
    second = found(facts, satisfied_from=2, outcomes=("satisfied", "repeat"))
    assert {key: id(frame) for key, frame in module._known[facts].items()} == kept
    assert counts(second, "satisfied") != counts(first, "satisfied")
    for day in range(1, 12):
        found(facts, Period(None, date(2026, 2, day)), outcomes=("resolved",))
    assert len(module._known[facts]) == module.MOST_KEPT
    known = len(module._known)
    del facts
    gc.collect()
    assert len(module._known) < known

"""quality.agreement through the run: published figures from fact tables, what pairs up, what is warned of."""

from __future__ import annotations

import csv
import math
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from coachline.engine.analyses import run
from coachline.engine.result import Result
from coachline.errors import CoachlineError
from tests.conftest import FactsOf
from tests.engine.quality.heard_twice import FIRST, mark, sheet, world

RATINGS = Path(__file__).parents[4] / "shared" / "data" / "ratings"

OBSERVERS = {
    "A": [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    "B": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    "C": [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    "D": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
}
"""Krippendorff (2004), *Content Analysis*, 2nd ed., p. 230."""


def of(result: Result, item: str, coefficient: str, table: str | None = None) -> dict[str, Any]:
    [row] = result.polars(table).filter(item=item, coefficient=coefficient).to_dicts()
    return row


def codes(result: Result) -> set[str]:
    return {note.code for note in result.notes}


def check(result: Result, code: str) -> Any:
    return next(one for one in result.checks if one.code == code)


def test_krippendorffs_example_as_scores(facts_of: FactsOf) -> None:
    scores = [(who, unit, value) for who, row in OBSERVERS.items() for unit, value in enumerate(row) if value is not None]
    inspections = [sheet(n, f"c{unit}", who, float(value)) for n, (who, unit, value) in enumerate(scores)]
    found = run("quality.agreement", facts_of({"inspections": inspections}), {})
    alphas = {
        metric: round(of(found, "score", f"krippendorff_alpha_{metric}")["value"], 3)
        for metric in ("nominal", "ordinal", "interval", "ratio")
    }
    assert alphas == {"nominal": 0.743, "ordinal": 0.815, "interval": 0.849, "ratio": 0.797}
    # Eleven units can be compared; the twelfth has one rating.
    assert (found.values["calls"], found.values["inspectors"]) == (11, 4)
    assert of(found, "score", "krippendorff_alpha_interval")["verdict"] == "not_enough_evidence"
    assert "few_calls_heard_twice" in codes(found)


def test_two_inspectors_counted_by_hand(facts_of: FactsOf) -> None:
    """Of fifty calls both mark 15, neither 20, only the first 10, only the second 5: Cohen's kappa 0.4."""
    marks = [(True, True)] * 15 + [(False, False)] * 20 + [(True, False)] * 10 + [(False, True)] * 5
    inspections = [sheet(2 * n + k, f"c{n}", f"q{k}", passed=not pair[k]) for n, pair in enumerate(marks) for k in (0, 1)]
    items = [mark(2 * n + k, "开头语", pair[k]) for n, pair in enumerate(marks) for k in (0, 1)]
    found = run("quality.agreement", facts_of({"inspections": inspections, "inspection_items": items}), {})
    for item in ("开头语", "passed"):
        assert of(found, item, "percent_agreement")["value"] == pytest.approx(0.7)
        assert of(found, item, "conger_kappa")["value"] == pytest.approx(0.4)
        # Chance by the pooled share of 45 marks in 100: 0.505, in Gwet's sense 2 * 0.45 * 0.55 = 0.495.
        assert of(found, item, "fleiss_kappa")["value"] == pytest.approx((0.7 - 0.505) / 0.495)
        assert of(found, item, "gwet_ac1")["value"] == pytest.approx((0.7 - 0.495) / 0.505)
        assert of(found, item, "brennan_prediger")["value"] == pytest.approx(0.4)
        row = of(found, item, "krippendorff_alpha_nominal")
        assert row["value"] == pytest.approx(1 - 99 * 15 / (45 * 55))
        assert (row["raters"], row["units"], row["kind"]) == (2, 50, "passed" if item == "passed" else "item")
        assert row["low"] < row["boot_low"] + 0.1 < row["value"] < row["boot_high"] - 0.02
    # By hand: the first marks 25, the second 20; they agree on 35 of 50.
    rows = {row["inspector_id"]: row for row in found.table("inspectors").to_pylist()}
    assert rows["q0"]["item_agreement"] == rows["q1"]["pass_agreement"] == pytest.approx(0.7)
    assert rows["q0"]["score_difference"] is None


def test_what_makes_a_pair(facts_of: FactsOf) -> None:
    inspections = [
        sheet(0, "c0", "q0", 80), sheet(1, "c0", "q1", 82, purpose="calibration"), sheet(2, "c0", "q2", 99, purpose="audit"),
        # Nobody is a second inspector of their own call, nor without a name; other agents and other forms are other hearings.
        sheet(3, "c1", "q0", 70), sheet(4, "c1", "q0", 75), sheet(5, "c1", None, 75),
        sheet(6, "c2", "q0", 70), sheet(7, "c2", "q1", 75, agent_id="a2"),
        sheet(8, "c3", "q0", 70, form="x"), sheet(9, "c3", "q1", 75, form="y"),
        sheet(10, None, "q0", 70), sheet(11, None, "q1", 75),
        # The first of two hearings counts; no purpose is that of the random part.
        sheet(12, "c4", "q0", 90, purpose=None), sheet(13, "c4", "q1", 60), sheet(14, "c4", "q1", 88),
        sheet(15, "c5", "q0", 70, purpose="coach"), sheet(16, "c5", "q1", 75),
        # Who does not name the form means that of the others.
        sheet(17, "c6", "q0", 70, form="x", form_version="1"), sheet(18, "c6", "q1", 70, form=None),
    ]  # fmt: skip
    facts = facts_of({"inspections": inspections})
    found = run("quality.agreement", facts, {"tolerance": 2})
    assert (found.values["calls"], found.values["sheets"], found.values["inspectors"]) == (3, 6, 2)
    assert of(found, "score", "percent_within")["value"] == pytest.approx(2 / 3)
    assert {note.code: note.facts for note in found.notes}["same_inspector_again"] == {"sheets": 1}
    apart = {row["inspector_id"]: row["score_difference"] for row in found.table("inspectors").to_pylist()}
    assert apart == {"q0": pytest.approx(28 / 3), "q1": pytest.approx(-28 / 3)}
    assert found.table("versions")["form_version"].unique().to_pylist() == ["1"]
    assert run("quality.agreement", facts, {"purposes": "score,calibration,audit"}).values["sheets"] == 7
    assert run("quality.agreement", facts, {"purposes": "score, coach"}).values["calls"] == 3


def test_a_number_that_stands_for_two_calls_of_the_agent_is_left_out(facts_of: FactsOf) -> None:
    calls = [
        {"source": source, "call_id": call, "agent_id": agent, "arrived_at": FIRST}
        for source, call, agent in [("x", "c0", "a1"), ("y", "c0", "a1"), ("x", "c1", "a1"), ("y", "c1", "a9")]
    ]
    inspections = [sheet(2 * n + k, f"c{n}", f"q{k}", 80 + n) for n in (0, 1) for k in (0, 1)]
    found = run("quality.agreement", facts_of({"calls": calls, "inspections": inspections}), {})
    assert found.values["calls"] == 1
    assert {note.code: note.facts for note in found.notes}["call_number_stands_twice"] == {"calls": 1}


def test_points_below_the_maximum_count_as_failed_where_failing_is_not_recorded(facts_of: FactsOf) -> None:
    inspections = [sheet(k, "c0", f"q{k}") for k in range(4)]
    items = [
        mark(0, "语速", None, points=3.0, max_points=5.0),
        mark(1, "语速", True, points=5.0, max_points=5.0),
        mark(2, "语速", None, points=math.nan, max_points=5.0),
        mark(3, "语速", None),
    ]
    found = run("quality.agreement", facts_of({"inspections": inspections, "inspection_items": items}), {})
    row = of(found, "语速", "percent_agreement")
    assert (row["value"], row["raters"]) == (1, 2)


def test_bad_scores_are_no_scores(facts_of: FactsOf) -> None:
    scores = [(80, 90), (math.nan, 90), (-5, 90), (130, 90), (None, 90)]
    inspections = [sheet(2 * n + k, f"c{n}", f"q{k}", pair[k]) for n, pair in enumerate(scores) for k in (0, 1)]
    found = run("quality.agreement", facts_of({"inspections": inspections}), {})
    assert of(found, "score", "percent_within")["units"] == 1
    assert of(found, "score", "icc_1_1")["value"] is None


def test_nothing_heard_twice_is_refused_with_the_reason(facts_of: FactsOf) -> None:
    facts = facts_of({"inspections": [sheet(n, f"c{n}", "q0", 80) for n in range(3)]})
    with pytest.raises(CoachlineError, match="3 inspections of 3 calls"):
        run("quality.agreement", facts, {})
    with pytest.raises(CoachlineError, match="calibration"):
        run("quality.agreement", facts, {"purposes": "scoring"})
    with pytest.raises(CoachlineError):
        run("quality.agreement", facts, {"since": "2030-01-01"})


def test_everybody_passes(facts_of: FactsOf) -> None:
    inspections = [sheet(2 * n + k, f"c{n}", f"q{k}", 100, passed=True) for n in range(30) for k in (0, 1)]
    items = [mark(2 * n + k, "结束语", False) for n in range(30) for k in (0, 1)]
    found = run("quality.agreement", facts_of({"inspections": inspections, "inspection_items": items}), {})
    for item in ("passed", "结束语"):
        assert of(found, item, "percent_agreement")["value"] == 1
        assert of(found, item, "krippendorff_alpha_nominal")["value"] is None
        assert of(found, item, "krippendorff_alpha_nominal")["verdict"] == "not_enough_evidence"
    assert of(found, "结束语", "gwet_ac1")["value"] == 1
    assert {note.code: note.facts for note in found.notes}["items_never_vary"] == {"items": 1, "example": "结束语"}
    crowded = check(found, "scores_use_the_scale")
    assert (crowded.ok, crowded.figure) == (False, 1.0)


def test_by_version_and_by_month(facts_of: FactsOf) -> None:
    """In the second version, from March on, inspectors toss coins."""
    rng = np.random.default_rng(1)
    inspections = []
    for n in range(120):
        late = n >= 60
        of_version = {"form": "表", "form_version": "二" if late else "一", "inspected_at": FIRST + timedelta(days=60 * late, hours=n)}
        for k in (0, 1):
            passed = bool(rng.random() < 0.5) if late else n % 2 == 0
            inspections.append(sheet(2 * n + k, f"c{n}", f"q{(n + k) % 3}", passed=passed, **of_version))
    # One sheet by another version: the call belongs to neither.
    inspections[0] = {**inspections[0], "form_version": "二"}
    found = run("quality.agreement", facts_of({"inspections": inspections}), {})
    versions = {row["form_version"]: row for row in found.polars("versions").filter(coefficient="krippendorff_alpha_nominal").to_dicts()}
    assert versions["一"]["value"] == 1
    assert versions["二"]["value"] < 0.3
    assert [versions[name]["units"] for name in ("一", "二")] == [59, 60]
    months = found.polars("months").filter(coefficient="percent_agreement")
    assert months["month"].to_list() == ["2026-01", "2026-03"]
    assert months["value"][0] == 1


def test_agreement_that_changes_is_noticed(facts_of: FactsOf) -> None:
    tables = world(1, calls=300)
    assert check(run("quality.agreement", facts_of(tables), {"resamples": 0}), "agreement_is_steady").ok
    for row in tables["inspections"][300:]:
        # From the middle on the second inspector tosses a coin.
        if row["purpose"] == "calibration":
            row["score"] = 100.0 - 6 * (int(row["inspection_id"][1:]) * 7 % 5)
    changed = check(run("quality.agreement", facts_of(tables), {"resamples": 0}), "agreement_is_steady")
    assert not changed.ok
    assert changed.facts["after"] < changed.facts["before"]


@pytest.mark.parametrize("seed", range(3))
def test_halo_is_told_from_severity(seed: int, facts_of: FactsOf) -> None:
    plain = run("quality.agreement", facts_of(world(seed, calls=400, severity=0.8)), {"resamples": 0})
    assert check(plain, "items_are_judged_one_by_one").ok
    coloured = run("quality.agreement", facts_of(world(seed, calls=400, severity=0.8, impression=1.5)), {"resamples": 0})
    assert not check(coloured, "items_are_judged_one_by_one").ok
    assert coloured.values["halo"] > plain.values["halo"]


def test_calls_heard_twice_that_are_unlike_the_rest(facts_of: FactsOf) -> None:
    tables = world(2, calls=60)
    others = [sheet(10_000 + n, f"x{n}", "q0", 100.0 - n % 7) for n in range(300)]
    tables["inspections"] += others
    assert not check(run("quality.agreement", facts_of(tables), {"resamples": 0}), "heard_twice_like_the_rest").ok


def test_the_same_figures_every_time(facts_of: FactsOf) -> None:
    tables = world(3)
    one, other = (
        run("quality.agreement", facts_of(rows), {"resamples": 200}) for rows in (tables, {k: v[::-1] for k, v in tables.items()})
    )
    for table in one.tables:
        assert one.polars(table).equals(other.polars(table)), table


def test_real_raters_differ_in_severity(facts_of: FactsOf) -> None:
    """data.ratings1 of the R package sirt: 135 students, 7 raters, 5 criteria from 0 to 3."""
    file = RATINGS / "data.ratings1.csv"
    if not file.exists():
        pytest.skip("the ratings stand beside the repository, and are not there")
    with file.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    inspections = [
        sheet(n, row["idstud"], row["rater"], sum(float(row[f"k{k}"]) for k in range(1, 6)) / 15 * 100) for n, row in enumerate(rows)
    ]
    items = [mark(n, f"k{k}", row[f"k{k}"] in ("0", "1")) for n, row in enumerate(rows) for k in range(1, 6)]
    found = run("quality.agreement", facts_of({"inspections": inspections, "inspection_items": items}), {"resamples": 200})
    assert found.values["inspectors"] == 7
    assert found.values["items"] == 5
    # With severity taken out they agree clearly better.
    assert found.values["icc_score"] < found.values["icc_score_without_severity"] - 0.02
    apart = found.polars("inspectors")
    assert (apart["low"] > 0).any()
    assert (apart["high"] < 0).any()
    assert 0.2 < found.values["alpha_score"] < 0.8
    assert isinstance(found.polars(), pl.DataFrame)

"""Inspections: known probabilities, visible severity, passes that an audit overturns."""

from __future__ import annotations

import polars as pl
import pytest

from coachline.engine.simulate import SimulatedCentre
from coachline.engine.simulate.forms import BAR


@pytest.fixture(scope="module")
def inspections(centre: SimulatedCentre) -> pl.DataFrame:
    return pl.DataFrame(centre.tables["inspections"]).join(pl.DataFrame(centre.truth["inspections"]), on="inspection_id")


@pytest.fixture(scope="module")
def drawn(inspections: pl.DataFrame) -> pl.DataFrame:
    return inspections.filter(pl.col("purpose").is_in(["score", "coach"]))


def test_about_twenty_calls_of_each_agent_are_drawn_each_month(drawn: pl.DataFrame) -> None:
    assert drawn.height / 120 / 4 == pytest.approx(20, rel=0.15)
    assert drawn["call_id"].is_unique().all()


def test_weights_add_up_to_all_calls(drawn: pl.DataFrame, calls: pl.DataFrame) -> None:
    """Horvitz and Thompson (1952): one over the selection probability adds up to the number of calls, stratum by stratum."""
    eligible = calls.filter((pl.col("outcome") == "answered") & (pl.col("direction") == "inbound") & (pl.col("channel") == "voice")).height
    assert (1 / drawn["probability"]).sum() == pytest.approx(eligible, rel=0.001)


def test_strata_are_what_they_say(drawn: pl.DataFrame, calls: pl.DataFrame) -> None:
    found = drawn.join(calls, on="call_id")
    assert (found.filter(pl.col("stratum") == "不满意")["rating"] <= 2).all()
    assert found.filter(pl.col("stratum") == "重复来电")["repeat_of"].is_not_null().all()
    assert found.filter(pl.col("stratum") == "派单")["ticketed"].all()
    assert found.filter(pl.col("stratum") == "普通")["ticketed"].not_().all()


def test_habitual_sampling_shows_more_faults_than_there_are(drawn: pl.DataFrame) -> None:
    faulty = drawn.with_columns(faulty=~pl.col("passed"), weight=1 / pl.col("probability"))
    fair = faulty.select((pl.col("faulty") * pl.col("weight")).sum() / pl.col("weight").sum()).item()
    habit = faulty.filter(pl.col("purpose") == "coach")["faulty"].mean()
    assert habit > fair + 0.02


def test_severe_inspectors_give_lower_scores(drawn: pl.DataFrame, centre: SimulatedCentre) -> None:
    each = drawn.group_by("inspector_id").agg(pl.col("score").mean()).join(pl.DataFrame(centre.truth["inspectors"]), on="inspector_id")
    assert each.select(pl.corr("score", "severity")).item() < -0.7


def test_scores_are_the_points_of_the_items(inspections: pl.DataFrame, centre: SimulatedCentre) -> None:
    items = pl.DataFrame(centre.tables["inspection_items"])
    total = items.group_by("inspection_id").agg(pl.col("points").sum(), pl.col("max_points").sum())
    both = inspections.join(total, on="inspection_id")
    assert both.height == inspections.height
    assert (both["score"] == both["points"]).all()
    assert (both["max_points"] == 100).all()
    assert items.filter("failed")["comment"].is_not_null().all()
    assert items.filter(~pl.col("failed"))["comment"].is_null().all()


def test_about_a_ninth_of_the_passes_does_not_survive_the_audit(inspections: pl.DataFrame) -> None:
    """The real centre: 90.62 % passed, 10.97 % of these overturned."""
    random = inspections.filter(pl.col("purpose") == "score")
    assert random["passed"].mean() == pytest.approx(0.91, abs=0.03)
    assert random.select(((pl.col("score") >= BAR) >= pl.col("passed")).all()).item()
    audited = inspections.filter(pl.col("purpose") == "audit")
    assert audited.height > 400
    assert 1 - audited["passed"].mean() == pytest.approx(0.11, abs=0.04)
    first = random.join(audited, on="call_id", suffix="_again")
    assert first.height == audited.height
    assert (first["inspector_id"] != first["inspector_id_again"]).all()


def test_a_tenth_is_scored_twice_by_different_inspectors(inspections: pl.DataFrame) -> None:
    scored = inspections.filter(pl.col("purpose") == "score")
    twice = scored.join(inspections.filter(pl.col("purpose") == "calibration"), on="call_id", suffix="_second")
    assert twice.height / scored.height == pytest.approx(0.10, abs=0.02)
    assert (twice["inspector_id"] != twice["inspector_id_second"]).all()
    assert twice.select(pl.corr("score", "score_second")).item() > 0.4


def test_a_good_third_of_the_faulty_ones_has_a_remedy(inspections: pl.DataFrame) -> None:
    assert inspections.filter(pl.col("score") < 100)["remedy"].is_not_null().mean() == pytest.approx(0.37, abs=0.03)
    assert inspections.filter(pl.col("score") == 100)["remedy"].is_null().all()


def test_nobody_inspects_the_own_calls_or_before_they_end(inspections: pl.DataFrame, calls: pl.DataFrame) -> None:
    assert (inspections["inspector_id"] != inspections["agent_id"]).all()
    found = inspections.join(calls, on="call_id")
    assert found.select((pl.col("inspected_at") >= pl.col("arrived_at") + pl.duration(seconds=pl.col("talk_s"))).all()).item()

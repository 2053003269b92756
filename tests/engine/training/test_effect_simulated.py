"""Simulated centres train people because they were low: what came of it is found within the intervals, and naive comparisons are not fooled alone."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.special import expit, logit

from coachline.engine.analyses import run
from coachline.engine.compute import DuckDBCompute
from coachline.engine.simulate import CentreSize, simulate_centre
from tests.conftest import as_fact_table
from tests.engine.simulated_facts import lay_down

SIZE = CentreSize(agents=100, businesses=24, days=170, calls=70_000)
SEEDS = (1, 2, 3, 4)
READ = ("calls", "agents", "trainings", "enrolments")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """Effect files on `resolved` of all seeds, with the true effect on the calls after."""
    parts = []
    for seed in SEEDS:
        centre, compute = simulate_centre(SIZE, seed=seed), DuckDBCompute()
        folder = tmp_path_factory.mktemp(f"centre{seed}")
        facts = lay_down(folder, {name: as_fact_table(name, centre.tables[name]) for name in READ}, compute)
        rows = run("training.effect", facts, {"outcome": "resolved"}).polars().filter(pl.col("effect").is_not_null())
        truths = {name: pl.DataFrame(table) for name, table in (("calls", centre.truth["calls"]), ("trainings", centre.truth["trainings"]))}
        moments = pl.DataFrame(centre.tables["calls"]).select("call_id", "agent_id", "arrived_at")
        calls = moments.join(truths["calls"].select("call_id", "business", "p_resolved"), on="call_id").drop_nulls("p_resolved")
        starts = pl.DataFrame(centre.tables["trainings"]).select("training_id", "agent_id", "started_at")
        trained = starts.join(truths["trainings"].drop("business"), on=["training_id", "agent_id"])
        true = [true_effect(calls, trained, row) for row in rows.iter_rows(named=True)]
        parts.append(rows.with_columns(true=pl.Series(true), seed=seed))
        compute.close()
    return pl.concat(parts).with_columns(se=(pl.col("high") - pl.col("low")) / 3.92)


def true_effect(calls: pl.DataFrame, trained: pl.DataFrame, row: dict[str, object]) -> float:
    """How much lower the chances of the trained would have been in the weeks after without this training."""
    day = pl.col("arrived_at").dt.convert_time_zone("Asia/Shanghai").dt.date()
    here = calls.filter(day.is_between(row["after_since"], row["after_until"]), business=row["business"])
    here = here.join(trained.filter(training_id=row["training"]), on="agent_id")
    age = (here["arrived_at"] - here["started_at"]).dt.total_seconds().to_numpy() / 86_400
    left = here["effect_resolved"].to_numpy() * 0.5 ** (np.maximum(age - 1, 0) / here["half_life_days"].to_numpy())
    chance = here["p_resolved"].to_numpy().astype(float)
    return float((chance - expit(logit(np.clip(chance, 1e-6, 1 - 1e-6)) - left)).mean()) if len(chance) else 0.0


@pytest.mark.parametrize("design", ["waiting_list", "differences"])
def test_the_intervals_hold_the_truth(found: pl.DataFrame, design: str) -> None:
    rows = found.filter(design=design)
    assert rows.height > 40
    assert rows.select(pl.col("true").is_between("low", "high").mean()).item() > 0.88


@pytest.mark.parametrize("design", ["waiting_list", "differences"])
def test_the_mean_is_near_the_truth_and_the_naive_one_far(found: pl.DataFrame, design: str) -> None:
    rows = found.filter(design=design)
    weight = 1 / rows["se"] ** 2
    mean, true = (float((rows[name] * weight).sum() / weight.sum()) for name in ("effect", "true"))
    assert abs(mean - true) < 3 / float(weight.sum()) ** 0.5
    assert rows["naive"].mean() > true + 0.04


def test_what_does_nothing_is_told_from_what_works(found: pl.DataFrame) -> None:
    """A drill of phrases solves nothing; coaching and mentors do."""
    weight = 1 / pl.col("se") ** 2
    means = found.group_by("method").agg(mean=(pl.col("effect") * weight).sum() / weight.sum(), se=1 / weight.sum().sqrt())
    by_method = {method: (mean, se) for method, mean, se in means.iter_rows()}
    mean, se = by_method["drill"]
    assert abs(mean) < 3 * se
    for method in ("coaching", "mentor"):
        mean, se = by_method[method]
        assert mean > 1.5 * se
        assert mean > by_method["drill"][0]

"""Published figures: an experiment, observational controls for its participants, a panel of firms, and two states' workers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from coachline.engine.stats.effects.doubly_robust import covariate_terms, effect_on_treated
from coachline.engine.stats.effects.fixed_effects import difference_in_differences, within_units

DATA = Path(__file__).parents[5] / "shared" / "data" / "effects"
EXPERIMENT = 1794.34
COVARIATES = ("age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75")

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the published data are not in the repository")


def read(name: str) -> pl.DataFrame:
    return pl.read_csv(DATA / f"{name}.csv", infer_schema_length=None, null_values="NA")


def test_the_experiment() -> None:
    nsw = read("nsw_mixtape")
    effect = nsw.filter(treat=1)["re78"].mean() - nsw.filter(treat=0)["re78"].mean()
    assert effect == pytest.approx(EXPERIMENT, abs=0.005)


def test_observational_controls_of_the_census_come_within_500_of_the_experiment() -> None:
    trained, others = read("nsw_mixtape").filter(treat=1), read("cps_mixtape").filter(treat=0)
    rows = pl.concat([trained, others])
    plain = trained["re78"].mean() - others["re78"].mean()
    assert plain == pytest.approx(-8497.5, abs=0.05)
    terms = covariate_terms(rows.select(COVARIATES).to_numpy().astype(float))
    found = effect_on_treated(rows["re78"].to_numpy(), rows["treat"].to_numpy() == 1, terms)
    assert abs(found.effect - EXPERIMENT) < 500
    assert found.low < EXPERIMENT < found.high
    assert (found.treated, found.controls, found.without_like) == (185, 15_992, 0)


def test_hardly_comparable_controls_are_known_by_how_many_have_no_like_and_a_wide_interval() -> None:
    """429 controls of whom few resemble the trained: nearly a quarter of the trained has no like among them, and the answer says next to nothing."""
    rows = read("lalonde").with_columns(black=pl.col("race") == "black", hisp=pl.col("race") == "hispan", marr="married")
    treated = rows["treat"].to_numpy() == 1
    plain = rows["re78"].to_numpy()[treated].mean() - rows["re78"].to_numpy()[~treated].mean()
    assert plain == pytest.approx(-635.03, abs=0.005)
    found = effect_on_treated(rows["re78"].to_numpy(), treated, covariate_terms(rows.select(COVARIATES).to_numpy().astype(float)))
    assert found.without_like > 0.2 * 185
    assert found.effective_controls < 60
    assert found.low < EXPERIMENT < found.high
    assert found.high - found.low > 3_000


def test_grants_to_firms() -> None:
    panel = read("jtrain").filter(pl.col("lscrap").is_not_null())
    regressors = panel.select("d88", "d89", "grant", "grant_1").to_numpy().astype(float)
    found = within_units(panel["lscrap"].to_numpy(), regressors, panel["fcode"].to_numpy())
    assert (found.units, found.rows) == (54, 162)
    assert np.round(found.coefficients, 3).tolist() == [-0.080, -0.247, -0.252, -0.422]


def test_benefits_of_injured_workers_in_kentucky() -> None:
    rows = read("injury").filter(ky=1)
    effect, se = difference_in_differences(rows["ldurat"].to_numpy(), rows["highearn"].to_numpy() == 1, rows["afchnge"].to_numpy() == 1)
    assert effect == pytest.approx(0.1906, abs=5e-5)
    # 0.0685 under equal variances, as published.
    assert se == pytest.approx(0.069, abs=0.001)

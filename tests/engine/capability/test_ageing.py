"""Where people drift, the matrix is unsure of today by as much; where nobody does, by nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from coachline.engine.capability.fitted import capability
from coachline.engine.capability.memory import Memory
from coachline.engine.capability.mix import on_mix
from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.operations.statistics import Settings
from coachline.engine.stats.hierarchical.fit import Ageing
from coachline.engine.stats.hierarchical.posterior import levels
from tests.engine.capability.test_trend import drifting

FactsOf = Callable[..., Facts]


@pytest.mark.parametrize(("step", "half_life"), [(0.0, "auto"), (0.12, "auto"), (0.25, "auto"), (0.25, "4")])
def test_intervals_cover_the_last_month(facts_of: FactsOf, step: float, half_life: str) -> None:
    covered = []
    for seed in (31, 32, 33):
        calls, level = drifting(step, seed)
        [fitted] = capability(facts_of({"calls": calls}), Period.of(None, None), Settings(), half_life, ["resolved"]).outcomes
        assert (fitted.fit.ageing is not None) == (step > 0)
        [found] = levels(fitted.fit)
        covered.append((np.abs(level[:, :, -1] - found.mean) <= 1.645 * np.sqrt(found.variance)).mean())
    assert 0.86 <= np.mean(covered) <= (0.96 if step == 0.0 else 0.94)


def test_what_has_aged_is_as_hand_counted(facts_of: FactsOf) -> None:
    calls, _ = drifting(0.25, 34)
    [fitted] = capability(facts_of({"calls": calls}), Period.of(None, None), Settings(), "1", ["resolved"]).outcomes
    assert fitted.fit.ageing is not None
    # A month's step is missed by what is older: half of the weight, then a quarter, and so on.
    assert np.sqrt(np.median(fitted.fit.ageing.agent) / sum(0.25**k for k in range(1, 8))) == pytest.approx(0.25, abs=0.06)


def test_of_cells_and_averages_alike_and_not_of_what_people_add_where_a_business_drifts(facts_of: FactsOf) -> None:
    calls, _ = drifting(0.0, 35)
    [fitted] = capability(facts_of({"calls": calls}), Period.of(None, None), Settings(), "none", ["resolved"]).outcomes
    of_agent, of_business = np.linspace(0.01, 0.1, 60), np.linspace(0.0, 0.2, 10)
    aged = replace(fitted, fit=replace(fitted.fit, ageing=Ageing(of_agent, of_business)))
    [before], [after] = levels(fitted.fit), levels(aged.fit)
    assert after.variance - before.variance == pytest.approx(of_agent[:, None] + of_business)
    assert after.deviation_variance - before.deviation_variance == pytest.approx(np.repeat(of_agent[:, None], 10, axis=1))
    assert (after.certainty <= before.certainty).all()
    gained = on_mix(aged).deviation_sd ** 2 - on_mix(fitted).deviation_sd ** 2
    assert gained == pytest.approx(of_agent)
    assert (on_mix(aged).level_sd > on_mix(fitted).level_sd).all()


def test_weighed_months_count_as_their_effective_number() -> None:
    cells = pl.DataFrame(
        {
            "agent": [0, 0, 1, 2, 3, 3],
            "b": [0] * 6,
            "month": pl.Series([24010, 24011, 24011, 24010, 24009, 24011], dtype=pl.Int32),
            "n": [40, 40, 10, 10, 7, 70],
            "successes": [40, 20, 5, 5, 7, 0],
            **{name: [None] * 6 for name in ("total", "total_sq", *(f"rating_{k}" for k in range(1, 6)))},
        }
    )
    plain, weighed = Memory(1.0, 24011).collapsed(cells)
    assert plain["n"].to_list() == [80, 10, 10, 77]
    # Weights 1 and 1/2: (60)^2 / (40 + 10); the newest month alone: in full; last month's alone: half; (70 + 7/4)^2 / (70 + 7/16).
    assert weighed["n"].to_list() == pytest.approx([72.0, 10.0, 5.0, 71.75**2 / 70.4375])
    assert (weighed["successes"] / weighed["n"]).to_list() == pytest.approx([2 / 3, 0.5, 0.5, 1.75 / 71.75])
    assert np.isfinite(Memory(0.001, 24012).collapsed(cells)[1]["n"].to_numpy()).all()

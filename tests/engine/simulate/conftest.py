"""One simulated centre for the tests that only look at it."""

from __future__ import annotations

import polars as pl
import pytest

from coachline.engine.simulate import CentreSize, SimulatedCentre, simulate_centre


@pytest.fixture(scope="session")
def centre() -> SimulatedCentre:
    return simulate_centre(CentreSize(), seed=20260301)


@pytest.fixture(scope="session")
def calls(centre: SimulatedCentre) -> pl.DataFrame:
    """The calls with local time and what the truth knows of them."""
    truth = pl.DataFrame(centre.truth["calls"]).rename(
        {"business": "true_business", "resolved": "was_resolved", "satisfied": "was_satisfied"}
    )
    local = pl.col("arrived_at").dt.convert_time_zone("Asia/Shanghai")
    return pl.DataFrame(centre.tables["calls"]).join(truth, on="call_id").with_columns(local=local, date=local.dt.date())

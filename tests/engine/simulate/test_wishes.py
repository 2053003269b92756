"""Wishes handed in by a simulated centre."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from coachline.engine.simulate import CentreSize, simulate_centre


def test_wishes_are_for_the_coming_weeks_by_those_employed() -> None:
    size = CentreSize(agents=200, businesses=4, days=10, calls=500)
    centre = simulate_centre(size, seed=3)
    wishes, agents = pl.DataFrame(centre.tables["wishes"]), pl.DataFrame(centre.tables["agents"])
    first = size.start + timedelta(days=size.days)
    assert wishes["date"].is_between(first, first + timedelta(27)).all()
    assert wishes.select("agent_id", "date").is_unique().all()
    employed = agents.filter(pl.col("left_on").is_null())["agent_id"]
    assert wishes["agent_id"].is_in(employed.to_list()).all()
    assert 0.4 < wishes["agent_id"].n_unique() / len(employed) < 0.8
    off = wishes.filter(pl.col("wish") == "休息")
    # Saturdays and Sundays are two days of seven.
    assert off["date"].dt.weekday().is_in([6, 7]).mean() > 0.35
    again = simulate_centre(size, seed=3).tables["wishes"]
    assert again.equals(centre.tables["wishes"])

"""Months of many agents or businesses as the page carries them: by outcome, name after name, in whole steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import polars as pl

from coachline.report.capability import measure
from coachline.report.capability_store import SCALE, scaled

About = Literal["agent_id", "business"]
OTHER: dict[About, About] = {"agent_id": "business", "business": "agent_id"}


def monthly(trend: pl.DataFrame, about: About, names: Sequence[str]) -> dict[str, Any] | None:
    """Series of the agents or businesses `names`, with that of the centre; None where there is but one month.

    Parameters
    ----------
    trend : polars.DataFrame
        Main table of `capability.trend`.
    about : str
        ``agent_id`` for agents over all businesses, ``business`` for businesses over all agents.
    names : sequence of str
        In the order in which the page numbers them.

    Returns
    -------
    dict or None
        ``months``; ``outcomes``: code to n, e, l and h, of which entry k * months + t is month t of name k; null where nothing is known.
        ``centre``: code to e, l and h.
    """
    months = sorted(trend["period"].unique())
    if len(months) < 2:
        return None
    times = pl.DataFrame({"period": months, "t": range(len(months))}, schema={"period": pl.String, "t": pl.Int32})
    people = pl.DataFrame({about: list(names), "k": range(len(names))}, schema={about: pl.String, "k": pl.Int32})
    grid = people.join(times, how="cross", maintain_order="left_right")
    whole = trend.filter(pl.col("agent_id").is_null() & pl.col("business").is_null()).drop(about)
    single = trend.filter(pl.col(about).is_not_null() & pl.col(OTHER[about]).is_null())
    outcomes, centre = {}, {}
    for code in trend["outcome"].unique(maintain_order=True):
        own = grid.join(single.filter(pl.col("outcome") == code), on=[about, "period"], how="left", maintain_order="left")
        every = times.join(whole.filter(pl.col("outcome") == code), on="period", how="left", maintain_order="left")
        outcomes[code] = {"n": own["n"].to_list(), **_written(own, code)}
        centre[code] = _written(every, code)
    return {"months": months, "outcomes": outcomes, "centre": centre}


def _written(rows: pl.DataFrame, code: str) -> dict[str, list[int | None]]:
    # A month is drawn as a point of a line: with ten times the steps, a small movement does not become stairs.
    scale = 10 * SCALE[measure(code, alike=False).unit]
    return {short: rows.select(scaled(name, scale))[name].to_list() for short, name in (("e", "estimate"), ("l", "low"), ("h", "high"))}

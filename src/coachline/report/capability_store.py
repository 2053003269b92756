"""The cells of the matrix as the page carries them: once for all pictures, in whole numbers, by column.

Names of the parts are short because they stand in every report; ``assets/capability.js`` reads them and says the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from coachline.report.capability import Capability, Measure, Unit
from coachline.report.chapter import Desk
from coachline.wording import Wording

NAME = "capability"

SCALE: Mapping[Unit, int] = {"share": 1000, "rating": 100, "index": 10, "time": 1}
"""Steps per unit: a tenth of a percentage point, a hundredth of a grade, a tenth of an index point, a second."""

LETTER = {"strong": "s", "meets": "m", "below": "b", "unknown": "u"}

PEERS = 5
"""Fewer people are no band: one could tell who is who."""
BAND = (0.1, 0.9)
"""The middle four fifths of colleagues."""


def share(desk: Desk) -> None:
    """Put the cells onto the page, once for all chapters that draw them."""
    if NAME not in desk.stores:
        desk.stores[NAME] = store(desk.capability, desk.words)


def store(capability: Capability, words: Wording) -> dict[str, Any]:
    """The cells of the agents with a page of their own, and those never seen where the heat map shows them."""
    mapped = pl.col("agent_id").is_in(capability.map.agents) & pl.col("business").is_in(capability.map.businesses)
    cells = capability.cells.filter((pl.col("n") > 0) | mapped)
    return packed(cells, capability.measures, capability.agents, capability.businesses, bars(capability.cells), words)


def packed(
    cells: pl.DataFrame,
    measures: Sequence[Measure],
    agents: Sequence[str],
    businesses: Sequence[str],
    compared: pl.DataFrame,
    words: Wording,
) -> dict[str, Any]:
    """Cells in the form in which scripts read them.

    Parameters
    ----------
    cells : polars.DataFrame
        Cells to carry.
    measures : sequence of Measure
    agents, businesses : sequence of str
        In the order in which they are numbered; cells of others are left out.
    compared : polars.DataFrame
        What each business is compared with, as `bars` finds it from the cells of everybody.
    words : Wording
    """
    codes = (
        pl.DataFrame({"agent_id": list(agents), "a": range(len(agents))}, schema={"agent_id": pl.String, "a": pl.Int32}),
        pl.DataFrame({"business": list(businesses), "b": range(len(businesses))}, schema={"business": pl.String, "b": pl.Int32}),
    )
    kept = cells.join(codes[0], on="agent_id").join(codes[1], on="business").sort("a", "b")
    parts = {found.code: _outcome(found, kept, compared, agents, businesses, words) for found in measures}
    verdicts = {letter: words(f"verdict.{verdict}") for verdict, letter in LETTER.items()}
    return {"agents": list(agents), "businesses": list(businesses), "outcomes": parts, "verdicts": verdicts}


def bars(cells: pl.DataFrame) -> pl.DataFrame:
    """Standard, and the band of the middle of colleagues, by business and outcome."""
    return _standards(cells).join(_bands(cells.filter(pl.col("n") > 0)), on=["business", "outcome"], how="left")


def scaled(column: str, scale: int) -> pl.Expr:
    """A column in whole steps of its unit."""
    return (pl.col(column) * scale).round().cast(pl.Int32)


def _outcome(
    measure: Measure, kept: pl.DataFrame, compared: pl.DataFrame, agents: Sequence[str], businesses: Sequence[str], words: Wording
) -> dict[str, Any]:
    scale = SCALE[measure.unit]
    cells = kept.filter(pl.col("outcome") == measure.code)
    per_agent = cells.group_by("a").len()
    everybody = pl.DataFrame({"a": range(len(agents))}, schema={"a": pl.Int32})
    count = everybody.join(per_agent, on="a", how="left", maintain_order="left")["len"].fill_null(0)
    written = cells.select(
        "b",
        "n",
        e=scaled("estimate", scale),
        l=scaled("low", scale),
        h=scaled("high", scale),
        p=scaled("p_below", 100),
        c=scaled("certainty", 100),
    )
    everything = pl.DataFrame({"business": list(businesses)}, schema={"business": pl.String})
    own = compared.filter(pl.col("outcome") == measure.code)
    by_business = everything.join(own, on="business", how="left", maintain_order="left")
    found: dict[str, Any] = {
        "name": words(f"outcome.{measure.code}"),
        "unit": measure.unit,
        "scale": scale,
        "sign": measure.sign,
        "alike": measure.alike,
        "starts": [0, *count.cum_sum().to_list()],
        **{name: written[name].to_list() for name in written.columns},
        "v": "".join(cells["verdict"].replace_strict(LETTER, return_dtype=pl.String)),
        "standard": by_business.select(scaled("standard", scale))["standard"].to_list(),
        "peers": [by_business.select(scaled(end, scale))[end].to_list() for end in ("least", "most")],
    }
    if not measure.sign:
        del found["p"], found["v"]
    return found


def _standards(cells: pl.DataFrame) -> pl.DataFrame:
    return cells.group_by("business", "outcome").agg(pl.col("standard").drop_nulls().first())


def _bands(seen: pl.DataFrame) -> pl.DataFrame:
    """Between what the middle of colleagues is estimated to lie, by business and outcome."""
    groups = seen.group_by("business", "outcome").agg(
        pl.len().alias("people"), least=pl.col("estimate").quantile(BAND[0], "linear"), most=pl.col("estimate").quantile(BAND[1], "linear")
    )
    return groups.with_columns(pl.when(pl.col("people") >= PEERS).then(pl.col("least", "most")))

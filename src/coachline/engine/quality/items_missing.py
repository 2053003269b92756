"""What the form does not see: calls that went badly although no item was failed."""

from __future__ import annotations

import polars as pl
from scipy.special import ndtri

from coachline.engine.quality.items_sums import Flags, Heard
from coachline.engine.stats.proportions import wilson

BAD = ("dissatisfied", "repeat")
"""Outcomes that should not happen; a ticket may be just what the call needed."""

MISSING = pl.Schema(
    {
        "outcome": pl.String(),
        "business": pl.String(),
        "calls": pl.Int64(),
        "without_fault": pl.Int64(),
        "share": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "otherwise_share": pl.Float64(),
    }
)
"""``calls``: inspected ones with the outcome; ``share``: of all such calls, those without a failed item; ``otherwise_share``: the same of the others."""


def missing(heard: Heard, judged: Flags, faulty: Flags, confidence: float) -> pl.DataFrame:
    """Share of bad calls on which no item failed, by business (null: not known).

    Parameters
    ----------
    heard : Heard
    judged, faulty : numpy.ndarray
        (N,) bool: some item was judged, some item failed.
    confidence : float

    Returns
    -------
    polars.DataFrame
        Schema `MISSING`, by outcome, those with most calls first. Shares are weighted, so they speak of all calls; the interval rests on the
        effective number of calls.
    """
    rows = heard.frame.with_columns(judged=pl.Series(judged), clean=~pl.Series(faulty))
    rows = rows.filter("judged", pl.col("weight").is_not_null())
    parts = [_of_outcome(rows.filter(pl.col(outcome).is_not_null()), outcome, confidence) for outcome in BAD]
    return pl.concat([pl.DataFrame(schema=MISSING), *parts])


def _of_outcome(rows: pl.DataFrame, outcome: str, confidence: float) -> pl.DataFrame:
    weight, bad, clean = pl.col("weight"), pl.col(outcome), pl.col("clean")

    def share(of: pl.Expr) -> pl.Expr:
        return (weight * clean).filter(of).sum() / pl.when(of.any()).then(weight.filter(of).sum())

    found = rows.group_by("business").agg(
        calls=bad.sum().cast(pl.Int64),
        without_fault=(bad & clean).sum().cast(pl.Int64),
        share=share(bad),
        effective=weight.filter(bad).sum() ** 2 / pl.when(bad.any()).then((weight.filter(bad) ** 2).sum()),
        otherwise_share=share(~bad),
    )
    found = found.filter(pl.col("calls") > 0).sort(["calls", "business"], descending=[True, False])
    z = float(ndtri((1 + confidence) / 2))
    ends = [wilson(share, effective, z) for share, effective in found.select("share", "effective").iter_rows()]
    return found.select(
        pl.lit(outcome).alias("outcome"),
        pl.when(pl.col("business") != "").then("business"),
        "calls",
        "without_fault",
        "share",
        pl.Series("low", [low for low, _ in ends], pl.Float64()),
        pl.Series("high", [high for _, high in ends], pl.Float64()),
        "otherwise_share",
    )


def without_fault(heard: Heard, judged: Flags, faulty: Flags, outcome: str) -> float | None:
    """Weighted share of all calls with `outcome` on which no item failed; None where there are none."""
    rows = heard.frame.with_columns(judged=pl.Series(judged), clean=~pl.Series(faulty))
    rows = rows.filter("judged", pl.col("weight").is_not_null(), pl.col(outcome))
    total = float(rows["weight"].sum())
    return float(rows.filter("clean")["weight"].sum()) / total if total else None

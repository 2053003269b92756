"""Whether who names a fault also says what to do instead."""

from __future__ import annotations

import polars as pl
from scipy.special import ndtri

from coachline.engine.quality.items_sums import Flags, Heard
from coachline.engine.stats.proportions import wilson

REMEDIES = pl.Schema(
    {
        "inspector_id": pl.String(),
        "inspections": pl.Int64(),
        "problems": pl.Int64(),
        "with_remedy": pl.Int64(),
        "fault_only": pl.Int64(),
        "bare": pl.Int64(),
        "share": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
    }
)
"""``fault_only``: problems whose fault is described without a remedy; ``bare``: with neither; ``share``: of problems with a remedy."""


def remedies(heard: Heard, faulty: Flags, commented: Flags, confidence: float) -> pl.DataFrame:
    """Inspections with a problem and how many of them carry a remedy, by inspector (null: not known).

    A problem is a failed item, a fatal error or a call that did not pass.

    Parameters
    ----------
    heard : Heard
    faulty, commented : numpy.ndarray
        (N,) bool: some item failed, a failed item carries a comment.
    confidence : float

    Returns
    -------
    polars.DataFrame
        Schema `REMEDIES`, most problems first.
    """
    problem = pl.col("faulty") | pl.col("fatal").fill_null(False) | ~pl.col("passed").fill_null(True)
    rows = heard.frame.with_columns(faulty=pl.Series(faulty), commented=pl.Series(commented)).with_columns(problem=problem)
    found = rows.group_by("inspector_id").agg(
        inspections=pl.len().cast(pl.Int64),
        problems=pl.col("problem").sum().cast(pl.Int64),
        with_remedy=(pl.col("problem") & pl.col("remedy")).sum().cast(pl.Int64),
        fault_only=(pl.col("problem") & ~pl.col("remedy") & pl.col("commented")).sum().cast(pl.Int64),
    )
    found = found.sort(["problems", "inspector_id"], descending=[True, False])
    z = float(ndtri((1 + confidence) / 2))
    shares = [with_remedy / problems if problems else None for with_remedy, problems in found.select("with_remedy", "problems").iter_rows()]
    ends = [(None, None) if share is None else wilson(share, n, z) for share, n in zip(shares, found["problems"], strict=True)]
    return found.with_columns(
        inspector_id=pl.when(pl.col("inspector_id") != "").then("inspector_id"),
        bare=pl.col("problems") - pl.col("with_remedy") - pl.col("fault_only"),
        share=pl.Series(shares, dtype=pl.Float64()),
        low=pl.Series([low for low, _ in ends], dtype=pl.Float64()),
        high=pl.Series([high for _, high in ends], dtype=pl.Float64()),
    ).select(list(REMEDIES))

"""Shares of points with their errors, where a call is one draw and its items hang together."""

from __future__ import annotations

import numpy as np
import polars as pl

Z = 1.6448536269514722
"""Of 90 % intervals."""

POOLED = 10.0
"""Calls that the scatter common to all groups counts like: a few calls of one group tell its own scatter badly."""


def shares(calls: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Share of points of each group of calls.

    Parameters
    ----------
    calls : polars.DataFrame
        With the columns `by`, ``points`` and ``maximum``, one row per call.
    by : list of str

    Returns
    -------
    polars.DataFrame
        The columns `by`, calls, points, max_points, share, se, low, high; the error is that of a ratio of sums over calls, its scatter borrowed from
        the other groups as far as a group has few calls. NaN where all groups together have one call too few to tell scatter.

    References
    ----------
    Cochran (1977), *Sampling Techniques*, 3rd ed., 6.2 (ratio of sums) and 9.2 (clusters).
    """
    share = pl.col("points").sum().over(by) / pl.col("maximum").sum().over(by)
    # In units of a full call, so that calls judged on fewer items compare.
    off = (pl.col("points") - share * pl.col("maximum")) / pl.col("maximum").mean().over(by)
    rows = (
        calls.with_columns(off=off)
        .group_by(by)
        .agg(
            calls=pl.len().cast(pl.Int64),
            points=pl.col("points").sum(),
            max_points=pl.col("maximum").sum(),
            squares=(pl.col("off") ** 2).sum(),
        )
    )
    rows = rows.sort(by)
    n, squares = rows["calls"].to_numpy().astype(float), rows["squares"].to_numpy()
    free = float((n - 1).sum())
    common = float(squares.sum()) / free if free > 0 else np.nan
    variance = (squares + POOLED * common) / (n - 1 + POOLED)
    share_of = np.clip((rows["points"] / rows["max_points"]).to_numpy(), 0, 1)
    se = np.sqrt(variance / n)
    return rows.drop("squares").with_columns(
        share=pl.Series(share_of, dtype=pl.Float64),
        se=pl.Series(se, dtype=pl.Float64),
        low=pl.Series(np.clip(share_of - Z * se, 0, 1), dtype=pl.Float64),
        high=pl.Series(np.clip(share_of + Z * se, 0, 1), dtype=pl.Float64),
    )

"""The list of weak cells: as long as the expected share of wrong accusations on it allows.

Source: Müller, Parmigiani, Rice (2007), "FDR and Bayesian multiple comparisons rules", Bayesian Statistics 8: the mean of 1 - P(below) over a
list is the expected share of those on it that are not below.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from coachline.engine.stats.hierarchical.design import Floats, Ints

WEAK = pl.Schema(
    {
        "agent_id": pl.String(),
        "business": pl.String(),
        "outcome": pl.String(),
        "n": pl.Int64(),
        "estimate": pl.Float64(),
        "standard": pl.Float64(),
        "gap": pl.Float64(),
        "p_below": pl.Float64(),
        "wrong_so_far": pl.Float64(),
        "lost": pl.Float64(),
    }
)
"""``gap``: standard less estimate, positive where worse. ``wrong_so_far``: expected share of wrong entries among those at least as certain.
``lost``: gap x n."""


def chosen(p_below: Floats, rate: float) -> tuple[Ints, Floats]:
    """Places of the most certain cells of which at most a share `rate` is expected to be wrong, most certain first, and that share so far.

    Examples
    --------
    >>> places, share = chosen(np.array([0.2, 0.99, 0.9, 0.5]), 0.1)
    >>> places.tolist(), share.round(3).tolist()
    ([1, 2], [0.01, 0.055])
    """
    order = np.argsort(-p_below, kind="stable")
    order = order[~np.isnan(p_below[order])]
    share = np.cumsum(1.0 - p_below[order]) / np.arange(1, len(order) + 1)
    length = int(np.searchsorted(share, rate, side="right"))
    return order[:length].astype(np.int64), share[:length]


def weak_cells(cells: pl.DataFrame, rate: float, sign: float) -> pl.DataFrame:
    """The weak cells of one outcome.

    Parameters
    ----------
    cells : polars.DataFrame
        Seen cells of the matrix.
    rate : float
        Expected share of wrong entries that is put up with.
    sign : float
        1 where more is better, -1 where less is.

    Returns
    -------
    polars.DataFrame
        Schema `WEAK`, the costliest first.
    """
    places, share = chosen(cells["p_below"].fill_null(float("nan")).to_numpy(), rate)
    listed = cells[places].with_columns(
        gap=sign * (pl.col("standard") - pl.col("estimate")), wrong_so_far=pl.Series(share, dtype=pl.Float64)
    )
    return (
        listed.with_columns(lost=pl.col("gap") * pl.col("n"))
        .select(WEAK.names())
        .cast(WEAK)
        .sort("lost", "agent_id", descending=[True, False])
    )

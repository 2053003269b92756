"""How fast evidence ages: people change, so a call of last year says less about today than one of last week."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from coachline.engine.capability.outcomes import RATINGS

_SUMS = ("n", "successes", "total", "total_sq", *(f"rating_{grade}" for grade in RATINGS))


@dataclass(frozen=True)
class Memory:
    """The weight of evidence by age.

    Attributes
    ----------
    half_life : float or None
        Months after which evidence counts half; None: all counts alike.
    last : int or None
        The month that counts in full, year * 12 + month - 1.
    tried : tuple of (float or None, float)
        Half-lives with their loss per call in predicting the last month, where they were compared.
    """

    half_life: float | None
    last: int | None = None
    tried: tuple[tuple[float | None, float], ...] = ()

    def collapsed(self, cells: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Cells over all months, ordered by agent and business: as counted, and with older months counting less."""
        if "month" not in cells.columns:
            plain = cells.sort("agent", "b")
            return plain, plain
        plain = _summed(cells)
        if self.half_life is None:
            return plain, plain
        assert self.last is not None
        month, n = pl.col("month"), pl.col("n")
        newest = month.max()
        weight = 0.5 ** ((newest - month) / self.half_life)
        # A weighted mean varies as one of (sum w n)^2 / sum w^2 n cases, more than sum w n. Taken for less sure than it is, it would leave too
        # little to the differences between cells. A cell's newest month keeps its own weight, lest old records count in full where there are no new.
        effective = (weight * n).sum() / (weight**2 * n).sum() * 0.5 ** ((self.last - newest) / self.half_life)
        weighed = cells.group_by("agent", "b").agg((pl.col(_SUMS).cast(pl.Float64) * weight).sum() * effective)
        return plain, weighed.sort("agent", "b")


def _summed(cells: pl.DataFrame) -> pl.DataFrame:
    # Sums of nulls would be 0, and 0 successes are not unknown successes; which columns belong is the outcome's kind, so that is no loss here.
    return cells.group_by("agent", "b").agg(pl.col(_SUMS).sum()).sort("agent", "b")

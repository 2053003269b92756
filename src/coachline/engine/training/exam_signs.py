"""Signs that answers may not be a person's own. A sign is a reason to look, no proof: each has innocent explanations, too."""

from __future__ import annotations

import numpy as np
import polars as pl

from coachline.engine.stats.items.calibration import Calibration
from coachline.engine.stats.items.signs import adjusted, alike_pairs, person_fit
from coachline.engine.training.exam_answers import ExamAnswers

SIGNS = pl.Schema(
    {
        "sign": pl.String(),
        "exam_id": pl.String(),
        "agent_id": pl.String(),
        "other_agent_id": pl.String(),
        "n": pl.Int64(),
        "observed": pl.Float64(),
        "expected": pl.Float64(),
        "p_adjusted": pl.Float64(),
    }
)
"""``sign``: unlikely_pattern (``observed`` is lz*, 0 to be expected), alike (equal answers of two people), too_fast (seconds per item)."""

LEVEL = 0.05
"""Probability that, where everybody works alone, any sign of a kind appears at all."""

FEWEST_ITEMS = 10
"""Common items, or items of a sitting, below which a pattern says too little."""

FASTEST_S = 3.0
"""Seconds per item in which nobody can read and answer."""


def sign_table(data: ExamAnswers, fit: Calibration) -> tuple[pl.DataFrame, int, int]:
    """The signs (schema `SIGNS`), how many pairs of sittings were compared, and of how many sittings the pace is known."""
    sittings = data.sittings
    exam, agent, n = (sittings[c].to_list() for c in ("exam_id", "agent_id", "n"))
    rows: list[tuple[object, ...]] = []
    z, p = person_fit(fit)
    p = np.where(sittings["n"].to_numpy() >= FEWEST_ITEMS, p, np.nan)
    sure = adjusted(p, int((~np.isnan(p)).sum()))
    rows += [("unlikely_pattern", exam[k], agent[k], None, n[k], z[k], 0.0, sure[k]) for k in np.flatnonzero(sure <= LEVEL)]
    pairs = alike_pairs(fit, FEWEST_ITEMS)
    sure = adjusted(pairs.p, pairs.compared)
    rows += [
        ("alike", exam[i], agent[i], agent[j], pairs.items[k], float(pairs.alike[k]), pairs.expected[k], sure[k])
        for k, (i, j) in enumerate(zip(pairs.one, pairs.other, strict=True))
        if sure[k] <= LEVEL
    ]
    pace = _pace(data)
    rows += [("too_fast", *row, None) for row in pace.filter(pl.col("observed") < FASTEST_S).drop("sitting").rows()]
    table = pl.DataFrame(rows, schema=SIGNS, orient="row", strict=False)
    return table.sort("sign", "p_adjusted", "exam_id", "agent_id", nulls_last=True), pairs.compared, pace.height


def _pace(data: ExamAnswers) -> pl.DataFrame:
    """Seconds per item of the sittings whose answers have times of their own."""
    spans = data.frame.group_by("sitting").agg(
        pl.col("exam_id", "agent_id").first(),
        n=pl.len(),
        times=pl.col("taken_us").n_unique(),
        seconds=(pl.col("taken_us").max() - pl.col("taken_us").min()) / 1e6,
        known=pl.col("taken_us").count(),
    )
    # One time for all answers is the time of the exam, not of the answer.
    own = spans.filter((pl.col("times") > 1) & (pl.col("known") == pl.col("n")) & (pl.col("n") >= FEWEST_ITEMS))
    return own.select(
        "sitting",
        "exam_id",
        "agent_id",
        other_agent_id=pl.lit(None, pl.String),
        n=pl.col("n").cast(pl.Int64),
        observed=pl.col("seconds") / (pl.col("n") - 1),
        expected=pl.lit(None, pl.Float64),
    ).sort("sitting")

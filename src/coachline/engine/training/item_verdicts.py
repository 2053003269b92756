"""What each item of the bank is good for, and why."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.special import ndtr

from coachline.engine.stats.intervals import HALF
from coachline.engine.stats.items.calibration import Calibration
from coachline.engine.stats.proportions import wilson
from coachline.engine.training.exam_answers import ExamAnswers

ITEMS = pl.Schema(
    {
        "item": pl.String(),
        "business": pl.String(),
        "line": pl.String(),
        "persons": pl.Int64(),
        "papers": pl.Int64(),
        "share_correct": pl.Float64(),
        "discrimination": pl.Float64(),
        "discrimination_se": pl.Float64(),
        "difficulty": pl.Float64(),
        "se": pl.Float64(),
        "verdict": pl.String(),
        "item_reason": pl.String(),
    }
)
"""``difficulty``: ability at which half get the item right, ``se`` its standard error; null where the item does not tell people apart."""

WEAK = 0.35
"""Discrimination below which an item says next to nothing (Baker 2001, *The Basics of Item Response Theory*, table of labels)."""

EASY, HARD = 0.9, 0.2
"""Shares of right answers surely beyond which an item tells only the very weak, or the very strong, from the others."""

FEW = 20
"""Persons below which no verdict is given on an item."""


def item_table(data: ExamAnswers, fit: Calibration, confidence: float) -> pl.DataFrame:
    """The items with their figures and verdicts (schema `ITEMS`)."""
    counts = (
        data.frame.group_by("item")
        .agg(
            persons=pl.col("agent_id").n_unique(),
            papers=pl.col("exam_id").n_unique(),
            answers=pl.len(),
            share_correct=pl.col("right").cast(pl.Float64).mean(),
        )
        .sort("item")
    )
    slope, slope_se = fit.slope, fit.slope_se
    # A flat item has no difficulty; of one that is all but flat the figure would be anything.
    told = np.abs(slope) > 2 * slope_se
    difficulty, se = (np.where(told, values, np.nan) for values in (fit.difficulty, fit.difficulty_se))
    judged = [
        _verdict(row["persons"], row["answers"], row["share_correct"], a, sd, confidence)
        for row, a, sd in zip(counts.iter_rows(named=True), slope, slope_se, strict=True)
    ]
    figures = counts.with_columns(
        discrimination=slope,
        discrimination_se=slope_se,
        difficulty=difficulty,
        se=se,
        verdict=pl.Series([v for v, _ in judged]),
        item_reason=pl.Series([r for _, r in judged]),
    ).with_columns(pl.col("difficulty", "se").fill_nan(None))
    return figures.join(data.bank, on="item").select(ITEMS.names()).cast(ITEMS).sort("item")


def _verdict(persons: int, answers: int, share: float, slope: float, se: float, confidence: float) -> tuple[str, str]:
    """Verdict and the code of its reason."""
    if persons < FEW:
        return "unknown", "few_persons"
    low, high = wilson(share, answers, HALF)
    if ndtr(-slope / se) >= confidence:
        return "negative", "wrong_way"
    if share == 1.0:
        return "easy", "all_right"
    if share == 0.0:
        return "hard", "none_right"
    if ndtr((WEAK - slope) / se) >= confidence:
        return "useless", "tells_nothing"
    if low > EASY:
        return "easy", "nearly_all_right"
    if high < HARD:
        return "hard", "nearly_none_right"
    if ndtr((slope - WEAK) / se) >= confidence:
        return "good", "tells_apart"
    return "unknown", "not_sure"

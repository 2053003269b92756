"""The features of every agent as one frame, over which rules are evaluated and from which the groups of a profile are listed."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.special import betaincinv

from coachline.engine.capability.profile.dossier import Dossier
from coachline.engine.capability.profile.features import FEATURES

_KINDS = {"number": pl.Float64(), "text": pl.String(), "flag": pl.Boolean()}

TAIL = 0.05
"""Chance on either side of a 90 % interval."""


def interval(successes: pl.Series, n: pl.Series) -> tuple[pl.Series, pl.Series]:
    """90 % interval of shares; null without a case.

    Source: Jeffreys interval, Brown, Cai, DasGupta (2001), "Interval estimation for a binomial proportion", Statistical Science 16.

    Examples
    --------
    >>> low, high = interval(pl.Series([9]), pl.Series([10]))
    >>> round(low[0], 3), round(high[0], 3)
    (0.674, 0.984)
    """
    x, tries = (column.cast(pl.Float64).fill_null(0.0).to_numpy() for column in (successes, n))
    low = np.where(x > 0, betaincinv(x + 0.5, tries - x + 0.5, TAIL), 0.0)
    high = np.where(x < tries, betaincinv(x + 0.5, tries - x + 0.5, 1 - TAIL), 1.0)
    known = tries > 0
    return pl.Series(np.where(known, low, np.nan)).fill_nan(None), pl.Series(np.where(known, high, np.nan)).fill_nan(None)


def measures(dossier: Dossier, stale_days: int) -> pl.DataFrame:
    """One row per agent: agent_id, the features of `FEATURES`, and what stands behind them.

    A count of what the centre records is 0 for an agent without any, and null where the centre records nothing of the kind.

    Parameters
    ----------
    dossier : Dossier
    stale_days : int
        Days without a call after which a business counts as stale.
    """
    frame = dossier.agents
    for part in (_basics(dossier), _work(dossier, stale_days), _appraisal(dossier), _learning(dossier)):
        frame = frame.join(part, on="agent_id", how="left", maintain_order="left")
    recorded = dossier.recorded
    counts = {
        "calls": True, "active_days": True, "outbound": True, "businesses": "business" in recorded, "stale_businesses": "business" in recorded,
        "strengths": dossier.standing.judged, "weaknesses": dossier.standing.judged, "inspections": "inspections" in recorded,
        "fatal": "fatal" in recorded, "rated": "rating" in recorded, "trainings": "trainings" in recorded,
        "training_hours": "trainings" in recorded, "exams": "exams" in recorded, "licences": dossier.people.licences.height > 0,
    }  # fmt: skip
    frame = frame.with_columns(
        *(pl.col(name).fill_null(0) if known else pl.lit(None).alias(name) for name, known in counts.items()),
        left=pl.col("left").fill_null(False),
    )
    frame = frame.with_columns(
        # Somebody was trained, or inspected, but hours, or fatal faults, are not recorded: not known is not none.
        training_hours=pl.when((pl.col("trainings") == 0) | (pl.col("timed") > 0)).then("training_hours"),
        fatal=pl.when((pl.col("inspections") == 0) | (pl.col("fatal_known") > 0)).then("fatal"),
    )
    return frame.with_columns(pl.col(feature.code).cast(_KINDS[feature.kind]) for feature in FEATURES)


def _basics(dossier: Dossier) -> pl.DataFrame:
    day = pl.lit(dossier.window.date)
    end = pl.min_horizontal("left_on", day)
    licences = dossier.people.licences.filter("held").group_by("agent_id").agg(licences=pl.len())
    frame = dossier.people.listed.with_columns(
        # Who is hired after leaving or after the last day has a wrong date.
        tenure_days=pl.when(pl.col("hired_on") <= end).then((end - pl.col("hired_on")).dt.total_days()),
        left=(pl.col("left_on") <= day).fill_null(False),
    )
    return frame.join(licences, on="agent_id", how="left")


def _work(dossier: Dossier, stale_days: int) -> pl.DataFrame:
    age = dossier.window.age("last")
    done = dossier.work.cells.group_by("agent_id").agg(
        pl.col("calls", "night", "rated", "satisfied", "outbound").sum(), last_call=pl.col("last").max(), days_since_call=age.min()
    )
    stale = pl.col("calls").filter(age >= stale_days)
    on_business = (
        dossier.handled.sort("agent_id", "calls", "business", descending=[False, True, False])
        .group_by("agent_id")
        .agg(
            businesses=pl.len(),
            largest_business=pl.col("business").first(),
            largest_calls=pl.col("calls").first(),
            placed_calls=pl.col("calls").sum(),
            stale_businesses=stale.len(),
            stale_share=stale.sum() / pl.col("calls").sum(),
        )
    )
    standing = dossier.standing
    frame = done.join(dossier.work.days, on="agent_id", how="full", coalesce=True)
    for part in (
        on_business,
        standing.strong.group_by("agent_id").agg(strengths=pl.len()),
        standing.weak.group_by("agent_id").agg(weaknesses=pl.len()),
    ):
        frame = frame.join(part, on="agent_id", how="left")
    return frame.with_columns(
        night_share=_share("night", "calls"),
        largest_share=_share("largest_calls", "placed_calls"),
        satisfaction=_share("satisfied", "rated"),
    )


def _appraisal(dossier: Dossier) -> pl.DataFrame:
    found = dossier.records
    inspected = found.inspections.group_by("agent_id").agg(
        pl.col("scored", "score", "judged", "passed", "fatal_known", "fatal").sum(),
        inspections=pl.col("n").sum(),
        last_inspection=pl.col("last").max(),
        last_score=pl.col("last_score").max(),
    )
    mystery = found.mystery.group_by("agent_id").agg(
        pl.col("points", "max_points").sum(), mystery_calls=pl.col("n").sum(), last_mystery=pl.col("last").max()
    )
    frame = inspected.join(mystery, on="agent_id", how="full", coalesce=True)
    return frame.with_columns(
        score=_share("score", "scored"),
        pass_share=_share("passed", "judged"),
        mystery=_share("points", "max_points"),
        days_since_inspection=dossier.window.age("last_inspection"),
    )


def _learning(dossier: Dossier) -> pl.DataFrame:
    found = dossier.records
    trained = found.trainings.group_by("agent_id").agg(
        pl.col("timed").sum(), trainings=pl.col("n").sum(), training_hours=pl.col("hours").sum(), last_training=pl.col("last").max()
    )
    examined = found.exams.group_by("agent_id").agg(pl.col("correct").sum(), exam_items=pl.col("n").sum(), last_exam=pl.col("last").max())
    frame = trained.join(examined, on="agent_id", how="full", coalesce=True)
    frame = frame.join(found.sittings, on="agent_id", how="full", coalesce=True)
    return frame.with_columns(
        exam_share=_share("correct", "exam_items"),
        days_since_training=dossier.window.age("last_training"),
        days_since_exam=dossier.window.age("last_exam"),
    )


def _share(part: str, whole: str) -> pl.Expr:
    return pl.when(pl.col(whole) > 0).then(pl.col(part) / pl.col(whole))

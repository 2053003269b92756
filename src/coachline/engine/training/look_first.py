"""Pairs of which too little is known for a course: what to look at before anybody is sent to one."""

from __future__ import annotations

import polars as pl

from coachline.engine.training.listed import Listed, pairs_of
from coachline.engine.training.settings import NeedsSettings

LOOK_FIRST = pl.Schema(
    {
        "agent_id": pl.String(),
        "business": pl.String(),
        "outcome": pl.String(),
        "proposal": pl.String(),
        "reason": pl.String(),
        "n": pl.Int64(),
        "volume": pl.Float64(),
        "p_below": pl.Float64(),
        "at_stake": pl.Float64(),
        "last_exam": pl.Date(),
    }
)
"""``at_stake``: calls within the horizon that are expected to go wrong for want of skill, if the little that is known holds."""

LEAST_CALLS = 1.0
"""Expected within the horizon; where hardly a call will come, there is nothing to look at."""

LEAST_CHANCE = 0.2
"""Of being below the standard; less is no reason to look."""


def look_first(found: Listed, settings: NeedsSettings) -> pl.DataFrame:
    """The pairs with too few own cases, those first where most is at stake.

    Who has calls of the business can be listened to; who has none, or has calls but no exam in it, shows by an exam what they know.

    Returns
    -------
    polars.DataFrame
        Schema `LOOK_FIRST`, one row per pair, at most ``settings.looks``.
    """
    wanted = found.wanted
    doubtful = (wanted.ahead.per_day * settings.horizon >= LEAST_CALLS) & wanted.present[:, None] & (found.focus > 0.0)
    for judgement in wanted.outcomes:
        doubtful &= judgement.n < settings.least_cases
    parts = [
        pairs_of(judgement, wanted, found.focus, settings, doubtful & (judgement.p_below >= LEAST_CHANCE)) for judgement in wanted.outcomes
    ]
    if not parts:
        return pl.DataFrame(schema=LOOK_FIRST)
    pair = ["agent_id", "business"]
    rows = pl.concat(parts)
    worth = pl.col("outcome").replace_strict(dict(settings.worth_of), default=0.0, return_dtype=pl.Float64)
    rows = rows.with_columns(at_stake=pl.col("gap") * pl.col("volume")).with_columns(rank=pl.col("at_stake") * worth * pl.col("focus"))
    rows = rows.filter(pl.col("rank") > 0.0).sort("rank", "agent_id", "business", "outcome", descending=[True, False, False, False])
    rows = rows.unique(pair, keep="first", maintain_order=True).head(settings.looks)
    exams = found.history.examined.select(*pair, "exam", last_exam=pl.col("last_exam").cast(pl.Int32).cast(pl.Date))
    calls = found.wanted.recent.cells.select(*pair, "calls")
    rows = rows.join(exams, on=pair, how="left", maintain_order="left").join(calls, on=pair, how="left", maintain_order="left")
    no_calls = pl.col("calls").fill_null(0) < settings.least_cases
    unexamined = ~pl.col("exam").is_in(["passed", "failed"]).fill_null(False)
    reason = (
        pl.when(no_calls).then(pl.lit("few_calls")).when(pl.col("n") == 0).then(pl.lit("never_measured")).otherwise(pl.lit("few_cases"))
    )
    proposal = pl.when(no_calls & unexamined).then(pl.lit("exam")).otherwise(pl.lit("inspection"))
    return rows.with_columns(reason=reason, proposal=proposal).select(LOOK_FIRST.names()).cast(LOOK_FIRST)

"""Who may be given a place in a group: the rules that leave somebody out before groups are formed, each with its code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import polars as pl

from coachline.engine.training.history import covering
from coachline.engine.training.listed import TOGETHER, Listed, best, closes
from coachline.engine.training.settings import GroupSettings

Rule = Callable[[Listed, GroupSettings], pl.Expr]


def passed_exam(found: Listed, grouping: GroupSettings) -> pl.Expr:
    """Who has lately passed an exam in the business knows it; a class would repeat what is known."""
    del found, grouping
    return pl.col("exam") == "passed"


def cooling_down(found: Listed, grouping: GroupSettings) -> pl.Expr:
    """Who was trained in the business a short while ago gets time to show what it did."""
    return (pl.col("last_trained") > found.wanted.window.date - timedelta(grouping.cooldown_days)).fill_null(False)


def on_a_list(found: Listed, grouping: GroupSettings) -> pl.Expr:
    """Who stands on a list that was drawn up a short while ago is trained by that list."""
    return (pl.col("arm") == "trained").fill_null(False) & _enrolled_lately(found, grouping)


def kept_waiting(found: Listed, grouping: GroupSettings) -> pl.Expr:
    """Who was drawn to wait shows what the training does to others; trained now, that can never be told."""
    return (pl.col("arm") == "waiting").fill_null(False) & _enrolled_lately(found, grouping)


def _enrolled_lately(found: Listed, grouping: GroupSettings) -> pl.Expr:
    return (pl.col("enrolled") > found.wanted.window.day - grouping.cooldown_days).fill_null(False)


def hours_used_up(found: Listed, grouping: GroupSettings) -> pl.Expr:
    """Who has had as many hours as are fair, or would exceed them by this training alone."""
    had = pl.col("agent_id").replace_strict(found.history.hours_had, default=0.0, return_dtype=pl.Float64)
    return had + pl.col("hours") > grouping.hours_cap + 1e-9


RULES: dict[str, Rule] = {
    "passed_exam": passed_exam,
    "cooling_down": cooling_down,
    "on_a_list": on_a_list,
    "kept_waiting": kept_waiting,
    "hours_used_up": hours_used_up,
}
"""In the order in which they are asked: the first that applies is the reason."""


def candidates(found: Listed, grouping: GroupSettings) -> pl.DataFrame:
    """One row per pair, by the outcome in which training gains most: a call that is both resolved and satisfactory is gained once.

    Returns
    -------
    polars.DataFrame
        The columns of the needs, ``gain``, ``priority`` and ``hours`` being those of a training together; ``method``; ``team``; ``family``; ``enrolled`` and ``arm``; ``left_out``: code
        of the rule that applies, null where none does. The greatest priority first.
    """
    rows = found.rows.sort("priority", "agent_id", "business", "outcome", descending=[True, False, False, False])
    rows = rows.unique(["agent_id", "business"], keep="first", maintain_order=True)
    method = best(found.effects, TOGETHER)
    usual = found.history.hours[method]
    asked = {business: minutes / 60.0 for business, minutes in found.minutes.items()}
    enrolled = covering(found.history.enrolled, found.wanted.roll.businesses, "enrolled")
    rows = rows.join(enrolled, on=["agent_id", "business"], how="left", maintain_order="left")
    closed = closes(found.effects[method]) / pl.col("closed")
    families = dict(zip(found.wanted.roll.businesses, found.wanted.roll.family.tolist(), strict=True))
    teams = dict(found.wanted.staff.listed.select("agent_id", "team").iter_rows())
    rows = rows.with_columns(
        pl.col("gain") * closed,
        pl.col("priority") * closed,
        method=pl.lit(method),
        closed=pl.lit(closes(found.effects[method])),
        hours=pl.col("business").replace_strict(asked, default=usual, return_dtype=pl.Float64),
        family=pl.col("business").replace_strict(families, return_dtype=pl.Int64),
        team=pl.col("agent_id").replace_strict(teams, default=None, return_dtype=pl.String),
    )
    left_out = pl.coalesce(pl.when(rule(found, grouping)).then(pl.lit(code)) for code, rule in RULES.items())
    return (
        rows.filter(pl.col("gain") > 0.0)
        .with_columns(left_out=left_out)
        .sort("priority", "agent_id", "business", descending=[True, False, False])
    )

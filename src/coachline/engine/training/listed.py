"""The list of needs: who should be trained in what, how, why, and what it gains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from coachline.engine.facts import Facts
from coachline.engine.result import Note
from coachline.engine.stats.hierarchical.design import Floats
from coachline.engine.training.history import History, covering, history
from coachline.engine.training.method_effects import MethodEffect, method_effects
from coachline.engine.training.settings import NeedsSettings
from coachline.engine.training.wanted import Judgement, Wanted, wanted
from coachline.engine.training.wishes import Wishes, wishes

TOGETHER = ("class", "recording")
DRILL = "drill"
"""Of standard phrases: it changes how something is said, and is thought of only where satisfaction is what lacks."""
MANNER = ("satisfied",)
ONE_TO_ONE = ("coaching", "mentor")

FEW = 4
"""Fewer people of one family of businesses than this are better trained one by one."""

NEEDS = pl.Schema(
    {
        "agent_id": pl.String(),
        "business": pl.String(),
        "outcome": pl.String(),
        "gap": pl.Float64(),
        "p_below": pl.Float64(),
        "volume": pl.Float64(),
        "gain": pl.Float64(),
        "method": pl.String(),
        "reason": pl.String(),
        "closed": pl.Float64(),
        "hours": pl.Float64(),
        "gain_per_hour": pl.Float64(),
        "n": pl.Int64(),
        "estimate": pl.Float64(),
        "standard": pl.Float64(),
        "certainty": pl.Float64(),
        "last_trained": pl.Date(),
        "older": pl.Float64(),
        "exam": pl.String(),
        "last_exam": pl.Date(),
        "exam_share": pl.Float64(),
        "wished": pl.Boolean(),
        "focus": pl.Float64(),
        "priority": pl.Float64(),
    }
)
"""``gap`` is the expected distance to the standard where below it, ``volume`` the calls to expect within the horizon, ``gain`` gap x volume x closed,
``older`` the share of the evidence that is older than the last training; ``priority`` is gain x worth of the outcome x focus x wish, by which rows are
ranked."""


@dataclass(frozen=True)
class Listed:
    """The needs of a centre with what they rest on.

    Attributes
    ----------
    rows : polars.DataFrame
        Schema `NEEDS`, the greatest priority first.
    wanted, history, wishes, effects
    focus : (businesses,) float array
    minutes : dict of str to float
        Minutes that it takes to train a business, where set.
    notes : tuple of Note
    """

    rows: pl.DataFrame
    wanted: Wanted
    history: History
    wishes: Wishes
    effects: Mapping[str, MethodEffect]
    focus: Floats
    minutes: Mapping[str, float]
    notes: tuple[Note, ...]


def listed(facts: Facts, settings: NeedsSettings) -> Listed:
    """Find the needs.

    Raises
    ------
    CoachlineError
        As `wanted`.
    """
    found = wanted(facts, settings)
    agents, businesses = found.roll.agents, found.roll.businesses
    past = history(facts, found.window, horizon=settings.horizon, fresh_days=settings.fresh_days, pass_share=settings.pass_share)
    wished = wishes(facts, agents, businesses)
    focus, notes = focus_of(settings.focus or {}, businesses)
    effects = method_effects(facts)
    minutes = minutes_to_train(facts)
    parts = [_rows(judgement, found, focus, settings) for judgement in found.outcomes]
    rows = pl.concat([pl.DataFrame(schema=_DRAFT), *parts])
    rows = _with_history(rows, past, businesses)
    rows = _with_method(rows, found, past, effects, minutes)
    by_worth = pl.col("outcome").replace_strict(dict(settings.worth_of), default=0.0, return_dtype=pl.Float64)
    pairs = pl.DataFrame(sorted(wished.pairs), schema={"agent_id": pl.String(), "business": pl.String()}, orient="row")
    rows = rows.join(pairs.with_columns(wished=pl.lit(True)), on=["agent_id", "business"], how="left").with_columns(
        wished=pl.col("wished").fill_null(False), gain=pl.col("gap") * pl.col("volume") * pl.col("closed")
    )
    wish = pl.when(pl.col("wished")).then(settings.wish_weight).otherwise(1.0)
    rows = rows.with_columns(gain_per_hour=pl.col("gain") / pl.col("hours"), priority=pl.col("gain") * by_worth * pl.col("focus") * wish)
    rows = rows.filter(pl.col("priority") > 0.0).sort("priority", "agent_id", "business", "outcome", descending=[True, False, False, False])
    notes = (*found.notes, *notes, *_notes(found, past, effects))
    return Listed(rows.select(NEEDS.names()).cast(NEEDS), found, past, wished, effects, focus, minutes, notes)


_DRAFT = pl.Schema(
    {
        name: NEEDS[name]
        for name in ("agent_id", "business", "outcome", "gap", "p_below", "volume", "n", "estimate", "standard", "certainty", "older")
    }
    | {"focus": pl.Float64(), "family": pl.Int64()}
)


def _rows(judgement: Judgement, found: Wanted, focus: Floats, settings: NeedsSettings) -> pl.DataFrame:
    """The listed pairs of one outcome."""
    return pairs_of(judgement, found, focus, settings, judgement.listed & found.present[:, None])


def pairs_of(judgement: Judgement, found: Wanted, focus: Floats, settings: NeedsSettings, chosen: np.ndarray) -> pl.DataFrame:
    """Chosen pairs of one outcome as rows, schema `_DRAFT`."""
    agent, business = np.nonzero(chosen)
    names, paths = np.array(found.roll.agents, object), np.array(found.roll.businesses, object)
    columns = {
        "agent_id": pl.Series(names[agent], dtype=pl.String),
        "business": pl.Series(paths[business], dtype=pl.String),
        "outcome": pl.Series([judgement.code] * len(agent), dtype=pl.String),
        "gap": judgement.gap[agent, business],
        "p_below": judgement.p_below[agent, business],
        "volume": found.ahead.per_day[agent, business] * settings.horizon,
        "n": judgement.n[agent, business],
        "estimate": judgement.estimate[agent, business],
        "standard": judgement.standard[business],
        "certainty": judgement.certainty[agent, business],
        "older": found.since.older[agent, business],
        "focus": focus[business],
        "family": found.roll.family[business],
    }
    return pl.DataFrame(columns).cast(_DRAFT).select(_DRAFT.names())


def _with_history(rows: pl.DataFrame, past: History, businesses: Sequence[str]) -> pl.DataFrame:
    """`rows` with the last training and exam of each pair."""
    pair = ["agent_id", "business"]
    trained, examined = covering(past.trained, businesses, "last_trained"), covering(past.examined, businesses, "last_exam")
    return (
        rows.join(trained.drop("last_method"), on=pair, how="left", maintain_order="left")
        .join(examined, on=pair, how="left", maintain_order="left")
        .with_columns(
            pl.col("exam").fill_null("never"),
            *(pl.col(column).cast(pl.Int32).cast(pl.Date) for column in ("last_trained", "last_exam")),
        )
    )


def _with_method(
    rows: pl.DataFrame, found: Wanted, past: History, effects: Mapping[str, MethodEffect], minutes: Mapping[str, float]
) -> pl.DataFrame:
    """`rows` with the method, why, what it closes, and how long it takes."""
    many = pl.col("agent_id").n_unique().over("family") >= FEW
    reason = (
        pl.when(pl.col("exam") == "passed")
        .then(pl.lit("knows_it"))
        .when(~many)
        .then(pl.lit("few_need_it"))
        .when(pl.col("exam") == "failed")
        .then(pl.lit("failed_exam"))
        .otherwise(pl.lit("several_need_it"))
    )
    together, manner, alone = (best(effects, methods) for methods in (TOGETHER, (*TOGETHER, DRILL), ONE_TO_ONE))
    method = (
        pl.when(pl.col("reason").is_in(["knows_it", "few_need_it"]))
        .then(pl.lit(alone))
        .when(pl.col("outcome").is_in(MANNER))
        .then(pl.lit(manner))
        .otherwise(pl.lit(together))
    )
    closed = pl.col("method").replace_strict({m: closes(effects[m]) for m in (together, manner, alone)}, return_dtype=pl.Float64)
    usual = pl.col("method").replace_strict({m: past.hours[m] for m in (together, manner, alone)}, return_dtype=pl.Float64)
    asked = pl.col("business").replace_strict({b: m / 60.0 for b, m in minutes.items()}, default=None, return_dtype=pl.Float64)
    return rows.with_columns(reason=reason).with_columns(method=method).with_columns(closed=closed, hours=pl.coalesce(asked, usual))


def closes(effect: MethodEffect) -> float:
    """The share of a gap to count on: a method that is found to do harm closes nothing, and more than the gap is not promised."""
    return min(max(effect.closed, 0.0), 1.0)


def best(effects: Mapping[str, MethodEffect], methods: Sequence[str]) -> str:
    """The method of `methods` that most probably closes most: by its mean less one standard deviation, so that what was never tried does not pass what is
    known to work; the first of equals.
    """
    return max(methods, key=lambda method: effects[method].closed - effects[method].sd)


def focus_of(given: Mapping[str, float], businesses: Sequence[str]) -> tuple[Floats, tuple[Note, ...]]:
    """Weight of every business: that of the nearest business above it which is named, else 1; and a note on names that are no business."""
    weights = np.ones(len(businesses))
    used = set()
    for place, business in enumerate(businesses):
        parts = business.split("/")
        above = next((path for depth in range(len(parts), 0, -1) if (path := "/".join(parts[:depth])) in given), None)
        if above is not None:
            weights[place] = given[above]
            used.add(above)
    lost = [name for name in given if name not in used]
    return weights, (Note("focus_not_found", {"businesses": len(lost), "business": lost[0]}),) if lost else ()


def minutes_to_train(facts: Facts) -> dict[str, float]:
    """Minutes by business, where the table of businesses sets them."""
    if not facts.has("businesses"):
        return {}
    table = facts.table("businesses")
    set_ = table.filter(table.minutes_to_train > 0).group_by("business").aggregate(minutes=lambda t: t.minutes_to_train.max())
    return {row["business"]: float(row["minutes"]) for row in facts.collect(set_).to_pylist()}


def _notes(found: Wanted, past: History, effects: Mapping[str, MethodEffect]) -> tuple[Note, ...]:
    notes = []
    if not found.outcomes:
        notes.append(Note("no_outcome_to_train_for"))
    known = [effect for effect in effects.values() if effect.trainings]
    if not known:
        notes.append(Note("methods_by_prior", {"closed": max(effect.closed for effect in effects.values())}))
    elif not any(closes(effect) for effect in effects.values()):
        notes.append(Note("no_method_helps"))
    if past.undated:
        notes.append(Note("trainings_undated", {"trainings": past.undated}))
    return tuple(notes)

"""What everybody was trained and examined in, pair by pair, and how long trainings take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from coachline.engine.capability.profile.window import Window, collected, day_of
from coachline.engine.facts import Facts
from coachline.engine.training.method_effects import METHODS

HOURS: Mapping[str, float] = {"class": 2.0, "coaching": 1.0, "mentor": 1.5, "drill": 0.5, "recording": 1.5}
"""Of one training by each method, where the centre has none from which to tell."""

FEWEST_ITEMS = 3
"""With fewer answers an exam says neither passed nor failed."""

TRAINED = pl.Schema({"agent_id": pl.String(), "business": pl.String(), "last_trained": pl.Int64(), "last_method": pl.String()})
EXAMINED = pl.Schema(
    {"agent_id": pl.String(), "business": pl.String(), "last_exam": pl.Int64(), "exam_share": pl.Float64(), "exam": pl.String()}
)
ENROLLED = pl.Schema({"agent_id": pl.String(), "business": pl.String(), "enrolled": pl.Int64(), "arm": pl.String()})


@dataclass(frozen=True)
class History:
    """Trainings and exams up to the last day.

    Attributes
    ----------
    trained : polars.DataFrame
        Schema `TRAINED`, by agent and business as recorded; days since 1970.
    examined : polars.DataFrame
        Schema `EXAMINED`: the exams of the last `fresh_days` days, ``exam`` being ``passed``, ``failed`` or ``few_items``; before that, ``old``.
    hours_had : dict of str to float
        Hours of training of each agent within the last days that are asked for.
    hours : dict of str to float
        Usual hours by method.
    enrolled : polars.DataFrame
        Schema `ENROLLED`: the last list on which somebody stands, and whether to be trained or to wait.
    apprentices : dict of str to int
        How many people each mentor has had within the last days that are asked for.
    undated : int
        Trainings without a date, which count for nothing here.
    """

    trained: pl.DataFrame
    examined: pl.DataFrame
    hours_had: dict[str, float]
    hours: dict[str, float]
    enrolled: pl.DataFrame
    apprentices: dict[str, int]
    undated: int


def history(facts: Facts, window: Window, *, horizon: int, fresh_days: int, pass_share: float) -> History:
    """Read trainings and exams up to the last day of the window; what lies before the window counts, too.

    Parameters
    ----------
    facts : Facts
    window : Window
    horizon : int
        Days back over which hours had and apprentices add up.
    fresh_days : int
        Days for which an exam says something.
    pass_share : float
        Share of correct answers that passes.
    """
    trainings = dated_or_not(facts, window)
    timed = trainings.filter(pl.col("hours").is_finite() & (pl.col("hours") > 0))
    usual = dict(timed.group_by("method").agg(pl.col("hours").median()).iter_rows())
    lately = timed.filter(pl.col("day") > window.day - horizon)
    return History(
        trained=last_trainings(trainings),
        examined=_examined(facts, window, fresh_days, pass_share),
        hours_had=dict(lately.group_by("agent_id").agg(pl.col("hours").sum()).iter_rows()),
        hours={method: float(usual.get(method, HOURS[method])) for method in METHODS},
        enrolled=_enrolled(facts, window),
        apprentices=dict(
            trainings.filter(pl.col("method") == "mentor", pl.col("day") > window.day - horizon, pl.col("trainer_id").is_not_null())
            .group_by("trainer_id")
            .agg(pl.col("agent_id").n_unique())
            .iter_rows()
        ),
        undated=trainings["day"].null_count(),
    )


def last_trainings(trainings: pl.DataFrame) -> pl.DataFrame:
    """The last dated training of every pair, schema `TRAINED`."""
    dated = trainings.filter(pl.col("day").is_not_null(), pl.col("business").is_not_null())
    last = dated.sort("day", "method", descending=True, nulls_last=True).unique(["agent_id", "business"], keep="first", maintain_order=True)
    return last.select("agent_id", "business", last_trained="day", last_method="method").cast(TRAINED)


def dated_or_not(facts: Facts, window: Window) -> pl.DataFrame:
    """Every training of every person up to the last day: agent_id, business, method, trainer_id, hours, ``day`` (null where not known)."""
    schema = pl.Schema(
        {**dict.fromkeys(("agent_id", "business", "method", "trainer_id"), pl.String()), "hours": pl.Float64(), "day": pl.Int64()}
    )
    if not facts.has("trainings"):
        return pl.DataFrame(schema=schema)
    rows = facts.table("trainings").mutate(day=day_of(facts, "trainings", "started_at"))
    rows = rows.filter(rows.agent_id.notnull(), (rows.day <= window.day) | rows.day.isnull())
    return collected(facts, rows.select("training_id", *schema.names()).distinct()).select(schema.names()).cast(schema)


def _enrolled(facts: Facts, window: Window) -> pl.DataFrame:
    if not facts.has("enrolments"):
        return pl.DataFrame(schema=ENROLLED)
    rows = facts.table("enrolments").mutate(enrolled=day_of(facts, "enrolments", "decided_at"))
    rows = rows.filter(rows.agent_id.notnull(), rows.business.notnull(), rows.enrolled <= window.day)
    found = collected(facts, rows.select(*ENROLLED.names()).distinct()).cast(ENROLLED)
    return found.sort("enrolled", "arm", descending=True).unique(["agent_id", "business"], keep="first", maintain_order=True)


def _examined(facts: Facts, window: Window, fresh_days: int, pass_share: float) -> pl.DataFrame:
    """The last sitting with enough items counts, since exams are repeated until they are passed; without one, all fresh sittings together."""
    if not facts.has("exams"):
        return pl.DataFrame(schema=EXAMINED)
    rows = facts.table("exams").mutate(day=day_of(facts, "exams", "taken_at"))
    rows = rows.filter(rows.agent_id.notnull(), rows.business.notnull(), rows.correct.notnull(), rows.day <= window.day)
    found = rows.group_by(["agent_id", "business", "exam_id"]).aggregate(
        day=rows.day.max(), items=rows.count(), correct=rows.count(where=rows.correct)
    )
    pair = ["agent_id", "business"]
    sittings = collected(facts, found).sort("day", "exam_id", descending=True)
    fresh = sittings.filter(pl.col("day") > window.day - fresh_days)
    last = fresh.filter(pl.col("items") >= FEWEST_ITEMS).unique(pair, keep="first", maintain_order=True)
    together = fresh.join(last, on=pair, how="anti").group_by(pair).agg(pl.col("items", "correct").sum())
    counted = pl.concat([last.select(*pair, "items", "correct"), together.select(*pair, "items", "correct")])
    share = pl.col("correct") / pl.col("items")
    said = (
        pl.when(pl.col("items").is_null())
        .then(pl.lit("old"))
        .when(pl.col("items") < FEWEST_ITEMS)
        .then(pl.lit("few_items"))
        .when(share >= pass_share)
        .then(pl.lit("passed"))
        .otherwise(pl.lit("failed"))
    )
    every = sittings.group_by(pair).agg(last_exam=pl.col("day").max()).join(counted, on=pair, how="left").sort(pair)
    return every.with_columns(exam_share=share, exam=said).select(EXAMINED.names()).cast(EXAMINED)


def covering(recorded: pl.DataFrame, businesses: Sequence[str], newest: str) -> pl.DataFrame:
    """`recorded` spread over what lies under its businesses: who was trained in ``国际业务`` was trained in all that belongs to it.

    Of several rows for one pair that with the greatest `newest` counts.
    """
    under = [
        (above, business)
        for business in businesses
        for depth in range(1, business.count("/") + 2)
        for above in ["/".join(business.split("/")[:depth])]
    ]
    tree = pl.DataFrame(under, schema={"above": pl.String(), "under": pl.String()}, orient="row")
    spread = recorded.join(tree, left_on="business", right_on="above").drop("business").rename({"under": "business"})
    return spread.sort(newest, "agent_id", "business", descending=[True, False, False]).unique(
        ["agent_id", "business"], keep="first", maintain_order=True
    )


def placed(frame: pl.DataFrame, column: str, agents: Sequence[str], businesses: Sequence[str]) -> np.ndarray:
    """A column of a frame of pairs as an array (agents, businesses), NaN where there is none."""
    rows = {name: n for n, name in enumerate(agents)}
    columns = {name: n for n, name in enumerate(businesses)}
    found = np.full((len(agents), len(businesses)), np.nan)
    for agent, business, value in frame.select("agent_id", "business", column).iter_rows():
        if agent in rows and business in columns:
            found[rows[agent], columns[business]] = value
    return found

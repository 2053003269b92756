"""Scores of agents: as sampled, made fair by taking the inspectors' severity out, and defect rates that risk calls cannot spoil."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.quality.assisted import AssistedRates, assisted_rates
from coachline.engine.quality.inspected import SCORING
from coachline.engine.quality.scored import NOBODY, Scored, scored
from coachline.engine.quality.severity import spread
from coachline.engine.result import Findings, Note
from coachline.engine.stats.crossed_reml import Floats, MixedFit, fit_reml
from coachline.engine.stats.intervals import HALF
from coachline.engine.stats.ranks import rank_ranges

SCORES = pl.Schema(
    {
        "agent_id": pl.String(),
        "n": pl.Int64(),
        "estimate": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "fair_estimate": pl.Float64(),
        "fair_low": pl.Float64(),
        "fair_high": pl.Float64(),
        "rank_low": pl.Int64(),
        "rank_high": pl.Int64(),
        "inspectors": pl.Int64(),
        "defects": pl.Int64(),
        "defect_rate": pl.Float64(),
        "defect_low": pl.Float64(),
        "defect_high": pl.Float64(),
    }
)
"""``n``, ``estimate``: the random part only, weighed by selection probabilities. ``defects``: inspections not passed, of both parts."""

GROUPS = pl.Schema(
    {"kind": pl.String(), "member": pl.String(), "n": pl.Int64(), "estimate": pl.Float64(), "low": pl.Float64(), "high": pl.Float64()}
)

PARTS = pl.Schema(
    {"purpose": pl.String(), "stratum": pl.String(), "n": pl.Int64(), "share": pl.Float64(), "known_probability": pl.Float64()}
)
"""``share``: of all scored inspections; ``known_probability``: of these, those whose selection probability is recorded."""

POOLED = 10.0
"""Inspections that the scatter common to all agents counts like: few scores of one agent tell their scatter badly."""


def scores(facts: Facts, *, since: date | None = None, until: date | None = None) -> Findings:
    """Estimate every agent's inspection score and defect rate.

    Parameters
    ----------
    facts : Facts
    since, until : date, optional

    Returns
    -------
    Findings
        ``scores`` (schema `SCORES`): estimate is design-based (Hajek: weights are one over the selection probability; without probabilities a
        plain mean), fair_estimate what the average inspector would give, from the mixed model, shrunk as far as evidence is thin; ranks
        of the fair estimates as 90 % ranges; defect_rate is model-assisted. ``groups`` (schema `GROUPS`): the same design-based
        estimate for teams, businesses and the centre. ``spread``: variance components. ``parts`` (schema `PARTS`): what the inspections
        were made for and of which strata.

    Raises
    ------
    CoachlineError
        ``period_backwards``, ``no_scores``.
    """
    data = scored(facts, Period.of(since, until))
    fit = fit_reml(data.rows("inspector_id", "team"))
    random = data.frame.filter(pl.col("part") == "")
    notes = []
    if random.is_empty():
        notes.append(Note("no_random_part"))
    if random["probability"].null_count() == random.height:
        notes.append(Note("no_probabilities"))
    if data.coded("inspector_id")[0] == [NOBODY]:
        notes.append(Note("inspectors_unknown"))
    if data.left_out:
        notes.append(Note("inspections_without_score", {"inspections": data.left_out}))
    centre = _hajek(random, [])
    return Findings(
        tables={
            "scores": _table(data, random, fit).to_arrow(),
            "groups": _groups(random, centre).to_arrow(),
            "spread": spread(fit).to_arrow(),
            "parts": _parts(data.frame).to_arrow(),
        },
        values={
            "inspections": data.frame.height,
            "random_part": random.height,
            "agents": data.frame["agent_id"].n_unique(),
            "centre_score": _first(centre, "estimate"),
            "centre_low": _first(centre, "low"),
            "centre_high": _first(centre, "high"),
        },
        notes=tuple(notes),
    )


def _first(frame: pl.DataFrame, column: str) -> float | None:
    return float(frame[column][0]) if frame.height and frame[column][0] is not None else None


def _hajek(random: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Weighted means with 90 % intervals by the columns `by`, or of all: columns of `by`, n, estimate, low, high."""
    keys = by or ["all"]
    rows = random.with_columns(all=0, w=pl.when(pl.col("probability") > 0).then(1.0 / pl.col("probability")).otherwise(1.0))
    rows = rows.with_columns(estimate=(pl.col("w") * pl.col("score")).sum().over(keys) / pl.col("w").sum().over(keys))
    missed = pl.col("score") - pl.col("estimate")
    free = max(rows.height - rows.select(keys).n_unique(), 1)
    common = float(rows.select(missed.pow(2).sum()).item()) / free if rows.height else 0.0
    n, total = pl.len().cast(pl.Float64), pl.col("w").sum()
    # The agent's own squares, brought up for the estimated mean, and the common scatter in their known proportion.
    own = (pl.col("w") * missed).pow(2).sum() * n / (n - 1.0).clip(1.0) / total.pow(2)
    pooled = common * pl.col("w").pow(2).sum() / total.pow(2)
    side = HALF * ((own * (n - 1.0) + pooled * POOLED) / (n - 1.0 + POOLED)).sqrt()
    found = rows.group_by(keys).agg(pl.col("estimate").first(), n=pl.len(), side=side)
    low, high = (pl.col("estimate") + sign * pl.col("side") for sign in (-1.0, 1.0))
    return found.select(*by, "n", "estimate", low=low.clip(0.0, 100.0), high=high.clip(0.0, 100.0))


@dataclass(frozen=True)
class _Fair:
    mean: Floats
    sd: Floats


def _fair(data: Scored, fit: MixedFit) -> _Fair:
    teams, _ = data.coded("team")
    places = np.array([teams.index(team) for team in data.teams_of_agents], dtype=np.int64)
    found = fit.group_levels("inspector_id", team=places)
    return _Fair(found.mean, np.sqrt(found.variance))


def _table(data: Scored, random: pl.DataFrame, fit: MixedFit) -> pl.DataFrame:
    agents, _ = data.coded("agent_id")
    fair, rates = _fair(data, fit), _defect_rates(data, agents)
    low, high = rank_ranges(fair.mean, fair.sd)
    counts = data.frame.group_by("agent_id").agg(inspectors=pl.col("inspector_id").n_unique(), defects=(~pl.col("passed")).sum())
    frame = pl.DataFrame(
        {
            "agent_id": agents,
            "fair_estimate": np.clip(fair.mean, 0.0, 100.0),
            "fair_low": np.clip(fair.mean - HALF * fair.sd, 0.0, 100.0),
            "fair_high": np.clip(fair.mean + HALF * fair.sd, 0.0, 100.0),
            "rank_low": low,
            "rank_high": high,
            "defect_rate": rates.estimate,
            "defect_low": rates.low,
            "defect_high": rates.high,
        }
    )
    joined = frame.join(counts, on="agent_id").join(_hajek(random, ["agent_id"]), on="agent_id", how="left")
    filled = joined.with_columns(pl.col("n").fill_null(0), pl.col("defect_rate", "defect_low", "defect_high").fill_nan(None))
    return filled.select(SCORES.names()).cast(SCORES).sort("agent_id")


def _defect_rates(data: Scored, agents: list[str]) -> AssistedRates:
    """Model-assisted rates; how many calls of each stratum an agent has is estimated from the probabilities of the random part."""
    known = data.frame.filter(pl.col("passed").is_not_null(), pl.col("part") != "again").with_columns(
        pl.col("stratum").fill_null(NOBODY), w=pl.when(pl.col("probability") > 0).then(1.0 / pl.col("probability")).otherwise(1.0)
    )
    missing = np.full(len(agents), np.nan)
    if known.is_empty():
        return AssistedRates(missing, missing, missing)
    strata = known["stratum"].unique().sort().to_list()
    cells = known.group_by("agent_id", "stratum").agg(
        tries=pl.len(), defects=(~pl.col("passed")).sum(), w=pl.col("w").filter(pl.col("part") == "").sum()
    )
    place = {name: k for k, name in enumerate(agents)}
    agent = np.array([place[a] for a in cells["agent_id"]], dtype=np.int64)
    stratum = np.array([strata.index(s) for s in cells["stratum"]], dtype=np.int64)
    population = np.zeros((len(agents), len(strata)))
    population[agent, stratum] = cells["w"].to_numpy()
    # An agent without a random part has the centre's mix of strata: it is not known any better.
    unknown = population.sum(axis=1) == 0.0
    population[unknown] = population.sum(axis=0) if population.any() else 1.0
    teams, _ = data.coded("team")
    team = np.array([teams.index(name) for name in data.teams_of_agents], dtype=np.int64)
    return assisted_rates(agent, stratum, cells["tries"].to_numpy(), cells["defects"].to_numpy(), population, team)


def _groups(random: pl.DataFrame, centre: pl.DataFrame) -> pl.DataFrame:
    parts = [centre.with_columns(kind=pl.lit("centre"), member=pl.lit(None, pl.String))] if random.height else []
    for kind in ("team", "business"):
        rows = random.filter(pl.col(kind).is_not_null(), pl.col(kind) != NOBODY)
        if rows.height:
            parts.append(_hajek(rows, [kind]).rename({kind: "member"}).with_columns(kind=pl.lit(kind)).sort("member"))
    return pl.concat([pl.DataFrame(schema=GROUPS), *(part.select(GROUPS.names()).cast(GROUPS) for part in parts)])


def _parts(inspections: pl.DataFrame) -> pl.DataFrame:
    """Inspections by purpose and stratum, the random part first; without a purpose they belong to it."""
    found = inspections.group_by(pl.col("purpose").fill_null(SCORING), "stratum").agg(
        n=pl.len(), share=pl.len() / inspections.height, known_probability=pl.col("probability").is_not_null().mean()
    )
    ordered = found.sort(pl.col("purpose") != SCORING, "purpose", "n", "stratum", descending=[False, False, True, False])
    return ordered.select(PARTS.names()).cast(PARTS)

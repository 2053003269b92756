"""Mentor and apprentice: who is strong where somebody else is weak, works at the same hours, and has not too many already.

The pairs are those of the greatest sum of gain x shared working time, found exactly (a linear assignment in which every mentor has as many seats as
apprentices may be given to one).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from coachline.engine.facts import Facts
from coachline.engine.result import Note
from coachline.engine.training.listed import Listed, closes
from coachline.engine.training.overlap import overlap
from coachline.engine.training.settings import GroupSettings

MENTORS = pl.Schema(
    {
        "agent_id": pl.String(),
        "mentor_id": pl.String(),
        "business": pl.String(),
        "outcome": pl.String(),
        "businesses": pl.Int64(),
        "gain": pl.Float64(),
        "reason": pl.String(),
        "p_below": pl.Float64(),
        "estimate": pl.Float64(),
        "mentor_estimate": pl.Float64(),
        "overlap": pl.Float64(),
    }
)
"""``business`` is the one in which the apprentice gains most, ``businesses`` how many of the apprentice's needs the mentor can help with, ``gain`` that of
all of them; ``overlap`` the share of the apprentice's working time during which the mentor works, too, null where no shifts are recorded."""

MOST_APPRENTICES = 1_000
"""Those with the greatest gain; beyond, no centre has mentors."""


def mentors(facts: Facts, found: Listed, pairs: pl.DataFrame, grouping: GroupSettings) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """Find a mentor for everybody with a need of `pairs`.

    Parameters
    ----------
    facts : Facts
    found : Listed
    pairs : polars.DataFrame
        Needs (agent_id, business, outcome, priority, gap, volume ...) that no group serves.
    grouping : GroupSettings

    Returns
    -------
    (polars.DataFrame, tuple of Note)
        Schema `MENTORS`, the greatest gain first.
    """
    from scipy.optimize import linear_sum_assignment  # imported here because it takes a third of a second

    strong = _strong(found)
    gain = pl.col("gap") * pl.col("volume") * closes(found.effects["mentor"])
    pairs = pairs.with_columns(gain=gain)
    helped = pairs.join(strong.select("business", "outcome").unique(), on=["business", "outcome"], how="semi")
    order = helped.group_by("agent_id").agg(pl.col("priority").sum()).sort("priority", "agent_id", descending=[True, False])
    apprentices = sorted(order["agent_id"].head(MOST_APPRENTICES))
    able = strong.join(helped.select("business", "outcome").unique(), on=["business", "outcome"], how="semi")
    teachers = sorted(able["mentor_id"].unique())
    if not apprentices or not teachers:
        return pl.DataFrame(schema=MENTORS), (Note("no_mentor_found"),) if pairs.height else ()
    shared = overlap(facts, found.wanted.window, apprentices, teachers)
    worth = np.zeros((len(apprentices), len(teachers)))
    row, column = ({name: n for n, name in enumerate(names)} for names in (apprentices, teachers))
    both = (
        helped.filter(pl.col("agent_id").is_in(apprentices))
        .join(able, on=["business", "outcome"])
        .filter(pl.col("agent_id") != pl.col("mentor_id"))
    )
    at = ([row[name] for name in both["agent_id"]], [column[name] for name in both["mentor_id"]])
    np.add.at(worth, at, both["priority"].to_numpy())
    if shared is not None:
        worth = np.where(shared >= grouping.least_overlap, worth * shared, 0.0)
    had = found.history.apprentices
    seats = np.repeat(np.arange(len(teachers)), [max(grouping.mentor_load - had.get(name, 0), 0) for name in teachers])
    who, seat = linear_sum_assignment(worth[:, seats], maximize=True)
    chosen = [(a, m) for a, m in zip(who, seats[seat], strict=True) if worth[a, m] > 0.0]
    assigned = pl.DataFrame(
        [(apprentices[a], teachers[m], None if shared is None else float(shared[a, m])) for a, m in chosen],
        schema={"agent_id": pl.String(), "mentor_id": pl.String(), "overlap": pl.Float64()},
        orient="row",
    )
    rows = (
        both.join(assigned, on=["agent_id", "mentor_id"])
        .sort("priority", "business", descending=[True, False])
        .group_by("agent_id", "mentor_id", "overlap", maintain_order=True)
        .agg(
            pl.col("business", "outcome", "p_below", "estimate", "mentor_estimate").first(),
            businesses=pl.col("business").n_unique(),
            gain=pl.col("gain").sum(),
        )
        .with_columns(reason=pl.when(pl.col("businesses") > 1).then(pl.lit("strong_in_several")).otherwise(pl.lit("strong_there")))
        .sort("gain", "agent_id", descending=[True, False])
    )
    notes = [] if chosen else [Note("no_mentor_found")]
    if shared is None:
        notes.append(Note("no_shifts_to_compare"))
    return rows.select(MENTORS.names()).cast(MENTORS), tuple(notes)


def _strong(found: Listed) -> pl.DataFrame:
    """Everybody who is still there and strong on a business: mentor_id, business, outcome, mentor_estimate."""
    wanted = found.wanted
    names, paths = np.array(wanted.roll.agents, object), np.array(wanted.roll.businesses, object)
    parts = []
    for judgement in wanted.outcomes:
        agent, business = np.nonzero(judgement.strong & wanted.present[:, None])
        parts.append(
            pl.DataFrame(
                {
                    "mentor_id": pl.Series(names[agent], dtype=pl.String),
                    "business": pl.Series(paths[business], dtype=pl.String),
                    "outcome": pl.Series([judgement.code] * len(agent), dtype=pl.String),
                    "mentor_estimate": judgement.estimate[agent, business],
                }
            )
        )
    schema = {"mentor_id": pl.String(), "business": pl.String(), "outcome": pl.String(), "mentor_estimate": pl.Float64()}
    return pl.concat([pl.DataFrame(schema=schema), *parts])

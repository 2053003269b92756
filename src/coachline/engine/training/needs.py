"""Whom to train in what: agent by business, by what it is expected to gain."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from coachline.engine.capability.evidence import EVIDENCE_COLUMNS
from coachline.engine.facts import Facts
from coachline.engine.result import Findings, Note
from coachline.engine.training.first_courses import first_courses
from coachline.engine.training.listed import Listed, listed
from coachline.engine.training.look_first import look_first
from coachline.engine.training.settings import NeedsSettings

NEEDS_COLUMNS: Mapping[str, tuple[str, ...]] = {
    **EVIDENCE_COLUMNS,
    "calls": (*EVIDENCE_COLUMNS["calls"], "queue"),
    "agents": ("agent_id", "team", "role", "hired_on", "left_on"),
    "businesses": ("business", "title", "standard", "minutes_to_train"),
    "trainings": ("training_id", "agent_id", "business", "method", "started_at", "hours", "trainer_id"),
    "enrolments": ("training_id", "agent_id", "business", "arm", "random", "decided_at"),
    "survey_answers": ("respondent", "question", "choice", "text"),
}
"""Columns that it reads, for the table of contents."""

WISHES = pl.Schema({"business": pl.String(), "wished_by": pl.Int64(), "needed_by": pl.Int64(), "both": pl.Int64()})
"""How many people wish to be trained in a business, how many need it, and how many of these wish it, too."""


def needs(
    facts: Facts,
    *,
    since: date | None = None,
    until: date | None = None,
    worth: Mapping[str, float] | None = None,
    focus: Mapping[str, float] | None = None,
    wish_weight: float = 1.2,
    horizon: int = 30,
    recent_days: int = 28,
    p_below: float = 0.5,
    fdr: float = 0.2,
    least_cases: int = 5,
    looks: int = 200,
    fresh_days: int = 60,
    pass_share: float = 0.8,
    new_days: int = 90,
    margin: float = 0.25,
    half_life: str = "auto",
    satisfied_from: int = 4,
    repeat_days: int = 7,
) -> Findings:
    """Rank pairs of agent and business by what training them gains.

    Gain = expected distance to the standard (over everything that the evidence leaves possible) x calls to expect x share of the gap that the method closes.

    Parameters
    ----------
    facts : Facts
    since, until, worth, focus, wish_weight, horizon, recent_days, p_below, fdr, least_cases, looks, fresh_days, pass_share, new_days
        See `NeedsSettings`.
    margin, half_life, satisfied_from, repeat_days
        As in `capability.matrix`.

    Returns
    -------
    Findings
        ``needs`` (schema `NEEDS`), ``look_first`` (schema `LOOK_FIRST`), ``first_courses`` (schema `FIRST_COURSES`), ``wishes`` (schema `WISHES`).

    Raises
    ------
    CoachlineError
        ``period_backwards``, ``no_calls_in_period``, ``no_capability_evidence``.
    """
    settings = NeedsSettings(
        since, until, worth, focus, wish_weight, horizon, recent_days, p_below, fdr, least_cases, looks, fresh_days, pass_share, new_days,
        margin, half_life, satisfied_from, repeat_days,
    )  # fmt: skip
    found = listed(facts, settings)
    look, new = look_first(found, settings), first_courses(facts, found, settings)
    rows = found.rows
    return Findings(
        tables={
            "needs": rows.to_arrow(),
            "look_first": look.to_arrow(),
            "first_courses": new.to_arrow(),
            "wishes": _wishes(found).to_arrow(),
        },
        values={
            "pairs": rows.select("agent_id", "business").n_unique() if rows.height else 0,
            "agents": rows["agent_id"].n_unique(),
            "agents_present": int(found.wanted.present.sum()),
            "gain": float(rows["gain"].sum()),
            "look_first": look.height,
            "new_hires": new["agent_id"].n_unique(),
            "horizon_days": horizon,
        },
        notes=(*found.notes, *_notes(found)),
    )


def _wishes(found: Listed) -> pl.DataFrame:
    needed = found.rows.group_by("business").agg(
        needed_by=pl.col("agent_id").n_unique(), both=pl.col("agent_id").filter(pl.col("wished")).n_unique()
    )
    people = found.wishes.people
    wished = pl.DataFrame(
        {"business": list(people), "wished_by": list(people.values())}, schema={"business": pl.String(), "wished_by": pl.Int64()}
    )
    joined = wished.join(needed, on="business", how="left").with_columns(pl.col("needed_by", "both").fill_null(0))
    return joined.select(WISHES.names()).cast(WISHES).sort("wished_by", "business", descending=[True, False])


def _notes(found: Listed) -> tuple[Note, ...]:
    people, there = found.rows["agent_id"].n_unique(), int(found.wanted.present.sum())
    if found.wanted.outcomes and not people:
        return (Note("nobody_to_train"),)
    if people == there > 1:
        return (Note("everybody_to_train", {"agents": people}),)
    return ()

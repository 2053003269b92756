"""Inspections with a score, as rows for the models: who scored whom, which call it was, in which part of the sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.quality.inspected import REPEATED_HEARINGS, SCORING, has_score, inspected_calls
from coachline.engine.stats.crossed_reml import Ints, Rows
from coachline.errors import CoachlineError

SCORE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "inspections": ("call_id", "agent_id", "inspector_id", "inspected_at", "purpose", "stratum", "probability", "score", "passed"),
    "calls": ("call_id", "agent_id", "business", "arrived_at"),
    "agents": ("agent_id", "team"),
}
"""Columns on which scores depend, for the table of contents."""

NOBODY = "-"
"""In place of a team or inspector that is not recorded."""


@dataclass(frozen=True)
class Scored:
    """Scores of a period.

    Attributes
    ----------
    frame : polars.DataFrame
        inspection_id, agent_id, inspector_id, team, call, purpose, stratum, probability, score, passed, business, month; sorted by
        inspection_id. ``call`` tells the agent's calls apart: an inspection without a call is a call of its own.
    left_out : int
        Inspections of the period without a score or agent.
    """

    frame: pl.DataFrame
    left_out: int

    def coded(self, column: str) -> tuple[list[str], Ints]:
        """Members of a column in alphabetical order, and the rows' places among them."""
        names, codes = np.unique(self.frame[column].to_numpy().astype(str), return_inverse=True)
        return names.tolist(), codes.astype(np.int64)

    def rows(self, *crossed: str) -> Rows:
        """The scores for a mixed model of agents with their calls, crossed by the named columns.

        Calls chosen by risk, and those heard again, differ from the random ones by a constant each: part of the sample is a fixed effect.
        """
        _, part = self.coded("part")
        parts = np.eye(int(part.max()) + 1)[part][:, 1:]
        return Rows(
            value=self.frame["score"].to_numpy(),
            group=self.coded("agent_id")[1],
            crossed={name: self.coded(name)[1] for name in crossed},
            within=self.coded("call")[1],
            fixed=parts,
        )

    @property
    def teams_of_agents(self) -> list[str]:
        """Team of each agent, in the order of the agents."""
        return self.frame.group_by("agent_id").agg(pl.col("team").first()).sort("agent_id")["team"].to_list()


def scored(facts: Facts, period: Period) -> Scored:
    """The scored inspections of a period; an inspection counts on the day of its call, or of itself where the call is not known.

    Raises
    ------
    CoachlineError
        ``no_scores``, when the period has none.
    """
    rows = inspected_calls(facts, facts.table("inspections"), ["inspector_id", "purpose", "stratum", "probability", "score", "passed"])
    rows = period.rows(facts, rows, "moment") if period != Period() else rows
    scores = rows.filter(has_score(rows), rows.agent_id.notnull())
    names = (
        "inspection_id",
        "agent_id",
        "inspector_id",
        "call_id",
        "purpose",
        "stratum",
        "probability",
        "score",
        "passed",
        "business",
        "month",
    )
    frame = pl.DataFrame(pl.from_arrow(facts.collect(scores.select(*names))))
    total = int(facts.collect(rows.aggregate(n=rows.count()))["n"][0].as_py())
    if frame.is_empty():
        raise CoachlineError("no_scores", inspections=total)
    agents = facts.table("agents").group_by("agent_id").aggregate(team=lambda t: t.team.max())
    team_of = {row["agent_id"]: row["team"] for row in facts.collect(agents).to_pylist()} if facts.has("agents") else {}
    part = pl.when(pl.col("purpose").is_in(REPEATED_HEARINGS)).then(pl.lit("again")).otherwise(pl.col("purpose").fill_null(SCORING))
    frame = frame.with_columns(
        team=pl.col("agent_id").replace_strict(team_of, default=None, return_dtype=pl.String).fill_null(NOBODY),
        inspector_id=pl.col("inspector_id").fill_null(NOBODY),
        call=pl.col("agent_id") + "\n" + pl.coalesce("call_id", pl.lit("\n") + pl.col("inspection_id")),
        # The random part comes first in the alphabet, so that it is what the others are compared with.
        part=pl.when(part == SCORING).then(pl.lit("")).otherwise(part),
    )
    return Scored(frame.sort("inspection_id"), total - frame.height)

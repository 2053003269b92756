"""Agents over all their businesses, and the tags of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from coachline.report.capability import Measure
from coachline.report.capability_store import BAND, PEERS
from coachline.web.capability.queries.people import Person
from coachline.web.capability.queries.sources import Source, kept
from coachline.web.capability.queries.wanted import Wanted
from coachline.web.org.models import Agent

SORTS: Mapping[str, tuple[str, bool]] = {
    "agent": ("agent_id", False),
    "estimate": ("estimate", True),
    "calls": ("n", True),
    "sure": ("p_below", True),
}


def agents_listed(agents: Source, measure: Measure, wanted: Wanted, known: Mapping[str, Person]) -> pl.DataFrame:
    """Agents that the address asks for, by number unless it asks otherwise."""
    asked = [pl.col("outcome") == measure.code]
    team = wanted.agents(known)
    asked += [] if team is None else [team]
    asked += [wanted.named(known)] if wanted.search else []
    asked += [pl.col("verdict") == "below"] if wanted.weak else []
    column, largest = SORTS.get(wanted.sort, SORTS["agent"])
    if column == "estimate":
        largest = measure.sign >= 0
    return (
        agents.rows("agents")
        .filter(pl.all_horizontal(asked))
        .sort(column, "agent_id", descending=[largest, False], nulls_last=True)
        .collect()
    )


def spread(agents: Source, measure: Measure) -> dict[str, Any]:
    """How many people there are, where their scale begins and ends, and between what the middle of them lies."""

    def make() -> dict[str, Any]:
        own = agents.everybody("agents").filter(pl.col("outcome") == measure.code)
        found = own.select(
            people=pl.len(),
            low=pl.col("low").quantile(0.02, "linear"),
            high=pl.col("high").quantile(0.98, "linear"),
            least=pl.col("estimate").quantile(BAND[0], "linear"),
            most=pl.col("estimate").quantile(BAND[1], "linear"),
        )
        row = found.collect().row(0, named=True)
        return row if row["people"] >= PEERS else {**row, "least": None, "most": None}

    return kept([agents], ("spread", measure.code), make)


def tags(profile: Source, agent_id: str, *, own: bool) -> list[dict[str, Any]]:
    """Rows of an agent's profile; for the agent themselves without those in which the centre's tags name a colleague."""
    rows = profile.rows("profile").filter(pl.col("agent_id") == agent_id).collect().to_dicts()
    if not own:
        return rows
    texts = {row["value"] for row in rows if row["value"]} | {row["tag"] for row in rows}
    others = set(Agent.objects.filter(agent_id__in=texts).exclude(agent_id=agent_id).values_list("agent_id", flat=True))
    return [row for row in rows if row["value"] not in others and row["tag"] not in others]

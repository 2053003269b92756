"""Which agents and businesses the heat map shows, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from coachline.report.paths import by_family
from coachline.report.seriation import by_likeness, main_families

MOST_PEOPLE, MOST_BUSINESSES = 60, 40
"""What is still legible: a row is a line of small print, a column as wide as a character with air."""


@dataclass(frozen=True)
class Map:
    """Rows and columns of the heat map, both in groups.

    Attributes
    ----------
    people : list of (str, list of str)
        Main family, empty without families, and its agents.
    families : list of (str, list of str)
        Family and its businesses.
    """

    people: list[tuple[str, list[str]]]
    families: list[tuple[str, list[str]]]

    @property
    def agents(self) -> list[str]:
        return [agent for _, members in self.people for agent in members]

    @property
    def businesses(self) -> list[str]:
        return [business for _, members in self.families for business in members]


def map_of(calls: pl.DataFrame, cells: pl.DataFrame, sign: int) -> Map:
    """The agents and businesses with most calls, in the order in which they are drawn.

    Parameters
    ----------
    calls : polars.DataFrame
        agent_id, business and n of every seen cell.
    cells : polars.DataFrame
        Seen cells of the measure by which the order is found: agent_id, business, estimate, standard, certainty.
    sign : int
        1 where more of it is better, -1 where less is.
    """
    agents, businesses = most_active(calls, "agent_id")[:MOST_PEOPLE], most_active(calls, "business")
    families = by_family(businesses[:MOST_BUSINESSES], businesses)
    pattern = _pattern(cells, sign, agents, [business for _, members in families for business in members])
    place = {agent: row for row, agent in enumerate(agents)}
    people = main_families(calls, agents)
    return Map(
        [(name, by_likeness(members, pattern[[place[agent] for agent in members]])) for name, members in people.items()],
        families,
    )


def most_active(calls: pl.DataFrame, column: str) -> list[str]:
    """Agents (``agent_id``) or businesses (``business``), those with most calls first."""
    volume = calls.group_by(column).agg(pl.col("n").sum()).sort("n", column, descending=[True, False])
    return volume[column].to_list()


def _pattern(cells: pl.DataFrame, sign: int, agents: Sequence[str], businesses: Sequence[str]) -> np.ndarray:
    """Distance above the standard x certainty, (agents, businesses); 0 where never seen."""
    row, column = {agent: i for i, agent in enumerate(agents)}, {business: i for i, business in enumerate(businesses)}
    shown = cells.filter(pl.col("agent_id").is_in(list(agents)) & pl.col("business").is_in(list(businesses)))
    above = sign * (shown["estimate"] - shown["standard"]) * shown["certainty"]
    pattern = np.zeros((len(agents), len(businesses)))
    for agent, business, value in zip(shown["agent_id"], shown["business"], above.fill_null(0.0), strict=True):
        pattern[row[agent], column[business]] = value
    return pattern

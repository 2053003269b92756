"""Who and what the cells are about: agents in teams, businesses in the tree of their paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

BLOCK = 1 << 19
"""Entries of agents x businesses that are laid out at a time: the working set of a step, a few megabytes per array."""


@dataclass(frozen=True)
class Block:
    """Consecutive agents and their seen cells."""

    agents: slice
    cells: slice
    place: Ints
    """Place of each cell in the block laid out as (agents, businesses) and flattened."""


@dataclass(frozen=True)
class Design:
    """Seen cells with their agent and business, and the groups to which these belong.

    Attributes
    ----------
    agent, business : (cells,) int arrays
        Codes from 0; cells are ordered by agent, then business, and each occurs once.
    team : (agents,) int array
        Team of each agent; the teams are numbered from 0.
    levels : sequence of (businesses,) int arrays
        Groups of the businesses from the top of the path downwards, each numbered from 0. The businesses themselves are not among them.
    family : (businesses,) int array
        The group with which agents interact. All zeros where there is no such level.
    covariates : (agents, k) float array, optional
        What is known of agents beforehand, e.g. how long they have been there; each column with mean 0 and standard deviation 1.
    """

    agent: Ints
    business: Ints
    team: Ints
    levels: Sequence[Ints]
    family: Ints
    covariates: Floats | None = None

    @property
    def agents(self) -> int:
        return len(self.team)

    @property
    def businesses(self) -> int:
        return len(self.family)

    @cached_property
    def teams(self) -> int:
        return int(self.team.max()) + 1

    @cached_property
    def families(self) -> int:
        return int(self.family.max()) + 1

    @cached_property
    def family_members(self) -> list[Ints]:
        return [np.flatnonzero(self.family == f) for f in range(self.families)]

    @cached_property
    def pair(self) -> Ints:
        """(cells,) place of each cell's agent x family in an array of shape (agents, families), flattened."""
        return self.agent * self.families + self.family[self.business]

    @cached_property
    def blocks(self) -> list[Block]:
        rows = max(1, BLOCK // self.businesses)
        starts = np.arange(0, self.agents, rows)
        bounds = np.searchsorted(self.agent, np.append(starts, self.agents))
        blocks = []
        for first, low, high in zip(starts.tolist(), bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            place = (self.agent[low:high] - first) * self.businesses + self.business[low:high]
            blocks.append(Block(slice(first, min(first + rows, self.agents)), slice(low, high), place))
        return blocks

    def laid_out(self, values: Floats) -> list[Floats]:
        """`values` of the cells with a place for every cell, 0 where nothing was seen: (agents, family's businesses) for each family."""
        out = np.zeros(self.agents * self.businesses)
        out[self._place_by_family] = values
        bounds = np.cumsum([0, *(self.agents * len(m) for m in self.family_members)])
        return [out[a:b].reshape(self.agents, -1) for a, b in pairwise(bounds)]

    @cached_property
    def _place_by_family(self) -> Ints:
        """(cells,) place of each cell when the agents x businesses of one family follow those of another."""
        before, within, width = (np.zeros(self.businesses, np.int64) for _ in range(3))
        begun = 0
        for members in self.family_members:
            before[members], within[members], width[members] = begun, np.arange(len(members)), len(members)
            begun += self.agents * len(members)
        return before[self.business] + self.agent * width[self.business] + within[self.business]

    def laid_out_block(self, block: Block, values: Floats) -> Floats:
        """`values` of the block's cells as (agents of the block, businesses), 0 where nothing was seen."""
        out = np.zeros((block.agents.stop - block.agents.start) * self.businesses)
        out[block.place] = values[block.cells]
        return out.reshape(-1, self.businesses)

    @cached_property
    def _team_order(self) -> tuple[Ints, Ints, Ints]:
        order = np.argsort(self.team, kind="stable")
        teams, starts = np.unique(self.team[order], return_index=True)
        return order, teams, starts

    def by_team(self, rows: Floats) -> Floats:
        """Sums of the agents' rows, (agents, k), over each team."""
        order, teams, starts = self._team_order
        out = np.zeros((self.teams, rows.shape[1]))
        out[teams] = np.add.reduceat(rows[order], starts, axis=0)
        return out

    def by_business(self, values: Floats) -> Floats:
        return np.asarray(np.bincount(self.business, values, self.businesses), float)

    def by_pair(self, values: Floats) -> Floats:
        """Sums of shape (agents, families)."""
        return np.asarray(np.bincount(self.pair, values, self.agents * self.families), float).reshape(self.agents, self.families)


def levels_of(paths: Sequence[str]) -> list[Ints]:
    """Groups of businesses by the prefixes of their paths, from the top downwards.

    A level that joins all businesses or none says nothing and is left out. A path that ends above a level is a group of its own there.

    Examples
    --------
    >>> [level.tolist() for level in levels_of(["快递/查询", "快递/投诉", "汇款/查询"])]
    [[0, 0, 1]]
    """
    parts = [path.split("/") for path in paths]
    levels: list[Ints] = []
    for depth in range(1, max((len(p) for p in parts), default=1)):
        _, codes = np.unique(["/".join(p[:depth]) for p in parts], return_inverse=True)
        groups = int(codes.max()) + 1
        if 1 < groups < len(paths) and not any(np.array_equal(codes, level) for level in levels):
            levels.append(codes.astype(np.int64))
    return levels

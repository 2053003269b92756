"""Kinds of shifts as the shortest path sees them: one that may come only some days in a row stands there as the first, the second and so on in its row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from coachline.engine.roster.solver.problem import OFF, Bools, Ints, Problem


@dataclass(frozen=True)
class Kinds:
    """Kinds of the path, each of which is a shift of the problem at some place in a row.

    Attributes
    ----------
    shift : (kinds,) int array
        The shift that each is.
    follows : (kinds, kinds) bool array
    group_of : (kinds,) int array
        Kinds that may follow the same ones form a group; its predecessors are ``group_members[group_start[g]:group_start[g + 1]]``.
    group_start, group_members : int array
    """

    shift: Ints
    follows: Bools
    group_of: Ints
    group_start: Ints
    group_members: Ints

    @classmethod
    def of(cls, problem: Problem, longest_nights: int | None) -> Kinds:
        """The kinds where at most so many nights may come in a row, or where their number does not matter."""
        copies = np.ones(problem.shifts, np.int64) if longest_nights is None else np.where(problem.night, longest_nights, 1)
        shift = np.repeat(np.arange(problem.shifts), copies)
        place = np.concatenate([np.arange(number) for number in copies])
        follows = problem.follows[np.ix_(shift, shift)]
        if longest_nights is not None:
            night = problem.night[shift]
            # Who begins a row at a later place only makes it shorter, so that this needs no rule.
            follows = follows & (~night[None, :] | (place[None, :] == np.where(night, place + 1, 0)[:, None]))
        columns, group_of = np.unique(follows, axis=1, return_inverse=True)
        members = [np.flatnonzero(columns[:, g]) for g in range(columns.shape[1])]
        return cls(
            shift,
            np.ascontiguousarray(follows),
            group_of.reshape(-1),
            np.concatenate([[0], np.cumsum([len(m) for m in members])]).astype(np.int64),
            np.concatenate(members).astype(np.int64),
        )

    def before(self, shift: int, nights: int) -> int:
        """The kind of the shift before the horizon, where so many nights came in a row; `OFF` where there was none."""
        if shift == OFF:
            return OFF
        own = np.flatnonzero(self.shift == shift)
        return int(own[min(max(nights - 1, 0), len(own) - 1)])


def longest_row(nights: Iterable[bool], before: int) -> int:
    """The most nights in a row within a roster, with those just before it where the row goes on from there; 0 where there is none."""
    longest, row = 0, before
    for night in nights:
        row = row + 1 if night else 0
        longest = max(longest, row)
    return longest

"""The linear programme over the rosters known so far.

It grows by some rosters and is solved again some thousand times in a search, so that little may be done in between: `pywraplp` hands a roster over in a few
microseconds, and GLOP goes on from its last basis. MathOpt's Python, which the other programmes are written with, takes as long for that as for solving.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ortools.linear_solver import linear_solver_pb2, pywraplp

from coachline.engine.roster.solver.pricing import Roster
from coachline.engine.roster.solver.problem import Floats, Problem

SHORTEST = 2.0
"""Seconds that a programme gets though time is over: most take less."""
# From the last optimum, new columns are a primal step and new bounds a dual one; presolving would begin anew each time.
_PRIMAL, _DUAL = (f"use_preprocessing: false use_dual_simplex: {dual}" for dual in ("false", "true"))


@dataclass(frozen=True)
class Relaxed:
    """An optimum of the linear programme.

    Attributes
    ----------
    cost : float
    prices : (slots, posts) float array
        What another head costs.
    person_price : mapping of person to float
    values : (columns,) float array
        Share of each roster, in the order in which they were added.
    """

    cost: float
    prices: Floats
    person_price: dict[int, float]
    values: Floats

    def reduced(self, roster: Roster) -> float:
        """What a share of a roster would cost beyond what its person pays now; below 0 where it would help."""
        return float(roster.own_cost + self.prices.reshape(-1)[roster.cells] @ roster.heads - self.person_price[roster.person])


class Master:
    """Shares of rosters, one in all for each person.

    Parameters
    ----------
    problem : Problem
    people : sequence of int
        Whose rosters are open.
    manned : (slots * posts,) float array
        Heads of all others.
    missing : float
        Cost of a person without a roster, beyond what any roster costs.
    """

    def __init__(self, problem: Problem, people: Sequence[int], manned: Floats, missing: float) -> None:
        self.problem = problem
        self.people = tuple(people)
        self.rosters: list[Roster] = []
        self._known: set[tuple[int, bytes, bytes]] = set()
        self._programme = pywraplp.Solver.CreateSolver("GLOP")
        self._endless: float = self._programme.infinity()
        self._cost = self._programme.Objective()
        self._cost.SetMinimization()
        self._row = {person: self._programme.Constraint(1.0, 1.0) for person in people}
        for row in self._row.values():
            row.SetCoefficient(self._variable(missing), 1.0)
        cover = problem.cover
        steps, widths = cover.steps.reshape(len(manned), -1), cover.widths.reshape(len(manned), -1).copy()
        widths[:, -1] = self._endless
        self._cells = [self._programme.Constraint(-there, -there) for there in manned.tolist()]
        for cell, step in np.argwhere(widths > 0).tolist():
            self._cells[cell].SetCoefficient(self._variable(float(steps[cell, step]), float(widths[cell, step])), -1.0)
        self._columns: list[Any] = []
        self._simplex = _PRIMAL

    def _variable(self, cost: float, most: float | None = None) -> Any:
        variable = self._programme.NumVar(0.0, self._endless if most is None else most, "")
        self._cost.SetCoefficient(variable, cost)
        return variable

    def add(self, rosters: Iterable[Roster]) -> int:
        """Take in rosters that are not known yet; how many."""
        before = len(self.rosters)
        for roster in rosters:
            if roster.key in self._known:
                continue
            self._known.add(roster.key)
            self.rosters.append(roster)
            variable = self._variable(roster.own_cost)
            self._columns.append(variable)
            self._row[roster.person].SetCoefficient(variable, 1.0)
            for cell, head in zip(roster.cells.tolist(), roster.heads.tolist(), strict=True):
                self._cells[cell].SetCoefficient(variable, head)
        return len(self.rosters) - before

    def fix(self, column: int) -> None:
        """Give a person one roster for good."""
        self._columns[column].SetLb(1.0)
        self._simplex = _DUAL

    def solve(self, until: float = np.inf) -> Relaxed | None:
        """The optimum of the shares, from where the last one was.

        Parameters
        ----------
        until : float
            Of `time.monotonic`.

        Returns
        -------
        Relaxed or None
            None where none was found by then.
        """
        programme = self._programme
        programme.SetSolverSpecificParametersAsString(self._simplex)
        self._simplex = _PRIMAL
        status = _solve(programme, until)
        rows, columns = [*self._row.values(), *self._cells], self._columns
        if status != pywraplp.Solver.OPTIMAL and time.monotonic() < until:
            # GLOP can lose its way among many rosters that are nearly alike; another solver finds it.
            programme = _copied(programme, "CLP")
            status = _solve(programme, until)
            rows = [programme.constraint(row.index()) for row in rows]
            columns = [programme.variable(column.index()) for column in columns]
        if status != pywraplp.Solver.OPTIMAL:
            return None
        prices = np.array([row.dual_value() for row in rows])
        return Relaxed(
            cost=float(programme.Objective().Value()),
            prices=-prices[len(self._row) :].reshape(self.problem.cover.worth.shape),
            person_price=dict(zip(self._row, prices.tolist(), strict=False)),
            values=np.array([column.solution_value() for column in columns]),
        )


def _solve(programme: pywraplp.Solver, until: float) -> int:
    # 0 is no limit.
    programme.SetTimeLimit(0 if until == np.inf else round(1000 * max(until - time.monotonic(), SHORTEST)))
    return int(programme.Solve())


def _copied(programme: pywraplp.Solver, solver: str) -> pywraplp.Solver:
    written = linear_solver_pb2.MPModelProto()
    programme.ExportModelToProto(written)
    found = pywraplp.Solver.CreateSolver(solver)
    found.LoadModelFromProto(written)
    return found

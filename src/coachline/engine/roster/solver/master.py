"""The linear programme over the rosters known so far."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import numpy as np
from ortools.math_opt.python import mathopt

from coachline.engine.roster.solver.attempting import attempted
from coachline.engine.roster.solver.pricing import Roster
from coachline.engine.roster.solver.problem import Floats, Problem

SHORTEST = 2.0
"""Seconds that a programme gets though time is over: most take less."""

_READ = mathopt.ModelSolveParameters(
    # What is not read need not be handed over.
    variable_values_filter=mathopt.VariableFilter(skip_zero_values=True),
    reduced_costs_filter=mathopt.VariableFilter(filtered_items=()),
)


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
        self._model = mathopt.Model()
        self._row = {person: self._model.add_linear_constraint(lb=1.0, ub=1.0) for person in people}
        for row in self._row.values():
            self._set(row, self._variable(missing), 1.0)
        cover = problem.cover
        steps, widths = cover.steps.reshape(len(manned), -1), cover.widths.reshape(len(manned), -1)
        self._cells = [self._model.add_linear_constraint(lb=-float(there), ub=-float(there)) for there in manned]
        endless = steps.shape[1] - 1
        for cell, row in enumerate(self._cells):
            for k in range(endless + 1):
                width = np.inf if k == endless else float(widths[cell, k])
                if width > 0:
                    self._set(row, self._variable(float(steps[cell, k]), width), -1.0)
        self._columns: list[Any] = []
        self._solver: Any = None
        # From the last optimum, new columns are a primal step and new bounds a dual one.
        self._simplex = mathopt.LPAlgorithm.PRIMAL_SIMPLEX

    def _variable(self, cost: float, most: float = np.inf) -> Any:
        variable = self._model.add_variable(lb=0.0, ub=most)
        self._model.objective.set_linear_coefficient(variable, cost)
        return variable

    @staticmethod
    def _set(row: Any, variable: Any, coefficient: float) -> None:
        row.set_coefficient(variable, coefficient)

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
            self._set(self._row[roster.person], variable, 1.0)
            for cell, head in zip(roster.cells.tolist(), roster.heads.tolist(), strict=True):
                self._set(self._cells[cell], variable, head)
        return len(self.rosters) - before

    def fix(self, column: int) -> None:
        """Give a person one roster for good."""
        self._columns[column].lower_bound = 1.0
        self._simplex = mathopt.LPAlgorithm.DUAL_SIMPLEX

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
        found = attempted(partial(self._by_simplex, until))
        if found is None:
            # GLOP can lose its way among many rosters that are nearly alike; another solver finds it, and GLOP begins anew the next time.
            self._solver = None
            found = attempted(partial(self._by_another, until))
        if found is None or found.termination.reason != mathopt.TerminationReason.OPTIMAL:
            return None
        dual, value = found.dual_values(), found.variable_values()
        prices = -np.array([dual[row] for row in self._cells]).reshape(self.problem.cover.worth.shape)
        return Relaxed(
            cost=found.objective_value(),
            prices=prices,
            person_price={person: dual[row] for person, row in self._row.items()},
            values=np.array([value.get(column, 0.0) for column in self._columns]),
        )

    def _by_simplex(self, until: float) -> mathopt.SolveResult:
        if self._solver is None:
            self._solver = mathopt.IncrementalSolver(self._model, mathopt.SolverType.GLOP)
        # Presolving would begin anew each time.
        params = mathopt.SolveParameters(lp_algorithm=self._simplex, presolve=mathopt.Emphasis.OFF, time_limit=_left(until))
        self._simplex = mathopt.LPAlgorithm.PRIMAL_SIMPLEX
        return self._solver.solve(params=params, model_params=_READ)

    def _by_another(self, until: float) -> mathopt.SolveResult:
        return mathopt.solve(
            self._model, mathopt.SolverType.HIGHS, params=mathopt.SolveParameters(time_limit=_left(until)), model_params=_READ
        )


def _left(until: float) -> timedelta | None:
    return None if until == np.inf else timedelta(seconds=max(until - time.monotonic(), SHORTEST))

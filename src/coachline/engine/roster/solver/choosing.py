"""The best choice of one known roster a person: a mixed-integer programme, solved by HiGHS."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
from ortools.math_opt.python import mathopt

from coachline.engine.roster.solver.attempting import attempted
from coachline.engine.roster.solver.pricing import Roster
from coachline.engine.roster.solver.problem import Floats, Problem


def choose(
    problem: Problem, rosters: Sequence[Roster], manned: Floats, seconds: float, start: Sequence[Roster], least_gain: float
) -> list[Roster] | None:
    """One of the rosters for each person who has any.

    Parameters
    ----------
    problem : Problem
    rosters : sequence of Roster
    manned : (slots * posts,) float array
        Heads of all others.
    seconds : float
    start : sequence of Roster
        A choice that is known, among `rosters`.
    least_gain : float
        What a better choice saves at least: nothing is looked for that saves less.

    Returns
    -------
    list of Roster or None
        None where no choice was found in time.
    """
    model = mathopt.Model()
    cover = problem.cover
    steps, widths = cover.steps.reshape(len(manned), -1), cover.widths.reshape(len(manned), -1)
    people = sorted({roster.person for roster in rosters})
    one = {person: model.add_linear_constraint(lb=1.0, ub=1.0) for person in people}
    rows = {}
    for cell in np.unique(np.concatenate([roster.cells for roster in rosters])).tolist():
        rows[cell] = row = model.add_linear_constraint(lb=-float(manned[cell]), ub=-float(manned[cell]))
        for k in range(steps.shape[1]):
            width = np.inf if k == steps.shape[1] - 1 else float(widths[cell, k])
            if width > 0:
                filled = model.add_variable(lb=0.0, ub=width)
                model.objective.set_linear_coefficient(filled, float(steps[cell, k]))
                row.set_coefficient(filled, -1.0)
    columns = []
    for roster in rosters:
        column = model.add_binary_variable()
        columns.append(column)
        model.objective.set_linear_coefficient(column, roster.own_cost)
        one[roster.person].set_coefficient(column, 1.0)
        for cell, heads in zip(roster.cells.tolist(), roster.heads.tolist(), strict=True):
            rows[cell].set_coefficient(column, heads)
    known = {roster.key for roster in start}
    hint = {column: float(roster.key in known) for column, roster in zip(columns, rosters, strict=True)}
    result = attempted(
        lambda: mathopt.solve(
            model,
            mathopt.SolverType.HIGHS,
            params=mathopt.SolveParameters(
                time_limit=timedelta(seconds=max(seconds, 0.1)),
                absolute_gap_tolerance=least_gain,
                relative_gap_tolerance=0.0,
                # Columns that were generated leave it little to do, and it takes long.
                presolve=mathopt.Emphasis.OFF,
            ),
            model_params=mathopt.ModelSolveParameters(solution_hints=[mathopt.SolutionHint(variable_values=hint)]),
        )
    )
    if result is None or not result.has_primal_feasible_solution():
        return None
    value = result.variable_values()
    return [roster for roster, column in zip(rosters, columns, strict=True) if value[column] > 0.5]

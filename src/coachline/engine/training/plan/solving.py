"""Solving a plan within a time, from a first plan that is always there."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coachline.engine.training.plan.draft import Draft, chances
from coachline.engine.training.plan.first_plan import first_plan
from coachline.engine.training.plan.request import Request
from coachline.engine.training.plan.rules import CONSTRAINTS, RULES
from coachline.engine.training.plan.solution import Held, Plan, worth

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

WORKERS = 8
"""With fewer, CP-SAT leaves out strategies that find and prove much, even where there are fewer cores (google/or-tools, issue 3662)."""

NEAR_ENOUGH = 0.001
"""Share of the best plan's worth below which nobody looks for a better one."""


@dataclass(frozen=True)
class Solved:
    """What came out.

    Attributes
    ----------
    plan : Plan or None
        None where it is proven that there is none, or none was found in time.
    possible : bool or None
        Whether there is a plan; None where time ran out first.
    worth, bound : float
        Of the plan found, and what no plan can exceed, in calls gained.
    seconds : float
    """

    plan: Plan | None
    possible: bool | None
    worth: float
    bound: float
    seconds: float

    @property
    def gap(self) -> float:
        """Share of the bound that is not reached at most; 0 where nothing can be gained."""
        return max(self.bound - self.worth, 0.0) / self.bound if self.bound > 0 else 0.0


def solve(request: Request, *, seconds: float, seed: int, rules: Collection[str] = RULES, only_possible: bool = False) -> Solved:
    """Find the best plan, or whether there is one.

    Parameters
    ----------
    request : Request
    seconds : float
        Time for it.
    seed : int
    rules : collection of str
        Codes of the rules that hold.
    only_possible : bool
        Be content with any plan.
    """
    from ortools.sat.python import cp_model

    began = time.monotonic()
    usual = request.limits.required == "usual"
    draft = Draft.of(request, chances(request, rules))
    for code, constrain in CONSTRAINTS.items():
        if code in rules:
            constrain(draft)
    draft.require(request.limits.required)
    unit = 1.0 if only_possible else draft.set_objective()
    first = first_plan(request, draft.chances) if usual and set(rules) >= set(RULES) else ()
    if usual:
        _hint(draft, first)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = WORKERS
    solver.parameters.random_seed = seed
    solver.parameters.relative_gap_limit = NEAR_ENOUGH
    solver.parameters.max_time_in_seconds = max(seconds - (time.monotonic() - began), 0.1)
    status = solver.solve(draft.model)
    took = time.monotonic() - began
    if status == cp_model.INFEASIBLE:
        return Solved(None, False, 0.0, 0.0, took)
    highest = sum(sum(session.gains) for session in request.sessions)
    bound = highest if only_possible else min(solver.best_objective_bound * unit, highest)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Solved(first, True, worth(request, first), bound, took) if usual else Solved(None, None, 0.0, bound, took)
    plan = _read(draft, solver)
    reached = worth(request, plan)
    if usual and worth(request, first) > reached:
        plan, reached = first, worth(request, first)
    return Solved(plan, True, reached, max(bound, reached), took)


def _hint(draft: Draft, plan: Plan) -> None:
    """Tell the solver of a plan, every variable of it."""
    by_session = {held.session: held for held in plan}
    for number in range(len(draft.request.sessions)):
        held = by_session.get(number)
        hints = {draft.held[number]: held is not None, draft.start[number]: held.start if held else 0}
        hints |= {variable: held is not None and t == held.start for t, variable in draft.at[number].items()}
        hints |= {variable: len(held.members) if held and t == held.start else 0 for t, variable in draft.count[number].items()}
        hints |= {variable: held is not None and n in held.members for n, variable in enumerate(draft.comes[number])}
        hints |= {variable: held is not None and k == held.trainer for k, variable in draft.teaches[number].items()}
        hints |= {variable: held is not None and n == held.room for n, variable in draft.takes[number].items()}
        for variable, value in hints.items():
            draft.model.add_hint(variable, int(value))


def _read(draft: Draft, solver: cp_model.CpSolver) -> Plan:
    plan = []
    for number in range(len(draft.request.sessions)):
        if not solver.boolean_value(draft.held[number]):
            continue
        members = tuple(n for n, variable in enumerate(draft.comes[number]) if solver.boolean_value(variable))
        if not members:
            continue
        start = solver.value(draft.start[number])
        trainer = next(k for k, variable in draft.teaches[number].items() if solver.boolean_value(variable))
        room = next((n for n, variable in draft.takes[number].items() if solver.boolean_value(variable)), None)
        plan.append(Held(number, start, trainer, room, members))
    return tuple(plan)

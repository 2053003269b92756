"""Solving a plan within a time, from a first plan that is always there."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coachline.engine.training.plan.draft import Chances, Draft, chances
from coachline.engine.training.plan.first_plan import first_plan
from coachline.engine.training.plan.prices import Narrowed, narrowed
from coachline.engine.training.plan.request import Request
from coachline.engine.training.plan.rules import CONSTRAINTS, RULES
from coachline.engine.training.plan.solution import Held, Plan, worth

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

WORKERS = 8
"""With fewer, CP-SAT leaves out strategies that find and prove much, even where there are fewer cores (google/or-tools, issue 3662)."""

NEAR_ENOUGH = 0.01
"""Share of the bound below which nobody looks for a better plan."""

EXACT = 0.001
"""The same where the exact model is asked."""

SMALL = 500
"""With fewer starts of all sessions together the exact model is asked at once."""


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


def solve(request: Request, *, seconds: float, seed: int) -> Solved:
    """Find the best plan that is asked for.

    Where nothing is demanded, prices and a search around a first plan come first: they bound what can be gained and leave few starts for the exact
    model, which is asked only if the plan is not near enough to the bound.

    Parameters
    ----------
    request : Request
    seconds : float
        Time for it.
    seed : int
    """
    began = time.monotonic()
    open_ = chances(request, RULES)
    if request.limits.required != "usual":
        any_plan = exact(request, open_, RULES, until=began + 0.4 * seconds, seed=seed, only_possible=True)
        if any_plan.plan is None:
            return any_plan
        best = exact(request, open_, RULES, until=began + seconds, seed=seed, first=any_plan.plan)
        return best if best.plan is not None else replace(any_plan, bound=best.bound)
    if open_.starts.sum() < SMALL:
        plan = first_plan(request, open_)
        near = Narrowed(open_, plan, np.inf)
    else:
        near = narrowed(request, open_, seconds=seconds / 2.0, seed=seed)
    reached = worth(request, near.plan)
    found = Solved(near.plan, True, reached, near.bound, time.monotonic() - began)
    if found.gap <= NEAR_ENOUGH:
        return found
    last = exact(request, near.chances, RULES, until=began + seconds, seed=seed, first=near.plan)
    took = time.monotonic() - began
    if last.plan is None or last.worth < reached:
        return Solved(near.plan, True, reached, max(min(last.bound, near.bound), reached), took)
    return Solved(last.plan, True, last.worth, max(min(last.bound, near.bound), last.worth), took)


def exact(
    request: Request,
    open_: Chances,
    rules: Collection[str],
    *,
    until: float,
    seed: int,
    first: Plan | None = None,
    only_possible: bool = False,
) -> Solved:
    """Ask the exact model.

    Parameters
    ----------
    request : Request
    open_ : Chances
        By the same rules; the bound holds for plans among these.
    rules : collection of str
        Codes of the rules that hold.
    until : float
        Moment of the monotonic clock by which to answer.
    seed : int
    first : Plan, optional
        A plan to begin with.
    only_possible : bool
        Be content with any plan.
    """
    from ortools.sat.python import cp_model

    began = time.monotonic()
    draft = Draft.of(request, open_, lean=only_possible)
    for code, constrain in CONSTRAINTS.items():
        if code in rules:
            constrain(draft)
    draft.require(request.limits.required)
    unit = 1.0 if only_possible else draft.set_objective()
    if first is not None:
        _hint(draft, first)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = WORKERS
    # In turns, so that the same question has the same answer however busy the machine is.
    solver.parameters.interleave_search = True
    # Both take many times as long on models of starts as they save (20 times, measured).
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.symmetry_level = 0
    solver.parameters.random_seed = seed
    solver.parameters.relative_gap_limit = EXACT
    solver.parameters.max_time_in_seconds = max(until - time.monotonic(), 0.1)
    status = solver.solve(draft.model)
    took = time.monotonic() - began
    if status == cp_model.INFEASIBLE:
        return Solved(None, False, 0.0, 0.0, took)
    highest = sum(sum(session.gains) for session in request.sessions)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        # A search that did not come to begin has no bound of its own.
        return Solved(None, None, 0.0, highest, took)
    bound = highest if only_possible else min(solver.best_objective_bound * unit, highest)
    plan = _read(draft, solver)
    return Solved(plan, True, worth(request, plan), bound, took)


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

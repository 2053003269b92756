"""From a problem to a roster: an answer at once, then a better one and a bound, until the time is over or nothing better can be.

Three ways, by the problem's shape. Where nobody has a choice of posts, column generation gives a sharp bound, a dive whole rosters, and a search among
neighbours betters them. Where there is a choice, and few cells and people, one mixed-integer programme often proves the best roster. Else, and where it
does not in its time, shares of rosters give prices and a bound, shifts change hands, and a search by smaller programmes betters what is left.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from coachline.engine.roster.solver.cells import Cells
from coachline.engine.roster.solver.column_search import ColumnSearch
from coachline.engine.roster.solver.compact import CompactModel
from coachline.engine.roster.solver.costs import rosters_cost, rosters_of
from coachline.engine.roster.solver.descent import descend
from coachline.engine.roster.solver.diving import dive
from coachline.engine.roster.solver.exchanging import exchanged
from coachline.engine.roster.solver.lagrange import bound_at
from coachline.engine.roster.solver.pricing import Pricing, Roster
from coachline.engine.roster.solver.problem import OFF, Problem, Schedule, Solved
from coachline.engine.roster.solver.programme_search import ProgrammeSearch
from coachline.engine.roster.solver.reachable import at_reachable_heads
from coachline.engine.roster.solver.relaxation import Relaxation
from coachline.engine.roster.solver.shares import Shares

SMALL = 2e8
"""Choices (of person, day, part and post) times steps of cells up to which one programme is worth its time."""
AT_ONCE = 0.05
OF_ONE_PROGRAMME, OF_RELAXATION, OF_DIVE, OF_SHARES = 0.65, 0.4, 0.3, 0.5
OF_EXCHANGES = 0.3
"""Shares of the time that is left."""
LOOKS_EVERY, LOOKS_IN_VAIN = 4, 3
"""Passes from one look at the bound to the next, and looks at a bound that is no better than one that is known after which there are no more."""


@dataclass
class _State:
    """The best so far."""

    problem: Problem
    pricing: Pricing
    rosters: list[Roster]
    cost: float
    bound: float
    grain: float
    ends: float
    rng: np.random.Generator

    @property
    def left(self) -> float:
        return self.ends - time.monotonic()

    @property
    def proven(self) -> bool:
        return self.cost - self.bound < max(self.grain - 1e-6, 1e-6 * max(1.0, abs(self.cost)))

    def offer(self, rosters: list[Roster] | None) -> None:
        if rosters is not None:
            ordered = sorted(rosters, key=lambda roster: roster.person)
            cost = rosters_cost(self.problem, ordered)
            if cost < self.cost:
                self.rosters, self.cost = ordered, cost

    def raise_bound(self, bound: float) -> None:
        self.bound = max(self.bound, bound)


def solve(problem: Problem, seconds: float, *, start: Schedule | None = None, seed: int = 1) -> Solved:
    """The best roster found in time, and how far it may be from the best of all.

    Parameters
    ----------
    problem : Problem
    seconds : float
        A roster is given after them even where the first one was not ready by then.
    start : Schedule, optional
        A roster to begin with; people whose rules it breaks begin anew.
    seed : int

    Returns
    -------
    Solved
    """
    began = time.monotonic()
    problem = replace(problem, cover=at_reachable_heads(problem.cover))
    pricing, rng = Pricing(problem), np.random.default_rng(seed)
    first = [None] * problem.people if start is None else kept_rosters(pricing, start)
    found = descend(problem, pricing, first, began + AT_ONCE * seconds, rng)
    rosters = [roster for roster in found if roster is not None]
    if len(rosters) < problem.people:
        without = tuple(person for person, roster in enumerate(found) if roster is None)
        return Solved(None, np.inf, np.inf, without, time.monotonic() - began)
    state = _State(problem, pricing, rosters, rosters_cost(problem, rosters), -np.inf, grain(problem), began + seconds, rng)
    if problem.people:
        _better(state)
    cost = state.cost
    bound = min(cost, _rounded(state)) if problem.people else cost
    return Solved(schedule_of(problem, state.rosters), cost, cost if state.proven else bound, (), time.monotonic() - began)


def _better(state: _State) -> None:
    problem = state.problem
    prices = np.minimum(Cells(problem, state.rosters).around, problem.cover.steps[:, :, -1])
    state.raise_bound(bound_at(problem, state.pricing, prices))
    posts = problem.cover.may.sum(axis=1)
    if posts.max() <= 1:
        _by_columns(state)
        return
    parts = problem.allowed.sum(axis=1)[:, problem.cover.part_shift].sum(axis=1)
    if float(posts @ parts) * np.count_nonzero(problem.cover.widths) <= SMALL:
        compact = CompactModel(problem, state.pricing).solve(OF_ONE_PROGRAMME * state.left, start=state.rosters)
        state.offer(compact.rosters)
        state.raise_bound(compact.bound)
    if not state.proven:
        _by_shares(state)


def _by_columns(state: _State) -> None:
    problem = state.problem
    nobody = np.zeros(problem.cover.worth.size)
    root = Relaxation(problem, state.pricing, range(problem.people), nobody, missing_cost(problem))
    root.add(state.rosters)
    lp = root.solve(time.monotonic() + OF_RELAXATION * state.left)
    state.raise_bound(root.bound)
    if lp is None:
        _by_shares(state)
        return
    if not state.proven:
        state.offer(dive(root, lp, time.monotonic() + OF_DIVE * state.left))
    if not state.proven:
        search = ColumnSearch(root, lp, state.rosters, state.grain, state.rng)
        search.run(state.ends, _rounded(state))
        state.offer(search.rosters)


def _by_shares(state: _State) -> None:
    shares = Shares(state.problem, state.pricing, state.rosters)
    until = time.monotonic() + OF_SHARES * state.left
    passes = in_vain = 0
    while time.monotonic() < until and not state.proven and in_vain < LOOKS_IN_VAIN:
        shares.improve(until, state.rng)
        passes += 1
        # The bound takes as long as a pass and is better the later it is taken.
        if passes % LOOKS_EVERY == 0 or time.monotonic() > until:
            shares.look()
            in_vain = in_vain + 1 if shares.bound <= state.bound else 0
            state.raise_bound(shares.bound)
    state.offer(shares.whole(state.rng, time.monotonic() + 0.1 * state.left))
    _exchange(state, time.monotonic() + OF_EXCHANGES * state.left)
    if not state.proven:
        search = ProgrammeSearch(state.problem, state.pricing, state.rosters, state.grain, state.rng)
        search.run(state.ends, state.bound)
        state.offer(search.rosters)


def _exchange(state: _State, until: float) -> None:
    """Shifts of a day change hands where that helps: with many people, what is left to better is mostly that."""
    if not state.proven:
        found = exchanged(state.problem, schedule_of(state.problem, state.rosters), until)
        state.offer(rosters_of(state.problem, found))


def _rounded(state: _State) -> float:
    """The bound, raised to the next cost that there can be."""
    return float(np.ceil(state.bound / state.grain - 1e-6) * state.grain) if state.grain else state.bound


def grain(problem: Problem) -> float:
    """1 where all costs are whole numbers and so are all heads, else 0."""
    cover = problem.cover
    numbers = (problem.cost, problem.off_cost, cover.steps, cover.part_slots)
    skilled = cover.skill.any() and cover.worth.any()
    return float(not skilled and all((each == np.round(each)).all() for each in numbers))


def missing_cost(problem: Problem) -> float:
    """More than any roster can save: what stands for a person without one while rosters are being made."""
    cover = problem.cover
    cell = np.abs(cover.steps).max(axis=2)
    of_day = cell.reshape(problem.days, -1).sum(axis=1).max() * max(1.0, cover.part_slots.max())
    own = np.abs(problem.cost).max(initial=0.0) + np.abs(problem.off_cost).max(initial=0.0)
    skill = np.abs(cover.skill).max(initial=0.0) * np.abs(cover.worth).max(initial=0.0) * cover.part_slots.shape[1]
    return float(2.0 * problem.days * (of_day + own + skill) + 1.0)


def kept_rosters(pricing: Pricing, schedule: Schedule) -> list[Roster | None]:
    """The rosters of a schedule that keep the rules."""
    problem = pricing.problem
    day = np.arange(problem.days)
    kept: list[Roster | None] = []
    for person in range(problem.people):
        shift = schedule.shift[person]
        fixed = shift[:, None] == np.arange(problem.shifts)
        nothing = np.zeros(problem.cover.worth.shape)
        [(_, found)] = pricing.cheapest(nothing, [person], fixed[None], (shift == OFF)[None])
        worked = shift != OFF
        parts = problem.cover.part_shift[None, :] == np.where(worked, shift, -2)[:, None]
        posts = schedule.post[person]
        manned = bool((posts[parts] >= 0).all() and problem.cover.may[person, posts[parts]].all()) if day.size else True
        kept.append(None if found is None or not manned else pricing.roster(person, shift, posts))
    return kept


def schedule_of(problem: Problem, rosters: list[Roster]) -> Schedule:
    """Rosters, one a person in order, as a schedule."""
    parts = len(problem.cover.part_shift)
    if not rosters:
        return Schedule(np.zeros((0, problem.days), np.int64), np.zeros((0, problem.days, parts), np.int64))
    return Schedule(np.stack([roster.shift for roster in rosters]), np.stack([roster.post for roster in rosters]))

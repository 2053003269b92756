"""A roster, or part of one beside the rest, as one mixed-integer programme with a variable for each person, day, part and post.

Its relaxation is weaker than that of column generation where rules are tight, but where they are loose it is as good and at hand at once: nothing need
be generated. Solved by HiGHS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from ortools.math_opt.python import mathopt

from coachline.engine.roster.solver.attempting import attempted
from coachline.engine.roster.solver.pricing import Pricing, Roster
from coachline.engine.roster.solver.problem import OFF, Bools, Floats, Problem

Works = Sequence[dict[int, list[Any]]]
"""By day and shift, the variables of which one is 1 where a person works it."""


@dataclass(frozen=True)
class Compact:
    """What the programme gave by its deadline.

    Attributes
    ----------
    rosters : list of Roster or None
    bound : float
    """

    rosters: list[Roster] | None
    bound: float


class CompactModel:
    """The programme of a problem.

    Parameters
    ----------
    problem : Problem
    pricing : Pricing
    people : sequence of int, optional
        Whose rosters are open; all by default.
    manned : (slots * posts,) float array, optional
        Heads of the others.
    allowed : (all people, days, shifts) bool array, optional
        Narrower than the problem's, as where only some days are open.
    off : (all people, days) bool array, optional
    """

    def __init__(
        self,
        problem: Problem,
        pricing: Pricing,
        people: Sequence[int] | None = None,
        manned: Floats | None = None,
        allowed: Bools | None = None,
        off: Bools | None = None,
    ) -> None:
        self.problem = problem
        self.pricing = pricing
        self.people = list(range(problem.people) if people is None else people)
        self._manned = np.zeros(problem.cover.worth.size) if manned is None else manned
        self._allowed = problem.allowed if allowed is None else problem.allowed & allowed
        self._may_be_off = problem.may_be_off if off is None else problem.may_be_off & off
        self._model = mathopt.Model()
        self._works: dict[tuple[int, int, int, int], Any] = {}
        self._mans: dict[tuple[int, int, int, int], Any] = {}
        self._cells: dict[int, Any] = {}
        if people is None:
            # The proof is found several times sooner where the cells come first; of a part, most cells are not needed.
            for cell in range(problem.cover.worth.size):
                self._cell(cell)
        for person in self.people:
            self._add_person(person)

    def _cell(self, cell: int) -> Any:
        """The row in which the heads of a cell fill its steps."""
        if cell not in self._cells:
            there = float(self._manned[cell])
            self._cells[cell] = row = self._model.add_linear_constraint(lb=-there, ub=-there)
            slot, post = divmod(cell, self.pricing.posts)
            steps, widths = self.problem.cover.steps[slot, post], self.problem.cover.widths[slot, post]
            for k in range(len(steps)):
                width = np.inf if k == len(steps) - 1 else float(widths[k])
                if width > 0:
                    filled = self._model.add_variable(lb=0.0, ub=width)
                    self._model.objective.set_linear_coefficient(filled, float(steps[k]))
                    row.set_coefficient(filled, -1.0)
        return self._cells[cell]

    def _add_person(self, person: int) -> None:
        problem, cover, model = self.problem, self.problem.cover, self._model
        posts = np.flatnonzero(cover.may[person]).tolist()
        works: list[dict[int, list[Any]]] = []
        for d in range(problem.days):
            today = {}
            for s in np.flatnonzero(self._allowed[person, d]).tolist():
                own = float(problem.cost[person, d, s] - problem.off_cost[person, d])
                manned = []
                for j in np.flatnonzero(cover.part_shift == s).tolist():
                    manned.append([self._man(person, d, j, b) for b in posts])
                if len(manned) == 1:
                    # The posts of a shift's only part say whether it is worked.
                    today[s] = manned[0]
                else:
                    x = model.add_binary_variable()
                    today[s] = [x]
                    for each in manned:
                        self._row([(x, -1.0), *((y, 1.0) for y in each)], 0.0, 0.0)
                for x in today[s]:
                    model.objective.set_linear_coefficient(x, model.objective.get_linear_coefficient(x) + own)
                self._works.update({(person, d, s, n): x for n, x in enumerate(today[s])})
            works.append(today)
        model.objective.offset += float(problem.off_cost[person].sum())
        self._add_hours(person, works)
        self._add_runs(person, works)
        self._add_counts(person, works)

    def _man(self, person: int, day: int, part: int, post: int) -> Any:
        y = self._mans[person, day, part, post] = self._model.add_binary_variable()
        gain = self.problem.cover.skill[person, post] * self.pricing.worth_of_parts[day, part, post]
        self._model.objective.set_linear_coefficient(y, -float(gain))
        for slot, share in self.pricing.slots_of(day, part):
            self._cell(slot * self.pricing.posts + post).set_coefficient(y, share)
        return y

    def _row(self, terms: Sequence[tuple[Any, float]], low: float, high: float) -> None:
        row = self._model.add_linear_constraint(lb=low, ub=high)
        for variable, coefficient in terms:
            row.set_coefficient(variable, coefficient)

    def _add_hours(self, person: int, works: Works) -> None:
        problem = self.problem
        for period in np.unique(problem.period).tolist():
            terms = [
                (x, float(problem.minutes[s]))
                for d in np.flatnonzero(problem.period == period).tolist()
                for s, xs in works[d].items()
                for x in xs
            ]
            self._row(terms, float(problem.least_minutes[person, period]), float(problem.most_minutes[person, period]))

    def _add_runs(self, person: int, works: Works) -> None:
        """What may follow what: one shift a day, successions, runs and rests."""
        problem = self.problem
        days, before = problem.days, int(problem.run_before[person])
        longest, shortest, rest = int(problem.longest_run[person]), int(problem.shortest_run[person]), int(problem.shortest_rest[person])

        def at_work(day: int, factor: float = 1.0) -> list[tuple[Any, float]]:
            return [(x, factor) for xs in works[day].values() for x in xs]

        for d in range(days):
            self._row(at_work(d), 0.0 if self._may_be_off[person, d] else 1.0, 1.0)
        for d in range(days - 1):
            for s, xs in works[d].items():
                barred = [(y, 1.0) for t, ys in works[d + 1].items() if not problem.follows[s, t] for y in ys]
                if barred:
                    self._row([*((x, 1.0) for x in xs), *barred], 0.0, 1.0)
        last = int(problem.shift_before[person])
        if before > 0 and last != OFF:
            self._row([(x, 1.0) for t, xs in works[0].items() if not problem.follows[last, t] for x in xs], 0.0, 0.0)
        for d in range(days - longest):
            self._row([term for e in range(d, d + longest + 1) for term in at_work(e)], 0.0, float(longest))
        if before > 0:
            for known in range(1, min(before, longest) + 1):
                window = [term for e in range(min(longest + 1 - known, days)) for term in at_work(e)]
                self._row(window, 0.0, float(longest - known))
        nights, night_run = int(problem.longest_nights[person]), int(problem.night_run_before[person])
        # Windows that would hold a night too many, also those that begin before the horizon.
        for d in range(-min(night_run, nights), days - nights):
            whole = range(max(d, 0), d + nights + 1)
            at_night = [(x, 1.0) for e in whole for s, xs in works[e].items() if problem.night[s] for x in xs]
            if at_night:
                self._row(at_night, 0.0, float(nights - max(-d, 0)))
        for length, working in ((shortest, 1.0), (rest, -1.0)):
            for d in range(1 if before == 0 else 0, days):
                same_before = 0 if d else max(before * int(working), 0)
                for e in range(d + 1, min(d + length, days)):
                    if d:
                        # It begins on day d: then it holds on day e.
                        self._row(
                            [*at_work(d, working), *at_work(d - 1, -working), *at_work(e, -working)], -np.inf, 0.0 if working > 0 else 1.0
                        )
                    elif not same_before:
                        self._row([*at_work(0, working), *at_work(e, -working)], -np.inf, 0.0)
                if not d and 0 < same_before < length:
                    for e in range(min(length - same_before, days)):
                        self._row(at_work(e), 1.0 if working > 0 else 0.0, 1.0 if working > 0 else 0.0)

    def _add_counts(self, person: int, works: Works) -> None:
        """Weekends, and classes of shifts whose number is limited."""
        problem = self.problem
        weekends = []
        for number in np.unique(problem.weekend[problem.weekend >= 0]).tolist():
            weekend = self._model.add_binary_variable()
            weekends.append((weekend, 1.0))
            for d in np.flatnonzero(problem.weekend == number).tolist():
                self._row([*((x, 1.0) for xs in works[d].values() for x in xs), (weekend, -1.0)], -np.inf, 0.0)
        self._row(weekends, 0.0, float(problem.most_weekends[person]))
        for k in range(len(problem.counted)):
            terms = [(x, 1.0) for d in range(problem.days) for s, xs in works[d].items() if problem.counted[k, d, s] for x in xs]
            if len(terms) > problem.most[person, k]:
                self._row(terms, 0.0, float(problem.most[person, k]))

    def solve(self, seconds: float, gap: float = 1e-6, start: Sequence[Roster] = ()) -> Compact:
        """The best rosters found in time, and the bound.

        Parameters
        ----------
        seconds : float
        gap : float
            Relative distance of the two at which to end.
        start : sequence of Roster, optional
            Known ones, one for each open person.
        """
        params = mathopt.SolveParameters(time_limit=timedelta(seconds=max(seconds, 0.1)), relative_gap_tolerance=gap)
        hints = [mathopt.SolutionHint(variable_values=self._values_of(start))] if start else []
        result = attempted(
            lambda: mathopt.solve(
                self._model,
                mathopt.SolverType.HIGHS,
                params=params,
                model_params=mathopt.ModelSolveParameters(solution_hints=hints),
            )
        )
        if result is None:
            return Compact(None, -np.inf)
        bound = float(result.termination.objective_bounds.dual_bound)
        if not result.has_primal_feasible_solution():
            return Compact(None, bound)
        value = result.variable_values()
        shift = np.full((self.problem.people, self.problem.days), OFF, np.int64)
        post = np.full((self.problem.people, self.problem.days, self.pricing.parts), -1, np.int64)
        for (person, d, s, _), x in self._works.items():
            if value[x] > 0.5:
                shift[person, d] = s
        for (person, d, j, b), y in self._mans.items():
            if value[y] > 0.5:
                post[person, d, j] = b
        return Compact([self.pricing.roster(person, shift[person], post[person]) for person in self.people], bound)

    def _values_of(self, rosters: Sequence[Roster]) -> dict[Any, float]:
        """The variables of people that are 1 in rosters, and those that are 0."""
        of = {roster.person: roster for roster in rosters}
        posts = {person: np.flatnonzero(self.problem.cover.may[person]) for person in of}
        found: dict[Any, float] = {}
        for (person, d, s, n), x in self._works.items():
            parts = np.flatnonzero(self.problem.cover.part_shift == s)
            worked = of[person].shift[d] == s
            found[x] = float(worked and (len(parts) > 1 or of[person].post[d, parts[0]] == posts[person][n]))
        for (person, d, j, b), y in self._mans.items():
            found[y] = float(of[person].post[d, j] == b)
        return found

"""A roster's problem while the rules write into it: at first everybody could work everything, and nothing costs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from coachline.engine.roster.plan.objective import cover as cover_of
from coachline.engine.roster.plan.request import Bools, Floats, Ints, Request
from coachline.engine.roster.solver.problem import Cover, Problem


@dataclass
class Draft:
    """The arrays of `Problem`, to be written into; see there for what each means.

    Attributes
    ----------
    counts : dict of str to (mask, most)
        Kinds of shifts whose number is limited: (days, shifts) bool and (people,) int; a second limit on the same kind leaves the lower one.
    least_cover, must_cost : (slots, posts) float array
        Heads that must be at a post, and what each that is missing costs.
    """

    request: Request
    follows: Bools
    allowed: Bools
    may_be_off: Bools
    least_minutes: Ints
    most_minutes: Ints
    longest_run: Ints
    shortest_run: Ints
    shortest_rest: Ints
    longest_nights: Ints
    most_weekends: Ints
    cost: Floats
    off_cost: Floats
    may: Bools
    least_cover: Floats
    must_cost: Floats
    counts: dict[str, tuple[Bools, Ints]] = field(default_factory=dict)

    @classmethod
    def free(cls, request: Request) -> Draft:
        """Without any rule; what a problem cannot express otherwise (one shift a day, one post at a time) is all that holds."""
        people, days, shifts, posts = len(request.people), request.days, len(request.shifts), len(request.posts)
        months = len(request.month_days)
        longest = int(request.minutes.max(initial=0))
        return cls(
            request=request,
            follows=np.ones((shifts, shifts), np.bool_),
            allowed=np.ones((people, days, shifts), np.bool_),
            may_be_off=np.ones((people, days), np.bool_),
            least_minutes=np.zeros((people, months), np.int64),
            most_minutes=np.full((people, months), days * longest, np.int64),
            longest_run=np.full(people, days + 31, np.int64),
            shortest_run=np.ones(people, np.int64),
            shortest_rest=np.ones(people, np.int64),
            longest_nights=np.full(people, days + 31, np.int64),
            most_weekends=np.full(people, days, np.int64),
            cost=np.zeros((people, days, shifts)),
            off_cost=np.zeros((people, days)),
            may=np.ones((people, posts), np.bool_),
            least_cover=np.zeros((request.slots, posts)),
            must_cost=np.zeros((request.slots, posts)),
        )

    def limit(self, kind: str, mask: Bools, most: Ints) -> None:
        """Limit how many shifts of a kind everybody gets.

        Parameters
        ----------
        kind : str
            The same for rules that speak of the same shifts.
        mask : (days, shifts) bool array
        most : (people,) int array
        """
        known = self.counts.get(kind)
        self.counts[kind] = (mask, most if known is None else np.minimum(most, known[1]))

    def problem(self, cover: Cover | None = None) -> Problem:
        """What the solver is given.

        Parameters
        ----------
        cover : Cover, optional
            What shifts do for the posts, where it is known from a draft with the same `may`, `least_cover` and `must_cost`.
        """
        request = self.request
        people, days, shifts = self.allowed.shape
        counted = np.array([mask for mask, _ in self.counts.values()], np.bool_).reshape(-1, days, shifts)
        most = np.array([most for _, most in self.counts.values()], np.int64).reshape(-1, people).T
        return Problem(
            minutes=request.minutes,
            follows=self.follows,
            weekend=request.weekend,
            period=request.month,
            allowed=self.allowed,
            may_be_off=self.may_be_off,
            least_minutes=self.least_minutes,
            most_minutes=self.most_minutes,
            longest_run=self.longest_run,
            shortest_run=self.shortest_run,
            shortest_rest=self.shortest_rest,
            night=request.nights,
            longest_nights=self.longest_nights,
            most_weekends=self.most_weekends,
            counted=counted,
            most=np.ascontiguousarray(most),
            run_before=request.run_before,
            shift_before=request.shift_before,
            night_run_before=request.night_run_before,
            cost=self.cost,
            off_cost=self.off_cost,
            cover=cover or cover_of(request, self.may, self.least_cover, self.must_cost),
        )

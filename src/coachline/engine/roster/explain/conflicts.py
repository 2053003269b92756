"""Who has no roster, by which smallest set of rules, and what it takes to loosen each.

Rules are taken away one after the other as long as what is left still allows no roster (deletion filter): of the rest none can be spared. A person's rules
concern nobody else, so each question is answered exactly, by the dynamic programme with which the solver makes rosters.

Source: Chinneck and Dravnieks (1991), "Locating minimal infeasible constraint sets in linear programs", *ORSA Journal on Computing* 3, 157-168.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from coachline.engine.roster.explain.alone import fewest, possible
from coachline.engine.roster.explain.loosening import DAY_EFFORT, LOOSENINGS
from coachline.engine.roster.plan.request import UNKNOWN, Bools, Request
from coachline.engine.roster.rules import RULES, written
from coachline.engine.roster.rules.draft import Draft
from coachline.engine.training.plan.conflicts import Loosened

SPARED_FIRST = (
    "licence", "leave", "one_shift_a_day", "month_hours", "rest_between_shifts", "longest_run", "training_kept", "fixed_days", "after_night", "longest_nights",
    "most_nights", "weekends_off", "quarter_share", "strong_capped", "shortest_rest", "shortest_run", "least_hours",
)  # fmt: skip
"""The order in which rules are tried without: those that nobody can change and those of law first, so that rather the others are named."""

assert set(SPARED_FIRST) == {code for code, rule in RULES.items() if rule.hard}


@dataclass(frozen=True)
class Conflict:
    """Rules that leave somebody no roster, none of which can be spared; the cheapest to loosen first.

    Attributes
    ----------
    person : int
    rules : tuple of Loosened
    """

    person: int
    rules: tuple[Loosened, ...]


class Drafts:
    """Drafts under some rules, each with one rule loosened or none, written once."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self._known: dict[tuple[frozenset[str], str, int], Draft] = {}

    def of(self, rules: Iterable[str], loosened: str = "", steps: int = 0) -> Draft:
        """The draft under `rules`, `loosened` by some steps."""
        key = (frozenset(rules), loosened, steps)
        if key not in self._known:
            request = LOOSENINGS[loosened].apply(self.request, steps) if steps else self.request
            self._known[key] = written(request, key[0])
        return self._known[key]


def without_roster(request: Request) -> tuple[int, ...]:
    """People for whom the rules leave no roster."""
    draft = written(request, SPARED_FIRST)
    return tuple(person for person in range(len(request.people)) if not possible(draft, person))


def conflicts(request: Request, people: Iterable[int], until: float = np.inf) -> tuple[Conflict, ...]:
    """The smallest set of rules in conflict for each of `people`, who must have no roster.

    Parameters
    ----------
    request : Request
    people : iterable of int
    until : float
        Moment of the monotonic clock after which nobody further is looked at.
    """
    drafts = Drafts(request)
    found = []
    for person in people:
        if time.monotonic() > until:
            break
        kept = list(SPARED_FIRST)
        for rule in SPARED_FIRST:
            rest = [code for code in kept if code != rule]
            if not possible(drafts.of(rest), person):
                kept = rest
        rules = sorted(
            (_loosened(drafts, rule, person) for rule in kept), key=lambda each: (each.effort is None, each.effort or 0.0, each.rule)
        )
        found.append(Conflict(person, tuple(rules)))
    return tuple(found)


def _loosened(drafts: Drafts, rule: str, person: int) -> Loosened:
    """The least by which loosening `rule` alone leaves a roster, all others kept."""
    if rule in DAY_EFFORT:
        others = [code for code in SPARED_FIRST if code != rule]
        days = fewest(drafts.of(others), person, *_breaks(drafts.request, rule, person))
        return Loosened(rule, days, "days_given_up", days * DAY_EFFORT[rule]) if np.isfinite(days) else Loosened(rule, None, None, None)
    way = LOOSENINGS.get(rule)
    if way is None or not possible(drafts.of(SPARED_FIRST, rule, way.most), person):
        return Loosened(rule, None, None, None)
    low, high = 0, way.most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if possible(drafts.of(SPARED_FIRST, rule, middle), person) else (middle, high)
    return Loosened(rule, high * way.size, way.unit, high * way.effort)


def _breaks(request: Request, rule: str, person: int) -> tuple[Bools, Bools]:
    """(days, shifts) shifts and (days,) days off that break a rule which holds day by day."""
    days, shifts = request.days, len(request.shifts)
    if rule == "leave":
        return np.tile(request.leave[person][:, None], (1, shifts)), np.zeros(days, np.bool_)
    if rule == "training_kept":
        return ~request.possible[person], np.zeros(days, np.bool_)
    last = request.last_roster[person]
    fixed = np.asarray(request.fixed[person] & (last != UNKNOWN))
    return fixed[:, None] & (last[:, None] != np.arange(shifts)), fixed & (last >= 0)

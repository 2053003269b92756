"""The rules of a roster, each a function with a code that writes into a draft of the problem.

Hard rules are kept by every roster. Soft ones have a price in resolved calls and give way where keeping them costs more. What a roster is for, calls
resolved, is no rule and always in the problem.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from coachline.engine.roster.plan.request import Request
from coachline.engine.roster.rules import burden, floor, hours, people, sequence, wanted
from coachline.engine.roster.rules.draft import Draft
from coachline.engine.roster.solver.problem import Problem


@dataclass(frozen=True)
class Rule:
    """A rule.

    Attributes
    ----------
    write : callable
        Writes it into a draft.
    hard : bool
    limits : tuple of str
        The numbers in it, as named in `Limits`.
    """

    write: Callable[[Draft], None]
    hard: bool
    limits: tuple[str, ...] = ()


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "licence": Rule(people.licence, True),
        "leave": Rule(people.leave, True),
        "training_kept": Rule(people.training_kept, True),
        "fixed_days": Rule(people.fixed_days, True),
        "one_shift_a_day": Rule(sequence.one_shift_a_day, True),
        "rest_between_shifts": Rule(sequence.rest_between_shifts, True, ("rest_h",)),
        "after_night": Rule(sequence.after_night, True, ("after_night_h",)),
        "longest_nights": Rule(sequence.longest_nights, True, ("longest_nights",)),
        "longest_run": Rule(sequence.longest_run, True, ("longest_run",)),
        "shortest_run": Rule(sequence.shortest_run, True, ("shortest_run",)),
        "shortest_rest": Rule(sequence.shortest_rest, True, ("shortest_rest",)),
        "month_hours": Rule(hours.month_hours, True, ("cap_h", "later_share")),
        "least_hours": Rule(hours.least_hours, True, ("least_h",)),
        "most_nights": Rule(burden.most_nights, True, ("most_nights",)),
        "weekends_off": Rule(burden.weekends_off, True, ("most_weekends",)),
        "quarter_share": Rule(burden.quarter_share, True, ("most_in_quarter",)),
        "strong_capped": Rule(burden.strong_capped, True, ("most_busy",)),
        "least_heads": Rule(floor.least_heads, False, ("least_heads", "must_price")),
        "wishes": Rule(wanted.wishes, False, ("wish_price",)),
        "fair_quarter": Rule(burden.fair_quarter, False, ("night_price", "weekend_price")),
        "stability": Rule(wanted.stability, False, ("stability_price",)),
        "mentor_and_apprentice": Rule(wanted.mentor_and_apprentice, False, ("pair_price",)),
    }
)
"""In order of reading; codes, worded as ``roster_rule.<code>``."""

BREAK_RULES = ("break_in_window", "work_stretches", "few_on_break")
"""Kept when breaks are placed inside shifts, after the solver; the checker knows them, too."""


def written(request: Request, rules: Collection[str] = tuple(RULES)) -> Draft:
    """A draft into which some of the rules have been written."""
    draft = Draft.free(request)
    for code, rule in RULES.items():
        if code in rules:
            rule.write(draft)
    return draft


def drafted(request: Request, rules: Collection[str] = tuple(RULES)) -> Problem:
    """The problem of a request under some of the rules.

    Parameters
    ----------
    request : Request
    rules : collection of str
        Codes; all by default.
    """
    return written(request, rules).problem()

"""What each rule costs: the roster made again without it, from the one that stands.

Without a rule the old roster is still possible, so nothing can get worse: the difference is what the rule costs, as far as the search got. First the roster is
searched once more with all rules, as long as without each, so that what it lacks by itself is not put down to a rule. What a rule costs at most follows from
the bound of the problem without it.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from coachline.engine.roster.explain.weighing import without_must
from coachline.engine.roster.plan.plan import at_home
from coachline.engine.roster.plan.request import Request
from coachline.engine.roster.rules import RULES, written
from coachline.engine.roster.rules.draft import Draft
from coachline.engine.roster.solver.costs import roster_cost
from coachline.engine.roster.solver.problem import Cover, Problem, Schedule
from coachline.engine.roster.solver.solving import solve

RULE_PRICES: dict[str, pl.DataType] = {
    "roster_rule": pl.String(), "hard": pl.Boolean(), "binds": pl.Boolean(), "price": pl.Float64(), "low": pl.Float64(), "high": pl.Float64(),
    "calls": pl.Float64(), "known_by": pl.String(),
}  # fmt: skip
"""``price``: how much better a roster without the rule is, in resolved calls, with what wishes and the like are worth; ``low``: the same, less what the roster
itself may lack of the best with all rules; ``high``: what no roster without the rule exceeds; ``calls``: calls that it resolves more; ``known_by``: how it is known."""

UNTIMED = 0.5
"""Seconds below which no question is asked of the solver."""


def price_rows(request: Request, problem: Problem, schedule: Schedule, without: tuple[int, ...], until: float, seed: int) -> pl.DataFrame:
    """Schema `RULE_PRICES`, the dearest first.

    Parameters
    ----------
    request : Request
    schedule : Schedule
        A roster by all rules.
    problem : Problem
        Of all rules.
    without : tuple of int
        People for whom the rules leave no roster; they stay at home here, too.
    until : float
        Moment of the monotonic clock.
    seed : int
    """
    everything = written(request)
    drafts = {code: written(request, [other for other in RULES if other != code]) for code in RULES}
    asked = [code for code, draft in drafts.items() if not _same(everything, draft)]
    schedule, gap = _better(problem, schedule, (until - time.monotonic()) / (len(asked) + 1), seed)
    rows: list[dict[str, Any]] = []
    for code in RULES:
        row = {"roster_rule": code, "hard": RULES[code].hard, "binds": code in asked}
        if code not in asked:
            rows.append(row | {"price": 0.0, "low": 0.0, "high": 0.0, "calls": 0.0, "known_by": "changes_nothing"})
            continue
        left = len(asked) - sum(other["binds"] for other in rows)
        seconds = (until - time.monotonic()) / left
        if seconds < UNTIMED:
            rows.append(row | {"known_by": "no_time"})
            continue
        freer = at_home(drafts[code].problem(), without)
        solved = solve(freer, seconds, start=schedule, seed=seed)
        now = roster_cost(freer, schedule)
        best = now if solved.schedule is None else min(solved.cost, now)
        price, high = now - best, now - solved.bound
        plain = without_must(request, drafts[code].may)
        more = 0.0 if solved.schedule is None else calls(freer, plain, solved.schedule) - calls(freer, plain, schedule)
        rows.append(
            row
            | {
                "price": price,
                "low": max(price - gap, 0.0),
                "high": high if np.isfinite(high) else None,
                "calls": more if price > 0 else 0.0,
                "known_by": "proven" if high - price <= 1e-6 * max(1.0, abs(now)) else "by_search",
            }
        )
    return pl.DataFrame(rows, schema=RULE_PRICES).sort("price", descending=True, nulls_last=True, maintain_order=True)


def _better(problem: Problem, schedule: Schedule, seconds: float, seed: int) -> tuple[Schedule, float]:
    """The roster after another search by all rules, and by how much it may still lie above the best."""
    now = roster_cost(problem, schedule)
    if seconds < UNTIMED:
        return schedule, np.inf
    solved = solve(problem, seconds, start=schedule, seed=seed)
    found = solved.schedule if solved.schedule is not None and solved.cost < now else schedule
    return found, max(min(solved.cost, now) - solved.bound, 0.0)


def calls(problem: Problem, plain: Cover, schedule: Schedule) -> float:
    """Calls that a roster resolves, whatever else it costs; `plain` as of `without_must`."""
    free = replace(problem, cost=np.zeros_like(problem.cost), off_cost=np.zeros_like(problem.off_cost), cover=plain)
    return -roster_cost(free, schedule)


def _same(one: Draft, other: Draft) -> bool:
    """Whether two drafts are one and the same problem."""
    arrays = (
        "follows", "allowed", "may_be_off", "least_minutes", "most_minutes", "longest_run", "shortest_run", "shortest_rest", "most_weekends", "cost",
        "off_cost", "may", "least_cover", "must_cost",
    )  # fmt: skip
    if any(not np.array_equal(getattr(one, name), getattr(other, name)) for name in arrays) or set(one.counts) != set(other.counts):
        return False
    return all(np.array_equal(one.counts[kind][1], other.counts[kind][1]) for kind in one.counts)

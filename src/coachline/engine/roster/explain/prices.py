"""What each rule costs: by the worth that heads have, and by making the roster again without it.

Prices of heads are those of the relaxation by all rules. At them everybody's best roster is made with and without a rule: how far the bound falls is the most
that the rule can cost, and quickly known. Then, where there is time, the roster is searched again without the rule, from the one that stands, which is still
possible: what is gained is what the rule costs at least. First the search goes on with all rules, as long as without each, so that what the roster lacks by
itself is not put down to a rule.
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
from coachline.engine.roster.solver.costs import roster_cost, rosters_of
from coachline.engine.roster.solver.lagrange import bound_at
from coachline.engine.roster.solver.pricing import Pricing
from coachline.engine.roster.solver.problem import Cover, Problem, Schedule
from coachline.engine.roster.solver.shares import Shares
from coachline.engine.roster.solver.solving import solve

RULE_PRICES: dict[str, pl.DataType] = {
    "roster_rule": pl.String(), "hard": pl.Boolean(), "binds": pl.Boolean(), "price": pl.Float64(), "low": pl.Float64(), "by_prices": pl.Float64(),
    "high": pl.Float64(), "calls": pl.Float64(), "known_by": pl.String(),
}  # fmt: skip
"""``price``: how much better a roster without the rule was found, in resolved calls, with what wishes and the like are worth; ``low``: the same, less what the
roster itself may lack of the best with all rules; ``by_prices``: how far the bound falls without the rule at the prices of heads with it; ``high``: what no
roster without the rule exceeds; ``calls``: calls that it resolves more; ``known_by``: how it is known."""

UNTIMED = 0.5
"""Seconds below which no question is asked of the solver."""
OF_PRICES = 0.3
"""Share of the time for prices of heads."""
CLOSE, PATIENCE = 1e-5, 4
"""Prices are settled when the bound has risen by no more than this share of it, so many times in a row."""
LEAST_PASSES = 3.0
"""A search is worth while where there is time to make everybody's roster so many times."""


def price_rows(request: Request, problem: Problem, schedule: Schedule, without: tuple[int, ...], until: float, seed: int) -> pl.DataFrame:
    """Schema `RULE_PRICES`, the dearest by the worth of heads first.

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
    freer = {code: at_home(drafts[code].problem(), without) for code in asked}
    heads = _Heads(problem, schedule, time.monotonic() + OF_PRICES * (until - time.monotonic()), seed)
    bounds = {code: heads.bound(freer[code]) for code in asked if time.monotonic() < until}
    now = roster_cost(problem, schedule)
    slice_ = (until - time.monotonic()) / (len(asked) + 1)
    searched = slice_ > max(UNTIMED, LEAST_PASSES * heads.seconds)
    if searched:
        solved = solve(problem, slice_, start=schedule, seed=seed)
        heads.lower = max(heads.lower, solved.bound)
        if solved.schedule is not None and solved.cost < now:
            schedule, now = solved.schedule, solved.cost
    gap = max(now - heads.lower, 0.0)
    rows: list[dict[str, Any]] = []
    for code in RULES:
        row = {"roster_rule": code, "hard": RULES[code].hard, "binds": code in asked}
        if code not in asked:
            rows.append(row | dict.fromkeys(("price", "low", "by_prices", "high", "calls"), 0.0) | {"known_by": "changes_nothing"})
        elif code not in bounds:
            rows.append(row | {"known_by": "no_time"})
        else:
            high = roster_cost(freer[code], schedule) - bounds[code]
            row |= {"by_prices": max(high - gap, 0.0), "high": high, "known_by": "by_prices"}
            left = len(asked) - sum(other["binds"] for other in rows)
            seconds = (until - time.monotonic()) / left
            plain = without_must(request, drafts[code].may)
            rows.append(row | (_searched(freer[code], plain, schedule, seconds, seed, gap, high) if searched else {}))
    return pl.DataFrame(rows, schema=RULE_PRICES).sort("by_prices", "price", descending=True, nulls_last=True, maintain_order=True)


class _Heads:
    """Prices of heads by the relaxation of a problem, and bounds at them.

    Attributes
    ----------
    lower : float
        Below which no roster of the problem costs.
    seconds : float
        That a bound takes.
    """

    def __init__(self, problem: Problem, schedule: Schedule, until: float, seed: int) -> None:
        rng = np.random.default_rng(seed)
        shares = Shares(problem, Pricing(problem), rosters_of(problem, schedule))
        began = time.monotonic()
        shares.look()
        self.seconds = time.monotonic() - began
        waited = 0
        while waited < PATIENCE and time.monotonic() + self.seconds < until:
            was = shares.bound
            shares.improve(until, rng)
            shares.look()
            waited = 0 if shares.bound - was > CLOSE * max(1.0, abs(was)) else waited + 1
        self.lower, self._prices = shares.bound, shares.prices

    def bound(self, freer: Problem) -> float:
        """Below which no roster of a freer problem costs."""
        return bound_at(freer, Pricing(freer), np.minimum(self._prices, freer.cover.steps[:, :, -1]))


def _searched(
    freer: Problem, plain: Cover, schedule: Schedule, seconds: float, seed: int, gap: float, high: float
) -> dict[str, float | str]:
    """What a search without a rule tells of its price."""
    if seconds < UNTIMED:
        return {}
    solved = solve(freer, seconds, start=schedule, seed=seed)
    now = roster_cost(freer, schedule)
    better = solved.schedule is not None and solved.cost < now
    price, high = now - solved.cost if better else 0.0, min(high, now - solved.bound)
    assert solved.schedule is not None, "who has a roster keeps having one when rules are fewer"
    return {
        "price": price,
        "low": max(price - gap, 0.0),
        "high": high,
        "calls": calls(freer, plain, solved.schedule) - calls(freer, plain, schedule) if better else 0.0,
        "known_by": "proven" if high - price <= 1e-6 * max(1.0, abs(now)) else "by_search",
    }


def calls(problem: Problem, plain: Cover, schedule: Schedule) -> float:
    """Calls that a roster resolves, whatever else it costs; `plain` as of `without_must`."""
    free = replace(problem, cost=np.zeros_like(problem.cost), off_cost=np.zeros_like(problem.off_cost), cover=plain)
    return -roster_cost(free, schedule)


def _same(one: Draft, other: Draft) -> bool:
    """Whether two drafts are one and the same problem."""
    arrays = (
        "follows", "allowed", "may_be_off", "least_minutes", "most_minutes", "longest_run", "shortest_run", "shortest_rest", "longest_nights", "most_weekends", "cost",
        "off_cost", "may", "least_cover", "must_cost",
    )  # fmt: skip
    if any(not np.array_equal(getattr(one, name), getattr(other, name)) for name in arrays) or set(one.counts) != set(other.counts):
        return False
    return all(np.array_equal(one.counts[kind][1], other.counts[kind][1]) for kind in one.counts)

"""How many people several businesses take together when each person takes some of them: by simulation, for there is no formula.

Between two bounds, everybody for one business only and everybody for all of them, lies what the centre's own mix of skills needs. It is found by simulation for a few levels
of load; in between, what is needed beyond the load is taken to grow with its square root (Halfin & Whitt, 1981), by a factor that is interpolated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coachline.engine.capability.profile.window import collected
from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.roster.forecast.history import HALF_S, at_level, offered
from coachline.engine.roster.simulation.calls import Impatience, Traffic
from coachline.engine.roster.simulation.crew import Crew
from coachline.engine.roster.simulation.trying import Habits, estimate, tried
from coachline.engine.roster.staffing.demand import Demand
from coachline.engine.roster.staffing.heads import Target
from coachline.engine.roster.staffing.service import AT_MOST

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Bools = NDArray[np.bool_]

LEVELS = 10
"""Levels of load that are simulated."""
CALLS = 2_500
TRIES = 6
"""Calls of a try and tries of a trial: a share is then known to about half a point, by people drawn anew every time."""
LEAST_CALLS = 20
"""Calls of a business from which on somebody is one who takes it."""
BEYOND = 1.5
"""So many times the people that separate teams would take are tried at most."""


@dataclass(frozen=True)
class Team:
    """Who takes what.

    Attributes
    ----------
    skilled : (people, businesses) bool array
    handle_cv : (businesses,) float array
        Scatter of single handle times, NaN where not known.
    urgency : (businesses,) float array
        Calls of a higher figure are answered first.
    impatience : Impatience or None
        How patience differs from an exponential distribution.
    """

    skilled: Bools
    handle_cv: Floats
    urgency: Floats
    impatience: Impatience | None = None


@dataclass(frozen=True)
class Shared:
    """What the team takes.

    Attributes
    ----------
    heads : (slots,) int array
    level, abandoned, occupancy : (slots, businesses) float array
        Service level by business with these heads, share abandoned, and occupancy of all (the same for every business); NaN where nobody calls.
    met : (slots,) bool array
        Whether the target holds for all calls together.
    """

    heads: Whole
    level: Floats
    abandoned: Floats
    occupancy: Floats
    met: Bools


def skilled_people(facts: Facts, period: Period, businesses: tuple[str, ...], level: int | None) -> Bools:
    """(people, businesses) who took enough calls of a business to be one who takes it; of a business of which nobody did, whoever took any.

    In any case what each took most.
    """
    rows = offered(facts, period)
    rows = rows.filter(rows.outcome == "answered", rows.agent_id.notnull()).select("agent_id", business=rows.business.fill_null(""))
    frame = collected(facts, rows.group_by(["agent_id", "business"]).aggregate(calls=rows.count())).sort("agent_id", "business")
    people = {name: n for n, name in enumerate(dict.fromkeys(frame["agent_id"]))}
    place = {name: n for n, name in enumerate(businesses)}
    handled = np.zeros((len(people), len(businesses)))
    for agent, business, calls in frame.iter_rows():
        if at_level(business, level) in place:
            handled[people[agent], place[at_level(business, level)]] += calls
    handled = handled[handled.sum(axis=1) > 0]
    enough = np.where(handled.max(axis=0, initial=0.0) >= LEAST_CALLS, LEAST_CALLS, 1)
    return np.asarray((handled >= enough) | (handled == handled.max(axis=1, keepdims=True, initial=0.0)) & (handled > 0))


def shared_heads(load: Demand, patience_s: Floats, goal: Target, team: Team, fewest: Whole, most: Whole, seed: int = 1) -> Shared:
    """People of the team's mix of skills with whom the target holds for all calls together.

    Parameters
    ----------
    load : Demand
    patience_s : (businesses,) float array
    goal : Target
    team : Team
        At least one person.
    fewest, most : (slots,) int array
        If everybody took everything, and if everybody took one business only.
    seed : int
    """
    slots, businesses = load.calls.shape
    erlangs = load.erlangs.sum(axis=1)
    some = np.flatnonzero(erlangs > 0)
    heads = np.zeros(slots, np.int64)
    level, abandoned, occupancy = (np.full((slots, businesses), np.nan) for _ in range(3))
    met = np.ones(slots, np.bool_)
    if not some.size:
        return Shared(heads, level, abandoned, occupancy, met)
    groups = np.array_split(some[np.argsort(erlangs[some], kind="stable")], min(LEVELS, some.size))
    at, beyond, trials = [], [], []
    for group in groups:
        mean = load.calls[group].mean(axis=0)
        handle = (load.calls[group] * load.handle_s[group]).sum(axis=0) / np.where(mean > 0, mean * len(group), 1.0)
        scene = _Scene(mean / HALF_S, np.where(mean > 0, handle, load.handle_s.mean(axis=0)), patience_s, goal, team, seed)
        number, trial = scene.fewest(int(fewest[group].min()), int(np.ceil(BEYOND * most[group].max())))
        trials.append(trial)
        at.append(scene.erlangs)
        beyond.append((number - scene.erlangs) / np.sqrt(scene.erlangs))
    factor = np.interp(np.sqrt(erlangs[some]), np.sqrt(at), beyond)
    heads[some] = np.ceil(erlangs[some] + factor * np.sqrt(erlangs[some]) - 0.5)
    heads[some] = np.clip(heads[some], fewest[some], np.maximum(most[some], fewest[some]))
    for group, trial in zip(groups, trials, strict=True):
        for whole, part in ((level, trial.level), (abandoned, trial.abandoned), (occupancy, trial.occupancy)):
            whole[group] = np.where(load.calls[group] > 0, part, np.nan)
        met[group] = trial.met
    return Shared(heads, level, abandoned, occupancy, met)


@dataclass(frozen=True)
class _Trial:
    level: Floats
    abandoned: Floats
    occupancy: float
    met: bool


@dataclass(frozen=True)
class _Scene:
    """One level of load, kept up until enough calls have come."""

    rate: Floats
    handle_s: Floats
    patience_s: Floats
    goal: Target
    team: Team
    seed: int

    @property
    def erlangs(self) -> float:
        return float((self.rate * self.handle_s).sum())

    def fewest(self, low: int, high: int) -> tuple[int, _Trial]:
        """The fewest people from `low` to `high` with whom the target holds, by halving; `high` where it never does."""
        low, best = max(low, 1) - 1, self.trial(high)
        while best.met and high - low > 1:
            middle = (low + high) // 2
            trial = self.trial(middle)
            if trial.met:
                high, best = middle, trial
            else:
                low = middle
        if self.goal.measure == "waits":
            # Whether they wait was asked; what is shown is the service level.
            seen = replace(self, goal=replace(self.goal, measure="abandoned")).trial(high)
            best = replace(best, level=seen.level)
        return high, best

    def trial(self, heads: int) -> _Trial:
        """What `heads` people do, drawn anew for every try."""
        length = CALLS / float(self.rate.sum())
        traffic = Traffic(
            (self.rate * length)[None, :], self.patience_s, self.team.handle_cv, slot_s=length, impatience=self.team.impatience
        )
        goal = self.goal
        habits = Habits(within_s=0.0 if goal.measure == "waits" else goal.within_s)
        found = tried(lambda number: self._crew(heads, length, number), traffic, habits, tries=TRIES, seed=self.seed)
        name = "service_level_strict" if goal.measure == "waits" else goal.measure
        whole = float(estimate(name, found).value)
        whole = 1.0 - whole if goal.measure == "waits" else whole
        occupancy = float(estimate("occupancy", found).value)
        kept = whole <= goal.share if goal.measure in AT_MOST else whole >= goal.share
        shown = "service_level_strict" if goal.measure in AT_MOST else goal.measure
        return _Trial(
            estimate(shown, found, over=(1,)).value, estimate("abandoned", found, over=(1,)).value, occupancy,
            bool(kept and occupancy <= goal.occupancy_cap),
        )  # fmt: skip

    def _crew(self, heads: int, length: float, number: int) -> Crew:
        """People drawn from the team; each is put to one of the businesses that they take, by its load."""
        # The first people of a larger crew are those of a smaller one, so that trials of both can be compared.
        people = np.random.default_rng((self.seed, number, 2)).integers(len(self.team.skilled), size=heads)
        skilled = self.team.skilled[people]
        weight = skilled * (self.rate * self.handle_s + 1e-12)
        edges = np.cumsum(weight, axis=1) / weight.sum(axis=1, keepdims=True)
        drawn = np.random.default_rng((self.seed, number, 3)).random(heads)
        post = (drawn[:, None] > edges[:, :-1]).sum(axis=1)
        start = np.zeros(heads)
        return Crew(
            np.arange(heads), post, start, start + length, skilled, np.broadcast_to(self.handle_s, skilled.shape).copy(),
            np.ones(skilled.shape), self.team.urgency,
        )  # fmt: skip


def dealt_out(heads: Whole, erlangs: Floats) -> Whole:
    """(slots, businesses) the heads of each slot by load, in whole people (largest remainders)."""
    total = erlangs.sum(axis=1, keepdims=True)
    exact = heads[:, None] * np.divide(erlangs, total, out=np.zeros_like(erlangs), where=total > 0)
    whole = np.floor(exact).astype(np.int64)
    rest = heads - whole.sum(axis=1)
    order = np.argsort(np.argsort(-(exact - whole), axis=1, kind="stable"), axis=1, kind="stable")
    return np.asarray(whole + ((order < rest[:, None]) & (total > 0)), np.int64)

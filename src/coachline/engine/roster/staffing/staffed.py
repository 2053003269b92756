"""People for a demand, by formula or by simulation, and what callers then meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.roster.forecast.history import HALF_S
from coachline.engine.roster.staffing.demand import Demand
from coachline.engine.roster.staffing.heads import Target, needed_heads
from coachline.engine.roster.staffing.service import AT_MOST, service
from coachline.engine.roster.staffing.several_skills import Team, dealt_out, shared_heads, skilled_people
from coachline.engine.roster.staffing.waits import Waits
from coachline.errors import CoachlineError

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Staffed:
    """People and service; figures are NaN where nobody calls, or where they are not known.

    Attributes
    ----------
    heads : (slots, businesses) int array
        At the phones.
    together : (slots,) int array
        Who would do if everybody could answer everything.
    level, abandoned, waits, occupancy : (slots, businesses) float array
        Service level (by the target's definition, or the usual one where the target is none), shares who hang up and who wait, occupancy.
    missed : int
        Half-hours (by formula, of single businesses) in which the target does not hold.
    """

    heads: Whole
    together: Whole
    level: Floats
    abandoned: Floats
    waits: Floats
    occupancy: Floats
    missed: int


def by_formula(load: Demand, patience_s: Floats, goal: Target, spread: Floats) -> Staffed:
    """Each business by itself.

    Parameters
    ----------
    load : Demand
    patience_s : (businesses,) float array
    goal : Target
    spread : (slots, businesses) float array
        Of the load, see `service`.
    """
    heads = needed_heads(load.erlangs, load.handle_s, patience_s, goal, spread=spread)
    met = service(load.erlangs, heads, load.handle_s, patience_s, goal.within_s, spread=spread)
    level = met.level("service_level_offered" if goal.measure in AT_MOST else goal.measure)
    together = one_team(load, patience_s, goal, spread)
    return Staffed(heads, together, level, met.abandoned, met.waits, met.occupancy, int((~goal.met(met)).sum()))


def by_simulation(load: Demand, patience_s: Floats, goal: Target, spread: Floats, team: Team) -> Staffed:
    """All businesses by one team of several skills; what an uncertain forecast adds is taken from the formula."""
    certain = np.zeros_like(spread)
    together, alone = (one_team(load, patience_s, goal, sd) for sd in (spread, certain))
    apart = needed_heads(load.erlangs, load.handle_s, patience_s, goal).sum(axis=1)
    shared = shared_heads(load, patience_s, goal, team, alone, apart)
    heads = dealt_out(shared.heads + together - alone, load.erlangs)
    occupancy = np.where(heads > 0, shared.occupancy, np.nan)
    return Staffed(heads, together, shared.level, shared.abandoned, np.full_like(shared.level, np.nan), occupancy, int((~shared.met).sum()))


def one_team(load: Demand, patience_s: Floats, goal: Target, spread: Floats) -> Whole:
    """(slots,) people who would do if everybody could answer everything: one queue."""
    erlangs, calls = load.erlangs, load.calls
    all_erlangs, all_calls = erlangs.sum(axis=1), calls.sum(axis=1)
    some = all_calls > 0
    weight = np.where(some, all_calls, 1.0)
    handle = np.where(some, all_erlangs / weight * HALF_S, HALF_S)
    leaving = (calls / patience_s).sum(axis=1) / weight
    patience = np.where(leaving > 0, 1.0 / np.where(leaving > 0, leaving, 1.0), np.inf)
    # Errors of the businesses' forecasts are taken to be independent, so that this is the fewest that could do.
    both = np.sqrt(((erlangs * spread) ** 2).sum(axis=1)) / np.where(some, all_erlangs, 1.0)
    return needed_heads(all_erlangs, handle, patience, goal, spread=both)


def team_of(
    facts: Facts, period: Period, load: Demand, waits: Waits, level: int | None, priorities: Mapping[str, float] | None
) -> tuple[Team, list[str]]:
    """Who takes what by the calls of a period, and the businesses that nobody takes.

    Raises
    ------
    CoachlineError
        ``nobody_takes_calls``, ``unknown_business``.
    """
    skilled = skilled_people(facts, period, load.businesses, level)
    if not len(skilled):
        raise CoachlineError("nobody_takes_calls")
    given = dict(priorities or {})
    for name in given:
        if name not in load.businesses:
            raise CoachlineError("unknown_priority", business=name, known=", ".join(load.businesses))
    known = dict(zip(waits.businesses, waits.handle_cv.tolist(), strict=True))
    cv = np.array([known.get(name, np.nan) for name in load.businesses])
    urgency = np.array([float(given.get(name, 0.0)) for name in load.businesses])
    nobody = [name for n, name in enumerate(load.businesses) if load.calls[:, n].any() and not skilled[:, n].any()]
    return Team(skilled, cv, urgency), nobody

"""Whole rosters from shares: those that are nearly whole are fixed, and the rest is solved anew, until all are."""

from __future__ import annotations

import time

import numpy as np

from coachline.engine.roster.solver.master import Relaxed
from coachline.engine.roster.solver.pricing import Roster
from coachline.engine.roster.solver.relaxation import Relaxation

NEARLY_WHOLE = 0.85
WHOLE = 0.999
FEWER = 0.8
"""Share of the people of a programme below which those who are open get one of their own."""
ROUNDS = 30
"""Of making rosters, after each fixing."""
CLOSE = 1e-5


def dive(
    relaxation: Relaxation, lp: Relaxed | None, until: float, limit: float = np.inf, rng: np.random.Generator | None = None
) -> list[Roster] | None:
    """One roster for each open person, beside those that the relaxation leaves fixed.

    Parameters
    ----------
    relaxation : Relaxation
        Is used up.
    lp : Relaxed or None
        Its solution; None where there was none in time.
    until : float
        Of `time.monotonic`; from then on no new rosters are made, only chosen.
    limit : float
        What a choice may cost: where those that are fixed leave none as cheap, the dive ends.
    rng : numpy.random.Generator, optional
        Draws what is fixed, the greater shares rather than the smaller; without it, it is the greatest.

    Returns
    -------
    list of Roster or None
        None where somebody has none, no programme could be solved, or the limit was passed.
    """
    whole: list[Roster] = []
    spent = 0.0
    while lp is not None and relaxation.open and relaxation.bound + spent <= limit:
        rosters, share, still_open = relaxation.master.rosters, lp.values, set(relaxation.open)
        odds = share if rng is None else share + rng.random(len(share))
        best: dict[int, int] = {}
        for column in np.flatnonzero(share > 0).tolist():
            person = rosters[column].person
            if person in still_open and (person not in best or odds[column] > odds[best[person]]):
                best[person] = column
        if not best:
            return None
        order = sorted(best.values(), key=lambda column: -odds[column])
        several = max(1, len(relaxation.open) // 4)
        for n, column in enumerate(order):
            if n == 0 or share[column] > WHOLE or (n < several and share[column] > NEARLY_WHOLE):
                relaxation.fix(column)
                whole.append(rosters[column])
        if len(relaxation.open) < FEWER * len(relaxation.master.people):
            relaxation = relaxation.narrowed(lp)
            spent = sum(roster.own_cost for roster in whole)
        now = time.monotonic()
        lp = relaxation.solve(now + (until - now) / max(len(relaxation.open), 1), rounds=ROUNDS, close=CLOSE)
    return None if relaxation.open else whole

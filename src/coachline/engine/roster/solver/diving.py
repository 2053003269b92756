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


def dive(relaxation: Relaxation, lp: Relaxed | None, until: float) -> list[Roster] | None:
    """One roster for each open person, beside those that the relaxation leaves fixed.

    Parameters
    ----------
    relaxation : Relaxation
        Is used up.
    lp : Relaxed or None
        Its solution; None where there was none in time.
    until : float
        Of `time.monotonic`; from then on no new rosters are made, only chosen.

    Returns
    -------
    list of Roster or None
        None where somebody has none, or no programme could be solved.
    """
    whole: list[Roster] = []
    while lp is not None and relaxation.open:
        rosters, share, still_open = relaxation.master.rosters, lp.values, set(relaxation.open)
        best: dict[int, int] = {}
        for column in np.flatnonzero(share > 0).tolist():
            person = rosters[column].person
            if person in still_open and (person not in best or share[column] > share[best[person]]):
                best[person] = column
        if not best:
            return None
        order = sorted(best.values(), key=lambda column: -share[column])
        several = max(1, len(relaxation.open) // 4)
        for n, column in enumerate(order):
            if n == 0 or share[column] > WHOLE or (n < several and share[column] > NEARLY_WHOLE):
                relaxation.fix(column)
                whole.append(rosters[column])
        if len(relaxation.open) < FEWER * len(relaxation.master.people):
            relaxation = relaxation.narrowed(lp)
        now = time.monotonic()
        lp = relaxation.solve(now + (until - now) / max(len(relaxation.open), 1), rounds=ROUNDS, close=CLOSE)
    return None if relaxation.open else whole

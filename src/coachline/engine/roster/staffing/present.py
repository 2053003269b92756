"""Who is at work anyway in the half-hours that are asked about: by the roster where it is known, else by the usual week."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from coachline.engine.facts import Facts
from coachline.engine.result import Note
from coachline.engine.roster.staffing.demand import Demand
from coachline.engine.training.plan.at_work import at_work


def present_people(facts: Facts, load: Demand, slots: NDArray[np.int64]) -> tuple[pa.Array, tuple[Note, ...]]:
    """People at work on average in each of `slots`, breaks and trainings taken off; null where there are no shifts.

    Parameters
    ----------
    facts : Facts
    load : Demand
        Says which days.
    slots : int array
        Half-hours counted from midnight of its first day.
    """
    if facts.has("shifts"):
        found = at_work(facts, (), load.first, load.days)
        if found.floor.any():
            return pa.array(found.floor[slots]), found.notes
    return pa.nulls(len(slots), pa.float64()), ()

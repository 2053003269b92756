"""The search where one programme solves what is freed: where people have a choice of posts, so that rosters are too many to be made one by one."""

from __future__ import annotations

import time
from collections.abc import Sequence

from coachline.engine.roster.solver.compact import CompactModel
from coachline.engine.roster.solver.neighbourhoods import Freed, Sizes
from coachline.engine.roster.solver.pricing import Roster
from coachline.engine.roster.solver.search import Search

LONGEST_STEP = 4.0
CLOSE = 1e-4
"""Gap of a step, as a share of what it costs, at which it ends."""


class ProgrammeSearch(Search):
    """Search by mixed-integer programmes."""

    SIZES = Sizes(people=3.0, days=3.0, short=2.0, crowd=16)

    def better(self, freed: Freed, now: Sequence[Roster], cost: float, until: float) -> Sequence[Roster] | None:
        began = time.monotonic()
        model = CompactModel(self.problem, self.pricing, freed.people, self.cells.heads, freed.allowed, freed.off)
        return model.solve(min(until, began + LONGEST_STEP) - time.monotonic(), CLOSE, now).rosters

"""What callers may rely on: somebody at every post at which they call."""

from __future__ import annotations

import numpy as np

from coachline.engine.roster.rules.draft import Draft
from coachline.engine.roster.rules.work import heads_wanted


def least_heads(draft: Draft) -> None:
    """Where calls are expected, `least_heads` are there; each that is missing costs `must_price` a slot, far more than the calls it would resolve."""
    request = draft.request
    wanted = heads_wanted(request)
    draft.least_cover = np.minimum(wanted, float(request.limits.least_heads))
    draft.must_cost = np.where(wanted > 0, request.limits.must_price, draft.must_cost)

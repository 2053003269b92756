"""What one training by each method usually does, so that the gain of the next one can be forecast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from coachline.engine.facts import Facts

METHODS = ("class", "coaching", "mentor", "drill", "recording")
PRIOR_CLOSED = 0.5
"""Share of the gap to the standard that a training closes, before anything is known of it here."""
PRIOR_SD = 0.25


@dataclass(frozen=True)
class MethodEffect:
    """What is known of one way of training.

    Attributes
    ----------
    method : str
    closed : float
        Share of the gap to the standard that one training closes, 1 being all of it: posterior mean.
    sd : float
        Posterior standard deviation of `closed`.
    trainings : int
        Effect files of the centre's own that tell something about it; 0 leaves the prior alone.
    """

    method: str
    closed: float
    sd: float
    trainings: int


def method_effects(facts: Facts) -> Mapping[str, MethodEffect]:
    """The effect of each method.

    Parameters
    ----------
    facts : Facts

    Returns
    -------
    Mapping of str to MethodEffect
        Every method of the table of trainings.
    """
    del facts
    return {method: MethodEffect(method, PRIOR_CLOSED, PRIOR_SD, 0) for method in METHODS}

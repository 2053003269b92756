"""What one training by each method usually does, so that the gain of the next one can be forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from weakref import WeakKeyDictionary

from coachline.engine.facts import Facts
from coachline.engine.operations.statistics import Settings
from coachline.engine.training.effect import CONFIDENCE, HALF_LIFE_DAYS, measure
from coachline.engine.training.effect_measured import Measured
from coachline.engine.training.effect_windows import WindowRule

METHODS = ("class", "coaching", "mentor", "drill", "recording")
PRIOR_CLOSED = 0.5
"""Share of the gap to the standard that a training closes, before anything is known of it here."""
PRIOR_SD = 0.25


TOLD_BY = ("resolved", "satisfied")
"""Outcomes by which a method is judged: the first that is recorded."""


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


_known: WeakKeyDictionary[Facts, Mapping[str, MethodEffect]] = WeakKeyDictionary()


def method_effects(facts: Facts) -> Mapping[str, MethodEffect]:
    """The effect of each method, from the centre's own effect files as far as they go.

    The gap of a file is how far its people stood below the others in weeks not used for choosing them. What a method closes of it is the sum of effects over the
    sum of gaps, each file weighted by its certainty: gaps are themselves measured, and a regression on them would find too little. Resolution tells, or, where it
    is not recorded, satisfaction.

    Parameters
    ----------
    facts : Facts

    Returns
    -------
    Mapping of str to MethodEffect
        Every method of the table of trainings.
    """
    if facts not in _known:
        _known[facts] = {method: _posterior(method, of_method) for method, of_method in _files(facts).items()}
    return _known[facts]


def _files(facts: Facts) -> dict[str, list[Measured]]:
    files: dict[str, list[Measured]] = {method: [] for method in METHODS}
    if not (facts.has("calls") and facts.has("trainings")):
        return files
    *_, measured = measure(facts, Settings(), WindowRule(), CONFIDENCE, HALF_LIFE_DAYS / 7, TOLD_BY)
    usable = [m for m in measured if m.compared is not None and m.compared.se > 0 and isfinite(m.gap)]
    told_by = next((outcome for outcome in TOLD_BY if any(m.outcome == outcome for m in usable)), None)
    for m in usable:
        if m.outcome == told_by and m.file.method in files:
            files[m.file.method].append(m)
    return files


def _posterior(method: str, files: Sequence[Measured]) -> MethodEffect:
    """Prior and files, both normal."""
    weight = effects = gaps = 0.0
    for m in files:
        assert m.compared is not None
        certainty = 1.0 / m.compared.se**2
        weight += certainty
        effects += certainty * m.better * m.compared.effect
        gaps += certainty * m.gap
    # People who stood no lower than the others have no gap of which a share could be closed.
    if gaps <= 0.0:
        return MethodEffect(method, PRIOR_CLOSED, PRIOR_SD, 0)
    prior, own = PRIOR_SD**-2, gaps**2 / weight
    return MethodEffect(method, (prior * PRIOR_CLOSED + own * effects / gaps) / (prior + own), (prior + own) ** -0.5, len(files))

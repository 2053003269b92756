"""What is asked of an outcome on a business: the centre's target, or else what is usual there, less a margin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coachline.engine.capability.outcome_fit import FittedOutcome
from coachline.engine.capability.outcomes import OUTCOMES, RATINGS, Outcome
from coachline.engine.facts import Facts
from coachline.engine.result import Note
from coachline.engine.stats.hierarchical.design import Floats
from coachline.engine.stats.hierarchical.likelihood import expected

Targets = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Standards:
    """Bars of an outcome, by business; NaN where there is none.

    Attributes
    ----------
    typical : (businesses,) float array
        What an agent drawn at random reaches there.
    standard : (businesses,) float array
        Worse than this is below standard.
    own : (businesses,) bool array
        The centre has set no target, so that the standard follows from what is usual.
    strong : (businesses,) float array
        Better than this is strong.
    """

    typical: Floats
    standard: Floats
    own: np.ndarray
    strong: Floats


def targets(facts: Facts) -> tuple[Targets, tuple[Note, ...]]:
    """Targets of the table of businesses, business -> outcome -> value; and notes on those that cannot be meant so.

    A share above 1 (88 for 88 %), a grade beyond the scale, or a name that is no outcome is left out, not guessed: a wrong unit would call everybody weak.
    """
    if not facts.has("businesses"):
        return {}, ()
    table = facts.table("businesses")
    # A map comes back from Spark as a structure with a field per key, so outcomes and targets come by themselves.
    parts = {"outcomes": table.standard.keys(), "targets": table.standard.values()}
    rows = facts.collect(table.filter(table.standard.notnull()).select("business", **parts).order_by("business")).to_pylist()
    kept: Targets = {}
    wrong: list[tuple[str, str, float | None]] = []
    for row in rows:
        for code, value in zip(row["outcomes"], row["targets"], strict=True):
            if code in OUTCOMES and value is not None and _possible(OUTCOMES[code], value):
                kept.setdefault(row["business"], {})[code] = value
            else:
                wrong.append((row["business"], code, value))
    if not wrong:
        return kept, ()
    business, code, value = wrong[0]
    return kept, (
        Note("targets_left_out", {"targets": len(wrong), "business": business, "name": code, "value": "-" if value is None else value}),
    )


def _possible(outcome: Outcome, value: float) -> bool:
    least, most = {"share": (0.0, 1.0), "rating": (float(min(RATINGS)), float(max(RATINGS))), "time": (1e-9, float("inf"))}[outcome.kind]
    return least <= value <= most


def standards(fitted: FittedOutcome, set_targets: Targets, margin: float) -> Standards:
    """The bars of one outcome.

    A target holds for its business and everything under it, unless a nearer one is set. Without a target the standard is a `margin` worse than
    usual, as a share of what goes wrong there: with 0.25, failures a quarter more frequent than usual.

    Parameters
    ----------
    fitted : FittedOutcome
    set_targets : dict
        As `targets` gives them.
    margin : float
    """
    outcome, fit = fitted.outcome, fitted.fit
    size = fitted.design.businesses
    level = fit.effects.business + fit.offset
    typical = expected(fitted.likelihood, level, np.diag(fit.system.covariance)[:size] + fit.spread.agent_side)
    target = np.array([target_of(set_targets, business, outcome.code) for business in fitted.roll.businesses])
    usual = np.full(size, np.nan) if outcome.better == "none" else worse(outcome, typical, 1.0 + margin)
    strong = np.full(size, np.nan) if outcome.better == "none" else worse(outcome, typical, 1.0 / (1.0 + margin))
    return Standards(typical, np.where(np.isnan(target), usual, target), np.isnan(target), strong)


def worse(outcome: Outcome, value: Floats, factor: float) -> Floats:
    """The value at which what goes wrong is `factor` times as much; what goes wrong is the distance to perfection."""
    if outcome.better == "down":
        return np.minimum(value * factor, 1.0)
    best, least = (max(RATINGS), min(RATINGS)) if outcome.kind == "rating" else (1.0, 0.0)
    return np.maximum(best - (best - value) * factor, least)


def target_of(set_targets: Targets, business: str, code: str) -> float:
    """The target that holds for a business, NaN where none is set: its own, or that of the nearest one above it."""
    parts = business.split("/")
    for depth in range(len(parts), 0, -1):
        value = set_targets.get("/".join(parts[:depth]), {}).get(code)
        if value is not None:
            return float(value)
    return float("nan")

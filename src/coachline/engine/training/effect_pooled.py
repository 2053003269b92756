"""What several effect files say together: of a method, of a business, and of what must not be there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri, stdtrit

from coachline.engine.stats.effects.least_squares import fit_units
from coachline.engine.training.designs.shares import Compared
from coachline.engine.training.effect_measured import Measured, verdict

CERTAINTY = 0.99
"""Of a check: several outcomes are checked, and one in a hundred may fail by chance alone."""


@dataclass(frozen=True)
class Pooled:
    """A mean over files.

    Attributes
    ----------
    effect, se, low, high : float
    files : int
    between_sd : float
        How much the true effects of the files differ.
    """

    effect: float
    se: float
    low: float
    high: float
    files: int
    between_sd: float


def pooled(effects: Sequence[float], errors: Sequence[float], confidence: float) -> Pooled:
    """Mean of effects of which each is known with an error of its own and which may truly differ.

    References
    ----------
    DerSimonian & Laird (1986), Control. Clin. Trials 7, 177-188, with the variance of Paule & Mandel (1982).
    """
    effect, error = np.array(effects), np.array(errors)
    if len(effect) > 1:
        fitted = fit_units(effect, np.ones((len(effect), 1)), error**2)
        mean, se, between = float(fitted.coefficients[0]), fitted.se(0), fitted.between
    else:
        mean, se, between = float(effect[0]), float(error[0]), 0.0
    # How much the files differ is itself known from few of them only.
    tail = 0.5 + confidence / 2
    half = se * float(stdtrit(len(effect) - 1, tail) if between > 0 else ndtri(tail))
    return Pooled(mean, se, mean - half, mean + half, len(effect), float(np.sqrt(between)))


def pooled_compared(found: Iterable[Compared], confidence: float) -> Pooled | None:
    """Mean of comparisons; None without any."""
    each = [c for c in found if c.se > 0 and np.isfinite(c.se)]
    return pooled([c.effect for c in each], [c.se for c in each], confidence) if each else None


def method_rows(measured: Sequence[Measured], confidence: float) -> list[dict[str, object]]:
    """Rows of the table ``methods``: by outcome, over all files, per method and per business."""
    rows: list[dict[str, object]] = []
    for outcome in dict.fromkeys(m.outcome for m in measured):
        groups: dict[tuple[str, str], list[Measured]] = {}
        for m in (m for m in measured if m.outcome == outcome and m.compared is not None):
            groups.setdefault(("", ""), []).append(m)
            if m.file.method is not None:
                groups.setdefault((m.file.method, ""), []).append(m)
            groups.setdefault(("", m.file.business), []).append(m)
        for method, business in sorted(groups, key=lambda key: (bool(key[1]), key)):
            rows.append({"method": method or None, "business": business or None, **_row(outcome, groups[method, business], confidence)})
    return rows


def _row(outcome: str, files: Sequence[Measured], confidence: float) -> dict[str, object]:
    mean = pooled_compared((m.compared for m in files if m.compared is not None), confidence)
    assert mean is not None
    better = files[0].better
    found = verdict(mean, better)
    known = [m for m in files if m.file.hours is not None]
    hours = sum(m.file.hours or 0.0 for m in known)
    # The mean effect on the cases of all: the single effects are far too uncertain to be multiplied one by one.
    gained = better * mean.effect * sum(m.cases_after for m in known)
    naive = [m.naive for m in files if np.isfinite(m.naive)]
    return {
        "outcome": outcome,
        "trainings": len(files),
        "n_trained": sum(m.compared.treated for m in files if m.compared is not None),
        "naive": float(np.mean(naive)) if naive else None,
        "effect": mean.effect,
        "low": mean.low,
        "high": mean.high,
        "verdict": found,
        "between_sd": mean.between_sd,
        "hours": hours if known else None,
        "gained_calls": gained if known else None,
        "hours_per_gained_call": hours / gained if known and found == "worked" else None,
    }

"""Pass rates corrected by a second hearing of a random part of the passes.

The first hearing is one sample, the audit a sample of its passes: of P = share passed and g = share of the passes that stand, P g is what would
pass if every pass were heard again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from coachline.engine.stats.proportions import product, wilson

Z = 1.6448536269514722
"""Of 90 % intervals."""

RATES = (
    "pass_rate",
    "false_pass_rate",
    "corrected_pass_rate",
    "low",
    "high",
    "false_low",
    "false_high",
    "these_low",
    "these_high",
    "calls_pass_rate",
    "calls_corrected",
    "calls_low",
    "calls_high",
)


def rates(sums: Mapping[str, Any], first_recorded: bool) -> dict[str, float | None]:
    """Rates and 90 % intervals from sums of `audit_pairs`.

    Parameters
    ----------
    sums : mapping
        `audit_pairs.COUNTS` and `audit_pairs.WEIGHED`.
    first_recorded : bool
        Selection probabilities of the first hearings are known, so that all calls can be spoken for (``calls_...``).

    Returns
    -------
    dict
        `RATES`; None where there is nothing to compute from. ``low``, ``high``: of calls like these, of which both hearings are samples;
        ``these_low``, ``these_high``: of the inspected calls themselves, of which only those not rechecked are unsure.

    References
    ----------
    Two phases: Särndal, Swensson & Wretman (1992), *Model Assisted Survey Sampling*, chapter 9; ratio of weighted totals: Hajek (1971); effective
    number of cases: Kish (1965), *Survey Sampling*, 8.2.
    """
    found: dict[str, float | None] = dict.fromkeys(RATES)
    inspected, passed, rechecked = (int(sums[name]) for name in ("inspected", "passed", "rechecked"))
    if not inspected:
        return found
    rate = passed / inspected
    found["pass_rate"] = rate
    if first_recorded:
        found["calls_pass_rate"] = sums["first_passed"] / sums["first"]
    if not rechecked:
        return found
    false = min(sums["w_over"] / sums["w"], 1.0)
    # Weights that are all alike make a share of whole numbers, and that it shall be to the last digit.
    if sums["w_sq"] * rechecked <= sums["w"] ** 2 * (1 + 1e-12):
        false = sums["overturned"] / rechecked
    cases = _cases(sums, "w", "over")
    stands = wilson(1 - false, cases, Z)
    found["false_pass_rate"] = false
    found["corrected_pass_rate"] = (passed - passed * false) / inspected
    found["false_low"], found["false_high"] = 1 - stands[1], 1 - stands[0]
    found["low"], found["high"] = product(rate, wilson(rate, inspected, Z), 1 - false, stands)
    # Of the passes themselves, only those not rechecked are unsure.
    known = wilson(1 - false, cases / (1 - rechecked / passed) if rechecked < passed else np.inf, Z)
    found["these_low"], found["these_high"] = (rate * end for end in known)
    if first_recorded:
        share, standing = found["calls_pass_rate"], 1 - min(sums["all_over"] / sums["all"], 1.0)
        assert share is not None
        whole = wilson(share, _cases(sums, "first", "passed"), Z)
        found["calls_corrected"] = share * standing
        found["calls_low"], found["calls_high"] = product(share, whole, standing, wilson(standing, _cases(sums, "all", "over"), Z))
    return found


def _cases(sums: Mapping[str, Any], weight: str, event: str) -> float:
    """As how many cases of equal weight the weighted share of an event is sure: by its linearised variance, at the edges by the weights alone."""
    total, squares, part, part_squares = (float(sums[f"{weight}{suffix}"]) for suffix in ("", "_sq", f"_{event}", f"_sq_{event}"))
    share = part / total
    variance = (part_squares * (1 - share) ** 2 + (squares - part_squares) * share**2) / total**2
    return share * (1 - share) / variance if 0 < share < 1 and variance > 0 else total**2 / squares


def differ_by_chance(rechecked: np.ndarray, overturned: np.ndarray, draws: int = 4000, seed: int = 20260302) -> float | None:
    """Chance that inspectors who are all alike differ as much in their share of false passes.

    Parameters
    ----------
    rechecked, overturned : numpy.ndarray
        (inspectors,) counts.
    draws : int
        The overturned are dealt out so often among the rechecked; with few of them no formula holds.
    seed : int

    Returns
    -------
    float or None
        None with fewer than two inspectors, or where none or all are overturned.
    """
    kept = rechecked > 0
    n, k = rechecked[kept].astype(np.int64), int(overturned[kept].sum())
    if len(n) < 2 or not 0 < k < n.sum():
        return None
    expected = n * (k / n.sum())

    def apart(counts: np.ndarray) -> np.ndarray:
        return np.asarray(((counts - expected) ** 2 / expected).sum(axis=-1))

    dealt = np.random.default_rng(seed).multivariate_hypergeometric(n, k, size=draws)
    return float((1 + (apart(dealt) >= apart(overturned[kept]) - 1e-9).sum()) / (1 + draws))

"""What would make a coefficient of agreement mislead: no spread, rare faults, impressions, changed agreement, calls unlike the rest."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from scipy.special import chdtrc

from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.quality.agreement_rows import ITEM, SCORE, Asked
from coachline.engine.quality.agreement_sheets import Sheets
from coachline.engine.quality.inspected import has_score, random_part
from coachline.engine.result import Check, Note
from coachline.engine.stats.halo import Halo, halo
from coachline.engine.stats.intraclass import IntraclassSums

BAND, CROWDED = 10.0, 0.9
"""A band of the scale of this many points, and the share of scores in it from which there is too little spread to tell calls apart."""

HALO_MATTERS = 0.02
"""A mean correlation left over that is worth a word; less than this can come from the scale of probabilities alone."""

SURE = 0.01
"""Chance of a false alarm of each check on its own."""

LIKE, LIKE_SPREAD = 0.3, (0.7, 1.4)
"""How far calls heard twice may lie from the others, in standard deviations, and in the ratio of the spreads."""

RARE = 0.9
"""Percent agreement from which a low coefficient is owed to rare faults, not to inspectors."""


def halo_of(sheets: Sheets) -> Halo:
    """Of the sheets with items."""
    wide = sheets.marks.pivot(on="item", index=["unit", "rater"], values="failed", aggregate_function="max")
    wide = wide.filter(pl.len().over("unit") >= 2).sort("unit", "rater")
    if wide.is_empty():
        return Halo(*[np.nan] * 7)
    unit, rater = (np.unique(wide[name].to_numpy(), return_inverse=True)[1].reshape(-1) for name in ("unit", "rater"))
    return halo(unit, rater, wide.drop("unit", "rater").to_numpy().astype(float))


def checks(facts: Facts, period: Period, sheets: Sheets, asked: Asked, months: pl.DataFrame, found: Halo) -> Iterator[Check]:
    """Those that the data allow."""
    score = sheets.of_score()
    if score.units >= asked.fewest:
        yield _spread(sheets)
        compared = _like_the_rest(facts, period, sheets)
        if compared is not None:
            yield compared
    if np.isfinite(found.excess) and sheets.units >= asked.fewest:
        together = {"sheet": found.same_sheet, "call": found.same_call, "low": found.low, "high": found.high}
        yield Check("items_are_judged_one_by_one", bool(found.low <= HALO_MATTERS), found.excess, together)
    for kind in (SCORE, "passed"):
        steady = _steady(months.filter(kind=kind, coefficient=f"krippendorff_alpha_{'interval' if kind == SCORE else 'nominal'}"), asked)
        if steady is not None:
            yield steady


def _spread(sheets: Sheets) -> Check:
    """Range restriction: where all scores lie in a narrow band, calls cannot be told apart, however much inspectors agree."""
    scores = np.sort(sheets.frame["score"].drop_nulls().to_numpy())
    within = np.searchsorted(scores, scores + BAND, side="right") - np.arange(len(scores))
    start = int(np.argmax(within))
    share = float(within[start] / len(scores))
    ratings = sheets.of_score()
    sums = IntraclassSums("icc_a_1", ratings, int(ratings.names.max()) + 1)
    parts = sums.variances(sums.columns.sum(axis=0))
    spread = {
        name: float(np.sqrt(max(float(part), 0.0))) if np.isfinite(part) else 0.0 for name, part in zip(parts._fields, parts, strict=True)
    }
    facts = {"low": float(scores[start]), "high": float(scores[start + within[start] - 1]), "calls": spread["unit"]}
    return Check("scores_use_the_scale", share < CROWDED, share, {**facts, "severity": spread["rater"], "rest": spread["rest"]})


def _like_the_rest(facts: Facts, period: Period, sheets: Sheets) -> Check | None:
    """Whether calls heard twice are like those by which agents are judged: agreement on others says little about these."""
    inspections = facts.table("inspections")
    rows = inspections.filter(has_score(inspections), random_part(inspections))
    rows = period.rows(facts, rows, "inspected_at") if period != Period() else rows
    [all_of] = facts.collect(rows.aggregate(n=rows.count(), total=rows.score.sum(), squares=(rows.score * rows.score).sum())).to_pylist()
    scores = sheets.frame["score"].drop_nulls().to_numpy()
    if not all_of["n"] or all_of["n"] < 2 * len(scores):
        return None
    mean = all_of["total"] / all_of["n"]
    spread = float(np.sqrt(max(all_of["squares"] / all_of["n"] - mean**2, 0.0)))
    if spread <= 0:
        return None
    distance, ratio = float(scores.mean() - mean) / spread, float(scores.std()) / spread
    like = abs(distance) <= LIKE and LIKE_SPREAD[0] <= ratio <= LIKE_SPREAD[1]
    return Check("heard_twice_like_the_rest", bool(like), distance, {"mean": float(scores.mean()), "all": float(mean), "ratio": ratio})


def _steady(months: pl.DataFrame, asked: Asked) -> Check | None:
    """Whether agreement is the same in all months with enough calls: chi-square of the months about their mean, weighted by precision."""
    known = months.filter(pl.col("units") >= asked.fewest, pl.col("value").is_not_null(), pl.col("se") > 0)
    if known.height < 2:
        return None
    value, weight = known["value"].to_numpy(), 1 / known["se"].to_numpy() ** 2
    apart = float((weight * (value - np.average(value, weights=weight)) ** 2).sum())
    p = float(chdtrc(known.height - 1, apart))
    first, last = (known.sort("month").row(place, named=True) for place in (0, -1))
    ends = {"first": first["month"], "last": last["month"], "before": first["value"], "after": last["value"]}
    return Check("agreement_is_steady", p >= SURE, p, {"item": first["item"], **ends})


def notes(sheets: Sheets, table: pl.DataFrame, asked: Asked, purposes: tuple[str, ...]) -> Iterator[Note]:
    """What was left out, and which figures are not what they seem."""
    if sheets.ambiguous:
        yield Note("call_number_stands_twice", {"calls": sheets.ambiguous})
    if sheets.heard_twice:
        yield Note("same_inspector_again", {"sheets": sheets.heard_twice})
    if sheets.units < asked.fewest:
        yield Note("few_calls_heard_twice", {"calls": sheets.units, "fewest": asked.fewest})
    if "calibration" in purposes:
        yield Note("calibration_must_be_blind")
    alpha = table.filter(kind=ITEM, coefficient="krippendorff_alpha_nominal").select("item", "value", "units")
    seen = table.filter(kind=ITEM, coefficient="percent_agreement").select("item", share="value")
    items = alpha.join(seen, on="item").filter(pl.col("share") >= RARE, pl.col("units") >= asked.fewest)
    never = items.filter(pl.col("value").is_null())
    low = items.filter(pl.col("value") < 0.667)
    if never.height:
        yield Note("items_never_vary", {"items": never.height, "example": never["item"][0]})
    if low.height:
        yield Note("rare_faults_lower_alpha", {"items": low.height, "example": low["item"][0]})

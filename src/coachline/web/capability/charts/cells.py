"""Cells and their neighbours in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from coachline.report.capability import Measure
from coachline.report.figures import Figures
from coachline.web.capability.charts.strips import Scale, Strip


@dataclass(frozen=True)
class Written:
    """An estimate as people read it.

    Attributes
    ----------
    outcome : str
        Its name.
    estimate, interval, standard, p_below, certainty, counted : str
        ``counted`` is the plain rate, as counted; empty where there is none.
    verdict : str
        In words; empty where none is given.
    verdict_code : str
    n : int
    successes : int or None
    strip : Strip
    """

    outcome: str
    estimate: str
    interval: str
    standard: str
    p_below: str
    certainty: str
    counted: str
    verdict: str
    verdict_code: str
    n: int
    successes: int | None
    strip: Strip


def written(measure: Measure, row: Mapping[str, Any], show: Figures, scale: Scale, band: tuple[float, float] | None = None) -> Written:
    """A row of the matrix, or of the agents over all businesses."""
    words, unit = show.words, measure.unit
    told = measure.judged and row["n"] > 0
    standard = row.get("standard")
    raw = row.get("raw", row.get("observed"))
    return Written(
        outcome=words(f"outcome.{measure.code}"),
        estimate=show.estimate(unit, row["estimate"], row["low"], row["high"]),
        interval=show.interval(unit, row["low"], row["high"]),
        standard=show.estimate(unit, standard) if measure.sign else show.unknown,
        p_below=show.probability(row.get("p_below")) if measure.sign else show.unknown,
        certainty=show.probability(row.get("certainty")),
        counted="" if raw is None else show.share(raw, row["n"]) if unit == "share" and row["n"] else show.estimate(unit, raw),
        verdict=words(f"verdict.{row['verdict']}") if told else "",
        verdict_code=row["verdict"] if told else "",
        n=row["n"],
        successes=row.get("successes"),
        strip=scale.strip(
            row["estimate"],
            row["low"],
            row["high"],
            standard=standard if measure.sign else None,
            band=band,
            verdict=row["verdict"] if told else None,
        ),
    )


def scale_of(row: Mapping[str, Any], band: tuple[float, float] | None) -> Scale:
    """A scale for one row alone."""
    return Scale.of(row["low"], row["high"], row["estimate"], row.get("standard"), *(band or ()))


def meaning(measure: Measure, row: Mapping[str, Any], show: Figures, *, own: bool) -> str:
    """What follows from a cell, in a sentence; `own` where somebody reads of themselves."""
    words = show.words
    if not row["n"]:
        return words("web.capability.means.unseen_own" if own else "web.capability.means.unseen")
    if not measure.sign:
        return words("web.capability.means.no_direction")
    if measure.alike:
        return words("web.capability.means.alike")
    code = {"strong": "strong", "meets": "meets", "below": "below"}.get(row["verdict"], "unknown")
    facts = {
        "chance": show.probability(row["p_below"]),
        "sure": show.probability(None if row["p_below"] is None else 1.0 - row["p_below"]),
        "n": show.count(row["n"]),
    }
    return words(f"web.capability.means.{code}_own" if own else f"web.capability.means.{code}", **facts)

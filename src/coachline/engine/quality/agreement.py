"""Do inspectors who hear the same call give the same? Per item, for passing and for the score, by version of the form and by month."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
from scipy.special import stdtrit

from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.quality import agreement_checks as judged
from coachline.engine.quality.agreement_rows import AGREEMENT, ITEM, LEVEL, PASSED, SCORE, Asked, rows
from coachline.engine.quality.agreement_sheets import Sheets, double_scored
from coachline.engine.quality.purposes import purposes_of
from coachline.engine.result import Findings

_GROUPED = [name for name in AGREEMENT if name not in ("boot_low", "boot_high")]

INSPECTORS = pl.Schema(
    {
        "inspector_id": pl.String(),
        "units": pl.Int64(),
        "item_agreement": pl.Float64(),
        "pass_agreement": pl.Float64(),
        "score_difference": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
    }
)
"""``score_difference``: mean points above (+) or below (-) the others who heard the same calls, with its interval."""


def agreement(
    facts: Facts,
    *,
    since: date | None = None,
    until: date | None = None,
    purposes: str = "score,calibration",
    weighting: str = "quadratic",
    tolerance: float = 5.0,
    fewest_calls: int = 20,
    resamples: int = 1000,
) -> Findings:
    """Agreement of inspectors on the calls that two or more of them heard.

    Parameters
    ----------
    facts : Facts
    since, until : date, optional
        Of the inspections.
    purposes : str
        Which inspections are compared, separated by commas; one without a purpose counts as ``score``.
    weighting : str
        How near two scores count as being, in all coefficients but alpha, which brings its own: ``identity``, ``linear``, ``quadratic``,
        ``ordinal``, ``radical`` or ``ratio``.
    tolerance : float
        Points by which scores may differ and still agree (``percent_within``).
    fewest_calls : int
        Below this number of calls nothing is concluded.
    resamples : int
        Of calls, for ``boot_low`` and ``boot_high``; 0 for none.

    Returns
    -------
    Findings
        Table ``agreement`` (schema `AGREEMENT`): per item, for ``passed`` and for ``score`` every coefficient with analytic and bootstrap 95 %
        intervals, and a verdict (``reliable``, ``tentative``, ``unreliable``, ``unclear``, ``not_enough_evidence``). ``versions`` and
        ``months``: the same, three coefficients each, by form and version, and by month. ``inspectors`` (schema `INSPECTORS`).

    Raises
    ------
    CoachlineError
        ``period_backwards``, ``unknown_purpose``, ``no_call_heard_by_two``.
    """
    period = Period.of(since, until)
    wanted = purposes_of(purposes)
    asked = Asked(weighting, tolerance, fewest_calls, resamples)
    sheets = double_scored(facts, period, wanted)
    table = rows(sheets, asked)
    months = _by(sheets, asked, ["month"])
    versions = _by(sheets, asked, ["form", "form_version"])
    found = judged.halo_of(sheets)
    return Findings(
        tables={
            "agreement": table.to_arrow(),
            "versions": versions.to_arrow(),
            "months": months.to_arrow(),
            "inspectors": _inspectors(sheets).to_arrow(),
        },
        values={
            "calls": sheets.units,
            "sheets": sheets.frame.height,
            "inspectors": sheets.frame["inspector_id"].n_unique(),
            "items": len(sheets.items),
            "reliable_items": table.filter(kind=ITEM, coefficient="gwet_ac1", verdict="reliable").height,
            "alpha_score": _value(table, SCORE, "krippendorff_alpha_interval"),
            "alpha_passed": _value(table, PASSED, "krippendorff_alpha_nominal"),
            "icc_score": _value(table, SCORE, "icc_a_1"),
            "icc_score_without_severity": _value(table, SCORE, "icc_c_1"),
            "halo": float(found.excess) if np.isfinite(found.excess) else None,
        },
        checks=tuple(judged.checks(facts, period, sheets, asked, months, found)),
        notes=tuple(judged.notes(sheets, table, asked, wanted)),
    )


def _value(table: pl.DataFrame, kind: str, coefficient: str) -> float | None:
    found = table.filter(kind=kind, coefficient=coefficient)["value"]
    return None if found.is_empty() or found[0] is None else float(found[0])


def _by(sheets: Sheets, asked: Asked, keys: list[str]) -> pl.DataFrame:
    """The headline coefficients in each group of calls; calls of which the group is not known are left out."""
    parts = []
    for group in sheets.frame.select(keys).drop_nulls(keys[-1]).unique().sort(keys).iter_rows(named=True):
        kept = pl.all_horizontal(pl.col(name).eq_missing(pl.lit(value)) for name, value in group.items())
        found = rows(sheets.where(kept), asked, headline=True)
        parts.append(found.select(*(pl.lit(value, pl.String).alias(name) for name, value in group.items()), *_GROUPED))
    return pl.concat(parts) if parts else pl.DataFrame(schema={**dict.fromkeys(keys, pl.String()), **{n: AGREEMENT[n] for n in _GROUPED}})


def _inspectors(sheets: Sheets) -> pl.DataFrame:
    """Each inspector beside the others who heard the same calls."""

    def beside_others(frame: pl.DataFrame, by: list[str], column: str) -> pl.DataFrame:
        """Own figure and mean of the others', where there are others."""
        known = frame.filter(pl.col(column).is_not_null())
        n, total = pl.len().over(by), pl.col(column).sum().over(by)
        return known.with_columns(others=(total - pl.col(column)) / (n - 1)).filter(n >= 2)

    def same(frame: pl.DataFrame, by: list[str], column: str, name: str) -> pl.DataFrame:
        """Mean share of the others who gave the same yes or no."""
        found = beside_others(frame, by, column).with_columns(same=1 - (pl.col(column) - pl.col("others")).abs())
        return found.group_by("inspector_id").agg(pl.col("same").mean().alias(name))

    apart = beside_others(sheets.frame, ["unit"], "score").with_columns(d=pl.col("score") - pl.col("others"))
    apart = apart.group_by("inspector_id").agg(score_difference=pl.col("d").mean(), sd=pl.col("d").std(), n=pl.len())
    table = sheets.frame.group_by("inspector_id").agg(units=pl.col("unit").n_unique().cast(pl.Int64))
    for other in (
        same(sheets.marks, ["unit", "item"], "failed", "item_agreement"),
        same(sheets.frame, ["unit"], "passed", "pass_agreement"),
        apart,
    ):
        table = table.join(other, on="inspector_id", how="left")
    n = table["n"].fill_null(0).to_numpy()
    half = stdtrit(np.maximum(n - 1, 1), (1 + LEVEL) / 2) * table["sd"].to_numpy().astype(float) / np.sqrt(np.maximum(n, 1))
    middle = table["score_difference"].to_numpy().astype(float)
    table = table.with_columns(low=pl.Series(middle - half), high=pl.Series(middle + half))
    return (
        table.select(pl.col(name).cast(kind) for name, kind in INSPECTORS.items())
        .with_columns(pl.col(pl.Float64).fill_nan(None))
        .sort("inspector_id")
    )

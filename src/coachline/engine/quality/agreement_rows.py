"""Rows of the tables of agreement: every coefficient of an item, of passing, and of the score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from coachline.engine.quality.agreement_sheets import Sheets
from coachline.engine.stats.agreement import COEFFICIENTS, Ratings, percent
from coachline.engine.stats.agreement_sums import RESAMPLED, AgreementSums
from coachline.engine.stats.agreement_weights import WEIGHTINGS, by_rank
from coachline.engine.stats.intraclass import KINDS, IntraclassSums, intraclass
from coachline.engine.stats.resampling import Figure, bootstrap

LEVEL = 0.95
"""Of the intervals, as in the literature on agreement."""

RELIABLE, TENTATIVE = 0.8, 0.667
"""Krippendorff (2004), p. 241: conclusions may rest on 0.8, tentative ones on 0.667."""

SEED = 20260301

PASSED, SCORE, ITEM = "passed", "score", "item"
"""Kinds of what is compared; the first two are also named so in the column ``item``."""

WITHOUT_CHANCE = ("percent_agreement", "percent_within")
"""Shares that agree, by chance or not: they bear no verdict."""

AGREEMENT = pl.Schema(
    {
        "item": pl.String(),
        "coefficient": pl.String(),
        "value": pl.Float64(),
        "se": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "raters": pl.Int64(),
        "units": pl.Int64(),
        "kind": pl.String(),
        "weights": pl.String(),
        "observed": pl.Float64(),
        "expected": pl.Float64(),
        "boot_low": pl.Float64(),
        "boot_high": pl.Float64(),
        "verdict": pl.String(),
    }
)


@dataclass(frozen=True)
class Asked:
    """How agreement is to be measured.

    Attributes
    ----------
    weighting : str
        Of `WEIGHTINGS`, for coefficients of the score other than alpha.
    tolerance : float
        Points by which scores may differ and still agree, in ``percent_within``.
    fewest : int
        Calls below which nothing is concluded.
    resamples : int
    """

    weighting: str
    tolerance: float
    fewest: int
    resamples: int


@dataclass(frozen=True)
class _Compared:
    """What is compared: an item, passing or the score."""

    kind: str
    item: str
    ratings: Ratings


@dataclass(frozen=True)
class _Row:
    """A row of the table and, if it is drawn again, its figure."""

    cells: dict[str, object]
    figure: Figure | None


def rows(sheets: Sheets, asked: Asked, headline: bool = False) -> pl.DataFrame:
    """Coefficients of the score, of passing and of every item.

    Parameters
    ----------
    sheets : Sheets
    asked : Asked
    headline : bool
        Only percent agreement, alpha and Gwet's coefficient, none of them drawn again.

    Returns
    -------
    polars.DataFrame
        Schema `AGREEMENT`.
    """
    found = [row for one in _compared(sheets) for row in _rows_of(one, asked, headline)]
    drawn = [] if headline else [row for row in found if row.figure is not None]
    figures: Sequence[Figure] = [row.figure for row in drawn if row.figure is not None]
    for row, (low, high) in zip(drawn, bootstrap(figures, asked.resamples, LEVEL, SEED), strict=True):
        row.cells.update(boot_low=low, boot_high=high)
    return pl.DataFrame([row.cells for row in found], schema=AGREEMENT, orient="row").with_columns(pl.col(pl.Float64).fill_nan(None))


def _compared(sheets: Sheets) -> Iterator[_Compared]:
    yield _Compared(SCORE, SCORE, sheets.of_score())
    yield _Compared(PASSED, PASSED, sheets.of_passed())
    for item, ratings in sheets.of_items().items():
        yield _Compared(ITEM, item, ratings)


def _rows_of(one: _Compared, asked: Asked, headline: bool) -> Iterator[_Row]:
    ratings = one.ratings
    if not ratings.units:
        return
    drawn_from = int(ratings.names.max()) + 1
    for code, name, weighting, weight in _score_plan(ratings, asked) if one.kind == SCORE else _yes_no_plan():
        if headline and code not in HEADLINE[one.kind]:
            continue
        if code == "percent_within":
            near = (np.abs(ratings.values[:, None] - ratings.values) <= asked.tolerance + 1e-9).astype(float)
            found, weight = percent(ratings, near, LEVEL), near
        else:
            found = COEFFICIENTS[name](ratings, weight, LEVEL)
        figure = None if headline or name not in RESAMPLED else AgreementSums(name, ratings, weight, drawn_from)
        cells = {"weights": weighting, "observed": found.observed, "expected": found.expected}
        ends = (found.value, found.se, found.low, found.high)
        yield _Row(_cells(one, code, ends, asked, cells), figure)
    if one.kind == SCORE and not headline:
        alone, crossed = (IntraclassSums(kind, ratings, drawn_from) for kind in KINDS[:2])
        for sums in (alone, crossed, crossed.as_kind("icc_c_1")):
            yield _Row(_cells(one, sums.kind, intraclass(sums, LEVEL), asked, {}), sums)


HEADLINE = {
    ITEM: ("percent_agreement", "krippendorff_alpha_nominal", "gwet_ac1"),
    PASSED: ("percent_agreement", "krippendorff_alpha_nominal", "gwet_ac1"),
    SCORE: ("percent_within", "krippendorff_alpha_interval", "gwet_ac2"),
}
"""What the tables of months and versions show of each kind."""

_Plan = Iterator[tuple[str, str, str, np.ndarray]]


def _yes_no_plan() -> _Plan:
    """With two categories all weights are the same."""
    for code, name in (
        ("percent_agreement", "percent"),
        ("krippendorff_alpha_nominal", "krippendorff"),
        ("fleiss_kappa", "fleiss"),
        ("conger_kappa", "conger"),
        ("gwet_ac1", "gwet"),
        ("brennan_prediger", "brennan_prediger"),
    ):
        yield code, name, "identity", np.eye(2)


def _score_plan(ratings: Ratings, asked: Asked) -> _Plan:
    values = ratings.values
    weight = WEIGHTINGS[asked.weighting](values)
    yield "percent_agreement", "percent", "identity", np.eye(len(values))
    yield "percent_within", "percent", "within", weight
    yield "krippendorff_alpha_nominal", "krippendorff", "identity", np.eye(len(values))
    yield "krippendorff_alpha_ordinal", "krippendorff", "rank", by_rank(ratings.counts)
    yield "krippendorff_alpha_interval", "krippendorff", "quadratic", WEIGHTINGS["quadratic"](values)
    yield "krippendorff_alpha_ratio", "krippendorff", "ratio", WEIGHTINGS["ratio"](values)
    yield "fleiss_kappa", "fleiss", asked.weighting, weight
    yield "conger_kappa", "conger", asked.weighting, weight
    yield "gwet_ac2", "gwet", asked.weighting, weight
    yield "brennan_prediger", "brennan_prediger", asked.weighting, weight


def _cells(one: _Compared, code: str, ends: tuple[float, ...], asked: Asked, cells: dict[str, object]) -> dict[str, object]:
    value, se, low, high = ends
    units = one.ratings.units
    verdict = None if code in WITHOUT_CHANCE else _verdict(value, low, high, units >= asked.fewest)
    numbers = {"value": value, "se": se, "low": low, "high": high, "raters": len(one.ratings.per_rater), "units": units}
    return dict.fromkeys(AGREEMENT) | {"item": one.item, "coefficient": code, "kind": one.kind, **numbers, **cells, "verdict": verdict}


def _verdict(value: float, low: float, high: float, enough: bool) -> str:
    if not enough or not np.isfinite([value, low, high]).all():
        return "not_enough_evidence"
    if low >= RELIABLE:
        return "reliable"
    if low >= TENTATIVE:
        return "tentative"
    return "unreliable" if high < TENTATIVE else "unclear"

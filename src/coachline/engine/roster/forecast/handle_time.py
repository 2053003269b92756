"""How long a call takes: by business, drawn towards what stands above it, and by hour of the day only where the calls show that hours differ.

Source: the random-effects model by moments, DerSimonian, Laird (1986), *Controlled Clinical Trials* 7, 177-188.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import ibis.expr.types as ir
import numpy as np
import polars as pl
from scipy.special import chdtrc

from coachline.engine import clock
from coachline.engine.capability.profile.window import collected
from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.roster.forecast.history import NO_BUSINESS, Floats, at_level, offered
from coachline.engine.roster.forecast.tree import Tree

DAYS = 126
"""Past days whose calls are looked at."""

HALF_LIFE = 42.0
"""Days after which a call counts half."""

CAP_SD = 4.0
"""Standard deviations of the logarithm from which on a call counts as just that long: a forgotten wrap-up."""

ODD_DAY = 5.0
"""Robust standard deviations from which on a day (of outage, say) does not count."""

HOURS = 24
EVIDENCE = 0.001
"""Chance by which hours would have to differ as they do if they did not, so that they count as different."""

LEAST_CALLS = 20
"""In an hour, for it to speak."""


@dataclass(frozen=True)
class HandleTime:
    """Mean seconds.

    Attributes
    ----------
    seconds : (businesses, 24) float array
        Talk, hold and wrap-up by hour of the day; NaN where nothing is recorded at all.
    spread : (businesses, 24) float array
        Relative standard deviation of that mean on a single day: what is not known of it, and how it moves from day to day.
    by_hour : (businesses,) bool array
        Whether a business has hours of its own.
    hours_differ : bool
        Whether hours of the whole centre differ.
    calls : int
        That were looked at.
    """

    seconds: Floats
    spread: Floats
    by_hour: np.ndarray
    hours_differ: bool
    calls: int


def handle_time(facts: Facts, end: int, businesses: Sequence[str], tree: Tree, level: int | None) -> HandleTime:
    """Handle times from the calls before day number `end`."""
    last = clock.EPOCH + timedelta(end - 1)
    rows = offered(facts, Period(last - timedelta(DAYS - 1), last))
    rows = rows.filter(rows.outcome == "answered", rows.talk_s.notnull())
    rows = rows.mutate(seconds=(rows.talk_s + rows.hold_s.fill_null(0) + rows.wrap_s.fill_null(0)).cast("float64"))
    rows = rows.filter(rows.seconds > 0)
    known = collected(facts, rows.aggregate(calls=rows.count(), mean=rows.seconds.ln().mean(), sd=rows.seconds.ln().std()))
    calls, mean, sd = known.row(0)
    size = len(businesses)
    if not calls:
        unknown = np.full((size, HOURS), np.nan)
        return HandleTime(unknown, unknown, np.zeros(size, np.bool_), False, 0)
    sums = _sums(facts, rows, float(np.exp(mean + CAP_SD * (sd or 0.0))), end - DAYS, businesses, level)
    return _estimated(sums, tree, int(calls))


def _sums(facts: Facts, rows: ir.Table, cap: float, first: int, businesses: Sequence[str], level: int | None) -> Floats:
    """(3, businesses, days, 24): calls, seconds, squares of seconds."""
    rows = rows.mutate(capped=(rows.seconds > cap).ifelse(cap, rows.seconds), at=rows.half // 2)
    found = collected(
        facts,
        rows.group_by(["business", "at"]).aggregate(calls=rows.count(), total=rows.capped.sum(), squares=(rows.capped * rows.capped).sum()),
    )
    place = {name: n for n, name in enumerate(businesses)}
    paths = {
        path: place.get(NO_BUSINESS if NO_BUSINESS in place else at_level(path, level) if path else "", -1)
        for path in found["business"].unique()
    }
    found = found.with_columns(row=pl.col("business").replace_strict(paths, return_dtype=pl.Int64)).filter(pl.col("row") >= 0)
    sums = np.zeros((3, len(businesses), DAYS, HOURS))
    at = found["at"].to_numpy().astype(np.int64) - first * HOURS
    for number, column in enumerate(("calls", "total", "squares")):
        np.add.at(sums[number], (found["row"].to_numpy(), at // HOURS, at % HOURS), found[column].to_numpy().astype(float))
    return sums


def _estimated(sums: Floats, tree: Tree, calls: int) -> HandleTime:
    ordinary, from_day_to_day = _ordinary(sums)
    weight = 0.5 ** ((DAYS - np.arange(DAYS)) / HALF_LIFE) * ordinary
    weighed = sums * weight[None, None, :, None]
    n, total, _ = tree.sums(weighed.sum(axis=(2, 3)).T).T
    # Weights below 1 make sums scatter like fewer calls.
    effective = tree.sums((sums[0] * (weight**2)[None, :, None]).sum(axis=(1, 2))[:, None])[:, 0]
    effective = np.divide(n**2, effective, out=np.zeros_like(n), where=effective > 0)
    mean = np.divide(total, n, out=np.full_like(n, np.nan), where=n > 0)
    relative = _relative_variance(*weighed.sum(axis=(2, 3)))
    drawn, doubt = np.empty_like(mean), np.empty_like(mean)
    drawn[0], doubt[0] = mean[0], relative / effective[0]
    for node in range(len(mean)):
        children = np.flatnonzero(tree.parent == node)
        if len(children):
            # A mean as long as the parent's, so that short ones are not believed more than long ones.
            variance = relative * drawn[node] ** 2 / np.maximum(effective[children], 1e-9)
            drawn[children], left = _towards(mean[children], variance, drawn[node])
            doubt[children] = left / drawn[children] ** 2
    own = drawn[tree.leaf]
    hours, doubt_of_hours, differ = _by_hour(weighed[0].sum(axis=1), weighed[1].sum(axis=1), own, relative)
    spread = np.sqrt(doubt[tree.leaf][:, None] + doubt_of_hours + max(from_day_to_day - relative / _calls_a_day(sums), 0.0))
    return HandleTime(own[:, None] * hours, spread, differ[1:], bool(differ[0]), calls)


def _calls_a_day(sums: Floats) -> float:
    by_day = sums[0].sum(axis=(0, 2))
    return float(np.median(by_day[by_day > 0]))


def _ordinary(sums: Floats) -> tuple[Floats, float]:
    """(days,) 1 for days on which calls took about as long as on others, else 0; and the relative variance of the centre's days."""
    by_day, usual = sums[:2].sum(axis=3), np.maximum(sums[0].sum(axis=(1, 2)), 1e-9)
    mean = sums[1].sum(axis=(1, 2)) / usual
    expected = (by_day[0] * mean[:, None]).sum(axis=0)
    seen = expected > 0
    away = np.log(np.divide(by_day[1].sum(axis=0), expected, out=np.ones_like(expected), where=seen))
    centre = np.median(away[seen])
    spread = 1.4826 * float(np.median(np.abs(away[seen] - centre)))
    kept = seen & (np.abs(away - centre) <= ODD_DAY * max(spread, 0.02))
    return np.asarray(kept, float), float(np.var(away[kept]))


def _towards(mean: Floats, variance: Floats, above: float) -> tuple[Floats, Floats]:
    """Means of brothers drawn towards what stands above them (those without calls are there), and the variance that is left."""
    known = np.isfinite(mean)
    if known.sum() < 2:
        return np.where(known, mean, above), np.where(known, variance, 0.0)
    precision = 1.0 / variance[known]
    centre = float((precision * mean[known]).sum() / precision.sum())
    excess = float((precision * (mean[known] - centre) ** 2).sum()) - (int(known.sum()) - 1)
    between = max(excess / max(precision.sum() - float((precision**2).sum() / precision.sum()), 1e-12), 0.0)
    found, left = np.full_like(mean, above), np.full_like(mean, between)
    found[known] = above + (mean[known] - above) * between / (between + variance[known])
    left[known] = between * variance[known] / (between + variance[known])
    return found, left


def _relative_variance(n: Floats, total: Floats, squares: Floats) -> float:
    """Variance of single calls of a business by its squared mean, over all businesses."""
    seen = n > 0
    mean_squares = float((total[seen] ** 2 / n[seen]).sum())
    return max(float(squares[seen].sum()) - mean_squares, 1e-6 * mean_squares) / mean_squares


def _by_hour(n: Floats, total: Floats, own: Floats, relative: float) -> tuple[Floats, Floats, np.ndarray]:
    """(businesses, 24) factors and their variances, and for the whole and each business whether hours differ."""
    expected = n * own[:, None]
    chance = relative * expected * own[:, None]
    whole, doubt, differ = _factors(*(each.sum(axis=0)[None] for each in (n, expected, total, chance)))
    factors, more, each = _factors(n, expected * whole, total, chance * whole**2)
    return whole * factors, doubt + more, np.concatenate([differ, each])


def _factors(n: Floats, expected: Floats, total: Floats, chance: Floats) -> tuple[Floats, Floats, np.ndarray]:
    """(series, 24) factors on the expected seconds (1 where hours do not differ beyond chance) with their variances, and for which series they do.

    Parameters
    ----------
    n, expected, total, chance : (series, 24) float arrays
        Calls; seconds that they should have taken; that they took; variance of these.
    """
    clear = (n >= LEAST_CALLS) & (expected > 0)
    ratio = np.divide(total, expected, out=np.ones_like(total), where=clear)
    variance = np.divide(chance, expected**2, out=np.full_like(total, np.inf), where=clear)
    precision = np.where(clear, 1.0 / variance, 0.0)
    mass = np.maximum(precision.sum(axis=1, keepdims=True), 1e-300)
    centre = (precision * ratio).sum(axis=1, keepdims=True) / mass
    square = (precision * (ratio - centre) ** 2).sum(axis=1)
    freedom = clear.sum(axis=1) - 1
    differ = np.where(freedom > 0, chdtrc(np.maximum(freedom, 1), square), 1.0) < EVIDENCE
    room = mass[:, 0] - (precision**2).sum(axis=1) / mass[:, 0]
    between = np.maximum((square - freedom) / np.maximum(room, 1e-300), 0.0) * differ
    kept = np.where(clear, between[:, None] / np.maximum(between[:, None] + variance, 1e-300), 0.0)
    left = np.where(clear, kept * np.where(clear, variance, 0.0), between[:, None])
    return np.where(clear, 1.0 + (ratio - 1.0) * kept, 1.0), left, differ

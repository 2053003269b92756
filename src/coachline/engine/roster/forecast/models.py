"""Simple models beside that of the calendar: what the same weekday, or the last days, showed.

They look at ordinary days only and forecast ordinary days only; holidays and events are left to the calendar model, which alone can know them.
Taylor (2008), *Management Science* 54, 253-265: beyond two or three days ahead a plain average of the same weekday is hard to beat.
"""

from __future__ import annotations

import numpy as np

from coachline.engine.roster.forecast.calendar import Days
from coachline.engine.roster.forecast.history import Bools, Floats

CALENDAR = "calendar"
MODELS = ("last_week", "mean_4", "mean_8", "trimmed_8", "smoothed", CALENDAR)

WEEKS = {"last_week": 1, "mean_4": 4, "mean_8": 8, "trimmed_8": 8}
"""Same weekdays that each looks at."""

TRIMMED = 1
"""Days left out at either end of `trimmed_8`."""

SMOOTHING = 0.2
"""Weight of the newest day in the smoothed level."""

LIMIT = 1.3
"""How far a single day may stand from the smoothed level, as a factor, when it is taken in."""


def simple(halves: Floats, days: Days, ahead: Days, usable: Bools, shaped: Floats) -> Floats:
    """Forecasts of the simple models.

    Parameters
    ----------
    halves : (businesses, days, 48) float array
    days, ahead : Days
        Of the past, and those asked for.
    usable : (days,) bool array
        Past days that are ordinary and have calls.
    shaped : (businesses, days ahead, 48) float array
        Shape of each day ahead, with sums of 1.

    Returns
    -------
    (models, businesses, days ahead, 48) float array
        In the order of `MODELS` without the last; NaN where no like day is known.
    """
    found = np.full((len(MODELS) - 1, len(halves), len(ahead.number), halves.shape[2]), np.nan)
    for kind in np.unique(ahead.type):
        at = np.flatnonzero(ahead.type == kind)
        like = np.flatnonzero(usable & (days.type == kind))
        for row, name in enumerate(MODELS[: len(WEEKS)]):
            last = halves[:, like[-WEEKS[name] :]]
            if not last.shape[1]:
                continue
            if name.startswith("trimmed") and last.shape[1] > 2 * TRIMMED + 1:
                # Whole days are left out, the largest and the smallest of the centre.
                order = np.argsort(last.sum(axis=(0, 2)))
                last = last[:, order[TRIMMED:-TRIMMED]]
            found[row][:, at] = last.mean(axis=1)[:, None]
    found[-1] = _smoothed(halves.sum(axis=2), days, ahead, usable)[:, :, None] * shaped
    return found


def _smoothed(totals: Floats, days: Days, ahead: Days, usable: Bools) -> Floats:
    """(businesses, days ahead): the exponentially smoothed level of the last days times the weekday's usual part of the week."""
    whole = totals.sum(axis=0)
    usual = {kind: whole[usable & (days.type == kind)] for kind in np.unique(days.type[usable])}
    mean = whole[usable].mean() if usable.any() else 0.0
    if mean <= 0:
        return np.full((len(totals), len(ahead.number)), np.nan)
    factor = {kind: max(float(np.median(values)) / mean, 1e-9) for kind, values in usual.items()}
    level = totals[:, usable].mean(axis=1)
    centre = level.sum()
    for day in np.flatnonzero(usable):
        away = totals[:, day] / factor[int(days.type[day])]
        # A day of outage or a spike may move the level by so much and no more.
        held = np.clip(away.sum() / centre, 1 / LIMIT, LIMIT) * centre / max(away.sum(), 1e-9)
        level = level + SMOOTHING * (away * held - level)
        centre = level.sum()
    return np.asarray(level[:, None] * np.array([factor.get(int(kind), np.nan) for kind in ahead.type])[None])

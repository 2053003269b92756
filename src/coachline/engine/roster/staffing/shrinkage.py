"""The share of rostered time that people are not at the phones."""

from __future__ import annotations

from typing import Literal

from coachline.engine.facts import Facts

AWAY = ("break", "training", "meeting")
"""What people do in rostered time away from the phones. Leave is planned before the roster and is no part of it."""
MOST = 0.8
"""A larger share is a fault of the records, not of the centre."""

Source = Literal["given", "from_shifts", "unknown"]


def shrinkage_of(facts: Facts, given: float | None) -> tuple[float, Source]:
    """Shrinkage as given, or as the shifts record it.

    Parameters
    ----------
    facts : Facts
    given : float, optional

    Returns
    -------
    share : float
        From 0 on and below 1; 0 where nothing is known.
    source : str
        ``given``, ``from_shifts`` or ``unknown``.
    """
    if given is not None:
        return given, "given"
    if not facts.has("shifts"):
        return 0.0, "unknown"
    shifts = facts.table("shifts")
    spans = shifts.select("activity", seconds=(facts.epoch_us(shifts.ends_at) - facts.epoch_us(shifts.starts_at)) / 1e6)
    spans = spans.filter(spans.seconds > 0)
    sums = spans.aggregate(
        away=spans.seconds.sum(where=spans.activity.isin(AWAY)).fill_null(0.0),
        work=spans.seconds.sum(where=spans.activity == "work").fill_null(0.0),
    )
    [row] = facts.collect(sums).to_pylist()
    away, work = float(row["away"]), float(row["work"])
    if work <= 0 or away / (work + away) > MOST:
        return 0.0, "unknown"
    return away / (work + away), "from_shifts"

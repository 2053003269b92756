"""The calls of every agent on every business: the one pass that a profile makes over them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from coachline.engine import clock
from coachline.engine.capability.profile.window import Window, collected
from coachline.engine.facts import Facts
from coachline.engine.operations.enriched import enriched_calls

NIGHT_BEGINS_S, NIGHT_ENDS_S = 22 * 3600, 6 * 3600
"""Seconds of the day on the centre's wall clock."""

RECENT, SEASON = 30, 90
"""Days; the last one counts as the first of them."""


@dataclass(frozen=True)
class Work:
    """What agents did.

    Attributes
    ----------
    cells : polars.DataFrame
        One row per agent and business (null where not known): ``calls`` (answered inbound ones), of these ``calls_30`` and ``calls_90`` (in the last
        days), ``night`` (arrived from 22 to 6), ``rated`` and ``satisfied``; ``last`` (day of the last one); ``outbound`` (contacts made).
    days : polars.DataFrame
        agent_id, ``active_days``: days with an answered call or an outbound contact.
    gap_days : int or None
        Days from the last but one day with contacts to the last one.
    """

    cells: pl.DataFrame
    days: pl.DataFrame
    gap_days: int | None


def work(facts: Facts, window: Window, satisfied_from: int) -> Work:
    """Reduce the calls of the window where they lie.

    Raises
    ------
    CoachlineError
        ``no_calls_in_period``.
    """
    rows = enriched_calls(facts, window.period)
    rows = rows.mutate(day=rows.wall_s // clock.DAY_S, second=rows.wall_s % clock.DAY_S)
    before = facts.collect(rows.aggregate(calls=rows.count(), last=rows.day.max(where=rows.day < window.day))).to_pylist()[0]
    window.period.require_calls(facts, before["calls"])
    rows = rows.filter(rows.agent_id.notnull(), rows.answered | rows.outbound)
    answered = rows.answered.fill_null(False)
    cells = rows.group_by(["agent_id", "business"]).aggregate(
        calls=rows.count(where=answered),
        calls_30=rows.count(where=answered & (rows.day > window.day - RECENT)),
        calls_90=rows.count(where=answered & (rows.day > window.day - SEASON)),
        night=rows.count(where=answered & ((rows.second >= NIGHT_BEGINS_S) | (rows.second < NIGHT_ENDS_S))),
        rated=rows.count(where=answered & rows.rating.notnull()),
        satisfied=rows.count(where=answered & (rows.rating >= satisfied_from)),
        last=rows.day.max(where=answered),
        outbound=rows.count(where=rows.outbound.fill_null(False)),
    )
    active = rows.select("agent_id", "day").distinct()
    days = active.group_by("agent_id").aggregate(active_days=active.count())
    gap = None if before["last"] is None else window.day - before["last"]
    return Work(collected(facts, cells).sort("agent_id", "business"), collected(facts, days), gap)

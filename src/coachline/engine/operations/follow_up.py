"""Each answered call of a known customer with that customer's calls before and after on the same business."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ibis
import ibis.expr.types as ir

from coachline.engine import clock
from coachline.engine.facts import Facts
from coachline.engine.operations.enriched import TIME, enriched_calls
from coachline.engine.operations.period import Period

_US = 1_000_000


def follow_up(
    facts: Facts, period: Period, repeat_days: int, by: Sequence[str], adding: Callable[[ir.Table], ir.Table] | None = None
) -> ir.Table:
    """Who called again, and who had called before.

    Counted are answered inbound calls with customer and business known. ``followed``: the `repeat_days` after the call lie before the last call in
    the data, so that a further call would have been seen; ``repeated``: there was one. ``looked_back`` and ``repeats``: the same looking back.
    Further calls are inbound, of any outcome but ignored, same customer, same business. The edges of `period` cut nothing: the calls beyond
    them are looked at, too.

    The sort behind this is the dearest step of all figures, so it carries two integers per call: a hash of customer and business, and the moment
    with the flag "answered" in its last bit, which also settles the order of calls at the same moment.

    Parameters
    ----------
    facts : Facts
    period : Period
    repeat_days : int
    by : sequence of str
        Dimensions that must come along besides time.
    adding : callable, optional
        Adds columns to the enriched calls that `by` names: one number in the place of several texts makes the sort much cheaper.

    Returns
    -------
    ibis table
        ``followed``, ``repeated``, ``looked_back``, ``repeats``, ``wall_s`` and the columns of `by`.
    """
    carried = [name for name in by if name not in TIME]
    calls = enriched_calls(facts, period.widened(repeat_days + 1), team="team" in carried)
    calls = calls.filter(calls.inbound, calls.outcome != "ignored", calls.customer_id.notnull(), calls.business.notnull())
    if adding is not None:
        calls = adding(calls)
    marks = calls.select(
        *carried,
        key=facts.compute.pair_hash(calls.customer_id, calls.business),
        mark=facts.epoch_us(calls.arrived_at) * 2 + calls.answered.ifelse(1, 0),
    )
    neighbours = ibis.window(group_by=marks.key, order_by=[marks.mark, *(marks[name] for name in carried)])
    marks = marks.mutate(following=marks.mark.lead().over(neighbours), preceding=marks.mark.lag().over(neighbours))
    marks = marks.filter(marks.mark % 2 == 1)

    span = facts.span("calls", "arrived_at")
    assert span is not None, "a period with calls has a span"
    first, last = (int(moment.timestamp() * _US) for moment in span)
    within = repeat_days * clock.DAY_S * _US
    at = marks.mark // 2
    rows = marks.select(
        *carried,
        wall_s=clock.wall_clock_seconds(at, facts.offsets("calls", "arrived_at")),
        followed=at + within <= last,
        repeated=(marks.following // 2 - at <= within).fill_null(False),
        looked_back=at - within >= first,
        repeats=(at - marks.preceding // 2 <= within).fill_null(False),
    )
    day = rows.wall_s // clock.DAY_S
    if period.first is not None:
        rows = rows.filter(day >= clock.day_number(period.first))
    if period.last is not None:
        rows = rows.filter(day <= clock.day_number(period.last))
    return rows

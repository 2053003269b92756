"""Whether a call is a repeat: its customer had called on the same business within the seven days before.

As in `operations.follow_up`: an earlier call is any inbound one that was not ignored; of calls at the same moment, the answered one is the later, and of
several of them the one with the larger key.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import ibis.expr.types as ir

from coachline.engine import clock
from coachline.engine.browsing.filters import inbound
from coachline.engine.facts import Facts

REPEAT_DAYS = 7
_REPEAT_US = REPEAT_DAYS * clock.DAY_S * 1_000_000


def repeated(facts: Facts, calls: ir.Table, first: datetime | None, last: datetime | None) -> ir.Table:
    """Those of `calls` that are repeats.

    Parameters
    ----------
    facts : Facts
    calls : ibis table
        Answered inbound calls whose customer and business are recorded, all of them between `first` and `last`.
    first, last : datetime, optional
    """
    earlier = _earlier(facts, first, last)
    us = facts.epoch_us(calls.arrived_at)
    smaller_key = (earlier.earlier_source < calls.source) | (
        (earlier.earlier_source == calls.source) & (earlier.earlier_id < calls.call_id)
    )
    at_once_before = (earlier.earlier_us == us) & ((earlier.earlier_answered < 1) | smaller_key)
    same = [calls.customer_id == earlier.earlier_customer, calls.business == earlier.earlier_business]
    return calls.semi_join(earlier, [*same, earlier.earlier_us >= us - _REPEAT_US, (earlier.earlier_us < us) | at_once_before])


def _earlier(facts: Facts, first: datetime | None, last: datetime | None) -> ir.Table:
    calls = facts.between("calls", None if first is None else first - timedelta(REPEAT_DAYS), last)
    calls = calls.filter(inbound(calls), calls.outcome != "ignored", calls.customer_id.notnull(), calls.business.notnull())
    return calls.select(
        earlier_customer=calls.customer_id,
        earlier_business=calls.business,
        earlier_us=facts.epoch_us(calls.arrived_at),
        earlier_answered=(calls.outcome == "answered").ifelse(1, 0),
        earlier_source=calls.source,
        earlier_id=calls.call_id,
    )

"""One agent's calls, one after another: recorded twice, or two at a time."""

from __future__ import annotations

import ibis

from coachline.engine.facts import Facts
from coachline.engine.trust.issue import Issue

CONTENT = ("arrived", "start", "talk", "hold", "wrap")

OVERLAP_S = 60
"""Clocks of switch and desktop differ by some seconds, and exports may round to the minute."""

OVERLAP_SHARE = 0.5
"""Of the shorter of the two calls."""


def issues(facts: Facts) -> list[Issue]:
    """Codes ``duplicates`` and ``overlapping_calls``.

    A duplicate has the agent, the second of arrival and all durations of another call, under another key. Overlapping calls are
    voice calls whose conversations share more than a minute and more than half of the shorter one; chats may run side by side.
    One sort per agent serves both.
    """
    calls = facts.table("calls")
    talk = calls.talk_s.fill_null(0.0)
    before = calls.ivr_s.fill_null(0.0).clip(lower=0.0) + calls.wait_s.fill_null(0.0)
    arrived = facts.epoch_us(calls.arrived_at) // 1_000_000
    answered = calls.filter(calls.agent_id.notnull() & (calls.talk_s > 0)).select(
        "agent_id",
        "call_id",
        arrived=arrived,
        start=arrived + before,
        end=arrived + before + talk,
        talk=talk,
        hold=calls.hold_s.fill_null(-1.0),
        wrap=calls.wrap_s.fill_null(-1.0),
        voice=(calls.channel == "voice") | calls.channel.isnull(),
    )
    order = ibis.window(group_by="agent_id", order_by=["start", *(name for name in CONTENT if name != "start"), "call_id"])
    pairs = answered.mutate(**{f"last_{name}": answered[name].lag().over(order) for name in (*CONTENT, "end", "voice")})
    same = ibis.and_(*(pairs[name] == pairs[f"last_{name}"] for name in CONTENT))
    shared = ibis.least(pairs.end, pairs.last_end) - pairs.start
    shorter = ibis.least(pairs.talk, pairs.last_talk)
    overlapping = pairs.voice & pairs.last_voice & ~same & (shared > OVERLAP_S) & (shared > OVERLAP_SHARE * shorter)
    found = facts.collect(
        pairs.aggregate(
            same=pairs.count(where=same),
            same_call=pairs.call_id.min(where=same),
            overlapping=pairs.count(where=overlapping),
            overlapping_call=pairs.call_id.min(where=overlapping),
        )
    ).to_pylist()[0]
    total, issues = facts.rows("calls"), []
    for code, column, what in (("duplicates", "call_id", "same"), ("overlapping_calls", "talk_s", "overlapping")):
        rows = int(found[what] or 0)
        if rows:
            also = () if code == "duplicates" else ("agent_id", "arrived_at")
            whole = code == "duplicates"
            issues.append(Issue("calls", column, code, rows, rows / total, "wrong", found[f"{what}_call"], also, whole_row=whole))
    return issues

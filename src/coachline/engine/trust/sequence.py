"""One agent's calls, one after another: recorded twice, or two at a time."""

from __future__ import annotations

import ibis

from coachline.engine.facts import Facts
from coachline.engine.trust.issue import Issue
from coachline.engine.trust.profile import tally

OVERLAP_S = 60
"""Clocks of switch and desktop differ by some seconds, and exports may round to the minute."""

OVERLAP_SHARE = 0.5
"""Of the shorter of the two calls."""


def issues(facts: Facts) -> list[Issue]:
    """Codes ``duplicates`` and ``overlapping_calls``; the example is an agent.

    A duplicate has the agent, the second of its start and the talk, hold and wrap-up time of another call, under another key.
    Overlapping calls are voice calls whose conversations share more than a minute and more than half of the shorter one; chats may run
    side by side. One sort per agent serves both; it carries few and narrow columns, for it is what costs memory.
    """
    calls = facts.table("calls")
    waited = calls.ivr_s.fill_null(0.0).clip(lower=0.0) + calls.wait_s.fill_null(0.0)
    answered = calls.filter(calls.agent_id.notnull() & (calls.talk_s > 0)).select(
        "agent_id",
        start=(facts.epoch_us(calls.arrived_at) // 1_000_000 + waited).cast("int64"),
        voice_s=ibis.ifelse((calls.channel == "voice") | calls.channel.isnull(), calls.talk_s, ibis.null("float64")),
        # Three durations in one number: each has 17 binary digits, a day and a half of seconds; unknown counts as -1.
        content=calls.talk_s + 2**17 * calls.hold_s.fill_null(-1.0) + 2.0**34 * calls.wrap_s.fill_null(-1.0),
    )
    by_agent = ibis.window(group_by="agent_id", order_by=["start", "content"])
    pairs = answered.mutate(**{f"last_{name}": answered[name].lag().over(by_agent) for name in ("start", "voice_s", "content")})
    same = (pairs.start == pairs.last_start) & (pairs.content == pairs.last_content)
    shared = ibis.least(pairs.start + pairs.voice_s, pairs.last_start + pairs.last_voice_s) - pairs.start
    shorter = ibis.least(pairs.voice_s, pairs.last_voice_s)
    both_voice = pairs.voice_s.notnull() & pairs.last_voice_s.notnull()
    overlapping = both_voice & ~same & (shared > OVERLAP_S) & (shared > OVERLAP_SHARE * shorter)
    found = facts.collect(
        pairs.aggregate(
            same=tally(same),
            same_agent=pairs.agent_id.min(where=same),
            overlapping=tally(overlapping),
            overlapping_agent=pairs.agent_id.min(where=overlapping),
        )
    ).to_pylist()[0]
    total = facts.rows("calls")
    issues = []
    if found["same"]:
        issues.append(
            Issue("calls", "call_id", "duplicates", found["same"], found["same"] / total, "wrong", found["same_agent"], whole_row=True)
        )
    if found["overlapping"]:
        rows, agent = found["overlapping"], found["overlapping_agent"]
        issues.append(Issue("calls", "talk_s", "overlapping_calls", rows, rows / total, "doubt", agent, also=("agent_id", "arrived_at")))
    return issues

"""Inspections with the calls that were listened to, and what an inspection was made for."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from coachline.engine import clock
from coachline.engine.facts import Facts
from coachline.engine.operations.follow_up import follow_up
from coachline.engine.operations.period import Period

CALL_FIELDS = ("source", "direction", "outcome", "rating", "resolved", "ticketed", "transferred", "customer_id", "talk_s")
"""What `inspected_calls` takes over from the call, where exactly one call bears the number."""

SCORING = "score"
"""Purpose of the random part, by which agents are judged. An inspection without a purpose counts as one of these."""

COACHING = "coach"
"""Purpose of the risk part: calls chosen because something is likely wrong with them. They help the agent and judge nobody."""

REPEATED_HEARINGS = ("audit", "calibration", "exam")
"""Purposes for which a call is heard again for the inspector's sake."""


def random_part(inspections: ir.Table) -> ir.BooleanValue:
    """Whether an inspection belongs to the random part, by which agents are judged; never null."""
    return inspections.purpose.isnull() | (inspections.purpose == SCORING)


def about_the_agent(inspections: ir.Table) -> ir.BooleanValue:
    """Whether an inspection is the first hearing of a call, random or by risk; never null."""
    return inspections.purpose.isnull() | inspections.purpose.isin((SCORING, COACHING))


def has_score(inspections: ir.Table) -> ir.BooleanValue:
    """Whether a score from 0 to 100 is recorded; never null."""
    # A comparison alone may let NaN pass: the statistics of a file, by which engines skip it, do not count NaN.
    return (inspections.score.between(0, 100) & ~inspections.score.isnan()).fill_null(False)


def inspected_calls(facts: Facts, inspections: ir.Table, carried: Sequence[str] = ()) -> ir.Table:
    """`inspections` with what is known of the inspected call.

    A number that calls of several sources bear stands for those of the inspected agent if there are any, else for all of them. Of several
    calls the earliest moment counts, and the business only if they all have the same; what happened in the call (`CALL_FIELDS`) is known
    only where one single call is meant.

    Parameters
    ----------
    facts : Facts
    inspections : ibis table
        Rows of the fact table, possibly filtered.
    carried : sequence of str
        Further columns of `inspections` to keep.

    Returns
    -------
    ibis table
        One row per inspection: inspection_id, agent_id (the inspected), call_id (as the inspection has it), inspected_at, the columns
        `carried`; ``calls`` (how many calls are meant, 0 where the call is not known), ``business``, ``called_at``, `CALL_FIELDS`,
        ``answered`` (that single call was an answered inbound one; false also where that is not known), ``moment`` (of the call, else
        of the inspection; null where neither is known) and ``month`` of it (``year * 12 + month - 1`` on the centre's wall clock).
    """
    calls = facts.table("calls")
    inspected = inspections.select("inspection_id", "agent_id", "inspected_at", *carried, inspected_call="call_id")
    fields = {f"call_{name}": calls[name] for name in CALL_FIELDS}
    calls = calls.select("call_id", "business", "arrived_at", called_agent="agent_id", **fields)
    rows = inspected.left_join(calls, inspected.inspected_call == calls.call_id)
    own = (rows.called_agent == rows.agent_id).fill_null(False)

    def ends(name: str) -> dict[str, ir.Value]:
        """First and last value of a column over all the calls, and over those of the inspected agent."""
        found = {f"{end}_{name}": getattr(rows[name], end)() for end in ("min", "max")}
        return found | {f"own_{end}_{name}": getattr(rows[name], end)(where=own) for end in ("min", "max")}

    kept = {name: rows[name].arbitrary() for name in ("agent_id", "inspected_at", "inspected_call", *carried)}
    found = rows.group_by("inspection_id").aggregate(
        **kept,
        all_calls=rows.call_id.count(),
        own_calls=own.sum(),
        **ends("business"),
        **ends("arrived_at"),
        # Of one single call, the first value is the value.
        **{name: rows[f"call_{name}"].arbitrary() for name in CALL_FIELDS},
        **{f"own_{name}": rows[f"call_{name}"].arbitrary(where=own) for name in CALL_FIELDS},
    )
    has_own = found.own_calls > 0
    meant = has_own.ifelse(found.own_calls, found.all_calls)

    def chosen(name: str) -> ir.Value:
        return has_own.ifelse(found[f"own_{name}"], found[name])

    same = chosen("min_business") == chosen("max_business")
    placed = found.select(
        "inspection_id",
        "agent_id",
        "inspected_at",
        *carried,
        call_id="inspected_call",
        calls=meant,
        business=same.ifelse(chosen("min_business"), ibis.null("string")),
        called_at=chosen("min_arrived_at"),
        **{name: (meant == 1).ifelse(chosen(name), ibis.null(found[name].type())) for name in CALL_FIELDS},
    )
    inbound = placed.direction.isnull() | (placed.direction == "inbound")
    called_s, inspected_s = (
        clock.wall_clock_seconds(facts.epoch_us(placed[moment]), facts.offsets(*origin))
        for moment, origin in (("called_at", ("calls", "arrived_at")), ("inspected_at", ("inspections", "inspected_at")))
    )
    return placed.mutate(
        answered=(inbound & (placed.outcome == "answered")).fill_null(False),
        moment=ibis.coalesce(placed.called_at, placed.inspected_at),
        month=clock.month_number(ibis.coalesce(called_s, inspected_s)),
    )


def with_repeats(facts: Facts, inspected: ir.Table, repeat_days: int, period: Period) -> ir.Table:
    """`inspected` with whether the customer came back, exactly as the repeat rate of the centre counts it (see `follow_up`).

    Only calls of customers who were listened to are sorted, which are few among all.

    Parameters
    ----------
    facts : Facts
    inspected : ibis table
        As `inspected_calls` gives it.
    repeat_days : int
    period : Period
        Days in which the inspected calls lie; the customer's calls after it are looked at, too.

    Returns
    -------
    ibis table
        With ``repeated``: the same customer called again on the same business within `repeat_days`; null where that cannot be known.
    """
    if not facts.has("calls"):
        return inspected.mutate(repeated=ibis.null("boolean"))
    heard = inspected.filter(inspected.answered, inspected.customer_id.notnull(), inspected.business.notnull())
    heard = heard.select("inspection_id", "customer_id", heard_call="call_id", heard_source="source")
    customers = heard.select(heard_customer="customer_id").distinct()
    numbered = heard.select("heard_source", "heard_call").distinct()
    # One number instead of two texts for the sort; it orders as they do, so that calls at the same moment fall alike on every engine.
    order = ibis.window(order_by=[numbered.heard_source, numbered.heard_call])
    numbered = numbered.mutate(call_number=ibis.row_number().over(order))

    def of_the_heard(calls: ir.Table) -> ir.Table:
        calls = calls.semi_join(customers, calls.customer_id == customers.heard_customer)
        calls = calls.left_join(numbered, [calls.call_id == numbered.heard_call, calls.source == numbered.heard_source])
        return calls.mutate(call_number=calls.call_number.fill_null(-1))

    followed = follow_up(facts, period, repeat_days, ["call_number"], of_the_heard)
    followed = followed.filter(followed.followed, followed.call_number >= 0).select("call_number", "repeated")
    known = numbered.inner_join(followed, "call_number")
    known = heard.inner_join(known, ["heard_source", "heard_call"]).select(heard_inspection="inspection_id", repeated="repeated")
    return inspected.left_join(known, inspected.inspection_id == known.heard_inspection).drop("heard_inspection")

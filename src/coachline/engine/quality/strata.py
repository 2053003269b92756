"""The strata of inspection: each call that can be listened to belongs to the first rule that it meets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from coachline.engine import clock
from coachline.engine.facts import Facts
from coachline.engine.operations.follow_up import follow_up
from coachline.engine.operations.period import Period
from coachline.engine.quality.call_rules import columns_of, condition
from coachline.errors import CoachlineError

ORDINARY = "ordinary"
"""The stratum of calls that meet no rule; always the last one."""

STRATUM_RULES: Mapping[str, str] = {
    "dissatisfied": "rating <= 2",
    "repeat": "repeat",
    "ticketed": "ticketed",
    "complaint": '"投诉" in business or "complaint" in business',
    "long_silence": "hold_s > 120 or wait_s > 120",
    "new_agent": "tenure_days < 90",
}
"""What a centre looks for unless it says otherwise, in order of priority."""


@dataclass(frozen=True)
class Strata:
    """Rules by name, in order of priority."""

    rules: Mapping[str, str]
    repeat_days: int = 7

    @classmethod
    def of(cls, rules: Mapping[str, str], repeat_days: int) -> Strata:
        """Strata by rules that have been looked at.

        Raises
        ------
        CoachlineError
            ``stratum_ordinary_has_no_rule``, ``call_rule_unreadable`` or ``call_rule_unknown_name``.
        """
        if ORDINARY in rules:
            raise CoachlineError("stratum_ordinary_has_no_rule", stratum=ORDINARY)
        for name, rule in rules.items():
            columns_of(name, rule)
        return cls(rules, repeat_days)

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.rules, ORDINARY)

    @property
    def columns(self) -> frozenset[str]:
        """Columns of which any rule speaks."""
        return frozenset().union(*(columns_of(name, rule) for name, rule in self.rules.items()))


def with_stratum(facts: Facts, calls: ir.Table, period: Period, strata: Strata) -> ir.Table:
    """`calls` with the stratum of each.

    A call is a repeat if the customer came back on the same business within `Strata.repeat_days`, or had called before within them; the days
    around the period are looked at, too.

    Parameters
    ----------
    facts : Facts
    calls : ibis table
        Rows of the fact table, all within `period`.
    period : Period
    strata : Strata

    Returns
    -------
    ibis table
        With ``stratum``, the place of the stratum in `Strata.names`.

    Raises
    ------
    CoachlineError
        ``call_rule_unreadable``, if a rule compares what cannot be compared.
    """
    kept = calls.columns
    wall_s = clock.wall_clock_seconds(facts.epoch_us(calls.arrived_at), facts.offsets("calls", "arrived_at"))
    rows = calls.mutate(call_day=wall_s // clock.DAY_S, hour=wall_s % clock.DAY_S // 3600)
    speaks_of = strata.columns
    if speaks_of & {"team", "tenure_days"}:
        rows = _with_agent(facts, rows)
    if "repeat" in speaks_of:
        rows = _with_repeat(facts, rows, period, strata.repeat_days)
    place = ibis.literal(len(strata.rules), "int32")
    branches = [(condition(name, rule, rows), ibis.literal(n, "int32")) for n, (name, rule) in enumerate(strata.rules.items())]
    return rows.mutate(stratum=ibis.cases(*branches, else_=place) if branches else place).select(*kept, "stratum")


def _with_agent(facts: Facts, calls: ir.Table) -> ir.Table:
    people = facts.table("agents").select("agent_id", "team", "hired_on")
    # There are few people, and a day number is the same on every engine.
    known = {row["agent_id"]: row for row in facts.collect(people).to_pylist()}
    rows = [(who, row["team"], row["hired_on"] and clock.day_number(row["hired_on"])) for who, row in sorted(known.items())]
    columns = zip(*rows, strict=True) if rows else ((), (), ())
    types = {"called_agent": pa.string(), "team": pa.string(), "hired_day": pa.int64()}
    table = pa.table([pa.array(column, type_) for column, type_ in zip(columns, types.values(), strict=True)], names=list(types))
    people = ibis.memtable(table)
    joined = calls.left_join(people, calls.agent_id == people.called_agent).drop("called_agent")
    tenure = joined.call_day - joined.hired_day
    # Who took calls before the day of hiring was not hired on that day.
    return joined.mutate(tenure_days=(tenure >= 0).ifelse(tenure, ibis.null("int64")))


def _with_repeat(facts: Facts, calls: ir.Table, period: Period, repeat_days: int) -> ir.Table:
    # The sort behind this carries one number instead of two texts.
    followed = follow_up(facts, period, repeat_days, ["call_mark"], lambda rows: rows.mutate(call_mark=_mark(facts, rows)))
    repeats = followed.filter(followed.repeated | followed.repeats).select(repeat_mark="call_mark").distinct()
    marked = calls.mutate(call_mark=_mark(facts, calls))
    joined = marked.left_join(repeats, marked.call_mark == repeats.repeat_mark)
    return joined.mutate(repeat=joined.repeat_mark.notnull()).drop("call_mark", "repeat_mark")


def _mark(facts: Facts, calls: ir.Table) -> ir.IntegerValue:
    return facts.compute.pair_hash(calls.source, calls.call_id)

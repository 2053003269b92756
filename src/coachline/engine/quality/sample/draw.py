"""Drawing calls by random numbers that anybody can compute again: the SHA-256 of seed, source and call number.

The number of a call depends on nothing else, neither on the engine nor on the order of rows nor on what else was drawn; the calls of a
stratum with the smallest numbers are drawn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import polars as pl
import pyarrow as pa

from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.quality.sample.places import ROUNDING_BITS, Ints
from coachline.errors import CoachlineError

DIGITS = 12
"""Hexadecimal digits of a random number: 48 bits, and short enough to be sorted fast."""


def number(*parts: object) -> str:
    """Random number of whatever `parts` name, as hexadecimal digits.

    Examples
    --------
    >>> number(1, "ivr", "c1")
    'a05903e8549b'
    """
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:DIGITS]


def numbers(seed: int, names: Sequence[str], bits: int) -> Ints:
    """`bits` leading bits of the random numbers of `names`, as whole numbers."""
    return np.array([int(number(seed, name), 16) >> (4 * DIGITS - bits) for name in names], np.int64)


def roundings(seed: int, agents: Sequence[str]) -> Ints:
    """The random number by which the places of each agent are rounded."""
    return numbers(seed, agents, ROUNDING_BITS)


@dataclass(frozen=True)
class Frame:
    """The calls that can be drawn, and how many others there are.

    Attributes
    ----------
    calls : ibis table
        Answered calls of the period with an agent; with a recording, if recordings are in use; not inspected yet, if that is asked for.
    answered : int
        All answered calls of the period.
    without_agent, without_recording, inspected : int
        Why some of them cannot be drawn; each call counts for the first reason only.
    """

    calls: ir.Table
    answered: int
    without_agent: int
    without_recording: int
    inspected: int


def frame(facts: Facts, period: Period, leave_inspected: bool) -> Frame:
    """Find the calls that can be drawn.

    Raises
    ------
    CoachlineError
        ``no_calls_in_period``, or ``no_calls_to_inspect`` with the reasons.
    """
    rows = period.rows(facts, facts.table("calls"), "arrived_at")
    columns = rows.columns
    rows = rows.mutate(
        has_agent=rows.agent_id.notnull() & (rows.agent_id != ""),
        has_recording=rows.recording.notnull() & (rows.recording != ""),
        unheard=ibis.literal(True),
    )
    if leave_inspected and facts.has("inspections"):
        heard = facts.table("inspections").select(heard_call="call_id", heard_agent="agent_id")
        heard = heard.filter(heard.heard_call.notnull()).distinct()
        rows = rows.left_join(heard, (rows.call_id == heard.heard_call) & (rows.agent_id == heard.heard_agent))
        rows = rows.mutate(unheard=rows.heard_call.isnull())
    answered = rows.filter(rows.outcome == "answered")
    with_agent = answered.filter(answered.has_agent)
    [found] = facts.collect(
        with_agent.aggregate(
            with_agent=with_agent.count(),
            recorded=with_agent.count(where=with_agent.has_recording),
            unheard=with_agent.count(where=with_agent.unheard),
            recorded_unheard=with_agent.count(where=with_agent.has_recording & with_agent.unheard),
        )
    ).to_pylist()
    [of_all] = facts.collect(rows.aggregate(calls=rows.count(), answered=rows.count(where=rows.outcome == "answered"))).to_pylist()
    period.require_calls(facts, of_all["calls"])
    in_use = found["recorded"] > 0
    audible, left = (found["recorded"], found["recorded_unheard"]) if in_use else (found["with_agent"], found["unheard"])
    reasons = {
        "answered": of_all["answered"],
        "without_agent": of_all["answered"] - found["with_agent"],
        "without_recording": found["with_agent"] - audible,
        "inspected": audible - left,
    }
    if not left:
        raise CoachlineError("no_calls_to_inspect", **reasons)
    chosen = with_agent.filter(with_agent.unheard, with_agent.has_recording) if in_use else with_agent.filter(with_agent.unheard)
    return Frame(chosen.select(*columns), **reasons)


def counted(facts: Facts, calls: ir.Table, strata: int) -> tuple[list[str], Ints]:
    """Agents in order, and their calls by stratum, (agents, strata)."""
    found = pl.from_arrow(facts.collect(calls.group_by(["agent_id", "stratum"]).aggregate(n=calls.count())))
    assert isinstance(found, pl.DataFrame)
    agents = sorted(found["agent_id"].unique().to_list())
    place = {agent: n for n, agent in enumerate(agents)}
    counts = np.zeros((len(agents), strata), np.int64)
    counts[[place[agent] for agent in found["agent_id"]], found["stratum"].to_numpy()] = found["n"].to_numpy()
    return agents, counts


def drawn(facts: Facts, calls: ir.Table, seed: int, agents: Sequence[str], places: Ints) -> pl.DataFrame:
    """The calls with the smallest random numbers of each stratum.

    Parameters
    ----------
    facts : Facts
    calls : ibis table
        With ``stratum``.
    seed : int
    agents : sequence of str
    places : (agents, strata) int array

    Returns
    -------
    polars.DataFrame
        source, call_id, agent_id, business, stratum, number, rank (from 1), sorted by agent, stratum and rank.
    """
    who, where = np.nonzero(places)
    wanted = ibis.memtable(
        pa.table(
            {
                "place_agent": pa.array(agents, pa.string()).take(pa.array(who)),
                "place_stratum": pa.array(where, pa.int32()),
                "places": pa.array(places[who, where], pa.int64()),
            }
        )
    )
    named = ibis.literal(f"{seed}|") + calls.source + "|" + calls.call_id
    rows = calls.select("source", "call_id", "agent_id", "business", "stratum", number=named.hexdigest("sha256").substr(0, DIGITS))
    within = ibis.window(group_by=[rows.agent_id, rows.stratum], order_by=[rows.number, rows.call_id, rows.source])
    rows = rows.mutate(rank=ibis.row_number().over(within) + 1)
    rows = rows.inner_join(wanted, (rows.agent_id == wanted.place_agent) & (rows.stratum == wanted.place_stratum))
    found = pl.from_arrow(facts.collect(rows.filter(rows["rank"] <= rows.places).drop("place_agent", "place_stratum", "places")))
    assert isinstance(found, pl.DataFrame)
    return found.sort("agent_id", "stratum", "rank")

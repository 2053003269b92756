"""The hidden truth as tables: what the estimators are to find."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from scipy.special import expit

from coachline.engine.simulate.arrivals import OUTAGE_FROM, OUTAGE_TO
from coachline.engine.simulate.holidays import holiday_name, kind_of
from coachline.engine.simulate.ledger import UNKNOWN
from coachline.engine.simulate.outcomes import REPEAT_AFTER_ABANDONED, REPEAT_AFTER_RESOLVED
from coachline.engine.simulate.training import METHODS
from coachline.engine.simulate.truth import OUTCOMES, SPREAD
from coachline.engine.simulate.world import World

TRAINED = ("resolved", "satisfied")
"""The outcomes that tenure, drift and training move."""


def truth_tables(world: World, ids: pa.Array) -> dict[str, pa.Table]:
    """The tables of the truth that stand behind the calls; `ids` are the calls' identifiers."""
    return {
        "parameters": _parameters(world),
        "days": _days(world),
        "events": _events(world),
        "agents": _agents(world),
        "businesses": _businesses(world),
        "cells": _cells(world),
        "calls": _calls(world, ids),
        "trainings": world.trainings.truth(world.people, world.businesses),
    }


def _parameters(world: World) -> pa.Table:
    rows: dict[str, float] = {
        "seed": world.seed,
        "repeat_after_resolved": REPEAT_AFTER_RESOLVED,
        "repeat_after_abandoned": REPEAT_AFTER_ABANDONED,
    }
    rows |= {f"sd_{name}": value for name, value in SPREAD.items()}
    for name, outcome in OUTCOMES.items():
        rows |= {
            f"mu_{name}": world.truth.mu[name],
            f"target_{name}": outcome.target,
            f"scale_{name}": outcome.scale,
            f"lean_{name}": outcome.lean,
        }
    for name, method in METHODS.items():
        rows |= {f"training_{name}_{k}": getattr(method, k) for k in ("resolved", "satisfied", "half_life_days")}
    return pa.table({"parameter": list(rows), "value": pa.array(list(map(float, rows.values())))})


def _days(world: World) -> pa.Table:
    dates = [world.size.day(d) for d in range(world.size.days)]
    return pa.table(
        {
            "date": pa.array(dates, pa.date32()),
            "kind": [kind_of(day).name.lower() for day in dates],
            "holiday": pa.array([holiday_name(day) for day in dates], pa.string()),
            "expected": world.demand.expected,
            "calls": world.demand.count,
        }
    )


def _events(world: World) -> pa.Table:
    events = world.demand.events
    return pa.table(
        {
            "kind": pa.array([e.kind for e in events], pa.string()),
            "first_day": pa.array([world.size.day(e.first) for e in events], pa.date32()),
            "last_day": pa.array([world.size.day(e.last) for e in events], pa.date32()),
            "from_hour": pa.array([OUTAGE_FROM / 2 if e.kind == "outage" else 0.0 for e in events], pa.float64()),
            "to_hour": pa.array([OUTAGE_TO / 2 if e.kind == "outage" else 24.0 for e in events], pa.float64()),
            "business": pa.array([None if e.business is None else world.businesses.path[e.business] for e in events], pa.string()),
            "factor": pa.array([e.factor for e in events], pa.float64()),
        }
    )


def _agents(world: World) -> pa.Table:
    people, truth = world.people, world.truth
    return pa.table(
        {
            "agent_id": people.agent_id,
            "home_queue": [world.businesses.queue_names[h] for h in people.home],
            **{f"effect_{name}": truth.agent[name].astype(np.float64) for name in OUTCOMES},
            "drift_per_day": people.drift,
            "learning": people.learning,
            "hired_day": people.hired,
            "talk_factor": people.talk_factor,
            "wrap_factor": people.wrap_factor,
        }
    )


def _businesses(world: World) -> pa.Table:
    businesses = world.businesses
    return pa.table(
        {
            "business": businesses.path,
            "family": [businesses.family_names[f] for f in businesses.family],
            "queue": [businesses.queue_names[q] for q in businesses.queue],
            "share": businesses.share,
            "median_talk_s": businesses.talk_s,
            "repeat_after_unresolved": businesses.repeat,
            **{f"effect_{name}": world.truth.business[name].astype(np.float64) for name in OUTCOMES},
        }
    )


def _cells(world: World) -> pa.Table:
    """Every agent on every inbound business: the probabilities as drawn, and on the first and last day with all that moves them."""
    agents, businesses = world.people.count, world.size.businesses
    inbound = np.flatnonzero(~world.businesses.outbound)
    columns: dict[str, pa.Array] = {
        "agent_id": pa.array(np.repeat(np.array(world.people.agent_id), len(inbound))),
        "business": pa.array(world.businesses.path).take(pa.array(np.tile(inbound, agents))),
    }
    ledger = world.ledger
    rows = ledger["resolved"] != UNKNOWN
    cell = ledger["agent"][rows].astype(np.int64) * businesses + ledger["business"][rows]
    calls = np.bincount(cell, minlength=agents * businesses).reshape(agents, businesses)
    columns["calls"] = pa.array(calls[:, inbound].ravel())
    for name in OUTCOMES:
        columns[f"p_{name}"] = pa.array(expit(world.truth.eta[name][:, inbound]).ravel())
    for label, day in (("first", 0), ("last", world.size.days - 1)):
        for name in TRAINED:
            added = world.people.skill_on(day).astype(np.float32)[:, None] + world.trainings.effect(name, day, (agents, businesses))
            columns[f"p_{name}_{label}"] = pa.array(expit(world.truth.eta[name] + added)[:, inbound].ravel())
    return pa.table(columns)


def _calls(world: World, ids: pa.Array) -> pa.Table:
    """Call by call: the true business, the probabilities at that moment, what happened whether recorded or not, and the call that caused it."""
    ledger = world.ledger
    known = ledger["resolved"] != UNKNOWN
    return pa.table(
        {
            "call_id": ids,
            "business": pa.array(world.businesses.path).take(pa.array(ledger["business"])),
            "p_resolved": pa.array(ledger["p_resolved"], mask=~known),
            "p_satisfied": pa.array(ledger["p_satisfied"], mask=~known),
            "resolved": pa.array(ledger["resolved"] == 1, mask=~known),
            "satisfied": pa.array(ledger["satisfied"] == 1, mask=~known),
            "repeat_of": ids.take(pa.array(ledger["cause"].astype(np.int64), mask=ledger["cause"] == UNKNOWN)),
        }
    )

"""The analysis `roster.staffing`: how many people a service target takes, by business and half-hour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.result import Check, Findings, Note
from coachline.engine.roster.forecast.history import HALF_S
from coachline.engine.roster.simulation.calls import Impatience
from coachline.engine.roster.staffing.demand import Demand, default_first, forecast_demand, instants_of, listed, past_demand
from coachline.engine.roster.staffing.heads import Target, needed_heads, rostered_heads
from coachline.engine.roster.staffing.patience import Patience, patience_of
from coachline.engine.roster.staffing.present import present_people
from coachline.engine.roster.staffing.shrinkage import shrinkage_of
from coachline.engine.roster.staffing.staffed import Staffed, by_formula, by_simulation, team_of
from coachline.engine.roster.staffing.waits import BANDS, Waits, waits_of
from coachline.errors import CoachlineError

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

STAFFING_COLUMNS = {
    "calls": ("arrived_at", "direction", "outcome", "business", "agent_id", "wait_s", "talk_s", "hold_s", "wrap_s"),
    "shifts": ("agent_id", "starts_at", "ends_at", "activity"),
}
"""What it reads."""

USUAL_SHARES = {"waits": 0.5, "abandoned": 0.05}
"""What is asked where no share is named; 80 % of a service level."""


def staffing(
    facts: Facts,
    *,
    demand: str = "forecast",
    first_day: date | None = None,
    days: int = 28,
    since: date | None = None,
    until: date | None = None,
    level: int | None = None,
    country: str = "CN",
    events: Mapping[str, str] | None = None,
    method: str = "erlang_a",
    priorities: Mapping[str, float] | None = None,
    target: str = "service_level_offered",
    target_share: float | None = None,
    answer_within: float = 20.0,
    occupancy_cap: float = 0.9,
    shrinkage: float | None = None,
    patience_s: float | None = None,
    uncertain: bool = True,
) -> Findings:
    """People needed at the phones for a service target.

    Parameters
    ----------
    facts : Facts
    demand : str
        ``forecast``, or ``past``: the period `since` to `until` as it came.
    first_day : date, optional
        First day of the forecast; the day after the last call by default.
    days : int
        Days of the forecast.
    since, until : date, optional
        From which calls patience and handle times are learnt; the period itself for ``past``.
    level : int, optional
        Levels of business paths to keep.
    country : str
        Whose holidays the forecast minds.
    events : mapping of str to str, optional
        Dates of campaigns and the like, as in `roster.forecast`.
    method : str
        ``erlang_a`` minds that callers hang up, ``erlang_c`` lets them wait for ever; ``simulation`` minds that people take several businesses.
    priorities : mapping of str to float, optional
        Of the simulation: calls of businesses with a higher figure are answered first; those that are not named have 0.
    target : str
        One of `service.MEASURES`.
    target_share : float, optional
        At least so much of a service level (0.8), at most so much of ``waits`` (0.5) or ``abandoned`` (0.05).
    answer_within : float
        Seconds of the service level.
    occupancy_cap : float
        Nobody is to handle calls for more than this share of the time at the phones.
    shrinkage : float, optional
        Share of rostered time away from the phones; by default that of breaks, training and meetings in the shifts.
    patience_s : float, optional
        Mean patience to take instead of what calls say.
    uncertain : bool
        Hold the target in expectation over what the forecast does not know, not only if it comes true.

    Returns
    -------
    Findings
        Tables ``staffing`` (starts_at, business, agents, service_level, occupancy, and more), ``slots`` (all businesses together), ``patience`` and ``stretches``.

    Raises
    ------
    CoachlineError
        ``no_calls_before``, ``bad_event``, ``no_calls_in_period``, ``no_handle_times``, ``patience_unknown``, ``nobody_takes_calls``, ``unknown_priority``, ``period_backwards``.
    """
    period = Period.of(since, until)
    waits = waits_of(facts, period, level)
    if not waits.businesses:
        period.require_calls(facts, 0)
    if demand == "past":
        load = past_demand(facts, period, waits, level=level)
    else:
        load = forecast_demand(facts, first_day or default_first(facts), days, waits, level=level, country=country, events=events)
    patient = patience_of(waits, given_s=patience_s)
    if method != "erlang_c" and target == "abandoned" and not patient.known:
        raise CoachlineError("patience_unknown")
    share = target_share if target_share is not None else USUAL_SHARES.get(target, 0.8)
    goal = Target(target, share, answer_within, occupancy_cap)
    waiting = np.full(len(load.businesses), np.inf) if method == "erlang_c" else _for(load.businesses, patient)
    spread = load.spread if uncertain else np.zeros_like(load.spread)
    notes = [*load.notes, *_notes(waits, patient, method, target)]
    if method == "simulation":
        team, nobody = team_of(facts, period, load, waits, level, priorities)
        if not patient.exponential:
            team = replace(team, impatience=Impatience(np.array(BANDS), patient.rates))
            notes.append(Note("patience_by_stretches"))
        found = by_simulation(load, waiting, goal, spread, team)
        notes.append(Note("agents_by_simulation", {"people": len(team.skilled), "skills": float(team.skilled.sum(axis=1).mean())}))
        if nobody:
            notes.append(Note("nobody_takes", {"businesses": listed(nobody)}))
    else:
        found = by_formula(load, waiting, goal, spread)
        notes.append(Note("agents_per_business"))
    endless = Target("waits" if target == "abandoned" else target, USUAL_SHARES["waits"] if target == "abandoned" else share, answer_within)
    plain = needed_heads(load.erlangs, load.handle_s, np.inf, endless)
    lost, lost_from = shrinkage_of(facts, shrinkage)
    slots, starts = instants_of(load)
    present, of_present = present_people(facts, load, slots)
    heads = found.heads[slots]
    hours = float(heads.sum()) * HALF_S / 3600
    notes += [*of_present, Note(f"shrinkage_{lost_from}", {"shrinkage": lost})]
    if demand == "past":
        notes.append(Note("past_as_it_came"))
    elif uncertain:
        notes.append(Note("target_over_uncertainty", {"spread": _weighted(load.spread, load.erlangs)}))
    return Findings(
        tables={
            "staffing": _table(load, slots, starts, found, plain, lost),
            "slots": pa.table(
                {
                    "starts_at": starts,
                    "calls": load.calls[slots].sum(axis=1),
                    "load_erlangs": load.erlangs[slots].sum(axis=1),
                    "agents": heads.sum(axis=1),
                    "rostered": rostered_heads(heads.sum(axis=1), lost),
                    "agents_together": found.together[slots],
                    "present": present,
                }
            ),
            "patience": _patience_table(patient),
            "stretches": pa.table(
                {
                    "from_s": pa.array(BANDS),
                    "abandoned": waits.abandoned.sum(axis=1).astype(np.int64),
                    "waited_h": waits.waited_s.sum(axis=1) / 3600,
                    "against_exponential": pa.array(patient.ratios, from_pandas=True),
                }
            ),
        },
        values={
            "first_day": str(load.first),
            "days": load.days,
            "target": target,
            "target_share": share,
            "calls": float(load.calls[slots].sum()),
            "agent_hours": hours,
            "rostered_hours": hours / (1.0 - lost),
            "together_hours": float(found.together[slots].sum()) * HALF_S / 3600,
            "most_agents": int(heads.sum(axis=1).max(initial=0)),
            "service_level": _weighted(found.level, load.calls),
            "occupancy": _weighted(found.occupancy, found.heads.astype(float)),
            "patience_s": patient.overall if patient.known else None,
            "shrinkage": lost,
        },
        checks=_checks(patient, method, found),
        notes=tuple(notes),
    )


def _for(businesses: tuple[str, ...], patient: Patience) -> Floats:
    """Patience of the forecast's businesses; of one without a call in the period, the centre's."""
    known = dict(zip(patient.businesses, patient.seconds, strict=True))
    return np.array([known.get(name, patient.overall) for name in businesses])


def _table(load: Demand, slots: Whole, starts: pa.Array, found: Staffed, plain: Whole, lost: float) -> pa.Table:
    count = len(load.businesses)
    names = [name or None for name in load.businesses]

    def flat(values: Floats | Whole) -> pa.Array:
        return pa.array(np.ravel(values[slots]), from_pandas=True)

    return pa.table(
        {
            "starts_at": starts.take(pa.array(np.repeat(np.arange(len(slots)), count))),
            "business": pa.array(names * len(slots), pa.string()),
            "agents": flat(found.heads),
            "service_level": flat(found.level),
            "occupancy": flat(found.occupancy),
            "rostered": flat(found.heads / (1.0 - lost)),
            "calls": flat(load.calls),
            "handle_s": flat(load.handle_s),
            "load_erlangs": flat(load.erlangs),
            "spread": flat(load.spread),
            "abandoned_share": flat(found.abandoned),
            "waits_share": flat(found.waits),
            "agents_erlang_c": flat(plain),
        }
    )


def _patience_table(patient: Patience) -> pa.Table:
    def seconds(values: Floats) -> pa.Array:
        return pa.array(np.where(np.isfinite(values), values, np.nan), from_pandas=True)

    return pa.table(
        {
            "business": pa.array([name or None for name in patient.businesses], pa.string()),
            "patience_s": seconds(patient.seconds),
            "low": seconds(patient.low),
            "high": seconds(patient.high),
            "abandoned": patient.abandoned.astype(np.int64),
            "waited_h": patient.waited_s / 3600,
            "basis": pa.array(patient.basis, pa.string()),
        }
    )


def _notes(waits: Waits, patient: Patience, method: str, target: str) -> list[Note]:
    notes = [Note("service_level_defined", {"measure": target})]
    unknown, known = float(waits.unknown.sum()), float(waits.calls.sum())
    if unknown:
        notes.append(Note("waits_unknown", {"share": unknown / (unknown + known)}))
    if method == "erlang_c":
        return [*notes, Note("nobody_hangs_up")]
    if not patient.known:
        return [*notes, Note("patience_not_known")]
    pooled = [name for name, basis in zip(patient.businesses, patient.basis, strict=True) if basis == "pooled"]
    if pooled:
        notes.append(Note("patience_pooled", {"businesses": listed(pooled), "patience_s": patient.overall}))
    if patient.from_s:
        notes.append(Note("patience_from_second", {"from_s": patient.from_s}))
    return notes


def _checks(patient: Patience, method: str, found: Staffed) -> tuple[Check, ...]:
    checks = []
    if method != "erlang_c" and np.isfinite(patient.chance):
        worst = float(patient.ratios[int(np.nanargmax(np.abs(patient.ratios - 1.0)))])
        checks.append(Check("patience_exponential", patient.exponential, worst, {"chance": patient.chance}))
    checks.append(Check("target_met", not found.missed, float(found.missed)))
    return tuple(checks)


def _weighted(values: Floats, weights: Floats) -> float | None:
    there = np.isfinite(values) & (weights > 0)
    total = float(weights[there].sum())
    return float((values[there] * weights[there]).sum()) / total if total > 0 else None

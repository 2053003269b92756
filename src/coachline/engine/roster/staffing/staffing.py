"""The analysis `roster.staffing`: how many people a service target takes, by business and half-hour."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.result import Check, Findings, Note
from coachline.engine.roster.forecast.history import HALF_S
from coachline.engine.roster.staffing.demand import Demand, default_first, forecast_demand, instants_of, past_demand
from coachline.engine.roster.staffing.heads import Target, needed_heads, rostered_heads
from coachline.engine.roster.staffing.patience import Patience, patience_of
from coachline.engine.roster.staffing.service import AT_MOST, Service, service
from coachline.engine.roster.staffing.shrinkage import shrinkage_of
from coachline.engine.roster.staffing.waits import BANDS, Waits, waits_of
from coachline.errors import CoachlineError

Floats = NDArray[np.float64]

STAFFING_COLUMNS = {
    "calls": ("arrived_at", "direction", "outcome", "business", "wait_s", "talk_s", "hold_s", "wrap_s"),
    "shifts": ("starts_at", "ends_at", "activity"),
}
"""What it reads."""

USUAL_SHARES = {"waits": 0.5, "abandoned": 0.05}
"""What is asked where no share is named; 80 % of a service level."""


def staffing(
    facts: Facts,
    *,
    demand: str = "forecast",
    first: date | None = None,
    days: int = 28,
    since: date | None = None,
    until: date | None = None,
    level: int | None = None,
    country: str = "CN",
    method: str = "erlang_a",
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
    first : date, optional
        First day of the forecast; the day after the last call by default.
    days : int
        Days of the forecast.
    since, until : date, optional
        From which calls patience and handle times are learnt; the period itself for ``past``.
    level : int, optional
        Levels of business paths to keep.
    country : str
        Whose holidays the forecast minds.
    method : str
        ``erlang_a`` minds that callers hang up, ``erlang_c`` lets them wait for ever.
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
        ``no_calls_before``, ``no_calls_in_period``, ``no_handle_times``, ``period_backwards``.
    """
    period = Period.of(since, until)
    waits = waits_of(facts, period, level)
    if not waits.businesses:
        period.require_calls(facts, 0)
    if demand == "past":
        load = past_demand(facts, period, waits, level=level)
    else:
        load = forecast_demand(facts, first or default_first(facts), days, waits, level=level, country=country)
    patient = patience_of(waits, given_s=patience_s)
    if method == "erlang_a" and target == "abandoned" and not patient.known:
        raise CoachlineError("patience_unknown")
    share = target_share if target_share is not None else USUAL_SHARES.get(target, 0.8)
    goal = Target(target, share, answer_within, occupancy_cap)
    waiting = np.full(len(load.businesses), np.inf) if method == "erlang_c" else _for(load.businesses, patient)
    spread = load.spread if uncertain else np.zeros_like(load.spread)
    heads = needed_heads(load.erlangs, load.handle_s, waiting, goal, spread=spread)
    met = service(load.erlangs, heads, load.handle_s, waiting, answer_within, spread=spread)
    lost, lost_from = shrinkage_of(facts, shrinkage)
    plain = needed_heads(load.erlangs, load.handle_s, np.inf, Target(target if target != "abandoned" else "waits", share, answer_within))
    together = _together(load, waiting, goal, spread)
    slots, starts = instants_of(load)
    hours = float(heads[slots].sum()) * HALF_S / 3600
    notes = [*load.notes, Note("agents_per_business"), *_notes(waits, patient, method, target)]
    notes.append(Note(f"shrinkage_{lost_from}", {"shrinkage": lost}))
    if demand == "past":
        notes.append(Note("past_as_it_came"))
    elif uncertain:
        notes.append(Note("target_over_uncertainty", {"spread": _weighted(load.spread, load.erlangs)}))
    reached = met.level(target)
    level_met = met.level(target if target not in AT_MOST else "service_level_offered")
    return Findings(
        tables={
            "staffing": _table(load, slots, starts, heads, plain, met, level_met, lost),
            "slots": pa.table(
                {
                    "starts_at": starts,
                    "calls": load.calls[slots].sum(axis=1),
                    "load_erlangs": load.erlangs[slots].sum(axis=1),
                    "agents": heads[slots].sum(axis=1),
                    "rostered": rostered_heads(heads[slots].sum(axis=1), lost),
                    "agents_together": together[slots],
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
            "together_hours": float(together[slots].sum()) * HALF_S / 3600,
            "most_agents": int(heads[slots].sum(axis=1).max(initial=0)),
            "service_level": _weighted(level_met, load.calls),
            "occupancy": _ratio(float((met.occupancy * heads)[slots][heads[slots] > 0].sum()), float(heads[slots].sum())),
            "patience_s": patient.overall if patient.known else None,
            "shrinkage": lost,
        },
        checks=_checks(patient, method, reached, load, share, target),
        notes=tuple(notes),
    )


def _for(businesses: tuple[str, ...], patient: Patience) -> Floats:
    """Patience of the forecast's businesses; of one without a call in the period, the centre's."""
    known = dict(zip(patient.businesses, patient.seconds, strict=True))
    return np.array([known.get(name, patient.overall) for name in businesses])


def _together(load: Demand, waiting: Floats, goal: Target, spread: Floats) -> NDArray[np.int64]:
    """People who would do if everybody could answer everything: one queue."""
    erlangs, calls = load.erlangs, load.calls
    all_erlangs, all_calls = erlangs.sum(axis=1), calls.sum(axis=1)
    some = all_calls > 0
    weight = np.where(some, all_calls, 1.0)
    handle = np.where(some, all_erlangs / weight * HALF_S, HALF_S)
    leaving = (calls / waiting).sum(axis=1) / weight
    patience = np.where(leaving > 0, 1.0 / np.where(leaving > 0, leaving, 1.0), np.inf)
    # Errors of the businesses' forecasts are taken to be independent, so that this is the fewest that could do.
    both = np.sqrt(((erlangs * spread) ** 2).sum(axis=1)) / np.where(some, all_erlangs, 1.0)
    return needed_heads(all_erlangs, handle, patience, goal, spread=both)


def _table(
    load: Demand,
    slots: NDArray[np.int64],
    starts: pa.Array,
    heads: NDArray[np.int64],
    plain: NDArray[np.int64],
    met: Service,
    level_met: Floats,
    lost: float,
) -> pa.Table:
    count = len(load.businesses)
    names = [name or None for name in load.businesses]

    def flat(values: Floats | NDArray[np.int64]) -> pa.Array:
        return pa.array(np.ravel(values[slots]), from_pandas=True)

    return pa.table(
        {
            "starts_at": starts.take(pa.array(np.repeat(np.arange(len(slots)), count))),
            "business": pa.array(names * len(slots), pa.string()),
            "agents": flat(heads),
            "service_level": flat(level_met),
            "occupancy": flat(met.occupancy),
            "rostered": flat(heads / (1.0 - lost)),
            "calls": flat(load.calls),
            "handle_s": flat(load.handle_s),
            "load_erlangs": flat(load.erlangs),
            "spread": flat(load.spread),
            "abandoned_share": flat(met.abandoned),
            "waits_share": flat(met.waits),
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
        notes.append(Note("patience_pooled", {"businesses": ", ".join(pooled), "patience_s": patient.overall}))
    if patient.from_s:
        notes.append(Note("patience_from_second", {"from_s": patient.from_s}))
    return notes


def _checks(patient: Patience, method: str, reached: Floats, load: Demand, share: float, target: str) -> tuple[Check, ...]:
    checks = []
    if method == "erlang_a" and np.isfinite(patient.chance):
        worst = float(patient.ratios[int(np.nanargmax(np.abs(patient.ratios - 1.0)))])
        checks.append(Check("patience_exponential", patient.exponential, worst, {"chance": patient.chance}))
    some = load.calls > 0
    kept = reached[some] <= share if target in AT_MOST else reached[some] >= share
    checks.append(Check("target_met", bool(kept.all()), float((~kept).sum())))
    return tuple(checks)


def _weighted(values: Floats, weights: Floats) -> float | None:
    there = np.isfinite(values) & (weights > 0)
    return _ratio(float((values[there] * weights[there]).sum()), float(weights[there].sum()))


def _ratio(top: float, bottom: float) -> float | None:
    return top / bottom if bottom > 0 else None

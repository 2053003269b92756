"""From facts to fitted models: one per outcome, over the same agents and businesses."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from weakref import WeakKeyDictionary

import numpy as np
import polars as pl

from coachline.engine.capability.ageing import aged
from coachline.engine.capability.evidence import evidence
from coachline.engine.capability.half_life import remembered
from coachline.engine.capability.memory import Memory
from coachline.engine.capability.outcome_fit import FittedOutcome, Roll, fit_outcome
from coachline.engine.capability.outcomes import OUTCOMES
from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.operations.statistics import Settings
from coachline.engine.result import Note
from coachline.engine.stats.hierarchical.design import Floats
from coachline.errors import CoachlineError


@dataclass(frozen=True)
class Capability:
    """All fitted outcomes of a period, in the order of `OUTCOMES`, and what must be said of the evidence."""

    roll: Roll
    outcomes: tuple[FittedOutcome, ...]
    memory: Memory
    notes: tuple[Note, ...]


KNOWN_OF_AT_LEAST = 20
"""Fewer people tell too little about what their time of service does."""

_known: WeakKeyDictionary[Facts, dict[Hashable, Capability]] = WeakKeyDictionary()


def capability(facts: Facts, period: Period, settings: Settings, half_life: str, outcomes: Collection[str] | None = None) -> Capability:
    """Fit the outcomes asked for, or all that have evidence; kept as long as the view of the facts lives.

    Parameters
    ----------
    facts : Facts
    period : Period
    settings : Settings
    half_life : str
        Months after which evidence counts half: ``none``, ``auto`` or a number; see `remembered`.
    outcomes : collection of str, optional

    Raises
    ------
    CoachlineError
        ``no_calls_in_period``, or ``no_capability_evidence`` where no outcome is recorded together with agent and business.
    """
    key = (period, settings, half_life, None if outcomes is None else tuple(sorted(outcomes)))
    kept = _known.setdefault(facts, {})
    if key not in kept:
        kept[key] = _fitted(facts, period, settings, half_life, outcomes)
    return kept[key]


def _fitted(facts: Facts, period: Period, settings: Settings, half_life: str, outcomes: Collection[str] | None) -> Capability:
    found = evidence(facts, period, settings, outcomes, by_month=half_life != "none")
    if found.cells.is_empty():
        raise CoachlineError(
            "no_capability_evidence", columns=", ".join(sorted({c for columns in found.lacking.values() for c in columns}))
        )
    roll = roll_of(facts, found.cells, period)
    memory, notes = remembered(found.cells, roll, half_life), found.notes
    fits = []
    for code in OUTCOMES:
        cells = found.cells.filter(pl.col("outcome") == code)
        if cells.height:
            fits.append(aged(fit_outcome(OUTCOMES[code], cells, roll, memory), cells, memory))
    return Capability(roll, tuple(fits), memory, notes)


def roll_of(facts: Facts, cells: pl.DataFrame, period: Period) -> Roll:
    """Everybody with evidence, every business with evidence or in the table of businesses."""
    agents = sorted(cells["agent_id"].unique().to_list())
    listed = (
        facts.collect(facts.table("businesses").select("business").distinct())["business"].to_pylist() if facts.has("businesses") else []
    )
    businesses = sorted({*cells["business"].unique().to_list(), *(b for b in listed if b)})
    table = facts.table("agents").group_by("agent_id").aggregate(team=lambda t: t.team.max(), hired_on=lambda t: t.hired_on.max())
    known = {row["agent_id"]: row for row in facts.collect(table).to_pylist()} if facts.has("agents") else {}
    _, team = np.unique(np.array([known.get(agent, {}).get("team") or "" for agent in agents]).astype(str), return_inverse=True)
    last = (facts.days("calls", "arrived_at") or (None, None))[1]
    if period.last is not None and last is not None:
        last = min(last, period.last)
    hired = [known.get(agent, {}).get("hired_on") for agent in agents]
    return Roll(tuple(agents), tuple(businesses), team.astype(np.int64), None if last is None else tenure(hired, last))


def tenure(hired: Sequence[date | None], last: date) -> Floats | None:
    """Logarithm of the months served, standardised, as a covariate of agents; None where it is known of too few or says nothing.

    What beginners achieve is told by other beginners better than by everybody. Those of whom it is not known, and those hired after `last`, count as
    average and as beginners.

    Returns
    -------
    (agents, 1) float array or None
    """
    months = np.array([np.nan if day is None else max((last - day).days, 0) / 30.4 for day in hired])
    known = np.isfinite(months)
    served = np.log1p(months[known])
    if len(hired) < KNOWN_OF_AT_LEAST or known.mean() < 0.5 or served.std() < 0.1:
        return None
    standard = np.zeros((len(hired), 1))
    standard[known, 0] = (served - served.mean()) / served.std()
    return standard

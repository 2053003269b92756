"""Inspections: inspectors of different severity look at sampled calls, some twice; passes are audited."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.special import expit

from coachline.engine.simulate import names, sampling
from coachline.engine.simulate.conform import conform
from coachline.engine.simulate.forms import BAR, FORM, ITEMS, REPEAT_REASONS, SOLUTION, VERSION
from coachline.engine.simulate.instants import instants
from coachline.engine.simulate.roster import DAY_S
from coachline.engine.simulate.world import World

SEVERITY = 0.6
"""Standard deviation of the inspectors' severity, on the logit of seeing a fault."""
SEEN, IMAGINED = 2.0, -4.6
"""Logit of marking a fault that is there, and one that is not, for an inspector of severity 0."""
SOLUTION_SEEN, SOLUTION_SEEN_IN_AUDIT = -0.4, 3.5
"""The same for the best solution: overlooked in ordinary inspections, looked for in audits."""
OWN_TEAM = 0.7
"""Share of inspections done by the inspector whose team it is."""
DOUBLE, AUDITED = 0.10, 0.12
"""Share of scored calls that a second inspector scores; selection probability of a passed one for the audit."""
FATAL, REMEDY = 0.1, 0.37
"""Share of faults of manner that are fatal; share of faulty inspections in which the remedy is written."""
PURPOSES = ("score", "coach", "calibration", "audit")


@dataclass(frozen=True)
class Inspectors:
    """Their identifiers, names and true severities; part-timers are agents."""

    inspector_id: list[str]
    name: list[str]
    severity: np.ndarray
    agent: np.ndarray
    """Agent number of a part-timer, -1 for the others."""


def inspectors(world: World, rng: np.random.Generator) -> Inspectors:
    """One inspector for each twelve agents, at least two."""
    count = max(2, world.people.count // 12)
    part_time = np.flatnonzero(np.array(world.people.role) == "兼职质检员")[: count // 3]
    full_time = count - len(part_time)
    return Inspectors(
        [f"QC{n + 1:03d}" for n in range(full_time)] + [world.people.agent_id[a] for a in part_time],
        names.people(full_time, rng) + [world.people.name[a] for a in part_time],
        SEVERITY * rng.standard_normal(count),
        np.concatenate([np.full(full_time, -1), part_time]),
    )


@dataclass(frozen=True)
class _Sheets:
    """Inspection sheets: place in the sample, inspector, purpose, probability, marked faults (N, items)."""

    place: np.ndarray
    inspector: np.ndarray
    purpose: np.ndarray
    probability: np.ndarray
    marked: np.ndarray

    @property
    def score(self) -> np.ndarray:
        return np.asarray(100.0 - self.marked @ np.array([i.points for i in ITEMS]))


def inspect(
    world: World, month: np.ndarray, call_ids: pa.Array, rng: np.random.Generator
) -> tuple[dict[str, pa.Table], dict[str, pa.Table]]:
    """Inspect a sample of the calls.

    Parameters
    ----------
    world : World
    month : numpy.ndarray
        Number of the calendar month of each call.
    call_ids : pyarrow.Array
    rng : numpy.random.Generator

    Returns
    -------
    tuple of dict
        The fact tables ``inspections`` and ``inspection_items``; the truth ``inspectors``, ``inspections`` and ``form_items``.
    """
    who = inspectors(world, rng)
    sample = sampling.draw(world.ledger.columns, month, world.people.count, rng)
    faults = _true_faults(world, sample.call, rng)
    risky = sample.stratum != sampling.ORDINARY
    agent = world.ledger["agent"][sample.call]
    by = _assigned(world, who, agent, rng)
    first = _look(np.arange(len(by)), by, np.where(risky, 1, 0), sample.probability, faults, who, SOLUTION_SEEN, rng)
    again = np.flatnonzero(~risky & (rng.random(len(by)) < DOUBLE))
    second = _look(
        again,
        _another(by[again], agent[again], who, rng),
        np.full(len(again), 2),
        sample.probability[again] * DOUBLE,
        faults,
        who,
        SOLUTION_SEEN,
        rng,
    )
    passed_once = (first.score >= BAR) & ~risky
    checked = np.flatnonzero(passed_once & (rng.random(len(by)) < AUDITED))
    audit = _look(
        checked,
        _another(by[checked], agent[checked], who, rng),
        np.full(len(checked), 3),
        sample.probability[checked] * AUDITED,
        faults,
        who,
        SOLUTION_SEEN_IN_AUDIT,
        rng,
    )
    sheets = _Sheets(*(np.concatenate([getattr(s, f) for s in (first, second, audit)]) for f in _Sheets.__dataclass_fields__))
    facts, numbers = _tables(world, sample, sheets, who, call_ids, rng)
    truth = {
        "inspectors": pa.table({"inspector_id": who.inspector_id, "name": who.name, "severity": who.severity}),
        "inspections": pa.table(
            {
                "inspection_id": facts["inspections"]["inspection_id"],
                "true_faults": faults[sheets.place].sum(axis=1)[numbers],
                "no_best_solution": faults[sheets.place, SOLUTION][numbers],
            }
        ),
        "form_items": pa.table(
            {
                "item": [i.name for i in ITEMS],
                **{
                    f: [float(getattr(i, f)) for i in ITEMS] for f in ("points", "base", "manner", "knowledge", "unsatisfied", "unresolved")
                },
            }
        ),
    }
    return facts, truth


def _true_faults(world: World, call: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(N, items) what was really wrong with each call."""
    ledger, truth = world.ledger, world.truth
    agent, business = ledger["agent"][call], ledger["business"][call]

    def gift(effect: np.ndarray) -> np.ndarray:
        return np.asarray((effect - effect.mean()) / max(float(effect.std()), 1e-9))

    manner = gift(truth.agent["satisfied"])[agent]
    # What counts is how the agent knows this business, compared with how hard it is.
    knowledge = (truth.eta["resolved"][agent, business] - truth.business["resolved"][business] - truth.mu["resolved"]) / 0.55
    unsatisfied, unresolved = ledger["satisfied"][call] == 0, ledger["resolved"][call] == 0
    logits = np.stack(
        [i.base - i.manner * manner - i.knowledge * knowledge + i.unsatisfied * unsatisfied + i.unresolved * unresolved for i in ITEMS],
        axis=1,
    )
    return np.asarray(rng.random(logits.shape) < expit(logits))


def _assigned(world: World, who: Inspectors, agent: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    count = len(who.inspector_id)
    own = world.people.team[agent] % count
    chosen = np.where(rng.random(len(agent)) < OWN_TEAM, own, rng.integers(count, size=len(agent)))
    # Nobody inspects the own calls.
    return np.where(who.agent[chosen] == agent, (chosen + 1) % count, chosen)


def _another(first: np.ndarray, agent: np.ndarray, who: Inspectors, rng: np.random.Generator) -> np.ndarray:
    """A different inspector for each inspection, and not the inspected agent; part-timers exist only where there are three or more."""
    count = len(who.inspector_id)
    chosen = (first + rng.integers(1, count, len(first))) % count
    following = (chosen + 1) % count
    following = np.where(following == first, (chosen + 2) % count, following)
    return np.where(who.agent[chosen] == agent, following, chosen)


def _look(
    place: np.ndarray,
    inspector: np.ndarray,
    purpose: np.ndarray,
    probability: np.ndarray,
    faults: np.ndarray,
    who: Inspectors,
    solution_seen: float,
    rng: np.random.Generator,
) -> _Sheets:
    seen = np.full(len(ITEMS), SEEN)
    seen[SOLUTION] = solution_seen
    logits = np.where(faults[place], seen, IMAGINED) + who.severity[inspector][:, None]
    return _Sheets(place, inspector, purpose, probability, rng.random(logits.shape) < expit(logits))


def _tables(
    world: World, sample: sampling.Sample, sheets: _Sheets, who: Inspectors, call_ids: pa.Array, rng: np.random.Generator
) -> tuple[dict[str, pa.Table], np.ndarray]:
    """The two fact tables, in order of time, and that order."""
    ledger, count = world.ledger, len(sheets.place)
    call = sample.call[sheets.place]
    ended = ledger["second"][call] + ledger["talk_s"][call] + 600
    lag = np.where(sheets.purpose == 3, 4.0, 0.3) + rng.random(count) * 4
    at = np.floor(ended / DAY_S + lag) * DAY_S + 9 * 3600 + rng.integers(0, 8 * 3600, count)
    at = np.maximum(np.minimum(at, world.size.days * DAY_S - 3600 + rng.integers(0, 3600, count)), ended)
    order = np.argsort(at, kind="stable")
    at, call, marked = at[order], call[order], sheets.marked[order]
    purpose, stratum = sheets.purpose[order], sample.stratum[sheets.place][order]
    score = sheets.score[order]
    fatal = marked[:, 1] & (rng.random(count) < FATAL)
    # An audit asks for the best solution, too; an ordinary inspection only for the bar.
    passed = (score >= BAR) & ~fatal & ~((purpose == 3) & marked[:, SOLUTION])
    faulty = marked.any(axis=1)
    worst = np.argmax(marked * np.array([i.points for i in ITEMS]), axis=1)
    with_remedy = faulty & (rng.random(count) < REMEDY)
    reason = rng.integers(len(REPEAT_REASONS), size=count)
    title = np.array(world.businesses.title)[ledger["business"][call]]
    ids = np.array([f"ZJ{n + 1:07d}" for n in range(count)], dtype=str)
    inspections = conform(
        "inspections",
        {
            "inspection_id": pa.array(ids),
            "call_id": call_ids.take(pa.array(call)),
            "agent_id": pa.array(world.people.agent_id).take(pa.array(ledger["agent"][call])),
            "inspector_id": pa.array(who.inspector_id).take(pa.array(sheets.inspector[order])),
            "inspected_at": instants(world.size.start, at),
            "form": [FORM] * count,
            "form_version": [VERSION] * count,
            "purpose": pa.array(PURPOSES).take(pa.array(purpose)),
            "stratum": pa.array(sampling.STRATA).take(pa.array(stratum)),
            "probability": sheets.probability[order],
            "score": score,
            "passed": passed,
            "fatal": fatal,
            "customer_problem": pa.array([f"客户来电:{t}" for t in title], pa.string()),
            "repeat_reason": pa.array([REPEAT_REASONS[r] if s == 1 else None for r, s in zip(reason, stratum, strict=True)], pa.string()),
            "remedy": pa.array([ITEMS[w].remedy if has else None for w, has in zip(worst, with_remedy, strict=True)], pa.string()),
        },
    )
    flat = marked.ravel()
    item = np.tile(np.arange(len(ITEMS)), count)
    points = np.array([i.points for i in ITEMS])[item]
    items = conform(
        "inspection_items",
        {
            "inspection_id": pa.array(np.repeat(ids, len(ITEMS))),
            "item": pa.array([i.name for i in ITEMS]).take(pa.array(item)),
            "points": np.where(flat, 0.0, points),
            "max_points": points,
            "failed": flat,
            "comment": pa.array([i.fault for i in ITEMS]).take(pa.array(item, mask=~flat)),
        },
    )
    return {"inspections": inspections, "inspection_items": items}, order

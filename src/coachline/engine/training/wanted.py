"""Every pair of agent and business with what a training there would gain: the arithmetic behind needs and groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import polars as pl
from numpy.typing import NDArray

from coachline.engine.capability.fitted import Capability, capability
from coachline.engine.capability.judgement import STRONG, judged
from coachline.engine.capability.outcome_fit import FittedOutcome, Roll
from coachline.engine.capability.outcomes import OUTCOMES
from coachline.engine.capability.profile.people import People, people
from coachline.engine.capability.profile.window import Window
from coachline.engine.capability.standards import Standards, standards, targets
from coachline.engine.capability.telling_apart import differences
from coachline.engine.capability.weak_cells import chosen
from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.operations.statistics import Settings
from coachline.engine.result import Note
from coachline.engine.stats.hierarchical.design import Floats
from coachline.engine.stats.hierarchical.likelihood import expected
from coachline.engine.stats.hierarchical.posterior import levels
from coachline.engine.training.expected_calls import ExpectedCalls, RecentCalls, expected_calls, recent_calls
from coachline.engine.training.expected_gap import expected_gap
from coachline.engine.training.history import covering, dated_or_not, last_trainings
from coachline.engine.training.method_effects import method_effects
from coachline.engine.training.settings import NeedsSettings
from coachline.engine.training.trained_since import TrainedSince, trained_since


@dataclass(frozen=True)
class Judgement:
    """One outcome of all pairs, of shape (agents, businesses).

    Attributes
    ----------
    code : str
    n : int array
        Own cases.
    gap, p_below : float arrays
        Expected distance to the standard where below it, and probability of that; NaN without a standard, or where people cannot be told apart and
        the centre has set no target.
    estimate, certainty : float arrays
    standard : (businesses,) float array
    listed : bool array
        Pairs that are truly in need, as a list held to the share of wrong entries that is put up with.
    strong : bool array
        Pairs that are strong as `capability.matrix` says it, with enough own cases.
    """

    code: str
    n: NDArray[np.int64]
    gap: Floats
    p_below: Floats
    estimate: Floats
    certainty: Floats
    standard: Floats
    listed: NDArray[np.bool_]
    strong: NDArray[np.bool_]


@dataclass(frozen=True)
class Wanted:
    """All that needs and groups are made of."""

    window: Window
    roll: Roll
    staff: People
    outcomes: tuple[Judgement, ...]
    recent: RecentCalls
    ahead: ExpectedCalls
    since: TrainedSince
    present: NDArray[np.bool_]
    notes: tuple[Note, ...]


SURE = 0.9
"""Probability that calling somebody strong takes, as in the matrix."""

_known: WeakKeyDictionary[Facts, dict[tuple[object, ...], Wanted]] = WeakKeyDictionary()


def wanted(facts: Facts, settings: NeedsSettings) -> Wanted:
    """Judge every pair; kept as long as the view of the facts lives, since needs, groups and plan all ask for it.

    Raises
    ------
    CoachlineError
        ``period_backwards``, ``no_calls_in_period``, ``no_capability_evidence``.
    """
    worth = tuple(sorted(settings.worth_of.items()))
    key = (
        settings.since, settings.until, worth, settings.recent_days, settings.p_below, settings.fdr, settings.least_cases, settings.margin,
        settings.half_life, settings.satisfied_from, settings.repeat_days,
    )  # fmt: skip
    kept = _known.setdefault(facts, {})
    if key not in kept:
        kept[key] = _wanted(facts, settings)
    return kept[key]


def _wanted(facts: Facts, settings: NeedsSettings) -> Wanted:
    period = Period.of(settings.since, settings.until)
    thresholds = Settings(satisfied_from=settings.satisfied_from, repeat_days=settings.repeat_days)
    found = capability(facts, period, thresholds, settings.half_life)
    window = Window.of(facts, period)
    recent = recent_calls(facts, window, settings.recent_days)
    staff = people(facts)
    trained = covering(last_trainings(dated_or_not(facts, window)), found.roll.businesses, "last_trained")
    since = trained_since(facts, window, trained, method_effects(facts), found.memory.half_life, found.roll.agents, found.roll.businesses)
    worth_of = {code: settings.worth_of.get(code, 0.0) for code in OUTCOMES}
    outcomes, notes = _judgements(facts, found, since, settings)
    return Wanted(
        window=window,
        roll=found.roll,
        staff=staff,
        outcomes=outcomes,
        recent=recent,
        ahead=expected_calls(recent, found.roll.agents, found.roll.businesses),
        since=since,
        present=_present(staff, found.roll, window.day),
        # What is not recorded of outcomes that nobody is trained for matters to nobody here.
        notes=(*(note for note in found.notes if worth_of.get(note.facts.get("outcome", ""), 1.0) > 0.0), *notes),
    )


def _present(staff: People, roll: Roll, day: int) -> NDArray[np.bool_]:
    """Who is still there on the last day; of whom nothing is recorded, yes."""
    left = dict(staff.listed.filter(pl.col("left_on").is_not_null()).select("agent_id", pl.col("left_on").cast(pl.Int32)).iter_rows())
    return np.array([left.get(agent, day + 1) > day for agent in roll.agents], np.bool_)


def _judgements(
    facts: Facts, found: Capability, since: TrainedSince, settings: NeedsSettings
) -> tuple[tuple[Judgement, ...], tuple[Note, ...]]:
    set_targets, notes = targets(facts)
    outcomes: list[Judgement] = []
    alike: list[str] = []
    for fitted in found.outcomes:
        if settings.worth_of.get(fitted.outcome.code, 0.0) <= 0.0:
            continue
        bars = standards(fitted, set_targets, settings.margin)
        apart = differences(fitted).people_differ
        if not apart:
            alike.append(fitted.outcome.code)
        outcomes.append(_outcome(fitted, bars, apart, since, settings))
    told = (Note("nothing_to_tell_apart", {"outcomes": ", ".join(alike)}),) if alike else ()
    return tuple(outcomes), (*notes, *told)


def _outcome(fitted: FittedOutcome, bars: Standards, apart: bool, since: TrainedSince, settings: NeedsSettings) -> Judgement:
    shape = (len(fitted.roll.agents), len(fitted.roll.businesses))
    n = np.zeros(shape, np.int64)
    n[fitted.design.agent, fitted.design.business] = fitted.n
    # Where people are alike, being below what is usual is chance; a target of the centre can be missed by all.
    standard = bars.standard if apart else np.where(bars.own, np.nan, bars.standard)
    sign = 1.0 if fitted.outcome.better == "up" else -1.0
    enough = n >= settings.least_cases
    strong = np.zeros(shape, np.bool_)
    figures: Mapping[str, Floats] = {name: np.empty(shape) for name in ("gap", "p_below", "estimate", "certainty")}
    for found in levels(fitted.fit):
        own = found.block.agents
        mean, variance = since.moved(found.mean, found.variance, fitted.likelihood.level(standard), sign, own)
        figures["gap"][own], figures["p_below"][own] = expected_gap(fitted.likelihood, mean, variance, standard, sign)
        figures["estimate"][own] = expected(fitted.likelihood, mean, variance)
        figures["certainty"][own] = found.certainty
        verdict = judged(fitted, found, bars, enough[own], SURE, apart).verdict
        strong[own] = verdict == STRONG
    listed = np.zeros(shape, np.bool_)
    places, _ = chosen(np.where(enough, figures["p_below"], np.nan).ravel(), settings.fdr)
    listed.ravel()[places] = True
    listed &= figures["p_below"] >= settings.p_below
    return Judgement(fitted.outcome.code, n, standard=standard, listed=listed, strong=strong, **figures)

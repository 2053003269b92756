"""The sample of the month: which calls are listened to, by whom, why, and with what chance each was drawn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import polars as pl

from coachline.engine.facts import Facts
from coachline.engine.quality.inspected import COACHING, SCORING
from coachline.engine.quality.sample.account import Sample, findings
from coachline.engine.quality.sample.assignment import NOBODY, Assignment, assign, ties
from coachline.engine.quality.sample.draw import DIGITS, counted, drawn, frame, number, numbers, roundings
from coachline.engine.quality.sample.inspectors import Inspectors, inspectors
from coachline.engine.quality.sample.margins import Margins, expected
from coachline.engine.quality.sample.month import inspection_period
from coachline.engine.quality.sample.places import Ints, Places, places, shared_budget
from coachline.engine.quality.sample.settings import RISK_WEIGHTS
from coachline.engine.quality.strata import STRATUM_RULES, Strata, with_stratum
from coachline.engine.result import Findings
from coachline.errors import CoachlineError


def sample(
    facts: Facts,
    *,
    since: date | None = None,
    until: date | None = None,
    budget: int | None = None,
    per_agent: int = 20,
    least_per_agent: int = 5,
    share_random: float = 0.5,
    strata: Mapping[str, str] = STRATUM_RULES,
    risk_weights: Mapping[str, float] = RISK_WEIGHTS,
    quota: Mapping[str, float] | None = None,
    repeat_days: int = 7,
    leave_inspected: bool = True,
    named_inspectors: str | None = None,
    conflicts: str | None = None,
    own_team: bool = False,
    double_share: float = 0.1,
    expected_defects: float = 0.1,
    confidence: float = 0.9,
    seed: int = 1,
) -> Findings:
    """Draw the calls to be inspected and deal them to the inspectors.

    The same facts, parameters and seed give the same sample on every engine and in whatever order the rows lie.

    Parameters
    ----------
    facts : Facts
    since, until : date, optional
        Default: the last full month of the calls.
    budget : int, optional
        Calls to listen to in all, shared out by `least_per_agent` and then in proportion to calls. Without it, `per_agent` of each agent.
    per_agent, least_per_agent : int
    share_random : float
        Share of each agent's places for the random part (purpose ``score``), in which all calls of the agent have the same chance. The rest is the
        risk part (purpose ``coach``).
    strata : mapping of str to str
        Rules over calls, in order of priority; calls that meet none are ``ordinary``.
    risk_weights : mapping of str to float
        Of the strata in the risk part; those not named have 0 and serve it only where no other call is left. If the weights are not
        given, strata that are not among the default ones weigh 1.
    quota : mapping of str to float, optional
        Places of the risk part, per agent, that a stratum gets before the weights are applied.
    repeat_days : int
    leave_inspected : bool
        Leave out calls that have been inspected already.
    named_inspectors, conflicts : str, optional
        See `inspectors`.
    own_team : bool
        Inspectors may listen to their own team.
    double_share : float
        Share of the calls that a second inspector hears, too.
    expected_defects : float
        Share of defective calls to expect where there are too few past inspections.
    confidence : float
        Of the margins of error.
    seed : int

    Returns
    -------
    Findings
        Tables ``sample``, ``margins``, ``strata``, ``inspectors`` and ``check``; see `coachline.engine.quality.sample.account`.

    Raises
    ------
    CoachlineError
        ``period_backwards``, ``no_calls_in_period``, ``no_calls_to_inspect``, ``unknown_weight``, ``bad_conflicts``,
        ``stratum_ordinary_has_no_rule``, ``call_rule_unreadable`` or ``call_rule_unknown_name``.
    """
    period = inspection_period(facts, since, until)
    layers = Strata.of(strata, repeat_days)
    weights = _by_stratum("risk_weights", _for_strata(risk_weights, layers), layers)
    quotas = np.ceil(_by_stratum("quota", quota or {}, layers)).astype(np.int64)

    found = frame(facts, period, leave_inspected)
    calls = with_stratum(facts, found.calls, period, layers)
    agents, counts = counted(facts, calls, len(layers.names))
    of_agents = counts.sum(axis=1)
    budgets = np.full(len(agents), per_agent) if budget is None else shared_budget(of_agents, budget, least_per_agent)
    allotted = places(counts, budgets, share_random, weights, quotas, roundings(seed, agents))
    rows = _with_purpose(drawn(facts, calls, seed, agents, allotted.drawn), agents, counts, allotted, layers.names)
    who = inspectors(facts, period, agents, named_inspectors, conflicts, own_team)
    dealt = _dealt(rows, agents, who, double_share, seed)
    past = expected(facts, expected_defects)
    margins = Margins(confidence, past.defects, past.spread)
    return findings(Sample(period, found, layers.names, agents, counts, budgets, allotted, rows, who, dealt, past, margins, seed))


def _for_strata(risk_weights: Mapping[str, float], strata: Strata) -> Mapping[str, float]:
    """`risk_weights`; the default ones hold for whichever of their strata there are, and a centre's own strata then weigh 1."""
    if risk_weights != RISK_WEIGHTS:
        return risk_weights
    return {name: RISK_WEIGHTS.get(name, 1.0) for name in strata.rules}


def _by_stratum(parameter: str, given: Mapping[str, float], strata: Strata) -> np.ndarray:
    """`given` in the order of the strata, 0 where a stratum is not named."""
    for name in given:
        if name not in strata.names:
            raise CoachlineError("unknown_weight", name=parameter, entry=name, known=", ".join(strata.names))
    return np.array([float(given.get(name, 0.0)) for name in strata.names])


def _with_purpose(rows: pl.DataFrame, agents: list[str], counts: Ints, allotted: Places, names: tuple[str, ...]) -> pl.DataFrame:
    """The drawn calls with the place of their agent, purpose, probability within it and over both, sorted by agent and random number."""
    place = {agent: n for n, agent in enumerate(agents)}
    who = np.array([place[agent] for agent in rows["agent_id"]], np.int64)
    stratum, rank = rows["stratum"].to_numpy(), rows["rank"].to_numpy()
    scored = rank <= allotted.score[who, stratum]
    score_chance, coach_chance = allotted.score_chance[who], allotted.coach_chance[who, stratum]
    return rows.with_columns(
        agent=pl.Series(who),
        stratum=pl.Series([names[s] for s in stratum], dtype=pl.String),
        calls=pl.Series(counts[who, stratum]),
        purpose=pl.Series(np.where(scored, SCORING, COACHING), dtype=pl.String),
        probability=pl.Series(np.where(scored, score_chance, coach_chance)),
        either=pl.Series(np.minimum(1.0, score_chance + coach_chance)),
    ).sort("agent", "number", "call_id", "source")


def _dealt(rows: pl.DataFrame, agents: list[str], who: Inspectors, double_share: float, seed: int) -> Assignment:
    if not who.inspector_id:
        nobody = np.full(rows.height, NOBODY, np.int64)
        return Assignment(nobody, nobody)
    tie = ties(numbers(seed, agents, 4 * DIGITS), numbers(seed, who.inspector_id, 4 * DIGITS))
    # A number of its own, for those by which the calls were drawn are the smallest ones.
    again = [number(seed, "second", source, call_id) for source, call_id in rows.select("source", "call_id").iter_rows()]
    doubled = np.sort(np.argsort(np.array(again), kind="stable")[: round(double_share * rows.height)])
    return assign(rows["agent"].to_numpy(), who.allowed, tie, doubled)

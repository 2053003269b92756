"""What each person is expected to resolve at each post, and who may man it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from coachline.engine import clock
from coachline.engine.capability.fitted import capability
from coachline.engine.capability.outcome_fit import FittedOutcome
from coachline.engine.capability.profile.window import collected
from coachline.engine.facts import Facts
from coachline.engine.operations.enriched import enriched_calls
from coachline.engine.operations.period import Period
from coachline.engine.operations.statistics import Settings
from coachline.engine.result import Note
from coachline.engine.roster.plan.demand import Demand
from coachline.engine.roster.plan.request import Bools, Floats
from coachline.engine.stats.hierarchical.likelihood import expected
from coachline.engine.stats.hierarchical.posterior import levels
from coachline.errors import CoachlineError

OF_SKILL = ("resolved", "satisfied")
"""Outcomes by which skill is measured: the first that is recorded."""

LICENCE_TAGS = ("licences", "licenses", "licence", "license", "持证", "业务资格", "上岗证", "资格")
"""Names of the tag that lists the businesses for which somebody is licensed."""
ALL_OF = ("*", "全部", "all")
LICENSED_SHARE = 0.5
"""Share of the calls of a post for which somebody must be licensed."""
EXAMS_FROM = 0.9
"""Share of those who handle a post who must have passed its exam; else exams here are no licences."""
EVIDENCE_DAYS = 182
"""Past days in which handled calls count as evidence of a licence."""

Licences = Literal["auto", "tags", "exams", "evidence", "everybody"]


@dataclass(frozen=True)
class Skills:
    """Skill and licence of people at posts.

    Attributes
    ----------
    skill, sd : (people, posts) float array
        Posterior mean and standard deviation of the share resolved.
    outcome : str or None
        By which it is measured; None where nothing is recorded.
    licensed : (people, posts) bool array
    basis : str
        What licences were told from: ``tags``, ``exams``, ``evidence`` or ``everybody``.
    mix : (people, posts) float array
        Share of each person's past calls; rows without any are 0.
    notes : tuple of Note
    """

    skill: Floats
    sd: Floats
    outcome: str | None
    licensed: Bools
    basis: str
    mix: Floats
    notes: tuple[Note, ...]


def skills(
    facts: Facts,
    people: Sequence[str],
    posts: Demand,
    first: date,
    *,
    licences: Licences,
    least_calls: int,
    pass_bar: float,
    half_life: str,
) -> Skills:
    """Skill and licence of `people` at `posts`, from the facts before `first`.

    Parameters
    ----------
    facts : Facts
    people : sequence of str
    posts : Demand
    first : date
    licences : str
        What they are told from; ``auto`` takes the first of tags, exams and evidence that the centre has.
    least_calls : int
        Calls of a post within half a year that are evidence of being licensed for it.
    pass_bar : float
        Share of right answers that passes an exam.
    half_life : str
        Of evidence, see `capability.matrix`.
    """
    skill, sd, outcome = _fitted(facts, people, posts, first, half_life)
    of_business = _handled(facts, people, posts, first)
    at_home = of_business @ (posts.post_of[:, None] == np.arange(len(posts.posts)))
    total = at_home.sum(axis=1, keepdims=True)
    mix = np.divide(at_home, total, out=np.zeros_like(at_home), where=total > 0)
    # What is answered at the common post at quiet hours is evidence there, too.
    handled = of_business @ (posts.weights > 0)
    licensed, basis = _licensed(facts, people, posts, handled, first, licences, least_calls, pass_bar)
    notes = [Note(f"licences_from_{basis}", {"calls": least_calls} if basis == "evidence" else {})]
    if outcome is None:
        notes.append(Note("skill_unknown"))
    elif outcome != OF_SKILL[0]:
        notes.append(Note("skill_by_other_outcome"))
    return Skills(skill, sd, outcome, licensed, basis, mix, tuple(notes))


def _fitted(facts: Facts, people: Sequence[str], posts: Demand, first: date, half_life: str) -> tuple[Floats, Floats, str | None]:
    """Skill of a post is that of its businesses, weighed by their calls; the doubt about one person's businesses is taken as one and the same."""
    known = facts.days("calls", "arrived_at")
    until = None if known is None or known[1] < first else first - timedelta(1)
    shape = (len(people), len(posts.posts))
    for code in OF_SKILL:
        try:
            found = capability(facts, Period(None, until), Settings(), half_life, [code])
        except CoachlineError as lacking:
            if lacking.code != "no_capability_evidence":
                raise
            continue
        fitted = found.outcomes[0]
        mean, sd = _posterior(fitted, people)
        place = {business: n for n, business in enumerate(fitted.roll.businesses)}
        weights = np.zeros((len(place), len(posts.posts)))
        for number, business in enumerate(posts.businesses):
            if business in place:
                weights[place[business]] += posts.weights[number]
        # A post of whose businesses no outcome is known has the mean of all.
        empty = weights.sum(axis=0) <= 0
        weights[:, empty] = 1.0
        weights /= weights.sum(axis=0)
        return mean @ weights, sd @ weights, code
    return np.ones(shape), np.zeros(shape), None


def _posterior(fitted: FittedOutcome, people: Sequence[str]) -> tuple[Floats, Floats]:
    """(people, businesses) mean and standard deviation; of who is not known, those of somebody drawn at random."""
    row = {agent: n for n, agent in enumerate(fitted.roll.agents)}
    rows = np.array([row.get(name, -1) for name in people], np.int64)
    size = len(fitted.roll.businesses)
    mean, sd = np.full((len(people), size), np.nan), np.full((len(people), size), np.nan)
    for block in levels(fitted.fit):
        here = np.flatnonzero((rows >= block.block.agents.start) & (rows < block.block.agents.stop))
        own = rows[here] - block.block.agents.start
        mean[here], sd[here] = _moments(fitted, block.mean[own], block.variance[own])
    unknown = rows < 0
    if unknown.any():
        level = fitted.fit.effects.business + fitted.fit.offset
        spread = np.diag(fitted.fit.system.covariance)[:size] + fitted.fit.spread.agent_side + fitted.fit.spread.cell
        mean[unknown], sd[unknown] = _moments(fitted, level[None, :], spread[None, :])
    return mean, sd


def _moments(fitted: FittedOutcome, level: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of the share; the latter by its slope at the mean level (delta method)."""
    mean = expected(fitted.likelihood, level, variance)
    return mean, mean * (1.0 - mean) * np.sqrt(variance)


def _handled(facts: Facts, people: Sequence[str], posts: Demand, first: date) -> Floats:
    """(people, businesses) calls answered in the half-year before `first`."""
    rows = enriched_calls(facts, Period(first - timedelta(EVIDENCE_DAYS), first - timedelta(1)))
    rows = rows.filter(rows.answered, rows.agent_id.notnull()).select("agent_id", business=rows.business.fill_null(""))
    found = collected(facts, rows.group_by(["agent_id", "business"]).aggregate(calls=rows.count()))
    person = {name: n for n, name in enumerate(people)}
    place = {business: n for n, business in enumerate(posts.businesses)}
    handled = np.zeros((len(people), len(place)))
    for agent, business, calls in found.iter_rows():
        if agent in person and business in place:
            handled[person[agent], place[business]] += calls
    return handled


def _licensed(
    facts: Facts, people: Sequence[str], posts: Demand, handled: Floats, first: date, licences: Licences, least_calls: int, pass_bar: float
) -> tuple[Bools, str]:
    everybody = np.ones(handled.shape, np.bool_)
    if licences in ("auto", "tags"):
        tagged = _tagged(facts)
        if tagged:
            return _of_posts([tagged.get(name, ()) for name in people], posts), "tags"
    if licences in ("auto", "exams"):
        passed = _passed(facts, first, pass_bar)
        by_exam = _of_posts([passed.get(name, ()) for name in people], posts)
        # Exams are licences only where those who do the work have passed them.
        at_work = handled >= least_calls
        if passed and (licences == "exams" or by_exam[at_work].mean() >= EXAMS_FROM if at_work.any() else False):
            return by_exam, "exams"
    # Whoever is new may at least go on with what they have handled most.
    most = (handled == handled.max(axis=1, keepdims=True, initial=0.0)) & (handled > 0)
    by_evidence = (handled >= least_calls) | most
    if licences != "everybody" and by_evidence.any():
        return by_evidence, "evidence"
    return everybody, "everybody"


def _of_posts(held: Sequence[Sequence[str]], posts: Demand) -> Bools:
    """(people, posts) whether the businesses held make up enough of each post; who holds a business holds what lies under it."""
    found = np.zeros((len(held), len(posts.posts)), np.bool_)
    for row, names in enumerate(held):
        if any(name in ALL_OF for name in names):
            found[row] = True
            continue
        covered = np.array([any(b == name or b.startswith(f"{name}/") for name in names) for b in posts.businesses])
        found[row] = covered @ posts.weights >= LICENSED_SHARE
    return found


def _tagged(facts: Facts) -> dict[str, tuple[str, ...]]:
    """Businesses on each person's licence tag; empty where nobody has one."""
    if not facts.has("agents"):
        return {}
    table = facts.table("agents")
    parts = {"names": table.tags.keys(), "texts": table.tags.values()}
    found: dict[str, tuple[str, ...]] = {}
    for row in facts.collect(table.filter(table.tags.notnull()).select("agent_id", **parts)).to_pylist():
        for name, text in zip(row["names"], row["texts"], strict=True):
            if name.strip().lower() in LICENCE_TAGS and text:
                for mark in "，、；;|":
                    text = text.replace(mark, ",")
                found[row["agent_id"]] = tuple(part.strip() for part in text.split(",") if part.strip())
    return found


def _passed(facts: Facts, first: date, pass_bar: float) -> dict[str, tuple[str, ...]]:
    """Businesses in whose exams before `first` each reached `pass_bar` at least once."""
    if not facts.has("exams"):
        return {}
    rows = facts.table("exams")
    rows = rows.filter(rows.correct.notnull(), rows.business.notnull())
    rows = rows.mutate(day=facts.wall_clock_s("exams", "taken_at") // clock.DAY_S)
    rows = rows.filter(rows.day.isnull() | (rows.day < clock.day_number(first)))
    each = rows.group_by(["agent_id", "business", "exam_id"]).aggregate(right=rows.correct.cast("int64").sum(), asked=rows.count())
    passed = each.filter(each.right >= pass_bar * each.asked).select("agent_id", "business").distinct()
    found: dict[str, tuple[str, ...]] = {}
    for agent, business in collected(facts, passed).iter_rows():
        found[agent] = (*found.get(agent, ()), business)
    return found

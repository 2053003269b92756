"""What becomes of a call: handled in which time, resolved, satisfied, passed on, rated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, ndtr

from coachline.engine.simulate.arrivals import Arrivals
from coachline.engine.simulate.businesses import Businesses
from coachline.engine.simulate.handling import Work
from coachline.engine.simulate.ledger import ABANDONED, ANSWERED, IGNORED, IVR_ONLY, UNKNOWN
from coachline.engine.simulate.people import People
from coachline.engine.simulate.truth import OUTCOMES, Truth

TALK_NOISE, TALK_LONGER_UNSOLVED = 0.55, 0.25
"""Standard deviation of log talk time within a cell; correlation of the noise with not being resolved."""
LONGEST_TALK_S, LONGEST_HOLD_S, LONGEST_WRAP_S = 1700.0, 280.0, 600.0
"""Together less than the shortest break, so that no call runs into the next stretch of work."""
PATIENCE_S = {"voice": 150.0, "chat": 400.0}
"""Mean of the exponential patience."""
OUTBOUND_PATIENCE_S = 3 * 3600.0
REACH = 0.55
"""Chance that an outbound call is taken."""
INVITED, RATED_SATISFIED, RATED_UNSATISFIED = 0.85, 0.35, 0.40
NOT_RECORDED = 0.04
"""Share of answered calls for which nobody noted whether they were resolved."""

REPEAT_AFTER_RESOLVED, REPEAT_AFTER_ABANDONED = 0.015, 0.35
REPEAT_LAG = np.array([0.38, 0.24, 0.15, 0.10, 0.08, 0.05])
"""Chance of 1, 2 ... 6 days until the repeat call, which therefore comes within seven days."""


@dataclass(frozen=True)
class Demands:
    """What the calls of a day ask for, before it is known who answers; one entry per contact."""

    latent: np.ndarray
    """Standard normal: the call is resolved where its percentile is below the cell's probability; a high number is a hard call."""
    ivr_s: np.ndarray
    ring_s: np.ndarray
    patience: np.ndarray
    talk: np.ndarray
    hold: np.ndarray
    wrap: np.ndarray
    reached: np.ndarray

    def work(self, arrivals: Arrivals, pool: np.ndarray, rows: np.ndarray) -> Work:
        """The work of the contacts `rows`, whose pools are `pool`, in order of time."""
        return Work(
            ready=(arrivals.second + self.ivr_s)[rows],
            patience=self.patience[rows],
            talk=self.talk[rows],
            wrap=self.wrap[rows],
            other=(self.ring_s + self.hold)[rows],
            pool=pool,
        )


def demands(arrivals: Arrivals, businesses: Businesses, rng: np.random.Generator) -> Demands:
    """Draw what each contact asks for."""
    count = len(arrivals.second)
    inbound = ~arrivals.outbound
    latent = rng.standard_normal(count)
    reached = inbound | (rng.random(count) < REACH)
    noise = TALK_LONGER_UNSOLVED * latent + np.sqrt(1 - TALK_LONGER_UNSOLVED**2) * rng.standard_normal(count)
    talk = businesses.talk_s[arrivals.business] * np.exp(TALK_NOISE * noise) * arrivals.slower * np.where(arrivals.chat, 1.6, 1.0)
    holds = (rng.random(count) < 0.10) & inbound
    mean_patience = np.where(arrivals.chat, PATIENCE_S["chat"], PATIENCE_S["voice"])
    return Demands(
        latent=latent,
        ivr_s=np.where(inbound & ~arrivals.chat, np.round(30 * np.exp(0.4 * rng.standard_normal(count))), 0.0),
        ring_s=np.where(inbound, rng.integers(2, 7, count), rng.integers(8, 36, count)).astype(float),
        patience=np.where(inbound, mean_patience * rng.exponential(size=count), OUTBOUND_PATIENCE_S),
        talk=np.where(reached, np.clip(talk, 4, LONGEST_TALK_S), 0.0),
        hold=np.where(holds, np.clip(np.round(5 + 40 * rng.exponential(size=count)), 1, LONGEST_HOLD_S), 0.0),
        wrap=np.where(reached, np.clip(22 * np.exp(0.7 * rng.standard_normal(count)), 1, LONGEST_WRAP_S), 4.0),
        reached=reached,
    )


def settle(
    arrivals: Arrivals,
    asked: Demands,
    answered_at: np.ndarray,
    agent: np.ndarray,
    businesses: Businesses,
    people: People,
    truth: Truth,
    skill: dict[str, np.ndarray],
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Decide the outcomes of a day.

    Parameters
    ----------
    arrivals : Arrivals
    asked : Demands
    answered_at : numpy.ndarray
        Second of the day of the answer, or of hanging up; meaningless for who did not want a person.
    agent : numpy.ndarray
        Who answered, -1 for nobody.
    businesses : Businesses
    people : People
    truth : Truth
    skill : mapping of outcome to (A, B) array
        Logits that tenure, drift and training add on this day to `resolved` and `satisfied`.
    rng : numpy.random.Generator

    Returns
    -------
    dict
        The columns of the ledger, `second` still from this day's midnight.
    """
    count = len(agent)
    has_agent = agent >= 0
    answered = has_agent & asked.reached
    outcome = np.where(answered, ANSWERED, np.where(arrivals.fate == 0, ABANDONED, np.where(arrivals.fate == 1, IVR_ONLY, IGNORED)))
    queued = (arrivals.fate == 0) & ~arrivals.outbound
    wait = np.where(
        has_agent,
        np.floor(answered_at - arrivals.second - asked.ivr_s) + asked.ring_s,
        np.round(answered_at - arrivals.second - asked.ivr_s),
    )
    rows = np.flatnonzero(answered & ~arrivals.outbound)
    cell = agent[rows], arrivals.business[rows]

    happened = {name: np.zeros(count, bool) for name in OUTCOMES}
    chance = {name: np.full(count, np.nan, np.float32) for name in ("resolved", "satisfied")}
    for name, how in OUTCOMES.items():
        eta = truth.eta[name][cell]
        if name in skill:
            eta = eta + skill[name][cell]
        p = expit(eta)
        # One latent number per call ties the outcomes together and leaves the probability of each as it is.
        latent = asked.latent[rows]
        if how.within < 1:
            latent = how.within * latent + np.sqrt(1 - how.within**2) * rng.standard_normal(len(rows))
        happened[name][rows] = ndtr(latent) < p
        if name in chance:
            chance[name][rows] = p

    inbound_answered = np.zeros(count, bool)
    inbound_answered[rows] = True
    invited = inbound_answered & (rng.random(count) < INVITED)
    rated = invited & (rng.random(count) < np.where(happened["satisfied"], RATED_SATISFIED, RATED_UNSATISFIED))
    shade = rng.random(count)
    rating = np.where(happened["satisfied"], np.where(shade < 0.8, 5, 4), np.where(shade < 0.3, 3, np.where(shade < 0.7, 2, 1)))
    wanted_nobody = arrivals.fate > 0
    factor = np.where(has_agent, people.talk_factor[agent], 1.0)
    wrap_factor = np.where(has_agent, people.wrap_factor[agent], 1.0)
    return {
        # An outbound call begins when somebody dials it.
        "second": np.where(arrivals.outbound & has_agent, np.floor(answered_at), arrivals.second),
        "customer": arrivals.customer,
        "business": arrivals.business,
        "queue": np.where(wanted_nobody, UNKNOWN, businesses.queue[arrivals.business]),
        "agent": agent,
        "chat": arrivals.chat,
        "outbound": arrivals.outbound,
        "outcome": outcome,
        "ivr_s": np.where(arrivals.outbound | arrivals.chat, UNKNOWN, asked.ivr_s),
        "wait_s": np.where(queued, wait, UNKNOWN),
        "talk_s": np.where(answered, np.maximum(np.round(asked.talk * factor), 1), np.where(arrivals.fate == 0, 0, UNKNOWN)),
        "hold_s": np.where(answered, asked.hold, np.where(arrivals.fate == 0, 0, UNKNOWN)),
        "wrap_s": np.where(has_agent, np.round(asked.wrap * wrap_factor), np.where(arrivals.fate == 0, 0, UNKNOWN)),
        "resolved": np.where(inbound_answered, happened["resolved"], UNKNOWN),
        "satisfied": np.where(inbound_answered, happened["satisfied"], UNKNOWN),
        "ticketed": happened["ticketed"],
        "transferred": happened["transferred"],
        "invited": invited,
        "rating": np.where(rated, rating, UNKNOWN),
        "recorded": inbound_answered & (rng.random(count) >= NOT_RECORDED),
        "cause": arrivals.cause,
        "p_resolved": chance["resolved"],
        "p_satisfied": chance["satisfied"],
    }


def repeats(day: dict[str, np.ndarray], businesses: Businesses, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Which contacts of a day lead to another one.

    Returns
    -------
    tuple of numpy.ndarray
        Their places in `day`, and after how many days (1 … 6) the customer calls again.
    """
    inbound = ~day["outbound"]
    chance = np.zeros(len(inbound))
    chance[inbound & (day["resolved"] == 1)] = REPEAT_AFTER_RESOLVED
    unsolved = inbound & (day["resolved"] == 0)
    chance[unsolved] = businesses.repeat[day["business"][unsolved]]
    chance[inbound & (day["outcome"] == ABANDONED)] = REPEAT_AFTER_ABANDONED
    again = np.flatnonzero(rng.random(len(chance)) < chance)
    return again, 1 + np.searchsorted(REPEAT_LAG.cumsum()[:-1], rng.random(len(again)))

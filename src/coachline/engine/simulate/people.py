"""The people who take calls: teams, tenure, skill groups, pace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa

from coachline.engine.simulate import names
from coachline.engine.simulate.size import CentreSize
from coachline.engine.tables import TABLES

HOME, SECOND, ELSEWHERE = 0.75, 0.20, 0.05
"""Chance of an agent to sign in to the own skill group, to the second one, to any other."""

STAYS = 1 << 30
"""Day number of leaving for those who stay."""

LEARNING_DAYS = 90.0
"""Time constant of a newcomer's learning."""

SCHOOLING = ("高中", "中专", "大专", "本科")


@dataclass(frozen=True)
class People:
    """The drawn agents; arrays have one entry per agent (A). Day numbers count from the first simulated day."""

    agent_id: list[str]
    name: list[str]
    team: np.ndarray
    role: list[str]
    hired: np.ndarray
    left: np.ndarray
    seat_level: np.ndarray
    schooling: np.ndarray
    home: np.ndarray
    signs_in: np.ndarray
    """(A, Q) chance of taking calls of each queue on a day."""
    eagerness: np.ndarray
    """Relative frequency of being on the phones when not everybody is needed."""
    talk_factor: np.ndarray
    wrap_factor: np.ndarray
    learning: np.ndarray
    """Logits by which a newcomer starts below the later level."""
    drift: np.ndarray
    """Logits per day; 0 for most."""

    @property
    def count(self) -> int:
        return len(self.agent_id)

    @classmethod
    def draw(cls, size: CentreSize, queue_share: np.ndarray, rng: np.random.Generator) -> People:
        """Draw the agents.

        Parameters
        ----------
        size : CentreSize
        queue_share : numpy.ndarray
            (Q,) share of the calls in each queue: larger queues get more people.
        rng : numpy.random.Generator

        Returns
        -------
        People
        """
        count, queues = size.agents, len(queue_share)
        team = rng.permutation(np.arange(count) % size.teams)
        hired = -(60 + 365 * 4.5 * rng.exponential(size=count)).clip(max=365 * 28).astype(np.int64)
        left = np.full(count, STAYS)
        if count >= 10:
            new, gone = rng.permutation(count)[: round(count * 0.13)], round(count * 0.05)
            left[new[:gone]] = rng.integers(size.days // 3, size.days + 1, gone)
            hired[new[gone:]] = rng.integers(-45, max(1, size.days * 2 // 3), len(new) - gone)
        signs_in = _sign_in(count, queue_share, rng)
        drifts = rng.random(count) < 0.15
        return cls(
            agent_id=[str(80_001 + k) for k in range(count)],
            name=names.people(count, rng),
            team=team,
            role=_roles(team, hired, rng),
            hired=hired,
            left=left,
            seat_level=np.clip(np.round(1 + np.maximum(-hired, 0) / 900 + 0.7 * rng.standard_normal(count)), 1, 5).astype(np.int64),
            schooling=rng.choice(len(SCHOOLING), count, p=[0.15, 0.2, 0.45, 0.2]),
            home=np.argmax(signs_in, axis=1) if queues > 1 else np.zeros(count, np.int64),
            signs_in=signs_in,
            eagerness=np.exp(0.5 * rng.standard_normal(count)),
            talk_factor=np.exp(0.15 * rng.standard_normal(count)),
            wrap_factor=np.exp(0.25 * rng.standard_normal(count)),
            learning=0.5 * np.exp(0.3 * rng.standard_normal(count)),
            drift=np.where(drifts, 0.4 * rng.standard_normal(count) / 120.0, 0.0),
        )

    def present(self, day: int) -> np.ndarray:
        """(A,) who is employed on `day`."""
        return (self.hired <= day) & (day < self.left)

    def skill_on(self, day: int) -> np.ndarray:
        """(A,) logits added to every cell on `day` by tenure and drift."""
        tenure = np.maximum(day - self.hired, 0)
        return np.asarray(self.drift * day - self.learning * np.exp(-tenure / LEARNING_DAYS))

    def table(self, size: CentreSize, queue_names: list[str]) -> pa.Table:
        """The fact table."""
        schema = TABLES["agents"].schema
        left = [size.day(int(d)) if d < size.days else None for d in self.left]
        tags = [
            [("学历", SCHOOLING[s]), ("技能", queue_names[h].removesuffix("组")), ("班次", "可夜班" if level < 4 else "白班")]
            for s, h, level in zip(self.schooling, self.home, self.seat_level, strict=True)
        ]
        return pa.table(
            {
                "agent_id": self.agent_id,
                "name": self.name,
                "team": [names.team(int(t) + 1) for t in self.team],
                "centre": [f"{names.OWN_CENTRE}中心"] * self.count,
                "role": self.role,
                "hired_on": pa.array([size.start + timedelta(days=int(d)) for d in self.hired], pa.date32()),
                "left_on": pa.array(left, pa.date32()),
                "seat_level": self.seat_level,
                "tags": pa.array(tags, schema.field("tags").type),
            }
        )


def _sign_in(count: int, queue_share: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    queues = len(queue_share)
    if queues == 1:
        return np.ones((count, 1))
    # Systematic shares: every queue gets the people that its volume asks for, in random order.
    home = rng.permutation(np.searchsorted(np.cumsum(queue_share)[:-1], (np.arange(count) + 0.5) / count, side="right"))
    others = np.tile(queue_share, (count, 1))
    others[np.arange(count), home] = 0.0
    others /= others.sum(axis=1, keepdims=True)
    second = (others.cumsum(axis=1) < rng.random((count, 1))).sum(axis=1).clip(max=queues - 1)
    weights = ELSEWHERE * others
    weights[np.arange(count), home] += HOME
    weights[np.arange(count), second] += SECOND
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _roles(team: np.ndarray, hired: np.ndarray, rng: np.random.Generator) -> list[str]:
    """Post of each: the longest-serving leads the team, a few also inspect or teach."""
    role = np.full(len(team), "客服专员", dtype=object)
    drawn = rng.random(len(team))
    role[drawn < 0.05] = "兼职质检员"
    role[drawn > 0.96] = "内训师"
    for t in np.unique(team):
        members = np.flatnonzero(team == t)
        if len(members) >= 4:
            role[members[np.argmin(hired[members])]] = "班组长"
    return [str(r) for r in role]

"""Trainings: who is sent (those whose figures were low), what it does, and how it fades."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from coachline.engine.simulate.businesses import Businesses
from coachline.engine.simulate.instants import instants
from coachline.engine.simulate.people import People
from coachline.engine.simulate.roster import DAY_S, TRAINING_STARTS, Roster
from coachline.engine.simulate.size import MONTH_DAYS, CentreSize

LOTS = 20260305
"""Seed of the lots where a world gives none."""

BY_LOT = 0.5
"""Chance that a group is drawn from a list twice as long, on which the others wait."""

FEWEST_CALLS = 5
"""Calls within the window without which nobody is judged."""


@dataclass(frozen=True)
class Method:
    """What a way of training does: logits on both outcomes on the day after, and how fast they fade."""

    share: float
    resolved: float
    satisfied: float
    half_life_days: float
    hours: float
    together: bool


DECIDED_AT = 18 * 3600
"""Second of the day at which a list is settled."""

METHODS = {
    "class": Method(0.35, 0.30, 0.10, 75.0, 2.0, True),
    "coaching": Method(0.20, 0.55, 0.25, 90.0, 1.0, False),
    "mentor": Method(0.15, 0.45, 0.25, 120.0, 1.5, False),
    "drill": Method(0.15, 0.00, 0.50, 45.0, 0.5, True),
    "recording": Method(0.15, 0.25, 0.15, 60.0, 1.5, True),
}
"""A drill of standard phrases makes customers happier and solves nothing: an effect of zero to be found out."""


@dataclass
class Trainings:
    """All trainings so far: one entry per person selected, `day` is -1 for who could not come."""

    columns: dict[str, list[float]] = field(
        default_factory=lambda: {
            name: [] for name in ("training", "agent", "business", "method", "day", "trainer", "calls_before", "resolved_before")
        }
    )
    listed: dict[str, list[int]] = field(default_factory=lambda: {name: [] for name in ("training", "agent", "business", "waits", "day")})
    """The lists from which a lot decided who goes first."""
    groups: int = 0
    lots: np.random.Generator = field(default_factory=lambda: np.random.default_rng(LOTS))
    """A stream of its own, so that drawing lots leaves the draws of everything else as they are."""

    def __getitem__(self, name: str) -> np.ndarray:
        return np.array(self.columns[name], np.int64)

    def wave(
        self, day: int, calls: np.ndarray, resolved: np.ndarray, size: CentreSize, people: People, roster: Roster, rng: np.random.Generator
    ) -> None:
        """Select people by their raw figures and book their trainings.

        Parameters
        ----------
        day : int
            The day of the decision.
        calls, resolved : numpy.ndarray
            (A, B) calls in the window with a recorded result, and the resolved ones among them.
        size : CentreSize
        people : People
        roster : Roster
        rng : numpy.random.Generator
        """
        volume = calls.sum(axis=0)
        places = int(np.clip(round(0.08 * people.count), 1, 15))
        trainers = np.flatnonzero(np.array(people.role) == "内训师")
        if not len(trainers):
            trainers = np.arange(people.count)
        window = range(day + 2, min(day + 16, size.days))
        for business in np.argsort(-volume, kind="stable")[: max(1, min(12, size.businesses // 4))]:
            judged = np.flatnonzero((calls[:, business] >= FEWEST_CALLS) & people.present(day))
            if not len(judged) or not window:
                continue
            rate = resolved[judged, business] / calls[judged, business]
            by_lot = bool(self.lots.random() < BY_LOT)
            low = judged[np.argsort(rate, kind="stable")][: 2 * places if by_lot else places]
            low = low[resolved[low, business] / calls[low, business] < resolved[:, business].sum() / volume[business]]
            if not len(low):
                continue
            if by_lot and len(low) > 1:
                low = self._drawn(low, int(business), day)
            method = int(rng.choice(len(METHODS), p=[m.share for m in METHODS.values()]))
            how = list(METHODS.values())[method]
            free = np.array([[roster.by_day(d)[a] and a not in roster.booked(d) for d in window] for a in low])
            if how.together:
                free[:, np.arange(free.shape[1]) != int(free.sum(axis=0).argmax())] = False
            trainer = int(rng.choice(trainers))
            self.groups += 1
            for agent, possible in zip(low, free, strict=True):
                when = window[int(rng.choice(np.flatnonzero(possible)))] if possible.any() else -1
                if when >= 0:
                    roster.book(when, int(agent), how.hours)
                row = (self.groups, agent, business, method, when, trainer, calls[agent, business], resolved[agent, business])
                for name, value in zip(self.columns, row, strict=True):
                    self.columns[name].append(int(value))

    def _drawn(self, pool: np.ndarray, business: int, day: int) -> np.ndarray:
        """Half of `pool` by lot; everybody on it is listed."""
        goes = np.isin(np.arange(len(pool)), self.lots.permutation(len(pool))[: (len(pool) + 1) // 2])
        for agent, first in zip(pool, goes, strict=True):
            for name, value in zip(self.listed, (self.groups + 1, agent, business, not first, day), strict=True):
                self.listed[name].append(int(value))
        return np.asarray(pool[goes])

    def effect(self, outcome: str, day: int, shape: tuple[int, int]) -> np.ndarray:
        """(A, B) logits that the trainings before `day` add to `outcome`."""
        added = np.zeros(shape, np.float32)
        done = (self["day"] >= 0) & (self["day"] < day)
        method = self["method"][done]
        size = np.array([getattr(m, outcome) for m in METHODS.values()])[method]
        half_life = np.array([m.half_life_days for m in METHODS.values()])[method]
        np.add.at(added, (self["agent"][done], self["business"][done]), size * 0.5 ** ((day - 1 - self["day"][done]) / half_life))
        return added

    def table(self, size: CentreSize, people: People, businesses: Businesses) -> pa.Table:
        """The fact table: who came."""
        came = self["day"] >= 0
        method = self["method"][came]
        ids = np.array(people.agent_id)
        return pa.table(
            {
                "training_id": pa.array(self.ids()[came]),
                "agent_id": pa.array(ids[self["agent"][came]]),
                "business": pa.array([businesses.path[b] for b in self["business"][came]], pa.string()),
                "method": pa.array([list(METHODS)[m] for m in method], pa.string()),
                "started_at": instants(size.start, self["day"][came] * DAY_S + TRAINING_STARTS),
                "hours": pa.array([list(METHODS.values())[m].hours for m in method], pa.float64()),
                "trainer_id": pa.array(ids[self["trainer"][came]]),
            }
        )

    def enrolled(self, size: CentreSize, people: People, businesses: Businesses) -> pa.Table:
        """The fact table of the lists; the lot is drawn in the evening of the day of the decision."""
        listed = {name: np.array(values, np.int64) for name, values in self.listed.items()}
        return pa.table(
            {
                "training_id": pa.array([f"PX{n:05d}" for n in listed["training"]], pa.string()),
                "agent_id": pa.array([people.agent_id[a] for a in listed["agent"]], pa.string()),
                "business": pa.array([businesses.path[b] for b in listed["business"]], pa.string()),
                "arm": pa.array(["waiting" if waits else "trained" for waits in listed["waits"]], pa.string()),
                "random": pa.array([True] * len(listed["training"]), pa.bool_()),
                "decided_at": instants(size.start, listed["day"] * DAY_S + DECIDED_AT),
            }
        )

    def truth(self, people: People, businesses: Businesses) -> pa.Table:
        """Everybody selected, with the figures that led to it and the true effect."""
        how = [list(METHODS.values())[m] for m in self["method"]]
        return pa.table(
            {
                "training_id": pa.array(self.ids()),
                "agent_id": pa.array(np.array(people.agent_id)[self["agent"]]),
                "business": pa.array([businesses.path[b] for b in self["business"]], pa.string()),
                "method": pa.array([list(METHODS)[m] for m in self["method"]], pa.string()),
                "attended": self["day"] >= 0,
                "calls_before": self["calls_before"],
                "resolved_before": self["resolved_before"],
                "effect_resolved": pa.array([m.resolved for m in how], pa.float64()),
                "effect_satisfied": pa.array([m.satisfied for m in how], pa.float64()),
                "half_life_days": pa.array([m.half_life_days for m in how], pa.float64()),
            }
        )

    def ids(self) -> np.ndarray:
        """Identifier of the training of each entry."""
        return np.array([f"PX{n:05d}" for n in self["training"]], dtype=str)


def is_wave(day: int) -> bool:
    """Whether trainings are decided at the end of `day`."""
    return day % MONTH_DAYS == MONTH_DAYS - 4

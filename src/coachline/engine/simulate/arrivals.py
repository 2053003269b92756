"""When customers call, who calls, and about what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coachline.engine.simulate.businesses import Businesses
from coachline.engine.simulate.holidays import DayKind, kind_of
from coachline.engine.simulate.size import CentreSize

SLOT_S = 1800
SLOTS = 48

WEEKDAY = np.array([1.15, 1.08, 1.05, 1.02, 1.00, 0.72, 0.62])
HOLIDAY, AFTER_HOLIDAY, WORKED_WEEKEND = 0.45, 1.25, 0.95
TREND = -0.0006
"""Relative change of the volume per day."""
NOISE = 0.04
"""Standard deviation of the daily volume around its expectation."""

OUTBOUND, IVR_ONLY, IGNORED, CHAT = 0.06, 0.07, 0.004, 0.08
OUTAGE_FROM, OUTAGE_TO, OUTAGE_FLOOD, OUTAGE_SLOWER = 18, 28, 3.0, 1.6
"""Half-hours in which an outage is felt (09:00-14:00), how many times the usual calls come, how much longer each takes."""
DOWN_FROM_S, DOWN_TO_S = 9.5 * 3600, 11.0 * 3600
"""Seconds of the day between which nobody can be reached at all."""
SURGE, SURGE_DAYS = 4.0, 7
"""How many times the usual calls one business draws after a change of its rules, and for how long."""


def _profile(peaks: list[tuple[float, float, float]], floor: float) -> np.ndarray:
    hour = (np.arange(SLOTS) + 0.5) / 2
    shape = np.full(SLOTS, floor)
    for at, width, height in peaks:
        shape += height * np.exp(-(((hour - at) / width) ** 2))
    return np.asarray(shape / shape.sum())


WORKDAY_PROFILE = _profile([(10.0, 1.6, 1.0), (15.2, 2.0, 0.8), (19.5, 1.8, 0.35)], 0.035)
WEEKEND_PROFILE = _profile([(10.5, 2.2, 0.8), (15.5, 2.5, 0.7), (20.0, 1.8, 0.4)], 0.04)
OUTBOUND_PROFILE = _profile([(10.5, 1.2, 1.0), (15.5, 1.5, 1.0)], 0.0)


@dataclass(frozen=True)
class Event:
    """Something that happened to the centre, for the record: days are inclusive."""

    kind: str
    first: int
    last: int
    business: int | None
    factor: float


@dataclass(frozen=True)
class Demand:
    """Calls by day: what a planner would expect, and what comes."""

    expected: np.ndarray
    """(D,) expected contacts without noise, outage and surge."""
    count: np.ndarray
    """(D,) contacts that come; they add up to the size."""
    profile: np.ndarray
    """(D, 48) usual share of each half-hour."""
    outbound: np.ndarray
    """(D,) contacts among `count` that the centre makes."""
    events: list[Event]
    outage: int | None
    """Day of the outage."""

    @classmethod
    def draw(cls, size: CentreSize, businesses: Businesses, rng: np.random.Generator) -> Demand:
        """Draw the demand of every day.

        Parameters
        ----------
        size : CentreSize
        businesses : Businesses
        rng : numpy.random.Generator

        Returns
        -------
        Demand
        """
        kinds = np.array([kind_of(size.day(d)) for d in range(size.days)])
        weekday = (size.start.weekday() + np.arange(size.days)) % 7
        weight = WEEKDAY[weekday] * (1 + TREND) ** np.arange(size.days)
        weight = np.where(kinds == DayKind.HOLIDAY, HOLIDAY, np.where(kinds == DayKind.WORKED_WEEKEND, WORKED_WEEKEND, weight))
        after = np.concatenate([[False], (kinds[:-1] == DayKind.HOLIDAY) & (kinds[1:] != DayKind.HOLIDAY)])
        weight = np.where(after, weight * AFTER_HOLIDAY, weight)
        resting = np.isin(kinds, (DayKind.WEEKEND, DayKind.HOLIDAY))
        profile = np.where(resting[:, None], WEEKEND_PROFILE, WORKDAY_PROFILE)

        events: list[Event] = []
        actual = weight * np.exp(NOISE * rng.standard_normal(size.days))
        outage = None
        candidates = np.flatnonzero((kinds == DayKind.WORKDAY) & (np.arange(size.days) >= size.days // 2) & ~after)
        if size.days >= 14 and len(candidates):
            outage = int(rng.choice(candidates))
            actual[outage] *= 1 + (OUTAGE_FLOOD - 1) * profile[outage, OUTAGE_FROM:OUTAGE_TO].sum()
            events.append(Event("outage", outage, outage, None, OUTAGE_FLOOD))
        if size.days >= 42 and int((businesses.share > 0).sum()) >= 5:
            first = int(rng.integers(size.days // 3, size.days // 2 - SURGE_DAYS // 2))
            business = int(np.argsort(-businesses.share)[3])
            actual[first : first + SURGE_DAYS] *= 1 + (SURGE - 1) * businesses.share[business]
            events.append(Event("surge", first, first + SURGE_DAYS - 1, business, SURGE))
        count = rng.multinomial(size.calls, actual / actual.sum())
        outbound = np.where(resting, 0, rng.binomial(count, OUTBOUND))
        return cls(size.calls * weight / actual.sum(), count, profile, outbound, events, outage)

    def seconds(self, day: int, count: int, rng: np.random.Generator) -> np.ndarray:
        """(count,) seconds of the day at which `count` inbound contacts come."""
        profile = self.profile[day]
        if day == self.outage:
            profile = profile.copy()
            profile[OUTAGE_FROM:OUTAGE_TO] *= OUTAGE_FLOOD
        return _seconds(profile, count, rng)

    def share(self, day: int, businesses: Businesses) -> np.ndarray:
        """(B,) share of each business in the new calls of `day`."""
        share = businesses.share
        for event in self.events:
            if event.business is not None and event.first <= day <= event.last:
                share = share.copy()
                share[event.business] *= event.factor
        return np.asarray(share / share.sum())


@dataclass(frozen=True)
class Arrivals:
    """The contacts of a day before anybody answers; one entry each."""

    second: np.ndarray
    customer: np.ndarray
    business: np.ndarray
    cause: np.ndarray
    """Number of the earlier contact that led to this one, -1 for none."""
    outbound: np.ndarray
    chat: np.ndarray
    fate: np.ndarray
    """0 wants a person, 1 served by the machine, 2 to be ignored."""
    slower: np.ndarray
    """Factor on the handle time."""


def arrive(
    demand: Demand, day: int, businesses: Businesses, due: np.ndarray, customers: int, night: bool, rng: np.random.Generator
) -> Arrivals:
    """Draw the contacts of a day.

    Parameters
    ----------
    demand : Demand
    day : int
    businesses : Businesses
    due : numpy.ndarray
        (3, R) number of the earlier contact, customer and business of the repeat calls that fall on this day.
    customers : int
        How many different people call.
    night : bool
        Whether anybody is there from 22:00 to 08:00.
    rng : numpy.random.Generator

    Returns
    -------
    Arrivals
    """
    made = int(demand.outbound[day])
    came = int(demand.count[day]) - made
    repeats = due[:, :came]
    fresh = came - repeats.shape[1]
    share = demand.share(day, businesses)
    business = np.concatenate([repeats[2], _pick(share, fresh, rng), _pick(businesses.outbound_share, made, rng)])
    # A power of a uniform number: some people call much more often than others.
    customer = np.concatenate([repeats[1], (customers * rng.random(fresh + made) ** 1.4).astype(np.int64)])
    second = np.concatenate([demand.seconds(day, came, rng), _seconds(OUTBOUND_PROFILE, made, rng)])
    outbound = np.arange(came + made) >= came
    closed = (second < 8 * 3600) | (second >= 22 * 3600)
    chance = rng.random(came + made)
    wants_machine = (chance < IVR_ONLY) & (np.arange(came + made) >= repeats.shape[1])
    fate = np.where(chance > 1 - IGNORED, 2, np.where(wants_machine | (closed if not night else False), 1, 0))
    fate[outbound] = 0
    chat = (rng.random(came + made) < CHAT) & ~outbound & ~closed & (fate == 0)
    in_outage = (second >= OUTAGE_FROM * SLOT_S) & (second < OUTAGE_TO * SLOT_S) & (day == demand.outage)
    return Arrivals(
        second=second,
        customer=customer,
        business=business,
        cause=np.concatenate([repeats[0], np.full(fresh + made, -1)]),
        outbound=outbound,
        chat=chat,
        fate=fate,
        slower=np.where(in_outage, OUTAGE_SLOWER, 1.0),
    )


def _seconds(profile: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    return np.floor((_pick(profile, count, rng) + rng.random(count)) * SLOT_S)


def _pick(share: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """(count,) indices drawn with probabilities `share`."""
    edges = np.cumsum(share)
    return np.asarray(np.searchsorted(edges, rng.random(count) * edges[-1], side="right")).clip(max=len(share) - 1)

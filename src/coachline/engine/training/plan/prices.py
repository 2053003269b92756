"""What no plan can exceed, by prices on everything that sessions compete for; and which starts cannot be part of a better plan.

Half-hours of the floor, rooms, trainers and people, hours and money get a price. At given prices every session has its own best start, independent of
the others, and what all of them gain together, plus the price of everything there is, is never below the best plan: the Lagrangian bound. Prices are
moved against what the sessions use too much of until the bound falls no further. A start whose session would lose more by it than what lies between
the bound and a plan that is known cannot be part of a better plan and is left out, so that the exact model becomes small.

Source: Fisher (1981), "The Lagrangian relaxation method for solving integer programming problems", *Management Science* 27, 1-18; steps after Polyak, with
the smoothed direction of Camerini, Fratta and Maffioli (1975), *Mathematical Programming Study* 3, 26-34.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from coachline.engine.training.plan.draft import Chances
from coachline.engine.training.plan.first_plan import first_plan
from coachline.engine.training.plan.improving import improved
from coachline.engine.training.plan.request import HALVES_A_DAY, Bools, Floats, Ints, Request
from coachline.engine.training.plan.solution import Plan, worth

ROUNDS = 400
PLAN_EVERY = 20
"""Rounds after which a plan is made at the prices of the day."""
IMPROVING = 40
"""Attempts per session to make the plan better that was found at prices."""
STUCK = 15
"""Rounds without a lower bound after which steps are halved."""


@dataclass
class Prices:
    """A price of everything that is scarce; arrays are never negative.

    Attributes
    ----------
    floor, room : (slots,) float arrays
    trainer : (trainers, slots) float array
    person : (shared people, slots and a pause) float array
    once : (places,) float array
        Of a second session of the same group for the same person.
    hour, money : float
    """

    floor: Floats
    room: Floats
    trainer: Floats
    person: Floats
    once: Floats
    hour: float = 0.0
    money: float = 0.0

    def parts(self) -> tuple[Floats, ...]:
        return (self.floor, self.room, self.trainer, self.person, self.once, np.array([self.hour, self.money]))

    @classmethod
    def of(cls, parts: tuple[Floats, ...]) -> Prices:
        floor, room, trainer, person, once, rest = parts
        return cls(floor, room, trainer, person, once, float(rest[0]), float(rest[1]))


class Market:
    """All starts of all sessions, flat, so that a round of prices is a few vector operations.

    Parameters
    ----------
    request : Request
    chances : Chances
        With all rules.
    """

    def __init__(self, request: Request, chances: Chances) -> None:
        self.request, self.chances = request, chances
        limits, sessions = request.limits, request.sessions
        self.pause = round(limits.cool_down_days * HALVES_A_DAY)
        self.session, self.start = np.nonzero(chances.starts)
        bounds = np.searchsorted(self.session, np.arange(len(sessions) + 1))
        self.bounds = [slice(int(a), int(b)) for a, b in pairwise(bounds)]
        halves = np.array([session.halves for session in sessions], np.int64)
        self.end = self.start + halves[self.session]
        missed = np.array([request.misses_trainer(n) for n in range(len(sessions))], np.float64)
        self.missed = missed[self.session]
        self.in_room = np.array([session.in_room for session in sessions], np.float64)[self.session]
        self.hours = np.array([session.hours for session in sessions])[self.session]
        loads = [limits.load_price * request.load_of_one_away(session.halves) for session in sessions]
        self.load = np.array([loads[n][t] for n, t in zip(self.session, self.start, strict=True)])
        places = {(session.group, person) for session in sessions for person in session.members}
        once = {key: n for n, key in enumerate(sorted(places))}
        asked = [person for session in sessions for person in session.members]
        shared = {person: n for n, person in enumerate(sorted({p for p in asked if asked.count(p) > 1}))}
        self.shared, self.places = len(shared), len(once)
        row, member, teach_row, teach = [], [], [], []
        for number, part in enumerate(self.bounds):
            could = chances.come[number][:, self.start[part]].T
            found, who = np.nonzero(could)
            row.append(found + part.start)
            member.append(who)
            found, k = np.nonzero(chances.teach[number][:, self.start[part]].T)
            teach_row.append(found + part.start)
            teach.append(k)
        self.row, self.member = np.concatenate(row), np.concatenate(member)
        self.teach_row, self.teach = np.concatenate(teach_row), np.concatenate(teach)
        numbers = self.session[self.row]
        self.gain = np.array([sessions[n].gains[m] for n, m in zip(numbers, self.member, strict=True)])
        people = [sessions[n].members[m] for n, m in zip(numbers, self.member, strict=True)]
        self.person = np.array([shared.get(person, -1) for person in people], np.int64)
        self.once = np.array([once[sessions[n].group, person] for n, person in zip(numbers, people, strict=True)], np.int64)
        self.row_starts, self.teach_starts = (np.searchsorted(rows, np.arange(len(self.start))) for rows in (self.row, self.teach_row))

    def free(self) -> Prices:
        """Everything for nothing."""
        slots = self.request.slots
        return Prices(
            np.zeros(slots),
            np.zeros(slots),
            np.zeros((len(self.request.trainers), slots)),
            np.zeros((self.shared, slots + self.pause)),
            np.zeros(self.places),
        )

    def supply(self) -> tuple[Floats, ...]:
        """How much there is of everything that has a price, in the order of `Prices.parts`."""
        request, free = self.request, self.free()
        limits = request.limits
        rest = np.array(
            [
                limits.budget_hours if limits.budget_hours is not None else 0.0,
                limits.budget_money if limits.budget_money is not None else 0.0,
            ]
        )
        rooms = np.full(request.slots, float(len(request.rooms)))
        return (
            request.may_be_away.astype(np.float64),
            rooms,
            np.ones_like(free.trainer),
            np.ones_like(free.person),
            np.ones(self.places),
            rest,
        )

    def offers(self, prices: Prices) -> tuple[Floats, Bools]:
        """What each start brings its session at given prices, and which of those who could come would."""
        floor, room = (_sums(values)[self.end] - _sums(values)[self.start] for values in (prices.floor, prices.room))
        limits = self.request.limits
        each = self.load + floor + self.hours * (prices.hour + prices.money * limits.cost_per_hour)
        own = _sums(prices.person)
        windows = (
            np.where(self.person >= 0, own[self.person, self.end[self.row] + self.pause] - own[self.person, self.start[self.row]], 0.0)
            if self.shared
            else 0.0
        )
        left = self.gain - each[self.row] - windows - prices.once[self.once]
        teaching = _sums(prices.trainer)
        taught = np.minimum.reduceat(
            teaching[self.teach, self.end[self.teach_row]] - teaching[self.teach, self.start[self.teach_row]], self.teach_starts
        )
        gained = np.add.reduceat(np.maximum(left, 0.0), self.row_starts)
        fixed = self.missed * (self.load + floor) + self.in_room * room + taught + self.hours * prices.money * limits.trainer_cost_per_hour
        return gained - fixed, left > 0

    def used(self, rows: Ints, comes: Bools, prices: Prices) -> tuple[Floats, ...]:
        """What the sessions at starts `rows` use of everything that has a price."""
        free = self.free()
        limits, teaching = self.request.limits, _sums(prices.trainer)
        rest = np.zeros(2)
        for row in rows:
            window = slice(int(self.start[row]), int(self.end[row]))
            mine = np.arange(self.row_starts[row], self.row_starts[row + 1] if row + 1 < len(self.row_starts) else len(self.row))
            mine = mine[comes[mine]]
            free.floor[window] += len(mine) + self.missed[row]
            free.room[window] += self.in_room[row]
            theirs = slice(self.teach_starts[row], self.teach_starts[row + 1] if row + 1 < len(self.teach_starts) else len(self.teach))
            those = self.teach[theirs]
            free.trainer[those[np.argmin(teaching[those, window.stop] - teaching[those, window.start])], window] += 1.0
            for who in self.person[mine]:
                if who >= 0:
                    free.person[who, window.start : window.stop + self.pause] += 1.0
            np.add.at(free.once, self.once[mine], 1.0)
            rest += self.hours[row] * np.array([len(mine), len(mine) * limits.cost_per_hour + limits.trainer_cost_per_hour])
        rest *= [limits.budget_hours is not None, limits.budget_money is not None]
        return (free.floor, free.room, free.trainer, free.person, free.once, rest)


@dataclass(frozen=True)
class Narrowed:
    """The chances that are left, the best plan met on the way, and what no plan exceeds."""

    chances: Chances
    plan: Plan
    bound: float


def narrowed(request: Request, chances: Chances, *, seconds: float, seed: int) -> Narrowed:
    """Bound what can be gained, and leave out starts that no better plan has.

    Parameters
    ----------
    request : Request
    chances : Chances
        With all rules.
    seconds : float
        After which no further round begins.
    seed : int
        Of the attempts to make a plan better.
    """
    plan = first_plan(request, chances)
    known = worth(request, plan)
    if not chances.starts.any():
        return Narrowed(chances, plan, max(known, 0.0))
    until = time.monotonic() + seconds
    market = Market(request, chances)
    supply, prices = market.supply(), market.free()
    best, best_offers, pace, stuck = np.inf, np.zeros(len(market.start)), 1.0, 0
    direction: list[Floats] | None = None
    hour = 0.0
    for turn in range(ROUNDS):
        offers, comes = market.offers(prices)
        tops = [part.start + int(offers[part].argmax()) for part in market.bounds if part.stop > part.start]
        chosen = np.array([row for row in tops if offers[row] > 0], np.int64)
        value = float(offers[chosen].sum()) + sum(float((price * there).sum()) for price, there in zip(prices.parts(), supply, strict=True))
        if value < best - 1e-9:
            stuck = stuck if value > best - 1e-4 * abs(best) else 0
            best, best_offers, hour = value, offers, prices.hour + prices.money * request.limits.cost_per_hour
        stuck += 1
        if stuck > STUCK:
            pace, stuck = pace / 2.0, 0
        if turn % PLAN_EVERY == 0 and turn:
            wished = np.full(chances.starts.shape, -np.inf)
            wished[market.session, market.start] = offers
            other = first_plan(request, chances, wished, prices.hour + prices.money * request.limits.cost_per_hour)
            if worth(request, other) > known:
                plan, known = other, worth(request, other)
        if best - known < 1e-4 * abs(best) or pace < 1e-3 or time.monotonic() > until:
            break
        over = [use - there for use, there in zip(market.used(chosen, comes, prices), supply, strict=True)]
        direction = over if direction is None else [0.7 * new + 0.3 * old for new, old in zip(over, direction, strict=True)]
        # What is neither priced nor short does not move and must not shorten the step of the rest.
        moves = [np.where((price <= 0) & (d <= 0), 0.0, d) for price, d in zip(prices.parts(), direction, strict=True)]
        length = sum(float((move**2).sum()) for move in moves)
        if length <= 1e-12:
            break
        step = pace * max(value - known, 1e-6 * abs(value)) / length
        prices = Prices.of(tuple(np.maximum(price + step * move, 0.0) for price, move in zip(prices.parts(), moves, strict=True)))
    rounds = IMPROVING * len(request.sessions)
    if hour > 0.0:
        # First for hours that are worth their price, then whatever the budget leaves.
        other = improved(request, chances, plan, rounds=rounds, until=until, seed=seed, hour=hour)
        plan = max(plan, other, key=lambda each: worth(request, each))
    plan = improved(request, chances, plan, rounds=rounds, until=until, seed=seed)
    return Narrowed(_kept(market, best_offers, best - worth(request, plan)), plan, max(best, worth(request, plan)))


def _kept(market: Market, offers: Floats, slack: float) -> Chances:
    """The chances without starts by which a session loses more than `slack` against its best one, or against not being held."""
    starts = np.zeros_like(market.chances.starts)
    for part in market.bounds:
        if part.stop > part.start:
            kept = offers[part] >= max(float(offers[part].max()), 0.0) - slack - 1e-9
            starts[market.session[part][kept], market.start[part][kept]] = True
    chances = market.chances
    come = tuple(could & starts[n] for n, could in enumerate(chances.come))
    teach = tuple(could & starts[n] for n, could in enumerate(chances.teach))
    return replace(chances, come=come, teach=teach, starts=starts)


def _sums(values: Floats) -> Floats:
    """Sums from the beginning, with a 0 before the first."""
    return np.concatenate([np.zeros((*values.shape[:-1], 1)), np.cumsum(values, axis=-1)], axis=-1)

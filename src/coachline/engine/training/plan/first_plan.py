"""A first plan by taking the session worth most, at its best start, again and again: always there, and where the solver begins."""

from __future__ import annotations

import numpy as np

from coachline.engine.training.plan.draft import Chances, net
from coachline.engine.training.plan.request import HALVES_A_DAY, Floats, Ints, Request, Session
from coachline.engine.training.plan.solution import Held, Plan, worth

MOST_TRIES = 40
"""Possible starts of a session that are looked at."""


class Taken:
    """What a plan in the making has used up.

    Parameters
    ----------
    request : Request
    hour : float
        Calls that an hour of a person must bring beyond the load: the price of a budget that is too small for all.
    """

    def __init__(self, request: Request, hour: float = 0.0) -> None:
        self.request = request
        self.hour = hour
        self.away = np.zeros(request.slots, np.int64)
        self.trainer = np.zeros((len(request.trainers), request.slots), np.bool_)
        self.room = np.zeros((len(request.rooms), request.slots), np.bool_)
        self.person: dict[int, list[tuple[int, int]]] = {}
        self.once: set[tuple[str, int]] = set()
        limits = request.limits
        self.hours = np.inf if limits.budget_hours is None else limits.budget_hours
        self.money = np.inf if limits.budget_money is None else limits.budget_money

    def possible(self, chances: Chances, number: int, start: int) -> Held | str:
        """Session `number` at `start` with everybody who gains more than it costs and whom nothing prevents, or the code of the rule in the way."""
        request, session = self.request, self.request.sessions[number]
        window = slice(start, start + session.halves)
        teaching = [
            int(k)
            for k in np.flatnonzero(chances.teach[number][:, start])
            if not self.trainer[k, window].any() and self._rested(request.trainers[k], start, session.halves, 0)
        ]
        rooms = [n for n in range(len(request.rooms)) if not self.room[n, window].any()]
        if not teaching:
            return "trainer_free"
        if session.in_room and not rooms:
            return "room_free"
        # The trainer with the fewest other sessions to teach; the smallest room in which all fit, else the largest one.
        trainer = min(teaching, key=lambda k: (request.licensed[k].sum(), k))
        come = self._could_come(chances, number, start, trainer)
        missed = request.misses_trainer(number)
        room = None
        if session.in_room:
            room = min(rooms, key=lambda n: (request.rooms[n].seats < len(come), abs(request.rooms[n].seats - len(come)), n))
        most = {
            "cool_down": len(come),
            "valley": int((request.may_be_away[window] - self.away[window]).min()) - missed,
            "room_seats": len(come) if room is None else request.rooms[room].seats,
            "budget": self._affordable(session),
        }
        come = come[: max(min(most.values()), 0)]
        if len(come) < max(session.least, 1):
            return min(most, key=lambda code: most[code])
        return Held(number, start, int(trainer), room, tuple(sorted(come)))

    def _affordable(self, session: Session) -> int:
        """How many people the rest of the budget sends to a session."""
        limits, most = self.request.limits, len(session.members)
        paid = session.hours * limits.trainer_cost_per_hour
        for left, each in ((self.hours, session.hours), (self.money - paid, session.hours * limits.cost_per_hour)):
            if left < 0:
                return 0
            if np.isfinite(left) and each > 0:
                most = min(most, int(left / each + 1e-9))
        return most

    def _could_come(self, chances: Chances, number: int, start: int, trainer: int) -> list[int]:
        request, session = self.request, self.request.sessions[number]
        pause = round(request.limits.cool_down_days * HALVES_A_DAY)
        cost = request.limits.load_price * float(request.load_of_one_away(session.halves)[start]) + self.hour * session.hours
        come = [
            n
            for n, person in enumerate(session.members)
            if chances.come[number][n, start]
            and session.gains[n] > cost
            and person != request.trainers[trainer]
            and (session.group, person) not in self.once
            and self._rested(person, start, session.halves, pause)
            and not self._teaches(person, start, session.halves)
            and not (request.limits.beyond_shift and request.beyond(person, session.halves)[start])
        ]
        return sorted(come, key=lambda n: (-session.gains[n], n))

    def _rested(self, person: int, start: int, halves: int, pause: int) -> bool:
        return all(start >= end + pause or start + halves + pause <= begun for begun, end in self.person.get(person, ()))

    def _teaches(self, person: int, start: int, halves: int) -> bool:
        return any(trainer == person and self.trainer[k, start : start + halves].any() for k, trainer in enumerate(self.request.trainers))

    def take(self, held: Held) -> None:
        """Book a session."""
        self._book(held, 1)
        session = self.request.sessions[held.session]
        for member in held.members:
            self.person.setdefault(session.members[member], []).append((held.start, held.start + session.halves))
            self.once.add((session.group, session.members[member]))

    def release(self, held: Held) -> None:
        """Undo `take`."""
        self._book(held, -1)
        session = self.request.sessions[held.session]
        for member in held.members:
            self.person[session.members[member]].remove((held.start, held.start + session.halves))
            self.once.discard((session.group, session.members[member]))

    def _book(self, held: Held, sign: int) -> None:
        request, session = self.request, self.request.sessions[held.session]
        window = slice(held.start, held.start + session.halves)
        self.away[window] += sign * (len(held.members) + request.misses_trainer(held.session))
        self.trainer[held.trainer, window] = sign > 0
        if held.room is not None:
            self.room[held.room, window] = sign > 0
        self.hours -= sign * session.hours * len(held.members)
        self.money -= sign * session.hours * (request.limits.cost_per_hour * len(held.members) + request.limits.trainer_cost_per_hour)

    def offers(self, chances: Chances, number: int, starts: Ints) -> Floats:
        """At most what session `number` brings at each of `starts` beside what is taken: people who are busy, resting or had it do not come."""
        request, session = self.request, self.request.sessions[number]
        pause = round(request.limits.cool_down_days * HALVES_A_DAY)
        come = chances.come[number][:, starts]
        for row, person in enumerate(session.members):
            if (session.group, person) in self.once:
                come[row] = False
            for begun, end in self.person.get(person, ()):
                come[row] &= (starts >= end + pause) | (starts + session.halves + pause <= begun)
        cost = request.limits.load_price * request.load_of_one_away(session.halves)[starts]
        each = np.maximum(np.array(session.gains)[:, None] - cost - self.hour * session.hours, 0.0)
        return np.asarray((each * come).sum(axis=0) - cost * request.misses_trainer(number))


def first_plan(request: Request, chances: Chances, offers: Floats | None = None, hour: float = 0.0) -> Plan:
    """Sessions in the order of what they can bring, each at the best start that is left; hours beyond a shift are not used.

    Parameters
    ----------
    request : Request
    chances : Chances
        With all rules.
    offers : (sessions, slots) float array, optional
        By which starts are preferred, e.g. what they bring at prices of all that is scarce; without it, what they bring by themselves.
    hour : float
        See `Taken`.
    """
    taken = Taken(request, hour)
    values = [np.where(chances.starts[n], net(request, n, chances.come[n]), 0.0) for n in range(len(request.sessions))]
    wished = values if offers is None else [np.where(chances.starts[n], offers[n], -np.inf) for n in range(len(values))]
    plan = []
    order = values if hour == 0.0 else wished
    for number in sorted(range(len(values)), key=lambda n: (-order[n].max(initial=0.0), n)):
        best, found, tries = 0.0, None, 0
        for start in (int(t) for t in np.argsort(-wished[number], kind="stable")):
            if not chances.starts[number][start] or tries == MOST_TRIES or (offers is None and values[number][start] <= best):
                break
            held = taken.possible(chances, number, start)
            if isinstance(held, Held):
                tries += 1
                # Where prices say what is preferred, the first that is possible is taken: what it brings by itself is not all that counts.
                value = worth(request, (held,))
                if value > best:
                    best, found = value, held
                if offers is not None and found is not None:
                    break
        if found is not None:
            taken.take(found)
            plan.append(found)
    return tuple(sorted(plan, key=lambda held: held.session))

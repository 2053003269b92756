"""The model of a plan: which session starts when, who comes, who teaches, in which room.

Every session has a Boolean per possible start, with the number of people who come at that start beside it. So the load that others take over, the
people away at once and the hours are plain sums, and the linear relaxation is close to the truth: without conflicts between sessions it is exact.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from coachline.engine.training.plan.request import Bools, Floats, Request

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

UNITS = 1_000_000
"""The largest gain that is possible is that many units of the objective."""


@dataclass(frozen=True)
class Chances:
    """What each session could do, as far as it depends on its own start alone.

    Attributes
    ----------
    come : tuple of (members, slots) bool array
        Per session, who could come to a start.
    teach : tuple of (trainers, slots) bool array
        Per session, which trainer could teach it.
    starts : (sessions, slots) bool array
        Starts that no rule forbids by itself.
    """

    come: tuple[Bools, ...]
    teach: tuple[Bools, ...]
    starts: Bools


def net(request: Request, number: int, come: Bools) -> Floats:
    """(slots,) the greatest worth of a session by its start: gains of those who could come, less the calls that others take over for them."""
    session = request.sessions[number]
    cost = request.limits.load_price * request.load_of_one_away(session.halves)
    each = np.maximum(np.array(session.gains)[:, None] - cost[None, :], 0.0)
    return np.asarray(np.where(come, each, 0.0).sum(axis=0)) - cost * request.misses_trainer(number)


@dataclass
class Draft:
    """A model under construction.

    Attributes
    ----------
    request : Request
    chances : Chances
    model : cp_model.CpModel
    lean : bool
        Without variables per start; `at` and `count` are then empty.
    held : list of bool var
        Per session.
    start : list of int var
    at : list of dict of slot to bool var
        Whether a session starts at a slot.
    count : list of dict of slot to int var
        How many come if it starts there, else 0.
    comes : list of list of bool var
        Per session and member.
    teaches : list of dict of trainer to bool var
    takes : list of dict of room to bool var
    """

    request: Request
    chances: Chances
    model: cp_model.CpModel
    lean: bool
    held: list[cp_model.IntVar] = field(default_factory=list)
    start: list[cp_model.IntVar] = field(default_factory=list)
    at: list[dict[int, cp_model.IntVar]] = field(default_factory=list)
    count: list[dict[int, cp_model.IntVar]] = field(default_factory=list)
    comes: list[list[cp_model.IntVar]] = field(default_factory=list)
    teaches: list[dict[int, cp_model.IntVar]] = field(default_factory=list)
    takes: list[dict[int, cp_model.IntVar]] = field(default_factory=list)

    @classmethod
    def of(cls, request: Request, chances: Chances, *, lean: bool = False) -> Draft:
        """The variables and what belongs to the meaning of a session: one start, one trainer, one room, everybody once.

        A lean model has no variables per start: it says whether a plan is possible, and knows nothing of what it is worth.
        """
        from ortools.sat.python import cp_model

        draft = cls(request, chances, cp_model.CpModel(), lean)
        for number in range(len(request.sessions)):
            (draft._add_lean if lean else draft._add)(number)
        draft._everybody_once()
        return draft

    def _add_lean(self, number: int) -> None:
        """A session with its start as one variable: enough to say whether a plan is possible, and small however many starts there are."""
        from ortools.sat.python import cp_model

        model, session, own = self.model, self.request.sessions[number], self.chances.starts[number]
        could = self.chances.come[number]

        def at(slots: Bools) -> cp_model.Domain:
            return cp_model.Domain.from_values([int(t) for t in np.flatnonzero(slots)])

        held = model.new_bool_var("")
        start = model.new_int_var_from_domain(at(own) if own.any() else cp_model.Domain(0, 0), "")
        if not own.any():
            model.add(held == 0)
        comes = [model.new_bool_var("") for _ in session.members]
        teaches = {k: model.new_bool_var("") for k in range(len(self.request.trainers)) if self.chances.teach[number][k].any()}
        takes = {room: model.new_bool_var("") for room in range(len(self.request.rooms))} if session.in_room else {}
        for variable, slots in (*zip(comes, could, strict=True), *((v, self.chances.teach[number][k]) for k, v in teaches.items())):
            model.add_implication(variable, held)
            if (slots == own).all():
                continue
            model.add_linear_expression_in_domain(start, at(slots)).only_enforce_if(variable)
        model.add(sum(comes) >= held)
        model.add(sum(teaches.values()) == held)
        if session.in_room:
            model.add(sum(takes.values()) == held)
        for name, made in (
            ("held", held),
            ("start", start),
            ("at", {}),
            ("count", {}),
            ("comes", comes),
            ("teaches", teaches),
            ("takes", takes),
        ):
            getattr(self, name).append(made)

    def _add(self, number: int) -> None:
        model, session = self.model, self.request.sessions[number]
        slots = [int(t) for t in np.flatnonzero(self.chances.starts[number])]
        could = self.chances.come[number].sum(axis=0)
        held, start = model.new_bool_var(""), model.new_int_var(0, self.request.slots, "")
        at = {t: model.new_bool_var("") for t in slots}
        count = {t: model.new_int_var(0, int(could[t]), "") for t in slots}
        comes = [model.new_bool_var("") for _ in session.members]
        model.add_exactly_one([*at.values(), ~held])
        model.add(start == sum(t * variable for t, variable in at.items()))
        for t in slots:
            model.add(count[t] <= int(could[t]) * at[t])
        model.add(sum(comes) == sum(count.values()))
        teaches = {k: model.new_bool_var("") for k in range(len(self.request.trainers)) if self.chances.teach[number][k].any()}
        model.add(sum(teaches.values()) == held)
        for k, variable in teaches.items():
            model.add(sum(at[t] for t in slots if self.chances.teach[number][k, t]) >= variable)
        takes = {room: model.new_bool_var("") for room in range(len(self.request.rooms))} if session.in_room else {}
        if session.in_room:
            model.add(sum(takes.values()) == held)
        for member, variable in enumerate(comes):
            model.add(sum(at[t] for t in slots if self.chances.come[number][member, t]) >= variable)
        for name, made in (
            ("held", held),
            ("start", start),
            ("at", at),
            ("count", count),
            ("comes", comes),
            ("teaches", teaches),
            ("takes", takes),
        ):
            getattr(self, name).append(made)

    def _everybody_once(self) -> None:
        """Where a group has several sessions, each member comes to one of them at most; the first is held before the second."""
        of_group: dict[tuple[str, int], list[cp_model.IntVar]] = {}
        for session, comes in zip(self.request.sessions, self.comes, strict=True):
            for person, variable in zip(session.members, comes, strict=True):
                of_group.setdefault((session.group, person), []).append(variable)
        for variables in of_group.values():
            if len(variables) > 1:
                self.model.add_at_most_one(variables)
        for numbers in self.by_group().values():
            for earlier, later in pairwise(numbers):
                self.model.add_implication(self.held[later], self.held[earlier])

    def by_group(self) -> dict[str, list[int]]:
        """Numbers of the sessions of each group."""
        found: dict[str, list[int]] = {}
        for number, session in enumerate(self.request.sessions):
            found.setdefault(session.group, []).append(number)
        return found

    def interval(self, number: int, presence: cp_model.IntVar, halves: int) -> cp_model.IntervalVar:
        """Session `number` as a stretch of `halves` that is there if `presence` is true."""
        return self.model.new_optional_fixed_size_interval_var(self.start[number], halves, presence, "")

    def terms(self) -> tuple[list[cp_model.IntVar], Floats]:
        """Variables of the objective and what each is worth, in calls gained."""
        variables: list[cp_model.IntVar] = []
        worth: list[float] = []
        for number, session in enumerate(self.request.sessions):
            variables += self.comes[number]
            worth += session.gains
            cost = self.request.limits.load_price * self.request.load_of_one_away(session.halves)
            for t, variable in self.count[number].items():
                variables.append(variable)
                worth.append(-float(cost[t]))
            if self.request.misses_trainer(number):
                variables += self.at[number].values()
                worth += [-float(cost[t]) for t in self.at[number]]
        return variables, np.array(worth)

    def set_objective(self) -> float:
        """Let the model maximise gains less load; returns the worth of one unit of its objective."""
        variables, worth = self.terms()
        most = sum(sum(session.gains) for session in self.request.sessions)
        unit = max(most, 1e-9) / UNITS
        self.model.maximize(sum(int(w) * variable for variable, w in zip(variables, np.rint(worth / unit).astype(np.int64), strict=True)))
        return unit

    def require(self, required: str) -> None:
        """Demand a session of every group, or places for everybody, whatever they cost."""
        if required == "usual":
            return
        for numbers in self.by_group().values():
            self.model.add(self.held[numbers[0]] == 1)
            if required == "places":
                everybody = len(self.request.sessions[numbers[0]].members)
                self.model.add(sum(sum(self.comes[number]) for number in numbers) == everybody)


def chances(request: Request, rules: Collection[str]) -> Chances:
    """What each session could do by the filters of those rules that are named; see `coachline.engine.training.plan.rules`."""
    from coachline.engine.training.plan.rules import FILTERS

    come, teach = [], []
    starts = np.zeros((len(request.sessions), request.slots), np.bool_)
    for number, session in enumerate(request.sessions):
        fits = np.zeros(request.slots, np.bool_)
        fits[: request.slots - session.halves + 1] = True
        could = np.broadcast_to(fits, (len(session.members), request.slots)).copy()
        taught = np.broadcast_to(fits, (len(request.trainers), request.slots)).copy()
        for code, narrow in FILTERS.items():
            if code in rules:
                narrow(request, number, could, taught, fits)
        # A start that cannot bring anything is none, unless the session must be held.
        pays = request.limits.required != "usual" or net(request, number, could) > 0
        starts[number] = fits & taught.any(axis=0) & (could.sum(axis=0) >= 1) & pays
        come.append(could & starts[number])
        teach.append(taught & starts[number])
    return Chances(tuple(come), tuple(teach), starts)

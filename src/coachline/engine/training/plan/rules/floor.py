"""What the floor can bear: sessions in opening hours, and few away at once, the fewer the higher the load."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from coachline.engine.training.plan.draft import Draft
from coachline.engine.training.plan.request import HALVES_A_DAY, Bools, Ints, Request

if TYPE_CHECKING:
    from ortools.sat.python import cp_model


def working_hours(request: Request, number: int, come: Bools, teach: Bools, starts: Bools) -> None:
    """Sessions begin and end between `opens` and `closes`."""
    hour = np.arange(request.slots) % HALVES_A_DAY / 2.0
    limits = request.limits
    starts &= (hour >= limits.opens) & (hour + request.sessions[number].halves / 2.0 <= limits.closes)


def room_for_one_more(request: Request, number: int) -> Ints:
    """(slots,) how many may be away at once through all of session `number`, if it begins there and no other one is held."""
    halves = request.sessions[number].halves
    most = np.zeros(request.slots, np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(request.may_be_away, halves)
    most[: len(windows)] = windows.min(axis=1)
    return most


def few_enough_for_the_load(request: Request, number: int, come: Bools, teach: Bools, starts: Bools) -> None:
    """A session does not begin where not even the fewest that make it may be away."""
    starts &= room_for_one_more(request, number) >= max(request.sessions[number].least, 1) + request.misses_trainer(number)


def valley(draft: Draft) -> None:
    """In no half-hour are more in training than may be away at that load; trainers who take calls count."""
    request = draft.request
    if draft.lean:
        _cumulative(draft)
        return
    away: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    most: dict[int, int] = defaultdict(int)
    for number, session in enumerate(request.sessions):
        for t, variable in draft.count[number].items():
            could = int(draft.chances.come[number][:, t].sum())
            for slot in range(t, t + session.halves):
                away[slot] += [variable, draft.at[number][t]] if request.misses_trainer(number) else [variable]
                most[slot] += could + 1
    for slot, variables in away.items():
        if most[slot] > request.may_be_away[slot]:
            draft.model.add(sum(variables) <= int(request.may_be_away[slot]))


def _cumulative(draft: Draft) -> None:
    """The same, with the half-hours that bear fewer as blocks that take up the rest."""
    request, model = draft.request, draft.model
    bearable = np.maximum(request.may_be_away, 0)
    most = int(bearable.max(initial=0))
    stretches, demands = [], []
    for number, session in enumerate(request.sessions):
        away = model.new_int_var(0, len(session.members) + 1, "")
        model.add(away == sum(draft.comes[number]) + int(request.misses_trainer(number)) * draft.held[number])
        stretches.append(draft.interval(number, draft.held[number], session.halves))
        demands.append(away)
    edges = np.flatnonzero(np.diff(bearable, prepend=-1, append=-1))
    for begins, ends in pairwise(edges):
        if bearable[begins] < most:
            stretches.append(model.new_fixed_size_interval_var(int(begins), int(ends - begins), ""))
            demands.append(model.new_constant(most - int(bearable[begins])))
    model.add_cumulative(stretches, demands, most)

"""Why each session is when it is, and why somebody has no place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from coachline.engine.training.plan.draft import Chances, net
from coachline.engine.training.plan.first_plan import Taken
from coachline.engine.training.plan.request import Request
from coachline.engine.training.plan.rules import FILTERS
from coachline.engine.training.plan.solution import Held, Plan, gain, load, worth

ALTERNATIVES = 3
"""Other starts that are shown of each session, the best of different days."""

SESSIONS: dict[str, pl.DataType] = {
    "session": pl.String(), "business": pl.String(), "starts_at": pl.Datetime("us", "UTC"), "reason": pl.String(), "people": pl.Int64(),
    "asked": pl.Int64(), "gain": pl.Float64(), "calls_taken_over": pl.Float64(), "calls_each": pl.Float64(), "calls_each_day": pl.Float64(),
    "load_ratio": pl.Float64(), "best_starts_at": pl.Datetime("us", "UTC"), "in_the_way": pl.String(),
}  # fmt: skip
"""``calls_each``: calls per person at work and half-hour during the session; ``calls_each_day``: the same over the day; ``load_ratio``: one by the
other. ``best_starts_at`` is where the session alone would gain most, ``in_the_way`` the rule that other sessions make bar it."""

OTHERS: dict[str, pl.DataType] = {
    "session": pl.String(), "starts_at": pl.Datetime("us", "UTC"), "people": pl.Int64(), "gain": pl.Float64(), "load_ratio": pl.Float64(),
    "worth_less": pl.Float64(), "in_the_way": pl.String(),
}  # fmt: skip
"""``worth_less``: calls gained, less load, below what the chosen start brings; ``in_the_way``: the rule that bars it beside the other sessions."""

LEFT_OUT: dict[str, pl.DataType] = {
    "group": pl.String(), "business": pl.String(), "agent_id": pl.String(), "gain": pl.Float64(), "reason": pl.String(),
}  # fmt: skip


def _ratio(request: Request, start: int, halves: int) -> tuple[float, float, float]:
    """Calls per person at work and half-hour during a session, over its day, and one by the other."""
    window = slice(start, start + halves)
    during = float(request.calls_each[window].mean())
    usual = float(request.usual_calls_each[start])
    return during, usual, during / usual if usual > 0 else 1.0


def session_rows(request: Request, chances: Chances, plan: Plan) -> pl.DataFrame:
    """One row per session that is held (schema `SESSIONS`)."""
    rows = []
    for held in plan:
        session = request.sessions[held.session]
        values = np.where(chances.starts[held.session], net(request, held.session, chances.come[held.session]), -np.inf)
        best = int(values.argmax())
        bar = None
        if best != held.start:
            tried = _beside(request, plan, held).possible(chances, held.session, best)
            bar = tried if isinstance(tried, str) else _lost(tried, chances, best)
        during, usual, ratio = _ratio(request, held.start, session.halves)
        rows.append(
            {
                "session": session.code,
                "business": session.business,
                "starts_at": request.instant(held.start),
                "reason": "best_start" if best == held.start else "best_left" if bar else "as_good",
                "people": len(held.members),
                "asked": len(session.members),
                "gain": gain(request, held),
                "calls_taken_over": load(request, held),
                "calls_each": during,
                "calls_each_day": usual,
                "load_ratio": ratio,
                "best_starts_at": request.instant(best),
                "in_the_way": bar,
            }
        )
    return pl.DataFrame(rows, schema=SESSIONS)


def _lost(tried: Held, chances: Chances, start: int) -> str | None:
    """Why fewer could come to a start than are at work then."""
    return "cool_down" if len(tried.members) < chances.come[tried.session][:, start].sum() else None


def _beside(request: Request, plan: Plan, held: Held) -> Taken:
    """What all sessions but one use up."""
    taken = Taken(request)
    for other in plan:
        if other is not held:
            taken.take(other)
    return taken


def alternative_rows(request: Request, chances: Chances, plan: Plan) -> pl.DataFrame:
    """The best other starts of every session, one a day (schema `OTHERS`)."""
    rows = []
    for held in plan:
        session, taken = request.sessions[held.session], _beside(request, plan, held)
        values = np.where(chances.starts[held.session], net(request, held.session, chances.come[held.session]), -np.inf)
        days = {held.start // 48}
        for start in (int(t) for t in np.argsort(-values, kind="stable")):
            if len(days) > ALTERNATIVES or not np.isfinite(values[start]):
                break
            if start // 48 in days:
                continue
            days.add(start // 48)
            tried = taken.possible(chances, held.session, start)
            brings = worth(request, (tried,)) if isinstance(tried, Held) else float(values[start])
            come = tried.members if isinstance(tried, Held) else np.flatnonzero(chances.come[held.session][:, start])
            rows.append(
                {
                    "session": session.code,
                    "starts_at": request.instant(start),
                    "people": len(come),
                    "gain": sum(session.gains[n] for n in come),
                    "load_ratio": _ratio(request, start, session.halves)[2],
                    "worth_less": worth(request, (held,)) - brings,
                    "in_the_way": tried if isinstance(tried, str) else None,
                }
            )
    return pl.DataFrame(rows, schema=OTHERS)


def left_out_rows(request: Request, chances: Chances, plan: Plan) -> pl.DataFrame:
    """Everybody of a group who has no place, with the reason (schema `LEFT_OUT`)."""
    rows: list[dict[str, Any]] = []
    by_session = {held.session: held for held in plan}
    placed = {(request.sessions[h.session].group, request.sessions[h.session].members[n]) for h in plan for n in h.members}
    taken = Taken(request)
    for held in plan:
        taken.take(held)
    for number, session in enumerate(request.sessions):
        own = by_session.get(number)
        whole = _not_held(request, chances, number, taken) if own is None else None
        for member, person in enumerate(session.members):
            if (session.group, person) in placed:
                continue
            reason = whole if own is None else _not_there(request, chances, own, member, taken)
            if not request.here[person].any():
                reason = "no_shifts"
            row = {"group": session.group, "business": session.business, "agent_id": request.people[person]}
            rows.append({**row, "gain": session.gains[member], "reason": reason})
    return pl.DataFrame(rows, schema=LEFT_OUT).unique(["group", "agent_id"], keep="first", maintain_order=True)


def _not_held(request: Request, chances: Chances, number: int, taken: Taken) -> str:
    session = request.sessions[number]
    if chances.starts[number].any():
        values = np.where(chances.starts[number], net(request, number, chances.come[number]), -np.inf)
        tried = taken.possible(chances, number, int(values.argmax()))
        return tried if isinstance(tried, str) else "load_outweighs"
    return next(_emptied_by(request, number), "load_outweighs") if session.members else "nobody_to_train"


def _emptied_by(request: Request, number: int) -> Iterator[str]:
    """The rules after which no start is left, the first one first."""
    session = request.sessions[number]
    if longest_stretch(request) < session.halves:
        yield "longer_than_any_shift"
        return
    fits = np.arange(request.slots) + session.halves <= request.slots
    come = np.broadcast_to(fits, (len(session.members), request.slots)).copy()
    teach = np.broadcast_to(fits, (len(request.trainers), request.slots)).copy()
    for code, narrow in FILTERS.items():
        narrow(request, number, come, teach, fits)
        if not (fits & teach.any(axis=0) & come.any(axis=0)).any():
            yield code


def longest_stretch(request: Request) -> int:
    """Halves of the longest session that anybody's shift has room for."""
    halves = 0
    while halves < 48 and any(
        request.attends(person, halves + 1, request.limits.beyond_shift).any() for person in range(len(request.people))
    ):
        halves += 1
    return halves


def _not_there(request: Request, chances: Chances, held: Held, member: int, taken: Taken) -> str:
    session = request.sessions[held.session]
    if not chances.come[held.session][member, held.start]:
        return "on_shift"
    cost = request.limits.load_price * float(request.load_of_one_away(session.halves)[held.start])
    if session.gains[member] <= cost:
        return "load_outweighs"
    if request.people[session.members[member]] == request.people[request.trainers[held.trainer]]:
        return "trainer_not_taught"
    if session.members[member] in taken.person:
        return "cool_down"
    return "no_place_left"

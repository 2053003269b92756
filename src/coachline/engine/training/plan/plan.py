"""Training sessions in time: the groups, placed where the floor can spare them, with a trainer and a room."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from typing import Any

import polars as pl

from coachline.engine.facts import Facts
from coachline.engine.result import Check, Findings, Note
from coachline.engine.training.groups import proposed_groups
from coachline.engine.training.plan.asking import asked
from coachline.engine.training.plan.check import broken
from coachline.engine.training.plan.conflicts import Conflict, conflict
from coachline.engine.training.plan.draft import chances
from coachline.engine.training.plan.explaining import LEFT_OUT, OTHERS, SESSIONS, alternative_rows, left_out_rows, session_rows
from coachline.engine.training.plan.request import Limits, Request, Required
from coachline.engine.training.plan.rules import RULES
from coachline.engine.training.plan.settings import LIMITS, PlanSettings
from coachline.engine.training.plan.solution import Plan, gain, load
from coachline.engine.training.plan.solving import Solved, solve
from coachline.engine.training.settings import GroupSettings, NeedsSettings

PLACES: dict[str, pl.DataType] = {
    "session": pl.String(), "business": pl.String(), "starts_at": pl.Datetime("us", "UTC"), "hours": pl.Float64(), "trainer_id": pl.String(),
    "room": pl.String(), "agent_id": pl.String(), "method": pl.String(), "gain": pl.Float64(),
}  # fmt: skip
"""One row per person and session."""

CONFLICTS: dict[str, pl.DataType] = {
    "rule": pl.String(), "relax_by": pl.Float64(), "relax_unit": pl.String(), "effort": pl.Float64(), "cheapest": pl.Boolean(),
}  # fmt: skip
"""A smallest set of rules that exclude each other; ``relax_by`` is what each alone must be loosened by, null where that does not help."""

SEED = 1


def plan(
    facts: Facts,
    *,
    first_day: date | None = None,
    weeks: int = 4,
    session_h: float | None = None,
    rooms: Mapping[str, float] | None = None,
    trainers: str | None = None,
    opens: float = LIMITS.opens,
    closes: float = LIMITS.closes,
    most_away: float = LIMITS.most_away,
    least_present: float = 0.5,
    repeats: int = 2,
    rest_days: float = LIMITS.cool_down_days,
    cap_h: float = LIMITS.hours_cap,
    beyond_shift_h: float = 0.0,
    budget_h: float | None = None,
    budget_money: float | None = None,
    cost_per_hour: float = LIMITS.cost_per_hour,
    trainer_cost_per_hour: float = LIMITS.trainer_cost_per_hour,
    load_price: float = LIMITS.load_price,
    required: Required = "usual",
    seconds: float = 60.0,
    **wanted: Any,
) -> Findings:
    """Place the training groups in the coming weeks.

    Parameters
    ----------
    facts : Facts
    first_day : date, optional
        Where the plan begins; without it, the day after the last one with calls.
    weeks : int
    session_h : float, optional
        Hours of every session, instead of what its method takes.
    rooms : mapping of str to float, optional
        Seats by room.
    trainers : str, optional
        Who may teach what, see `named_teachers`; beside those found in the facts.
    least_present : float
        Share of those expected (the group, divided by the sessions that it may have) who must come, else a session is not held.
    repeats : int
        Most sessions into which a group is divided; everybody comes to one.
    rest_days : float
        From one session of a person to the next.
    beyond_shift_h : float
        Hours before or behind a shift that a session may take; they count against the cap.
    opens, closes, most_away, cap_h, budget_h, budget_money, cost_per_hour, trainer_cost_per_hour, load_price, required
        See `Limits`.
    seconds : float
        Time for looking for the best plan.
    **wanted
        Parameters of `groups`, by which the groups come about.

    Returns
    -------
    Findings
        ``plan`` (schema `PLACES`), ``reasons`` (schema `SESSIONS`), ``alternatives`` (schema `OTHERS`), ``left_out`` (schema `LEFT_OUT`),
        ``conflicts`` (schema `CONFLICTS`; empty where everything demanded can be had).

    Raises
    ------
    CoachlineError
        As `proposed_groups` and `asked`.
    """
    limits = Limits(
        opens=opens, closes=closes, most_away=most_away, cool_down_days=rest_days, hours_cap=cap_h, beyond_shift=round(2 * beyond_shift_h),
        budget_hours=budget_h, budget_money=budget_money, cost_per_hour=cost_per_hour, trainer_cost_per_hour=trainer_cost_per_hour,
        load_price=load_price, required=required,
    )  # fmt: skip
    settings = PlanSettings(first_day, weeks, session_h, rooms, trainers, least_present, repeats, limits)
    needs = NeedsSettings(**{f.name: wanted[f.name] for f in fields(NeedsSettings) if f.name in wanted})
    grouping = GroupSettings(**{f.name: wanted[f.name] for f in fields(GroupSettings) if f.name in wanted})
    proposed = proposed_groups(facts, needs, grouping)
    if not proposed.groups:
        return _nothing(proposed.notes)
    question = asked(facts, proposed.groups, needs, settings)
    return planned(question.request, seconds, (*proposed.notes, *question.notes))


def planned(request: Request, seconds: float, notes: tuple[Note, ...] = ()) -> Findings:
    """The answer to a request, as tables."""
    began = time.monotonic()
    usual = replace(request, limits=replace(request.limits, required="usual"))
    demanding = request.limits.required != "usual"
    # What is demanded gets half of the time; the rest is for the best plan without, and for saying why.
    solved = solve(request, seconds=seconds / 2.0 if demanding else seconds, seed=SEED)
    barred = Conflict((), True)
    if solved.plan is None:
        if solved.possible is False:
            barred = conflict(request, until=began + 0.8 * seconds, seed=SEED)
        notes = (*notes, _refused(solved, barred))
        solved = solve(usual, seconds=began + seconds - time.monotonic(), seed=SEED)
    found = solved.plan or ()
    open_ = chances(usual, RULES)
    rows = places(request, found)
    faults = broken(request, rows.iter_rows(named=True))
    return Findings(
        tables={
            "plan": rows.to_arrow(),
            "reasons": session_rows(usual, open_, found).to_arrow(),
            "alternatives": alternative_rows(usual, open_, found).to_arrow(),
            "left_out": left_out_rows(usual, open_, found).to_arrow(),
            "conflicts": _conflicts(barred).to_arrow(),
        },
        values=_values(request, found, solved),
        checks=(Check("plan_keeps_its_rules", not faults, float(len(faults)), {"rules": len(RULES)}),),
        notes=(*notes, *_notes(solved, seconds)),
    )


def places(request: Request, found: Plan) -> pl.DataFrame:
    """The main table (schema `PLACES`), in order of time."""
    rows: list[dict[str, Any]] = []
    for held in sorted(found, key=lambda h: (h.start, h.session)):
        session = request.sessions[held.session]
        for member in held.members:
            rows.append(
                {
                    "session": session.code,
                    "business": session.business,
                    "starts_at": request.instant(held.start),
                    "hours": session.hours,
                    "trainer_id": request.people[request.trainers[held.trainer]],
                    "room": None if held.room is None else request.rooms[held.room].name,
                    "agent_id": request.people[session.members[member]],
                    "method": session.method,
                    "gain": session.gains[member],
                }
            )
    return pl.DataFrame(rows, schema=PLACES)


def _values(request: Request, found: Plan, solved: Solved) -> dict[str, float | int | str | None]:
    hours = sum(request.sessions[h.session].hours * len(h.members) for h in found)
    teaching = sum(request.sessions[h.session].hours for h in found)
    limits = request.limits
    return {
        "first_day": str(request.first),
        "groups_asked": len({session.group for session in request.sessions}),
        "groups": len({request.sessions[held.session].group for held in found}),
        "sessions": len(found),
        "places_asked": len({(session.group, person) for session in request.sessions for person in session.members}),
        "places": sum(len(h.members) for h in found),
        "gain": float(sum(gain(request, h) for h in found)),
        "calls_taken_over": float(sum(load(request, h) for h in found)),
        "hours": hours,
        "money": hours * limits.cost_per_hour + teaching * limits.trainer_cost_per_hour,
        "worth": solved.worth,
        "bound": solved.bound,
        "gap": solved.gap,
    }


def _notes(solved: Solved, seconds: float) -> tuple[Note, ...]:
    return (Note("plan_near_best", {"gap": solved.gap, "seconds": seconds}),) if solved.gap > 0.01 else ()


def _conflicts(barred: Conflict) -> pl.DataFrame:
    rows = [(each.rule, each.by, each.unit, each.effort, n == 0 and each.by is not None) for n, each in enumerate(barred.rules)]
    return pl.DataFrame(rows, schema=CONFLICTS, orient="row")


def _refused(solved: Solved, barred: Conflict) -> Note:
    """Why the plan shown is not what was demanded."""
    if solved.possible is None:
        return Note("unknown_whether_possible")
    return Note("not_all_possible" if barred.proven else "not_all_possible_rules_unsure", {"rules": len(barred.rules)})


def _nothing(notes: tuple[Note, ...]) -> Findings:
    schemas = {"plan": PLACES, "reasons": SESSIONS, "alternatives": OTHERS, "left_out": LEFT_OUT, "conflicts": CONFLICTS}
    counted = ("groups_asked", "groups", "sessions", "places_asked", "places")
    return Findings(
        tables={name: pl.DataFrame(schema=schema).to_arrow() for name, schema in schemas.items()},
        values={**dict.fromkeys(counted, 0), "gain": 0.0, "gap": 0.0},
        notes=notes,
    )

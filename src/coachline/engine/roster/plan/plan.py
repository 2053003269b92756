"""Rosters of named people in which the calls, not only the heads, are met: strong people where and when their business is dense."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from coachline.engine.facts import Facts
from coachline.engine.result import Check, Findings, Note
from coachline.engine.roster.plan.asking import Asked, asked
from coachline.engine.roster.plan.breaks import Placed, placed_breaks
from coachline.engine.roster.plan.evaluation import Estimate, Worth, resolved, worth_of_placed
from coachline.engine.roster.plan.giving import given_posts
from coachline.engine.roster.plan.objective import usual_skill
from coachline.engine.roster.plan.request import OFF, Floats, Ints, Request
from coachline.engine.roster.plan.settings import limits_of, settings_of
from coachline.engine.roster.plan.tables import change_table, cover_table, people_table, roster_table, unmet_table, wishes_kept, work_rows
from coachline.engine.roster.rules import BREAK_RULES, RULES, drafted
from coachline.engine.roster.rules.check import broken
from coachline.engine.roster.rules.given_way import given_way
from coachline.engine.roster.solver.problem import Problem, Schedule, Solved

GAINS: dict[str, pl.DataType] = {
    "compared": pl.String(), "measure": pl.String(), "value": pl.Float64(), "low": pl.Float64(), "high": pl.Float64(),
}  # fmt: skip
"""What each roster is expected to reach; intervals say how sure skill is."""

FIRST_SHARE = 0.3
"""Share of the time for the roster by cover alone, from which the best one starts."""
TELLING, LEAST_SEARCH = 3.2, 0.5
"""Time for telling about a roster, as a multiple of what asking for it took, and the share of all time that the search has at least."""
SEED = 1
NEAR_ENOUGH = 0.02


def plan(facts: Facts, *, seconds: float = 60.0, **wanted: Any) -> Findings:
    """Make the roster of the coming weeks.

    Parameters
    ----------
    facts : Facts
    seconds : float
        Time for all: what is not needed for asking and telling is for looking for the best roster.
    **wanted
        Settings, see `RosterSettings` and `Target`, and numbers of the rules, see `Limits`.

    Returns
    -------
    Findings
        ``plan`` (schema `ROSTER`), ``cover`` (`COVER`), ``people`` (`PEOPLE`), ``gains`` (`GAINS`), ``changes`` (`CHANGES`), ``unmet`` (`UNMET`).

    Raises
    ------
    CoachlineError
        As `asked`.
    """
    question, searching = asked_in_time(facts, wanted, seconds)
    return planned(question, seconds, searching)


def asked_in_time(facts: Facts, wanted: Mapping[str, Any], seconds: float) -> tuple[Asked, float]:
    """What the facts and the parameters ask, and how many of the `seconds` are left for the search."""
    began = time.monotonic()
    question = asked(facts, settings_of(wanted), limits_of(wanted))
    return question, time_to_search(seconds, time.monotonic() - began)


def time_to_search(seconds: float, asking: float) -> float:
    """What is left of `seconds` for the search, where asking took `asking`."""
    return max(seconds - (1.0 + TELLING) * asking, LEAST_SEARCH * seconds)


@dataclass(frozen=True)
class Rostered:
    """A solved problem; people for whom its rules left no roster are off all the time.

    Attributes
    ----------
    problem : Problem
    solved : Solved
    schedule : Schedule
    without : tuple of int
    """

    problem: Problem
    solved: Solved
    schedule: Schedule
    without: tuple[int, ...]


def rostered(request: Request, seconds: float, start: Schedule | None = None) -> Rostered:
    """Solve a request by all rules."""
    from coachline.engine.roster.solver.solving import solve  # its compiled parts take a while to load

    problem = drafted(request)
    solved = solve(problem, seconds, start=start, seed=SEED)
    without = solved.without
    if solved.schedule is None:
        problem = at_home(problem, without)
        solved = solve(problem, seconds, start=None, seed=SEED)
    assert solved.schedule is not None
    return Rostered(problem, solved, solved.schedule, without)


def at_home(problem: Problem, people: tuple[int, ...]) -> Problem:
    """The problem with `people` at home, whatever their rules."""
    who = list(people)
    changed = {name: getattr(problem, name).copy() for name in ("allowed", "may_be_off", "least_minutes", "shortest_run", "shortest_rest")}
    changed["allowed"][who] = False
    changed["may_be_off"][who] = True
    changed["least_minutes"][who] = 0
    changed["shortest_run"][who] = 1
    changed["shortest_rest"][who] = 1
    return replace(problem, **changed)


def by_cover_alone(request: Request) -> Request:
    """The request as if everybody at a post were as good as the mean there."""
    flat = np.broadcast_to(usual_skill(request.skill, request.licensed), request.skill.shape)
    return replace(request, skill=np.ascontiguousarray(flat))


def both_rosters(request: Request, seconds: float) -> tuple[Request, Rostered, Rostered]:
    """The roster by cover alone, then the best one that starts from it, with the request that this one answers."""
    flat = rostered(by_cover_alone(request), FIRST_SHARE * seconds)
    if request.pairs:
        request = replace(request, first_pass=flat.schedule.shift)
    return request, flat, rostered(request, (1.0 - FIRST_SHARE) * seconds, flat.schedule if not flat.without else None)


def as_today(request: Request, usual: Ints) -> tuple[list[Placed], Floats]:
    """The shifts of today, kept as they are whatever the rules say, with breaks, and with the businesses given to people by cover alone.

    Parameters
    ----------
    request : Request
    usual : (people, days) int array
        Shifts; who holds no licence at all is left out.
    """
    able = np.asarray(request.licensed.any(axis=1))
    standing = np.where(able[:, None] & (usual >= 0), usual, OFF)
    seen = drafted(by_cover_alone(request), ("licence", "least_heads")).cover
    return placed_breaks(request, given_posts(seen, standing), seen.part_shift)


def planned(question: Asked, seconds: float, searching: float) -> Findings:
    """The answer to a request, as tables; `searching` of the `seconds` that the whole may take are for the search."""
    request, flat, best = both_rosters(question.request, searching)
    placed, heads = _with_breaks(request, best)
    of_plan = worth_of_placed(request, placed, heads)
    compared = {"plan": of_plan, "cover_only": worth_of_placed(request, *_with_breaks(request, flat))}
    if (question.usual >= 0).any():
        compared["present"] = worth_of_placed(request, *as_today(request, question.usual))
    table = roster_table(request, work_rows(request, placed), question.past)
    faults = broken(request, table.iter_rows(named=True))
    # Who has no roster is told of in a note; that they stay at home may break what they are asked for.
    at_home_all_time = {request.people[person] for person in best.without}
    hard = [fault for fault in faults if fault.rule not in BREAK_RULES and fault.who not in at_home_all_time]
    soft = [*(fault for fault in faults if fault.rule in BREAK_RULES), *given_way(request, table.iter_rows(named=True))]
    changes, unmet = change_table(request, best.schedule.shift), unmet_table(request, soft)
    people = people_table(request, best.schedule.shift, of_plan.taken)
    values = _values(request, best, of_plan, heads, people)
    return Findings(
        tables={
            "plan": table.to_arrow(),
            "cover": cover_table(request, heads).to_arrow(),
            "people": people.to_arrow(),
            "gains": gains(request, compared).to_arrow(),
            "changes": changes.to_arrow(),
            "unmet": unmet.to_arrow(),
        },
        values=values | {"changes": changes.height},
        checks=(
            Check("roster_keeps_its_rules", not hard, float(len(hard)), {"rules": len(RULES)}),
            Check(
                "hours_within_cap",
                people["month_hours"].max() is None or bool((people["month_hours"] <= request.limits.cap_h + 1e-9).all()),
                _most(people),
                {"cap_h": request.limits.cap_h},
            ),
        ),
        notes=(*question.notes, *_notes(request, best, heads, values["gap"], seconds)),
    )


def _with_breaks(request: Request, found: Rostered) -> tuple[list[Placed], Floats]:
    return placed_breaks(request, found.schedule, found.problem.cover.part_shift)


def gains(request: Request, compared: Mapping[str, Worth]) -> pl.DataFrame:
    """Schema `GAINS`: of each roster, then how many more calls the plan resolves than the others."""
    calls = float(request.calls.sum())
    rows: list[tuple[str | float | None, ...]] = []
    for name, worth in compared.items():
        estimate = resolved(request, worth)
        rows.append((name, "resolved_calls", estimate.value, estimate.low, estimate.high))
        rows.append((name, "resolved_share", *_share(estimate, calls)))
        rows.append((name, "answered_share", worth.answered / calls if calls else float("nan"), None, None))
        more = worth.taken.sum()
        rows.append(
            (
                name,
                "skill",
                estimate.value / more if more else float("nan"),
                *(e / more if more else None for e in (estimate.low, estimate.high)),
            )
        )
    for name in [other for other in compared if other != "plan"]:
        estimate = resolved(request, compared["plan"], compared[name])
        rows.append((name, "resolved_more_by_plan", estimate.value, estimate.low, estimate.high))
    frame = pl.DataFrame(rows, schema=GAINS, orient="row")
    return frame.with_columns(pl.col("value", "low", "high").fill_nan(None))


def _share(estimate: Estimate, calls: float) -> tuple[float, float, float]:
    return (estimate.value / calls, estimate.low / calls, estimate.high / calls) if calls else (float("nan"),) * 3


def _most(people: pl.DataFrame) -> float | None:
    most = people["month_hours"].max()
    return None if most is None else float(str(most))


def _values(request: Request, best: Rostered, worth: Worth, heads: Floats, people: pl.DataFrame) -> dict[str, float | int | str | None]:
    estimate, calls = resolved(request, worth), float(request.calls.sum())
    share = _share(estimate, calls) if calls else (None, None, None)
    wishes, kept = wishes_kept(request, best.schedule.shift)
    need, gap = float(request.need.sum()), best.solved.cost - best.solved.bound
    return {
        "first_day": str(request.first),
        "days": request.days,
        "people": len(request.people),
        "businesses": len(request.posts),
        "shifts": int((best.schedule.shift >= 0).sum()),
        "hours": float(people["hours"].sum()),
        "calls": calls,
        "answered_share": worth.answered / calls if calls else None,
        "resolved_share": share[0],
        "resolved_share_low": share[1],
        "resolved_share_high": share[2],
        "need_met": float(np.minimum(heads, request.need).sum()) / need if need else None,
        "wishes": int(wishes.sum()),
        "wishes_kept": int(kept.sum()),
        "cost": best.solved.cost,
        "bound": best.solved.bound if np.isfinite(best.solved.bound) else None,
        "gap_calls": gap if np.isfinite(gap) else None,
        "gap": gap / estimate.value if np.isfinite(gap) and estimate.value > 0 else None,
    }


def _notes(request: Request, best: Rostered, heads: Floats, gap: Any, seconds: float) -> tuple[Note, ...]:
    notes = []
    if best.without:
        notes.append(Note("no_roster_for_people", {"people": len(best.without)}))
    if not np.isfinite(best.solved.bound):
        notes.append(Note("roster_without_bound", {"seconds": seconds}))
    elif gap is not None and gap > NEAR_ENOUGH:
        notes.append(Note("roster_near_best", {"gap": gap, "gap_calls": best.solved.cost - best.solved.bound, "seconds": seconds}))
    short = np.maximum(request.need - heads, 0.0)
    if short.sum() > 0.05 * request.need.sum():
        post = int(short.sum(axis=0).argmax())
        notes.append(
            Note(
                "demand_not_met",
                {"hours": float(short.sum()) / 2.0, "business": request.posts[post], "share": float(short.sum() / request.need.sum())},
            )
        )
    return tuple(notes)

"""Why a roster is as it is: this person then, the price of each rule, rules that exclude each other, and demand that nobody can serve."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from coachline.engine.facts import Facts
from coachline.engine.result import Findings, Note
from coachline.engine.roster.explain.unserved import unserved_rows
from coachline.engine.roster.plan.asking import Asked
from coachline.engine.roster.plan.plan import SEED, asked_in_time, both_rosters
from coachline.engine.roster.plan.request import OFF, Request

if TYPE_CHECKING:
    from coachline.engine.roster.explain.conflicts import Conflict

CONFLICTS: dict[str, pl.DataType] = {
    "agent_id": pl.String(), "roster_rule": pl.String(), "loosen_by": pl.Float64(), "loosen_unit": pl.String(), "effort": pl.Float64(), "cheapest": pl.Boolean(),
}  # fmt: skip
"""Of each person without a roster a smallest set of rules that leave none; ``loosen_by``: by how much the rule alone must be loosened, null where that does not
help."""

REASONS_SHARE = 0.5
"""Share of the time after the rosters for reasons; the rest is for prices."""


def explain(facts: Facts, *, seconds: float = 60.0, price_seconds: float = 60.0, **wanted: Any) -> Findings:
    """Explain the roster of the coming weeks.

    Parameters
    ----------
    facts : Facts
    seconds : float
        Time for the roster, as in `plan`.
    price_seconds : float
        Time for explaining it.
    **wanted
        All other parameters of `plan`.

    Returns
    -------
    Findings
        ``reasons`` (schema `REASONS`), ``rule_prices`` (`RULE_PRICES`), ``conflicts`` (`CONFLICTS`), ``unserved`` (`UNSERVED`).

    Raises
    ------
    CoachlineError
        As `asked`.
    """
    question, searching = asked_in_time(facts, wanted, seconds)
    return explained(question, searching, price_seconds)


def explained(question: Asked, searching: float, price_seconds: float) -> Findings:
    """The explanation of a request's roster, as tables."""
    # What they import is compiled, and takes a while to load.
    from coachline.engine.roster.explain.conflicts import conflicts
    from coachline.engine.roster.explain.prices import calls, price_rows
    from coachline.engine.roster.explain.reasons import reason_rows
    from coachline.engine.roster.explain.weighing import without_must

    request, _, best = both_rosters(question.request, searching)
    began = time.monotonic()
    barred = conflicts(request, best.without, began + REASONS_SHARE * price_seconds)
    reasons = reason_rows(request, best.problem, best.schedule, best.without, began + REASONS_SHARE * price_seconds)
    gap = max(best.solved.cost - best.solved.bound, 0.0)
    resolved = calls(best.problem, without_must(request, best.problem.cover.may), best.schedule)
    prices = price_rows(request, best.problem, best.schedule, best.without, began + price_seconds, SEED)
    unserved = unserved_rows(request)
    shifts = int((best.schedule.shift != OFF).sum())
    return Findings(
        tables={
            "reasons": reasons.to_arrow(),
            "rule_prices": prices.to_arrow(),
            "conflicts": conflict_rows(request, barred).to_arrow(),
            "unserved": unserved.to_arrow(),
        },
        values={
            "first_day": str(request.first),
            "days": request.days,
            "people": len(request.people),
            "shifts": shifts,
            "shifts_explained": reasons.height,
            "people_without_roster": len(best.without),
            "gap": gap / resolved if resolved > 0 else None,
        },
        notes=(*question.notes, *_notes(best.without, barred, shifts - reasons.height, prices, unserved)),
    )


def conflict_rows(request: Request, found: Sequence[Conflict]) -> pl.DataFrame:
    """Schema `CONFLICTS`."""
    rows = [
        (request.people[conflict.person], each.rule, each.by, each.unit, each.effort, n == 0 and each.by is not None)
        for conflict in found
        for n, each in enumerate(conflict.rules)
    ]
    return pl.DataFrame(rows, schema=CONFLICTS, orient="row")


def _notes(
    without: Sequence[int], barred: Sequence[Conflict], unexplained: int, prices: pl.DataFrame, unserved: pl.DataFrame
) -> list[Note]:
    notes = []
    if without:
        notes.append(Note("rules_leave_no_roster", {"people": len(without)}))
    if len(barred) < len(without):
        notes.append(Note("conflicts_not_all_found", {"people": len(without) - len(barred)}))
    if unexplained:
        notes.append(Note("shifts_not_explained", {"shifts": unexplained}))
    untimed = prices.filter(pl.col("known_by") == "no_time").height
    if untimed:
        notes.append(Note("rules_not_priced", {"rules": untimed}))
    if unserved.height:
        worst = unserved.sort("calls", descending=True).row(0, named=True)
        notes.append(Note("demand_unserved", {"calls": float(unserved["calls"].sum()), "business": worst["business"]}))
    return notes

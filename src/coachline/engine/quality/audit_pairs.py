"""First hearings with the audit of the same call, and the sums from which pass rates are corrected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import polars as pl

from coachline.engine import clock
from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.quality.inspected import SCORING

AUDIT_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "inspections": (
        "inspection_id",
        "call_id",
        "agent_id",
        "inspector_id",
        "inspected_at",
        "purpose",
        "probability",
        "score",
        "passed",
    ),
    "inspection_items": ("inspection_id", "item", "points", "max_points", "failed"),
}
"""Columns that it reads, for the table of contents."""

COUNTS = ("inspected", "passed", "rechecked", "overturned")

WEIGHED = tuple(
    f"{weight}{part}"
    for weight, event in (("w", "over"), ("first", "passed"), ("all", "over"))
    for part in ("", "_sq", f"_{event}", f"_sq_{event}")
)
"""Sums of weights and of their squares: ``w`` of the audit among the passes, of the rechecked and of the overturned; ``first`` of the first hearings
among all calls, of the inspected and of the passed; ``all`` of the audit among all calls, of the rechecked and of the overturned."""

_LATE = 2**62
"""In place of an unknown moment, behind all known ones."""


@dataclass(frozen=True)
class Pairs:
    """First hearings of calls.

    Attributes
    ----------
    rows : ibis table
        inspection_id, call_id, agent_id, inspector_id, month, passed, score, p_first, and of the audit (null where there is none) audit_id, auditor_id,
        upheld, p_audit.
    """

    rows: ir.Table

    def weighed(self, recorded: Recorded) -> ir.Table:
        """`rows` with ``first_weight``, one over the chance to be inspected, and ``audit_weight``, one over that of a pass to be rechecked.

        Both are 1 where chances are not recorded.
        """
        rows = self.rows
        one = ibis.literal(1.0)
        audit = rows.p_first / rows.p_audit if recorded.audit == "overall" else 1.0 / rows.p_audit
        return rows.mutate(
            first_weight=1.0 / rows.p_first if recorded.first else one,
            audit_weight=audit if recorded.audit != "no" else one,
        )


@dataclass(frozen=True)
class Recorded:
    """Which selection probabilities can be used.

    Attributes
    ----------
    first : bool
        All first hearings have theirs.
    audit : str
        ``overall``: that of an audit is the chance of a call to be inspected and rechecked; ``given_pass``: that of a pass to be rechecked;
        ``no``: not all audits have one.
    adds_up : float, optional
        Passes as the weights of the audit count them, over passes: about 1 where the probabilities are true.
    """

    first: bool
    audit: str
    adds_up: float | None


def pairs(facts: Facts, period: Period, purposes: tuple[str, ...]) -> Pairs:
    """The first hearing of every call of a period with its audit, whenever that was.

    Of several first hearings of a call and agent the earliest counts, of several audits the last. Hearings without a call number are calls of
    their own, that nobody can have rechecked.
    """
    inspections = facts.table("inspections")
    heard = inspections.mutate(
        month=clock.month_number(facts.wall_clock_s("inspections", "inspected_at")),
        moment_us=facts.epoch_us(inspections.inspected_at).fill_null(_LATE),
        sure=_probability(inspections.probability),
    )
    heard = heard.filter(heard.passed.notnull())
    audits = heard.filter(heard.purpose == "audit", heard.call_id.notnull())
    firsts = heard.filter(heard.purpose.fill_null(SCORING).isin(purposes), heard.purpose.fill_null(SCORING) != "audit")
    firsts = period.rows(facts, firsts, "inspected_at") if period != Period() else firsts
    firsts = firsts.mutate(call=ibis.coalesce(firsts.call_id, ibis.literal("\n") + firsts.inspection_id))
    place = ibis.row_number().over(group_by=[firsts.call, firsts.agent_id], order_by=[firsts.moment_us, firsts.inspection_id])
    firsts = firsts.mutate(place=place).filter(lambda t: t.place == 0)
    place = ibis.row_number().over(
        group_by=[audits.call_id, audits.agent_id], order_by=[audits.moment_us.desc(), audits.inspection_id.desc()]
    )
    audits = audits.mutate(place=place).filter(lambda t: t.place == 0)
    audits = audits.select(
        audited_call="call_id",
        audited_agent="agent_id",
        audit_id="inspection_id",
        auditor_id="inspector_id",
        upheld="passed",
        p_audit="sure",
    )
    firsts = firsts.select("inspection_id", "call_id", "agent_id", "inspector_id", "month", "passed", "score", p_first="sure")
    rows = firsts.left_join(audits, [firsts.call_id == audits.audited_call, firsts.agent_id == audits.audited_agent])
    return Pairs(rows.drop("audited_call", "audited_agent"))


def _probability(given: ir.FloatingValue) -> ir.FloatingValue:
    """A chance above 0 and up to 1, else null."""
    return ((given > 0) & (given <= 1) & ~given.isnan()).ifelse(given, ibis.null("float64"))


def overview(facts: Facts, found: Pairs) -> dict[str, Any]:
    """Sums over all pairs by which the sample is judged.

    Returns
    -------
    dict
        Counts: all, with_chance (first hearings with a probability), passes, again (passes rechecked), again_with_chance, own (rechecked by the
        same inspector), failed (failures rechecked), lifted (of these), audits (matched). Weights of the rechecked: given_pass, overall (see
        `recorded`). First scores of passes rechecked (``again``) and not (``alone``): n_, sum_, squares_.
    """
    rows = found.rows
    audited = rows.audit_id.notnull()
    again, alone = (rows.passed & audited), (rows.passed & ~audited)
    failed = ~rows.passed & audited
    scored = (rows.score.notnull() & ~rows.score.isnan()).fill_null(False)
    sums: dict[str, ir.Value] = {
        "all": rows.count(),
        "with_chance": rows.p_first.count(),
        "passes": rows.count(where=rows.passed),
        "again": rows.count(where=again),
        "again_with_chance": rows.p_audit.count(where=again),
        "own": rows.count(where=(again & (rows.auditor_id == rows.inspector_id)).fill_null(False)),
        "failed": rows.count(where=failed),
        "lifted": rows.count(where=(failed & rows.upheld).fill_null(False)),
        "audits": rows.audit_id.nunique(),
        "given_pass": (1.0 / rows.p_audit).sum(where=again),
        "overall": (rows.p_first / rows.p_audit).sum(where=again),
    }
    for name, where in (("again", again & scored), ("alone", alone & scored)):
        sums |= {
            f"n_{name}": rows.count(where=where),
            f"sum_{name}": rows.score.sum(where=where),
            f"squares_{name}": (rows.score * rows.score).sum(where=where),
        }
    [row] = facts.collect(rows.aggregate(**sums)).to_pylist()
    return dict(row)


def recorded(sums: Mapping[str, Any]) -> Recorded:
    """What the recorded probabilities of first hearings and audits mean.

    Exports give the probability of an audit either among all calls or among the passes. The weights must add up to the number of passes; of the two
    readings the one that comes nearer is taken.

    Parameters
    ----------
    sums : mapping
        From `overview`.
    """
    first = sums["all"] > 0 and sums["with_chance"] == sums["all"]
    if not sums["again"] or sums["again_with_chance"] < sums["again"]:
        return Recorded(first, "no", None)
    readings = {"given_pass": sums["given_pass"] / sums["passes"]}
    if first:
        readings["overall"] = sums["overall"] / sums["passes"]
    audit = min(readings, key=lambda name: max(readings[name], 1 / readings[name]))
    return Recorded(first, audit, readings[audit])


def sums_by_inspector_and_month(facts: Facts, rows: ir.Table) -> pl.DataFrame:
    """`COUNTS` and `WEIGHED` of weighed pairs by inspector_id and month."""
    again = rows.passed & rows.upheld.notnull()
    return _frame(facts, _summed(rows, ["inspector_id", "month"], ibis.literal(True), rows.passed, again, ~rows.upheld))


def sums_by_item(facts: Facts, rows: ir.Table) -> pl.DataFrame:
    """`COUNTS` and `WEIGHED` of the items of passed calls by item: inspected are passed calls with the item on the sheet, passed those in which it was
    not failed, rechecked those of which the audit judged it, too, overturned those in which the audit failed it; and ``fell``, how many of
    these calls the audit did not pass.
    """
    items = _judged(facts)
    first = (
        rows.filter(rows.passed)
        .inner_join(items, "inspection_id")
        .select("inspection_id", "item", "failed", "audit_id", "upheld", "first_weight", "audit_weight")
    )
    second = items.select(audit_sheet="inspection_id", audit_item="item", failed_again="failed")
    both = first.left_join(second, [first.audit_id == second.audit_sheet, first.item == second.audit_item])
    passed = ~both.failed
    missed = passed & both.failed_again
    fell = {"fell": both.count(where=(missed & ~both.upheld).fill_null(False)).cast("int64")}
    return _frame(facts, _summed(both, ["item"], ibis.literal(True), passed, passed & both.failed_again.notnull(), missed, fell))


def _judged(facts: Facts) -> ir.Table:
    """inspection_id, item, failed: as recorded, else whether points are missing."""
    items = facts.table("inspection_items")
    numbers = ~items.points.isnan() & ~items.max_points.isnan()
    failed = ibis.coalesce(items.failed, numbers.ifelse(items.points < items.max_points, ibis.null("boolean")))
    items = items.select("inspection_id", "item", failed=failed)
    return items.filter(items.failed.notnull(), items.item.notnull())


def _summed(
    rows: ir.Table,
    by: list[str],
    inspected: ir.BooleanValue,
    passed: ir.BooleanValue,
    again: ir.BooleanValue,
    over: ir.BooleanValue,
    further: Mapping[str, ir.Value] | None = None,
) -> ir.Table:
    again = again.fill_null(False)
    over = (again & over).fill_null(False)
    w, first = rows.audit_weight, rows.first_weight

    def weights(name: str, weight: ir.FloatingValue, event: str, of: ir.BooleanValue, where: ir.BooleanValue) -> dict[str, ir.Value]:
        return {
            f"{name}{square}{suffix}": figure.sum(where=within).fill_null(0.0)
            for square, figure in (("", weight), ("_sq", weight * weight))
            for suffix, within in (("", of), (f"_{event}", where))
        }

    return rows.group_by(by).aggregate(
        inspected=rows.count(where=inspected).cast("int64"),
        passed=rows.count(where=passed).cast("int64"),
        rechecked=rows.count(where=again).cast("int64"),
        overturned=rows.count(where=over).cast("int64"),
        **weights("w", w, "over", again, over),
        **weights("first", first, "passed", inspected, passed),
        **weights("all", w * first, "over", again, over),
        **(further or {}),
    )


def _frame(facts: Facts, expression: ir.Table) -> pl.DataFrame:
    frame = pl.from_arrow(facts.collect(expression))
    assert isinstance(frame, pl.DataFrame)
    return frame

"""How many passes a second, blind hearing overturns, and what the pass rate is without these (R34)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.quality import audit_pairs as paired
from coachline.engine.quality.audit_rates import RATES, differ_by_chance, rates
from coachline.engine.quality.inspected import SCORING
from coachline.engine.quality.purposes import purposes_of
from coachline.engine.result import Check, Findings, Note
from coachline.errors import CoachlineError

AUDIT = pl.Schema(
    {
        "scope": pl.String(),
        **dict.fromkeys(paired.COUNTS, pl.Int64()),
        **dict.fromkeys(RATES, pl.Float64()),
        "member": pl.String(),
        "share_of_overturned": pl.Float64(),
    }
)
"""``scope``: all, inspector, month or item, and ``member`` which of them. ``share_of_overturned``: of all overturned passes, those of this inspector or
month, or in which this item was missed."""

FEW = 20
"""Rechecked passes below which an audit says little."""

APART = 3.0
"""Standard errors by which rechecked passes may differ in score from the others."""

ADDS_UP = (0.8, 1.25)


def audit(facts: Facts, *, since: date | None = None, until: date | None = None, purposes: str = SCORING) -> Findings:
    """Correct pass rates by the audit.

    Parameters
    ----------
    facts : Facts
    since, until : date, optional
        Of the first hearings; their audit may be later.
    purposes : str
        Purposes of first hearings, separated by commas; one without a purpose counts as ``score``.

    Returns
    -------
    Findings
        Table ``audit`` (schema `AUDIT`), the row of all first. Every rate is null where it has no denominator.

    Raises
    ------
    CoachlineError
        ``period_backwards``, ``unknown_purpose``, ``no_pass_recorded``.
    """
    period = Period.of(since, until)
    wanted = purposes_of(purposes)
    found = paired.pairs(facts, period, wanted)
    sums = paired.overview(facts, found)
    known = paired.recorded(sums)
    weighed = found.weighed(known)
    cells = paired.sums_by_inspector_and_month(facts, weighed)
    if cells.is_empty():
        raise CoachlineError("no_pass_recorded", purposes=", ".join(wanted), inspections=facts.rows("inspections"))
    items = paired.sums_by_item(facts, weighed) if facts.has("inspection_items") else None
    table = _table(cells, items, known.first)
    [whole] = table.filter(scope="all").to_dicts()
    inspectors = table.filter(scope="inspector")
    return Findings(
        tables={"audit": table.to_arrow()},
        values={
            **{name: whole[name] for name in (*paired.COUNTS, *RATES)},
            "inspectors_differ_p": differ_by_chance(inspectors["rechecked"].to_numpy(), inspectors["overturned"].to_numpy()),
        },
        checks=tuple(_checks(sums, known)),
        notes=tuple(_notes(facts, period, wanted, sums, known)),
    )


def _table(cells: pl.DataFrame, items: pl.DataFrame | None, first_recorded: bool) -> pl.DataFrame:
    sums = (*paired.COUNTS, *paired.WEIGHED)
    named = cells.with_columns(month=pl.format("{}-{}", pl.col("month") // 12, (pl.col("month") % 12 + 1).cast(pl.String).str.zfill(2)))
    parts = [("all", named.select(pl.col(sums).sum(), member=pl.lit(None, pl.String)))]
    for scope, column in (("inspector", "inspector_id"), ("month", "month")):
        groups = named.drop_nulls(column).group_by(column).agg(pl.col(sums).sum())
        parts.append((scope, groups.rename({column: "member"}).sort("member")))
    if items is not None and items.height:
        parts.append(("item", items.rename({"item": "member"}).sort("overturned", "member", descending=[True, False])))
    overturned = int(parts[0][1]["overturned"][0])
    rows = []
    for scope, groups in parts:
        for row in groups.iter_rows(named=True):
            share = row.get("fell", row["overturned"]) / overturned if overturned else None
            # Items are those of passed calls, which are no sample of all calls.
            figures = rates(row, first_recorded and scope != "item")
            counts = {name: row[name] for name in paired.COUNTS}
            rows.append({"scope": scope, **counts, **figures, "member": row["member"], "share_of_overturned": share})
    return pl.DataFrame(rows, schema=AUDIT, orient="row")


def _checks(sums: Mapping[str, Any], known: paired.Recorded) -> Iterator[Check]:
    if sums["again"]:
        yield Check("audited_by_another", sums["own"] == 0, float(sums["own"]), {"rechecked": sums["again"]})
    if known.adds_up is not None:
        yield Check("audit_probabilities_add_up", ADDS_UP[0] <= known.adds_up <= ADDS_UP[1], known.adds_up)
    elif min(sums["n_again"], sums["n_alone"]) >= 2:
        mean, error = {}, 0.0
        for name in ("again", "alone"):
            n = sums[f"n_{name}"]
            mean[name] = sums[f"sum_{name}"] / n
            error += max(sums[f"squares_{name}"] / n - mean[name] ** 2, 0.0) / (n - 1)
        distance = float((mean["again"] - mean["alone"]) / np.sqrt(error)) if error > 0 else 0.0
        yield Check("audited_like_other_passes", abs(distance) <= APART, distance, mean)


def _notes(facts: Facts, period: Period, purposes: tuple[str, ...], sums: Mapping[str, Any], known: paired.Recorded) -> Iterator[Note]:
    if not sums["again"]:
        yield Note("no_pass_rechecked")
    elif sums["again"] < FEW:
        yield Note("few_passes_rechecked", {"rechecked": sums["again"]})
    inspections = facts.table("inspections")
    rows = period.rows(facts, inspections, "inspected_at") if period != Period() else inspections
    unknown = rows.passed.isnull() & rows.purpose.fill_null(SCORING).isin(purposes)
    audits = (rows.purpose == "audit").fill_null(False)
    [made] = facts.collect(rows.aggregate(unknown=rows.count(where=unknown), audits=rows.count(where=audits))).to_pylist()
    if made["unknown"]:
        yield Note("passing_not_recorded", {"inspections": made["unknown"]})
    # Within a period an audit may belong to a hearing before it.
    if period == Period() and made["audits"] > sums["audits"]:
        yield Note("audits_not_matched", {"audits": made["audits"] - sums["audits"]})
    if sums["failed"]:
        yield Note("failures_rechecked", {"failed": sums["failed"], "lifted": sums["lifted"]})
    if known.audit == "no" and 0 < sums["again"] < sums["passes"]:
        yield Note("audit_without_probabilities", {"rechecked": sums["again"], "passed": sums["passes"]})

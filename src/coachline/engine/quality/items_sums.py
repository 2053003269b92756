"""From inspections, items and calls to the sums behind every item: the passes that `quality.items` makes over the facts."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from coachline.engine.facts import Facts
from coachline.engine.operations.enriched import enriched_calls
from coachline.engine.operations.follow_up import follow_up
from coachline.engine.operations.period import Period
from coachline.engine.quality.inspected import about_the_agent, inspected_calls, with_repeats

OUTCOMES = ("dissatisfied", "repeat", "ticketed")
"""What may happen in or after a call that an item could foretell."""

Flags = npt.NDArray[np.bool_]

SMALLEST = 1e-6
"""Selection probabilities below this are taken for slips: one such call would outweigh all others."""

_BITS = 60

_PRIOR_CALLS = 20.0
"""A business with fewer calls counts half or more as the centre as a whole."""


NOT_A_REMEDY = ("无", "没有", "暂无", "-", "--", "—", "/", "n/a", "na", "none", "nil")
"""What is written into a field that must not stay empty."""


@dataclass(frozen=True)
class Heard:
    """The first hearing of every call for the agent's sake (made to score or to coach).

    Attributes
    ----------
    frame : polars.DataFrame
        One row per inspection: inspection_id, agent_id, inspector_id (empty where not known), form, form_version; of the call ``calls`` (how many are
        meant), ``business`` (empty where not known) and of each of `OUTCOMES` whether it happened (null where not known); of the sheet ``passed``,
        ``fatal``, ``score``, ``remedy`` (whether one is written); ``weight``, calls that the inspection stands for, null where it takes no part in what is weighted.
    weighted : bool
        Weights are one over the selection probability. Otherwise all are 1.
    known_probability : int
        Inspections with a selection probability.
    """

    frame: pl.DataFrame
    weighted: bool
    known_probability: int


def heard_calls(facts: Facts, period: Period, repeat_days: int, dissatisfied_to: int) -> Heard:
    """What was heard, how it was judged and what became of the calls.

    Weights are used where at least half of the inspections record a selection probability; inspections without one then have no weight.
    """
    table = facts.table("inspections")
    table = table.filter(table.agent_id.notnull(), about_the_agent(table))
    written = table.remedy.strip().lower()
    table = table.mutate(remedy_written=((written != "") & ~written.isin(NOT_A_REMEDY)).fill_null(False))
    carried = ("inspector_id", "form", "form_version", "probability", "remedy_written", "passed", "fatal", "score")
    rows = inspected_calls(facts, table, carried)
    if period != Period():
        rows = period.rows(facts, rows, "moment")
    rows = with_repeats(facts, rows, repeat_days, period)
    rated = rows.answered & rows.rating.notnull()
    rows = rows.select(
        "inspection_id", "agent_id", "call_id", "inspected_at", "form", "form_version", "calls", "probability", "passed", "fatal", "score",
        inspector_id=rows.inspector_id.fill_null(""),
        business=rows.business.fill_null(""),
        remedy=rows.remedy_written,
        dissatisfied=rated.ifelse(rows.rating <= dissatisfied_to, ibis.null("boolean")),
        repeat=rows.repeated,
        ticketed=rows.answered.ifelse(rows.ticketed, ibis.null("boolean")),
    )  # fmt: skip
    frame = _frame(facts, rows).sort("inspected_at", "inspection_id", nulls_last=True)
    first = frame.with_columns(one_call=pl.coalesce("call_id", "inspection_id")).unique(["one_call", "agent_id"], keep="first")
    frame = first.drop("one_call", "call_id", "inspected_at").sort("inspection_id")
    probability = pl.col("probability")
    usable = frame.select(usable=(probability.is_between(SMALLEST, 1) & probability.is_not_nan()).fill_null(False))["usable"]
    weighted = 2 * int(usable.sum()) >= frame.height > 0
    weight = pl.when(usable).then(1.0 / probability) if weighted else pl.lit(1.0)
    return Heard(frame.with_columns(weight=weight).drop("probability"), weighted, int(usable.sum()))


@dataclass(frozen=True)
class Sheets:
    """Which items were judged and which failed, inspection by inspection.

    Attributes
    ----------
    items : list of str
        Names of all items, in alphabetical order.
    judged, failed : (N, I) bool array
        Inspection by item, in the order of the inspections asked for.
    commented : (N,) bool array
        Whether a failed item carries a comment.
    """

    items: list[str]
    judged: Flags
    failed: Flags
    commented: Flags

    @property
    def read(self) -> Flags:
        """(N,) whether any item was judged."""
        return np.asarray(self.judged.any(axis=1))

    @property
    def faulty(self) -> Flags:
        """(N,) whether any item failed."""
        return np.asarray(self.failed.any(axis=1))


def sheets_of(facts: Facts, inspections: pl.Series) -> Sheets:
    """The sheets of `inspections`. An item counts as failed if it is marked so, or if points were lost where no mark is recorded.

    An inspection comes back as a few integers, one bit for each item, however many items there are.
    """
    items = facts.table("inspection_items")
    told = items.points.notnull() & items.max_points.notnull() & ~items.points.isnan() & ~items.max_points.isnan()
    lost = told.ifelse(items.points < items.max_points, ibis.null("boolean"))
    rows = items.mutate(failed=ibis.coalesce(items.failed, lost), commented=(items.comment.strip() != "").fill_null(False))
    rows = rows.filter(rows.failed.notnull()).select("inspection_id", "item", "failed", "commented")
    names = sorted(facts.collect(rows.select("item").distinct())["item"].to_pylist())
    numbers = ibis.memtable(
        pa.table(
            {
                "name": pa.array(names, pa.string()),
                "block": pa.array([n // _BITS for n in range(len(names))], pa.int64()),
                "bit": pa.array([1 << n % _BITS for n in range(len(names))], pa.int64()),
            }
        )
    )
    joined = rows.join(numbers, rows.item == numbers.name)
    # An item stands once in an inspection, which is the key of the table, so adding bits is setting them.
    summed = joined.group_by(["inspection_id", "block"]).aggregate(
        judged=joined.bit.sum(),
        failed=joined.failed.ifelse(joined.bit, 0).sum(),
        commented=joined.count(where=joined.failed & joined.commented),
    )
    frame = _frame(facts, summed)
    order = pl.DataFrame({"inspection_id": inspections})
    judged, failed = (np.zeros((len(inspections), len(names)), bool) for _ in range(2))
    commented = np.zeros(len(inspections), bool)
    for block in range(-(-len(names) // _BITS)):
        of_block = order.join(frame.filter(pl.col("block") == block), on="inspection_id", how="left", maintain_order="left")
        commented |= of_block["commented"].fill_null(0).to_numpy() > 0
        for matrix, column in ((judged, "judged"), (failed, "failed")):
            bits = of_block[column].fill_null(0).to_numpy()
            for place in range(block * _BITS, min((block + 1) * _BITS, len(names))):
                matrix[:, place] = bits >> (place % _BITS) & 1
    return Sheets(names, judged, failed, commented)


def business_odds(facts: Facts, period: Period, repeat_days: int, dissatisfied_to: int) -> pl.DataFrame:
    """How often each outcome comes on each business, from all calls and not only those inspected.

    Returns
    -------
    polars.DataFrame
        ``business`` (empty where not known) and the natural logarithm of the odds of each of `OUTCOMES`, drawn towards that of the centre where
        calls are few.
    """
    calls = enriched_calls(facts, period)
    calls = calls.filter(calls.answered).mutate(business=calls.business.fill_null(""))
    counts = calls.group_by("business").aggregate(
        dissatisfied_n=calls.rating.count(),
        dissatisfied=calls.count(where=calls.rating <= dissatisfied_to),
        ticketed_n=calls.ticketed.count(),
        ticketed=calls.count(where=calls.ticketed),
    )
    rates = _frame(facts, counts)
    if facts.has("calls"):
        followed = follow_up(facts, period, repeat_days, ["business"])
        followed = followed.filter(followed.followed)
        again = followed.group_by("business").aggregate(repeat_n=followed.count(), repeat=followed.count(where=followed.repeated))
        rates = rates.join(_frame(facts, again), on="business", how="left")
    else:
        rates = rates.with_columns(repeat_n=pl.lit(0), repeat=pl.lit(0))
    rates = rates.with_columns(pl.exclude("business").fill_null(0).cast(pl.Float64)).sort("business")
    odds = {}
    for outcome in OUTCOMES:
        cases, calls_known = rates[outcome].to_numpy(), rates[f"{outcome}_n"].to_numpy()
        overall = (cases.sum() + 0.5) / (calls_known.sum() + 1.0)
        share = (cases + _PRIOR_CALLS * overall) / (calls_known + _PRIOR_CALLS)
        odds[outcome] = np.log(share / (1.0 - share))
    return pl.DataFrame({"business": rates["business"], **odds})


def _frame(facts: Facts, expression: ir.Table) -> pl.DataFrame:
    frame = pl.from_arrow(facts.collect(expression))
    assert isinstance(frame, pl.DataFrame)
    return frame

"""What a table holds, column by column, from one aggregate over the table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from coachline.engine.facts import Facts
from coachline.engine.tables import Column, FactTable
from coachline.engine.tables.kinds import Day, Flag, Instant, Integer, Number, NumberMap, Pseudonym, Scale, Seconds, Text, TextMap

Ask = tuple[str, str]
"""What is asked, and of which column or rule; key of an answer."""

NUMERIC = (Seconds, Number, Integer, Scale)

COLUMNS = pa.schema(
    [
        ("table", pa.string()),
        ("column", pa.string()),
        ("rows", pa.int64()),
        ("missing", pa.int64()),
        ("missing_share", pa.float64()),
        ("distinct", pa.int64()),
        ("low", pa.string()),
        ("median", pa.string()),
        ("high", pa.string()),
    ]
)

_UNIX = datetime(1970, 1, 1, tzinfo=UTC)


def profiled(table: FactTable) -> tuple[Column, ...]:
    """The columns that are looked at: all but the moment of loading, which is our own."""
    return tuple(column for column in table.stored if column.name != "loaded_at")


def asks(facts: Facts, table: FactTable, rows: ir.Table) -> dict[Ask, ir.Value]:
    """Expressions for `answer`: how many values, how many different ones, the ends and the middle.

    Distinct counts (HyperLogLog) and medians (t-digest in DuckDB, Greenwald-Khanna in Spark) are approximate, so that the cost
    stays one pass and the memory constant.
    """
    asked: dict[Ask, ir.Value] = {("rows", ""): rows.count()}
    for column in profiled(table):
        name, kind, values = column.name, column.kind, rows[column.name]
        asked["known", name] = values.count()
        if isinstance(kind, TextMap | NumberMap):
            continue
        if isinstance(kind, Instant):
            values = facts.epoch_us(values)
        elif isinstance(kind, Flag):
            values = values.cast("int64")
        asked["distinct", name] = values.approx_nunique()
        if _bounded(column):
            asked["low", name], asked["high", name] = values.min(), values.max()
        if isinstance(kind, NUMERIC):
            asked["median", name] = values.approx_median()
    return asked


def tally(condition: ir.BooleanValue) -> ir.IntegerValue:
    """How often `condition` holds.

    A hundred aggregates that each filter the rows for themselves take DuckDB four times as long as a hundred that count values.
    """
    return ibis.ifelse(condition, 1, ibis.null("int8")).count()


def answer(facts: Facts, rows: ir.Table, asked: Mapping[Ask, ir.Value]) -> dict[Ask, Any]:
    """Run all expressions in one pass; counts over no row are 0, other figures None."""
    names = {ask: f"a{i}" for i, ask in enumerate(asked)}
    got = facts.collect(rows.aggregate(**{names[ask]: expression for ask, expression in asked.items()})).to_pylist()[0]
    return {ask: got[name] for ask, name in names.items()}


def as_table(profiles: Iterable[tuple[FactTable, Mapping[Ask, Any]]], zone: ZoneInfo) -> pa.Table:
    """The table ``columns`` of `facts.quality`. Texts have no ends and no middle: they could be personal, and mean nothing."""
    out = []
    for table, answers in profiles:
        total = int(answers["rows", ""])
        for column in profiled(table):
            name = column.name
            missing = total - int(answers["known", name])
            out.append(
                {
                    "table": table.name,
                    "column": name,
                    "rows": total,
                    "missing": missing,
                    "missing_share": missing / total if total else None,
                    "distinct": _at_most(answers.get(("distinct", name)), total - missing),
                    **{
                        what: None if isinstance(column.kind, Text) else shown(column, _rounded(what, answers.get((what, name))), zone)
                        for what in ("low", "median", "high")
                    },
                }
            )
    return pa.Table.from_pylist(out, COLUMNS)


def shown(column: Column, value: Any, zone: ZoneInfo) -> str | None:
    """A value as short text; instants on the centre's wall clock."""
    if value is None:
        return None
    if isinstance(column.kind, Instant):
        moment = _UNIX + timedelta(microseconds=int(value))
        return moment.astimezone(zone).isoformat(sep=" ", timespec="seconds")[:19]
    if isinstance(column.kind, Flag):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else f"{value:.10g}"


def _rounded(what: str, value: Any) -> Any:
    """A median is approximate beyond four digits, and says so by not showing them."""
    return float(f"{value:.4g}") if what == "median" and value is not None else value


def _at_most(estimate: int | None, most: int) -> int | None:
    return None if estimate is None else min(int(estimate), most)


def _bounded(column: Column) -> bool:
    return isinstance(column.kind, (*NUMERIC, Instant, Day, Flag, Pseudonym))

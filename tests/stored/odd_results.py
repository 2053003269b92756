"""Results that hold everything that a result can hold, odd names and values above all."""

from __future__ import annotations

from datetime import UTC, date, timedelta, timezone
from decimal import Decimal
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from coachline.engine.result import Check, Findings, Note, Provenance, Result

PROVENANCE = Provenance("operations.daily", "1", {}, {"calls": 3}, "duckdb 2.0.0", "2026-03-01T08:00:00+08:00", 0.5)

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    ["", "..", "../out", "a/b", "a\\b", "CON", "日报", "0", "1", "main", "Main", "x" * 300, "a.parquet", "*?", "\n"]
)
NUMBERS = st.floats(width=64) | st.integers(-(2**63), 2**63 - 1)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)

FACTS: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | NUMBERS
    | TEXTS
    | st.dates()
    | st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))])).map(lambda moment: moment.replace(fold=0))
    | st.times().map(lambda time: time.replace(fold=0))
    | st.decimals(allow_nan=False)
    | st.timedeltas(timedelta(days=-1000), timedelta(days=1000)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(TEXTS | st.integers() | st.sampled_from(["$date", "$", ""]), inner, max_size=3)
        | st.frozensets(TEXTS, max_size=1)
    ),
    max_leaves=6,
)

COLUMNS: dict[str, pa.Array] = {
    "number": pa.array([1.5, float("nan"), float("-inf"), None]),
    "count": pa.array([2**63 - 1, -1, 0, None], pa.int64()),
    "byte": pa.array([255, 0, 1, None], pa.uint8()),
    "text": pa.array(["重庆", "", "=1+1", None], pa.string()),
    "large": pa.array(["重庆", "", "\x00", None], pa.large_string()),
    "view": pa.array(["a", "b" * 50, "", None], pa.string_view()),
    "code": pa.array(["a", "b", "a", None]).dictionary_encode(),
    "flag": pa.array([True, False, True, None]),
    "day": pa.array([date(1, 1, 1), date(9999, 12, 31), date(1970, 1, 1), None]),
    "moment": pa.array([0, -1, 1, None], pa.timestamp("us", tz="Asia/Shanghai")),
    "second": pa.array([0, -1, 1, None], pa.timestamp("s")),
    "nano": pa.array([0, -1, 1, None], pa.timestamp("ns", tz="UTC")),
    "clock": pa.array([0, 1, 86399, None], pa.time32("s")),
    "took": pa.array([0, -1, 1, None], pa.duration("us")),
    "price": pa.array([Decimal("1.20"), Decimal("-0.01"), Decimal("0.00"), None], pa.decimal128(20, 2)),
    "tags": pa.array([[("岗位", "专席")], [], [("a", None)], None], pa.map_(pa.string(), pa.string())),
    "many": pa.array([[1, None], [], [2], None], pa.list_(pa.int64())),
    "both": pa.array([{"x": 1.0}, {"x": None}, None, None], pa.struct([("x", pa.float64())])),
    "nothing": pa.nulls(4),
}


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    chosen = draw(st.lists(st.sampled_from(sorted(COLUMNS)), unique=True, max_size=4))
    rows = draw(st.integers(0, 4))
    names = draw(st.lists(NAMES, min_size=len(chosen), max_size=len(chosen), unique=True))
    table = pa.table([COLUMNS[column] for column in chosen], names=names)
    parts = draw(st.integers(1, 3))
    return pa.concat_tables([table.slice(0, rows)] * parts) if chosen else table


@st.composite
def results(draw: st.DrawFn) -> Result:
    remarks = st.dictionaries(TEXTS, FACTS, max_size=3)
    findings = Findings(
        tables=draw(st.dictionaries(NAMES, tables(), max_size=4)),
        values=draw(st.dictionaries(TEXTS, st.none() | NUMBERS | TEXTS, max_size=4)),
        checks=tuple(
            Check(draw(TEXTS), draw(st.booleans()), draw(st.none() | NUMBERS), draw(remarks)) for _ in range(draw(st.integers(0, 2)))
        ),
        notes=tuple(Note(draw(TEXTS), draw(remarks)) for _ in range(draw(st.integers(0, 2)))),
    )
    parameters = draw(st.dictionaries(TEXTS, FACTS, max_size=3))
    return Result.of(
        findings, Provenance(draw(TEXTS), "1", parameters, {"calls": 3}, "x", "y", draw(st.floats(0, 9)), draw(st.none() | TEXTS))
    )

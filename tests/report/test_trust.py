"""How far the data can be trusted: the first statement, and a list that does not repeat itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa

from coachline.engine.facts import Facts
from coachline.engine.result import Findings, Provenance, Result
from coachline.report.blocks import Paragraph, Table
from coachline.report.chapter import Desk
from coachline.report.chapters import trust
from coachline.wording import Wording
from tests.report.conftest import ZONE

NAMES = ("table", "column", "issue", "rows", "share", "example", "severity", "harms")


def blocks_of(centre: Facts, rows: list[tuple[Any, ...]]) -> tuple[Paragraph, Table | None]:
    columns = {name: [row[position] for row in rows] for position, name in enumerate(NAMES)}
    types = {"rows": pa.int64(), "share": pa.float64()}
    table = pa.table({name: pa.array(values, types.get(name, pa.string())) for name, values in columns.items()})

    def run(name: str, **_: Any) -> Result:
        return Result.of(Findings(tables={"issues": table}), Provenance(name, "1", {}, {}, "duckdb", "2026-03-01T08:00:00+08:00", 0.1))

    blocks = trust.CHAPTER.blocks(Desk(run, centre, Wording("zh"), None, None, datetime(2026, 3, 2, tzinfo=ZONE)))
    first = blocks[0]
    assert isinstance(first, Paragraph)
    return first, next((block for block in blocks if isinstance(block, Table)), None)


def test_grave_faults_are_said_first_with_what_they_harm(centre: Facts) -> None:
    rows = [
        ("calls", "rating", "missing", 10, 0.01, None, "low", "operations.daily"),
        ("calls", "customer_id", "missing", 900, 0.6, None, "high", "operations.daily, operations.causes"),
    ]
    statement, table = blocks_of(centre, rows)
    assert statement.tone == "look"
    assert "2 个问题，其中 1 个严重" in statement.text
    assert "客户号码" in statement.text
    assert "运营日报、变动原因与异常日" in statement.text
    assert table is not None
    assert [row.mark for row in table.rows] == [True, False]


def test_clean_data_are_called_clean(centre: Facts) -> None:
    statement, table = blocks_of(centre, [])
    assert "没有发现问题" in statement.text
    assert table is None


def test_empty_columns_are_one_row(centre: Facts) -> None:
    rows = [
        ("calls", column, "empty_column", 50, 1.0, None, "low", harms)
        for column, harms in (("hold_s", "operations.daily"), ("rating", "capability.cells"))
    ]
    _, table = blocks_of(centre, rows)
    assert table is not None
    assert len(table.rows) == 1
    assert table.rows[0].cells[2] == "保持时长、满意度"
    assert table.rows[0].cells[7] == "运营日报、能力基础数据"


def test_many_cases_of_a_fault_are_counted_not_listed(centre: Facts) -> None:
    rows = [("calls", "business", "missing", 50 - n, 0.01, f"例{n}", "low", "") for n in range(20)]
    _, table = blocks_of(centre, rows)
    assert table is not None
    assert [row.cells[6] for row in table.rows] == ["例0", "例1", "例2", "另有 17 处同类问题，见工作簿"]
    assert table.rows[3].cells[4] == ""

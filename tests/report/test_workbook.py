"""The workbook, read back with another library."""

from __future__ import annotations

import re
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from python_calamine import CalamineWorkbook

from coachline.engine import analyses
from coachline.engine.facts import Facts
from coachline.engine.result import Findings, Provenance, Result
from coachline.report import sheet_rows, workbook
from coachline.report.workbook import sheet_name, write_workbook
from coachline.wording import Wording
from tests.report.conftest import BREAKER, FORMULA, SCRIPT, ZONE, Report


def result(analysis: str = "operations.daily", **tables: pa.Table) -> Result:
    return Result.of(Findings(tables=tables), Provenance(analysis, "1", {}, {}, "duckdb", "2026-03-01T08:00:00+08:00", 0.1))


def written(tmp_path: Path, *results: Result, language: str = "zh") -> CalamineWorkbook:
    write_workbook(tmp_path / "w.xlsx", results, Wording(language), ZONE)
    return CalamineWorkbook.from_path(tmp_path / "w.xlsx")


def number_formats(file: Path, sheet: int) -> dict[str, str]:
    """Cell -> its number format, from the file itself."""
    with zipfile.ZipFile(file) as parts:
        styles = parts.read("xl/styles.xml").decode()
        cells = parts.read(f"xl/worksheets/sheet{sheet}.xml").decode()
    codes = dict(re.findall(r'<numFmt numFmtId="(\d+)" formatCode="([^"]*)"', styles))
    builtin = {"0": "General", "3": "#,##0", "10": "0.00%"}
    used = re.findall(r'<xf numFmtId="(\d+)"', styles.split("<cellXfs")[1])
    return {
        cell: codes.get(used[int(style)], builtin.get(used[int(style)], "?"))
        for cell, style in re.findall(r'<c r="([A-Z]+\d+)" s="(\d+)"', cells)
    }


def test_every_table_of_every_result_is_a_sheet_with_its_rows(report: Report, centre: Facts) -> None:
    book = CalamineWorkbook.from_path(report("zh").xlsx)
    causes = analyses.run("operations.causes", centre, {"since": "2026-03-01", "until": "2026-03-01"})
    title = Wording("zh")("analysis.operations.causes.title")
    assert len(book.get_sheet_by_name(title).to_python()) == causes.table().num_rows + 1
    weak = analyses.run("capability.matrix", centre, {}).table("weak")
    assert len(book.get_sheet_by_name("待提升名单").to_python()) == weak.num_rows + 1
    assert {"异常日", "差别的来源"} <= set(book.sheet_names)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_headers_and_sheet_names_are_words(report: Report, language: str) -> None:
    book = CalamineWorkbook.from_path(report(language).xlsx)
    for name in book.sheet_names:
        heads = [str(head) for head in book.get_sheet_by_name(name).to_python()[0]]
        assert [text for text in (name, *heads) if re.search(r"[a-z]\.[a-z]", text)] == []


def test_names_never_become_formulas(report: Report) -> None:
    book = CalamineWorkbook.from_path(report("zh").xlsx)
    rows = book.get_sheet_by_name(Wording("zh")("analysis.capability.matrix.title")).to_python()
    agents, businesses = {row[0] for row in rows}, {row[1] for row in rows}
    assert {FORMULA, SCRIPT} <= agents
    assert BREAKER in businesses
    with zipfile.ZipFile(report("zh").xlsx) as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/worksheets/")]
    assert not any("<f>" in sheet for sheet in sheets)
    assert all('state="frozen"' in sheet and "<autoFilter" in sheet for sheet in sheets)


def test_values_keep_their_kind_and_get_its_format(tmp_path: Path) -> None:
    table = pa.table(
        {
            "date": pa.array([date(2026, 3, 1)] * 3),
            "metric": ["connect_rate", "asa", "offered"],
            "value": [0.968, 12.5, 1234.0],
            "denominator": [1000.0, 968.0, None],
        }
    )
    rows: list[list[Any]] = written(tmp_path, result(daily=table)).get_sheet_by_index(0).to_python()
    assert rows[0] == ["日期", "指标", "数值", "分母"]
    assert rows[1] == [date(2026, 3, 1), "接通率", 0.968, 1000.0]
    assert rows[3][3] == ""
    formats = number_formats(tmp_path / "w.xlsx", 1)
    assert (formats["A2"], formats["C2"], formats["C3"], formats["C4"]) == ("yyyy-mm-dd", "0.0%", "#,##0.0", "#,##0.###")


def test_estimates_have_the_unit_of_their_outcome(tmp_path: Path) -> None:
    table = pa.table(
        {
            "outcome": ["resolved", "handle_time", "rating", "index"],
            "estimate": [0.861, 182.4, 4.71, 58.2],
            "gap": [0.05, 3.0, 0.1, 2.0],
            "n": [9, 9, 9, 9],
            "verdict": ["below", "unknown", "meets", "strong"],
        }
    )
    rows: list[list[Any]] = written(tmp_path, result("capability.matrix", weak=table)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[1:]] == ["解决", "处理时长", "评分", "能力指数"]
    assert [row[4] for row in rows[1:]] == ["待提升", "证据不足", "达标", "擅长"]
    formats = number_formats(tmp_path / "w.xlsx", 1)
    assert [formats[f"B{row}"] for row in range(2, 6)] == ["0.0%", "#,##0.0", "#,##0.###", "#,##0.###"]
    assert [formats[f"C{row}"] for row in range(2, 6)] == ["+0.00%;-0.00%;0.00%", "#,##0.0", "#,##0.###", "#,##0.###"]


def test_cells_never_handled_are_left_to_the_export_and_the_sheet_says_so(tmp_path: Path) -> None:
    table = pa.table({"agent_id": ["a", "b", "c"], "n": [4, 0, 9]})
    rows: list[list[Any]] = written(tmp_path, result("capability.matrix", matrix=table)).get_sheet_by_index(0).to_python()
    assert [row[:2] for row in rows[1:3]] == [["a", 4.0], ["c", 9.0]]
    assert rows[3][0].startswith("只写入办过且次数最多的 2 格，共 3 格。")
    assert "coachline run capability.matrix" in rows[3][0]


def test_of_very_many_cells_those_with_most_evidence_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_rows, "MOST_CELLS", 2)
    table = pa.table({"agent_id": ["a", "b", "c", "d"], "n": [4, 5, 9, 5]})
    rows: list[list[Any]] = written(tmp_path, result("capability.matrix", matrix=table)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[1:3]] == ["b", "c"]
    assert "2 格，共 4 格" in rows[3][0]


def test_instants_stand_on_the_centres_clock(tmp_path: Path) -> None:
    table = pa.table({"starts_at": pa.array([datetime(2026, 3, 1, 0, 30, tzinfo=UTC)], pa.timestamp("us", tz="UTC")), "offered": [3]})
    rows: list[list[Any]] = written(tmp_path, result("operations.intervals", intervals=table)).get_sheet_by_index(0).to_python()
    assert rows[1][0] == datetime(2026, 3, 1, 8, 30)


def test_unknown_and_impossible_numbers_are_empty_cells(tmp_path: Path) -> None:
    table = pa.table({"service_level": [0.5, None, float("nan"), float("inf")], "agent_id": ["a", "b", None, "x" * 40_000]})
    rows: list[list[Any]] = written(tmp_path, result(daily=table)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[1:]] == [0.5, "", "", ""]
    assert rows[3][1] == ""
    assert len(rows[4][1]) == workbook.MOST_CHARACTERS


def test_a_table_longer_than_a_sheet_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 5)
    rows: list[list[Any]] = written(tmp_path, result(daily=pa.table({"offered": list(range(9))}))).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[1:5]] == [0, 1, 2, 3]
    assert len(rows) == 6
    assert "只写入 4 行，共 9 行" in rows[5][0]


def test_nothing_at_all_is_still_a_workbook(tmp_path: Path) -> None:
    assert written(tmp_path).get_sheet_by_index(0).to_python() == [["没有可写入的数据表。"]]


def test_a_table_without_rows_keeps_its_headers(tmp_path: Path) -> None:
    assert written(tmp_path, result(daily=pa.table({"offered": pa.array([], pa.int64())}))).get_sheet_by_index(0).to_python() == [["呼入"]]


def test_sheet_names_are_short_valid_and_unique() -> None:
    taken: set[str] = {"history"}
    names = [sheet_name(wanted, taken) for wanted in ("a/b:c", "A b c", "'x'", "长" * 40, "长" * 40, "", "History")]
    assert names == ["a b c", "A b c 2", "x", "长" * 31, "长" * 29 + " 2", "-", "History 2"]
    assert all(0 < len(name) <= 31 for name in names)


def test_a_column_has_its_own_name_and_unit_in_its_analysis(tmp_path: Path) -> None:
    points = pa.table({"inspector_id": ["q1"], "n": [9], "severity": [1.25], "low": [0.5], "high": [2.0]})
    shares = pa.table({"inspector_id": ["q1"], "share": [0.91], "low": [0.88], "high": [0.94]})
    book = written(tmp_path, result("quality.severity", severity=points), result("quality.items", remedies=shares))
    assert book.get_sheet_by_index(0).to_python()[0] == ["质检员工号", "次数", "偏严分数", "偏严分数下限", "偏严分数上限"]
    assert book.get_sheet_by_index(1).to_python()[0][2:] == ["下限", "上限"]
    assert {number_formats(tmp_path / "w.xlsx", 1)[f"{column}2"] for column in "CDE"} == {"#,##0.###"}
    assert {number_formats(tmp_path / "w.xlsx", 2)[f"{column}2"] for column in "BCD"} == {"0.0%"}

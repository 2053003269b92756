"""Rows behind torn lines, lone quotation marks and headers that are not theirs: none is lost, or the file is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from coachline.centre import Centre
from tests.engine.sources.conftest import CALLS, WriteCsv
from tests.engine.sources.test_importing import calls, counts, refused

GOOD = ["C1,2026/3/1 8:05,A1,接通,2:46,13800001111", "C2,2026/3/1 8:06,A2,呼损,,13800002222"]


def test_a_lone_quotation_mark_does_not_swallow_the_rest(centre: Centre, write: WriteCsv) -> None:
    rows = [f"C{i},2026/3/1 8:05,A1,接通,5,{chr(34) if i == 2 else ''}x{i}" for i in range(6)]
    assert counts(centre.import_file(write("a.csv", CALLS, rows))) == (6, 0, 0, 0)


@pytest.mark.parametrize("width", [130, 2_000])
def test_nothing_behind_a_long_run_of_torn_lines_is_lost(centre: Centre, tmp_path: Path, width: int) -> None:
    """Several readers leave it out without a word; a file put together from two layouts has such runs."""
    good = [f"C{i},2026/3/1 8:05,接通\n" for i in range(4_000)]
    torn = f"D,2026/3/1 8:05,接通,{'x' * (width - 30)},多\n"
    many = 40_000_000 // len(torn.encode())
    path = tmp_path / "two.csv"
    path.write_text("通话编号,呼入时间,呼叫结果\n" + "".join(good[:2_000]) + torn * many + "".join(good[2_000:]), encoding="utf-8")
    load = centre.import_file(path)
    assert (load.accepted, load.rejected, len(load.malformed)) == (4_000, many, many)
    assert {line.fault for line in load.malformed[:3]} == {"too_many_columns"}
    assert calls(centre)["call_id"].n_unique() == 4_000
    with load.rejects_file.open(encoding="utf-8-sig") as file:
        assert sum(1 for _ in file) == many + 1


def test_a_file_whose_rows_are_not_those_of_its_header_is_refused(centre: Centre, write: WriteCsv) -> None:
    rows = [f"C{i},2026/3/1 8:05,A1,接通,5,13800001111,又,两列" for i in range(600)]
    assert refused(centre, write("a.csv", CALLS, rows)).code == "mostly_torn"
    # A few may say too little to judge by, and empty cells beyond the header are none.
    assert counts(centre.import_file(write("b.csv", CALLS, rows[:9]))) == (0, 0, 0, 9)
    assert counts(centre.import_file(write("c.csv", CALLS, [f"{row[: row.index(',又')]},," for row in rows]))) == (600, 0, 0, 0)


@pytest.mark.parametrize("line", [3, 400])
def test_a_lone_quotation_mark_before_many_rows(centre: Centre, write: WriteCsv, line: int) -> None:
    rows = [f"C{i},2026/3/1 8:05,A1,接通,5,13800001111" for i in range(9_000)]
    rows[line] = rows[line].replace("A1", '"A1')
    load = centre.import_file(write("a.csv", CALLS, rows))
    assert load.accepted + load.rejected == 9_000
    assert load.accepted >= 8_999
    assert centre.preview_file(write("a.csv", CALLS, rows)).rows == 2_000

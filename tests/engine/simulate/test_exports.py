"""The files look like real exports, the dirt stands where the truth says, and everything imports by its headers."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from coachline.centre import Centre
from coachline.engine.simulate import CentreSize, SimulatedCentre, simulate_centre, write_exports
from coachline.engine.simulate.dirt import REJECTS, miscoded
from coachline.engine.tables import TABLES

SIZE = CentreSize(agents=48, businesses=25, days=45, calls=12_000)


@pytest.fixture(scope="module")
def small() -> SimulatedCentre:
    return simulate_centre(SIZE, seed=11)


@pytest.fixture(scope="module")
def folder(small: SimulatedCentre, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("centre")
    files = write_exports(small, folder)
    assert sorted(files) == sorted((folder / "exports").iterdir())
    return folder


@pytest.fixture(scope="module")
def dirt(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "truth" / "dirt.parquet")


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="gb18030", newline="") as text:
        return list(csv.DictReader(text))


def test_calls_come_as_one_gb18030_file_per_month_with_words(folder: Path) -> None:
    files = sorted((folder / "exports").glob("话单_*.csv"))
    assert [f.name for f in files] == ["话单_2026年03月.csv", "话单_2026年04月.csv"]
    with pytest.raises(UnicodeDecodeError):
        files[0].read_text(encoding="utf-8")
    rows = rows_of(files[0])
    assert {"一级业务", "二级业务", "三级业务", "呼叫流水号"} <= set(rows[0])
    assert {r["是否转接"] for r in rows} <= {"是", "否"}
    assert {r["满意度评价"] for r in rows} <= {"-", "非常满意", "满意", "一般", "不满意", "非常不满意"}
    assert {r["呼叫结果"] for r in rows} <= {"接通", "放弃", "自助", "测试", "语音信箱"}
    times = [r["呼入时间"] for r in rows if r["呼入时间"] != "2026/13/32 25:61:00"]
    assert all(re.fullmatch(r"2026/3/\d{1,2} \d{1,2}:\d\d:\d\d", t) for t in times)
    assert any(re.fullmatch(r"\d:\d\d:\d\d", r["通话时长"]) for r in rows)


def test_other_files_have_the_habits_of_their_systems(folder: Path, small: SimulatedCentre) -> None:
    exports = folder / "exports"
    assert (exports / "质检结果.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    agents = CalamineWorkbook.from_path(exports / "人员信息.xlsx").get_sheet_by_index(0).to_python()
    assert str(agents[0][0]).startswith("客服人员信息表")
    assert agents[1][:2] == ["工号", "姓名"]
    assert len(agents) == SIZE.agents + 2
    assert (exports / "mystery_calls.tsv").read_text(encoding="utf-8").splitlines()[0].split("\t")[:2] == ["Mystery call ID", "Centre"]
    truth = {f.stem for f in (folder / "truth").iterdir()}
    assert truth == {*small.truth, "dirt"}
    assert pq.read_table(folder / "truth" / "cells.parquet").equals(small.truth["cells"])


def test_dirt_stands_where_the_truth_says(folder: Path, dirt: pl.DataFrame) -> None:
    header = {
        "arrived_at": "呼入时间", "talk_s": "通话时长", "outcome": "呼叫结果", "call_id": "呼叫流水号", "agent_id": "坐席工号", "resolved": "是否解决",
    }  # fmt: skip
    files = {f.name: rows_of(f) for f in (folder / "exports").glob("话单_*.csv")}
    for spoilt in dirt.filter(pl.col("line").is_not_null()).iter_rows(named=True):
        row = files[spoilt["file"]][spoilt["line"] - 1]
        assert row["呼叫流水号"] == (spoilt["call_id"] or "")
        if spoilt["column"] == "business":
            assert spoilt["written"] in (row["三级业务"], row["二级业务"])
            assert spoilt["written"] != spoilt["true"]
        else:
            assert row[header[spoilt["column"]]] == (spoilt["written"] or "")
    day = dirt.row(by_predicate=pl.col("kind") == "day_without_wrap", named=True)
    prefix = day["true"].replace("-0", "-").replace("-", "/") + " "
    silent = [r for rows in files.values() for r in rows if r["呼入时间"].startswith(prefix) and r["话后处理时长"] == ""]
    assert len(silent) >= day["rows"] > 100
    kinds = Counter(dirt["kind"].to_list())
    assert all(kinds[kind] >= 2 for kind, _, _ in REJECTS)
    assert kinds["corrected"] == 1
    assert {"copied", "answered_without_agent", "answered_without_talk", "label_space", "label_typo", "label_suffix"} < set(kinds)


def test_everything_but_the_dirt_is_written(folder: Path, small: SimulatedCentre, dirt: pl.DataFrame) -> None:
    written = sum(len(rows_of(f)) for f in (folder / "exports").glob("话单_*.csv"))
    extra = dirt.filter(pl.col("consequence").is_in(["rejected", "merged"])).height
    assert written == small.tables["calls"].num_rows + extra
    assert dirt.filter(pl.col("consequence") == "rejected").height == pytest.approx(SIZE.calls / 1000, abs=2)


def test_labels_are_spoilt_as_hands_spoil_them() -> None:
    assert miscoded("国际件查询", "label_typo") == "国际件查寻"
    assert miscoded("国际件资费", "label_typo") == "国际件资费费"
    assert miscoded("国际件查询", "label_space").strip() == "国际件查询"
    assert miscoded("国际件查询", "label_suffix") == "国际件查询（旧）"


def test_the_real_import_takes_every_file_and_rejects_exactly_what_is_spoilt(
    folder: Path, small: SimulatedCentre, dirt: pl.DataFrame, tmp_path: Path
) -> None:
    centre = Centre.create(tmp_path / "centre")
    loads = [centre.import_file(file) for file in sorted((folder / "exports").iterdir())]
    assert {load.table for load in loads} == set(TABLES)
    assert sum(load.rejected for load in loads) == dirt.filter(pl.col("consequence") == "rejected").height
    doubtful = Counter(dirt.filter(pl.col("consequence") == "doubtful")["column"].to_list())
    doubtful["wrap_s"] = dirt.filter(pl.col("kind") == "day_without_wrap")["rows"].item()
    for name, clean in small.tables.items():
        key = [k for k in TABLES[name].key if k != "source"]
        # Customers come back as pseudonyms, maps without an order of their own.
        columns = [c for c in clean.column_names if c not in ("customer_id", "caller", "tags", "standard")]
        loaded = pl.DataFrame(centre.table(name).select(columns).to_pyarrow()).sort(key)
        expected = pl.DataFrame(clean.select(columns)).sort(key)
        assert loaded.height == expected.height, name
        differing = {c: n for c in columns if (n := int(loaded[c].ne_missing(expected[c]).sum()))}
        # A call without wrap-up that had none anyway does not differ.
        allowed = doubtful if name == "calls" else Counter()
        assert all(n <= allowed[c] for c, n in differing.items()), (name, differing)
    loaded = centre.table("agents").select("agent_id", "tags").to_pyarrow().sort_by("agent_id")
    assert [dict(t) for t in loaded["tags"].to_pylist()] == [
        dict(t) for t in small.tables["agents"].sort_by("agent_id")["tags"].to_pylist()
    ]
    centre.close()

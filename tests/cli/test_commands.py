"""The command line as people use it: what it prints, where, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

CALLS = "通话编号,呼入时间,坐席工号,呼叫结果,通话时长,排队时长\n" + "".join(
    f"C{i},2026/3/{1 + i % 7} 8:{i % 60:02},A{i % 3},{'呼损' if i % 10 == 0 else '接通'},{'' if i % 10 == 0 else 60 + i},{i % 30}\n"
    for i in range(120)
)


def coachline(*words: str | Path, language: str = "en") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COACHLINE_LANG": language, "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-m", "coachline", *map(str, words)], capture_output=True, text=True, env=environment, check=False
    )


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("commands")
    (folder / "calls.csv").write_bytes(CALLS.encode("gb18030"))
    assert coachline("new", folder / "c").returncode == 0
    assert coachline("import", folder / "calls.csv", "--centre", folder / "c").returncode == 0
    return folder / "c"


def test_import_prints_the_four_counts_and_ends_with_their_code(centre: Path, tmp_path: Path) -> None:
    done = coachline("import", centre.parent / "calls.csv", "--centre", centre)
    assert (done.returncode, "accepted=0 replaced=0 unchanged=120 rejected=0" in done.stdout) == (0, True)
    bad = tmp_path / "bad.csv"
    bad.write_text("通话编号,呼入时间,呼叫结果\nZ1,2026/3/9 8:00,接通\nZ2,昨天,接通\n", encoding="utf-8")
    done = coachline("import", bad, "--centre", centre, language="zh")
    assert done.returncode == 3 and "拒收 rejected=1" in done.stdout
    rejects = Path(done.stdout.split("在 ")[1].split(",")[0].split("，")[0])
    assert rejects.exists() and "「呼入时间」(arrived_at)的值读不懂".replace("(", "（").replace(")", "）") in rejects.read_text("utf-8-sig")
    done = coachline("import", tmp_path / "none.csv", centre.parent / "calls.csv", "--centre", centre)
    assert done.returncode == 1 and "unchanged=120" in done.stdout
    assert len(done.stderr.strip().splitlines()) == 1 and "none.csv" in done.stderr and "Traceback" not in done.stderr


def test_wrong_usage_is_two(centre: Path) -> None:
    for words in (
        ("run", "operations.weekly"),
        ("run", "operations.daily", "--set", "since"),
        ("run", "operations.daily", "--set", "x=1"),
        ("import",),
        ("nonsense",),
    ):
        done = coachline(*words, *(["--centre", centre] if words[0] == "run" else []))
        assert done.returncode == 2, (words, done.stderr)
        assert "Traceback" not in done.stderr


def test_no_centre_is_one_clear_line(tmp_path: Path) -> None:
    done = coachline("run", "operations.daily", "--centre", tmp_path, language="zh")
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.strip().startswith("错误") and "coachline new" in done.stderr


def test_run_lists_all_analyses_with_a_line_each() -> None:
    lines = coachline("run", language="zh").stdout.strip().splitlines()
    assert any(line.startswith("operations.daily ") for line in lines)
    assert all(len(line.split(None, 1)) == 2 for line in lines)


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet", "json"])
def test_run_writes_files(centre: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"daily.{ending}"
    assert coachline("run", "operations.daily", "--set", "since=2026-03-02", "--out", out, "--centre", centre).returncode == 0
    match ending:
        case "csv":
            found = pl.read_csv(out)
        case "xlsx":
            rows = CalamineWorkbook.from_path(str(out)).get_sheet_by_index(0).to_python()
            assert len(rows) > 50 and "Connect rate" in {cell for row in rows for cell in row}
            return
        case "parquet":
            found = pl.read_parquet(out)
        case _:
            content = json.loads(out.read_text("utf-8"))
            assert content["provenance"]["analysis"] == "operations.daily"
            found = pl.DataFrame(content["tables"]["daily"], infer_schema_length=None)
    assert {"date", "metric", "value", "numerator", "denominator", "formula"} <= set(found.columns)
    connect = found.filter((pl.col("metric") == "connect_rate") & (pl.col("date").cast(pl.String) == "2026-03-02"))
    assert connect["value"].to_list() == [connect["numerator"][0] / connect["denominator"][0]]


def test_run_prints_csv_into_a_pipe_and_says_the_rest_elsewhere(centre: Path) -> None:
    done = coachline("run", "operations.daily", "--centre", centre)
    assert done.stdout.startswith("date,metric,value,numerator,denominator,formula")
    assert "operations.daily" in done.stderr


def test_refused_output(centre: Path) -> None:
    done = coachline("run", "operations.daily", "--out", "x.docx", "--centre", centre)
    assert done.returncode == 2 and ".parquet" in done.stderr


def test_check_speaks_and_prints_json(centre: Path) -> None:
    spoken = coachline("check", "--centre", centre, language="zh")
    assert spoken.returncode == 0 and "[" in spoken.stdout
    content = json.loads(coachline("check", "--json", "--centre", centre).stdout)
    assert {"table", "column", "issue", "rows", "share", "example", "severity"} <= set(content["tables"]["issues"][0])


def test_dry_run_drafts_a_map_that_can_be_used(centre: Path, tmp_path: Path) -> None:
    done = coachline("import", centre.parent / "calls.csv", "--dry-run", "--centre", centre)
    assert done.returncode == 0
    (tmp_path / "map.toml").write_text(done.stdout, encoding="utf-8")
    done = coachline("import", centre.parent / "calls.csv", "--map", tmp_path / "map.toml", "--centre", centre)
    assert done.returncode == 0 and "unchanged=120" in done.stdout, done.stderr


def test_backup_restore_erase(centre: Path, tmp_path: Path) -> None:
    assert coachline("backup", tmp_path / "b.tar.gz", "--centre", centre).returncode == 0
    assert coachline("restore", tmp_path / "b.tar.gz", "--centre", tmp_path / "again").returncode == 0
    done = coachline("erase", "--customer", "13800001111", "--centre", tmp_path / "again")
    assert done.returncode == 0 and "calls 0" in done.stdout


def test_help_is_in_the_readers_language() -> None:
    assert "客服中心" in coachline("--help", language="zh").stdout
    for command in ("new", "import", "check", "run", "report", "simulate", "demo", "erase", "backup", "restore"):
        assert coachline(command, "--help").returncode == 0

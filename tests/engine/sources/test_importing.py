"""Whole files into the lake: counts, rejects, patches, maps, and everything that can be wrong with a file."""

from __future__ import annotations

import csv
import os
import shutil
import stat
import zipfile
from datetime import datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
import xlwt

from coachline.centre import Centre
from coachline.engine.sources.importing import Load
from coachline.errors import CoachlineError
from tests.engine.sources.conftest import CALLS, WriteCsv

GOOD = ["C1,2026/3/1 8:05,A1,接通,2:46,13800001111", "C2,2026/3/1 8:06,A2,呼损,,13800002222"]


def counts(load: Load) -> tuple[int, int, int, int]:
    return load.accepted, load.replaced, load.unchanged, load.rejected


def calls(centre: Centre) -> pl.DataFrame:
    frame = pl.from_arrow(centre.table("calls").order_by("call_id").to_pyarrow())
    assert isinstance(frame, pl.DataFrame)
    return frame


def refused(centre: Centre, path: Path, **options: object) -> CoachlineError:
    with pytest.raises(CoachlineError) as caught:
        centre.import_file(path, **options)
    assert "{" not in str(caught.value) and caught.value.code not in str(caught.value), "the error has no sentence"
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "big5"])
def test_encodings(centre: Centre, write: WriteCsv, encoding: str) -> None:
    # Big5 has other hanzi: the traditional forms of the same headers are not ours, so the text stays in a value.
    header = CALLS if encoding != "big5" else "call_id,arrived_at,agent_id,outcome,talk_s,queue\n"
    rows = GOOD if encoding != "big5" else ["C1,2026/3/1 8:05,A1,answered,2:46,客戶服務電話中心人員", "C2,2026/3/1 8:06,A2,abandoned,,國際"]
    load = centre.import_file(write("calls.csv", header, rows, encoding))
    assert counts(load) == (2, 0, 0, 0)
    assert calls(centre)["agent_id"].to_list() == ["A1", "A2"]


def test_loading_again_changes_nothing_and_a_corrected_row_replaces(centre: Centre, write: WriteCsv) -> None:
    assert counts(centre.import_file(write("a.csv", CALLS, GOOD))) == (2, 0, 0, 0)
    before = centre.lake.snapshot("calls")
    assert counts(centre.import_file(write("b.csv", CALLS, GOOD))) == (0, 0, 2, 0)
    assert centre.lake.snapshot("calls") == before
    corrected = [GOOD[0].replace("2:46", "2:47"), GOOD[1], "C3,2026/3/1 9:00,A1,接通,60,13800001111"]
    assert counts(centre.import_file(write("c.csv", CALLS, corrected))) == (1, 1, 1, 0)
    assert calls(centre)["talk_s"].to_list() == [167, None, 60]
    assert centre.table("calls", version=before.version).count().execute() == 2


def test_customers_are_stored_as_keyed_hashes_only(centre: Centre, write: WriteCsv) -> None:
    bad = "C9,not a time,A1,接通,1,13800009999"
    load = centre.import_file(write("a.csv", CALLS, [*GOOD, bad]))
    assert calls(centre)["customer_id"].to_list() == [centre.pseudonymiser.of("13800001111"), centre.pseudonymiser.of("13800002222")]
    assert load.rejects_file is not None
    for file in centre.folder.rglob("*"):
        assert not file.is_file() or b"1380000" not in file.read_bytes(), file


def test_rejects_carry_every_reason_and_can_be_mended_and_loaded(centre: Centre, write: WriteCsv) -> None:
    rows = [*GOOD, "C3,2026/3/1 9:00,A1,放弃,30,13800003333", ",yesterday,A1,接通,-5,", "合计,,,,2,"]
    load = centre.import_file(write("a.csv", CALLS, rows))
    assert counts(load) == (2, 0, 0, 3)
    with load.rejects_file.open(encoding="utf-8-sig", newline="") as file:
        rejected = list(csv.DictReader(file))
    assert [row["row in file"] for row in rejected] == ["4", "5", "6"]
    assert [len(row["reject reason"].split("; ")) for row in rejected][1] == 3
    assert "Arrived at" in rejected[1]["reject reason"] and "Talk (talk_s) is outside 0" in rejected[1]["reject reason"]
    assert "totals" in rejected[2]["reject reason"]
    mended = load.rejects_file.read_text(encoding="utf-8-sig").splitlines()
    mended = [mended[0], mended[1].replace(",30,", ",0,")]
    path = write("mended.csv", "\n".join(mended) + "\n")
    assert counts(centre.import_file(path)) == (1, 0, 0, 0)
    assert calls(centre)["customer_id"].to_list()[2] == centre.pseudonymiser.of("13800003333")


def test_lines_that_are_no_rows_are_rejected_and_the_rest_loads(centre: Centre, write: WriteCsv) -> None:
    load = centre.import_file(write("a.csv", CALLS, [GOOD[0], "C7,2026/3/1", "", GOOD[1], GOOD[1] + ",x,y"]))
    assert counts(load) == (2, 0, 0, 2)
    text = load.rejects_file.read_text(encoding="utf-8-sig")
    assert "fewer cells" in text and "more cells" in text


def test_line_ends_of_several_systems(centre: Centre, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes((CALLS.strip() + "\r\n" + GOOD[0] + "\r\n" + GOOD[1] + "\n").encode())
    assert counts(centre.import_file(path)) == (2, 0, 0, 0)
    path.write_bytes((CALLS.strip() + "\r" + GOOD[0] + "\r" + GOOD[1] + "\r").encode())
    assert counts(centre.import_file(path)) == (0, 0, 2, 0)


def test_broken_characters_reject_their_rows_only(centre: Centre, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = "".join(f"C{i},2026/3/1 8:05,坐席,接通,5,\n" for i in range(400)).encode("gb18030")
    path.write_bytes(CALLS.encode("gb18030") + rows + b"X1,2026/3/1 8:05,\xd7\xff\xff,\xbd\xd3\xcd\xa8,5,\n")
    assert counts(centre.import_file(path)) == (400, 0, 0, 1)


def test_the_same_key_twice_in_a_file(centre: Centre, write: WriteCsv) -> None:
    load = centre.import_file(write("a.csv", CALLS, [GOOD[0], GOOD[0], GOOD[1], GOOD[0].replace("2:46", "9:59")]))
    assert counts(load) == (2, 0, 0, 2)
    assert calls(centre)["talk_s"].to_list() == [599, None]
    assert "last row counts" in load.rejects_file.read_text(encoding="utf-8-sig")
    repeated = centre.import_file(write("b.csv", CALLS, ["C5,2026/3/1 8:05,A1,接通,5,"] * 3))
    assert counts(repeated) == (1, 0, 2, 0)


def test_a_later_file_adds_columns_to_known_calls(centre: Centre, write: WriteCsv) -> None:
    centre.import_file(write("a.csv", CALLS, GOOD))
    load = centre.import_file(write("ratings.csv", "通话编号,满意度\n", ["C1,非常满意", "C8,满意"]), table="calls")
    assert counts(load) == (0, 1, 0, 1)
    assert calls(centre).select("call_id", "rating", "talk_s").rows() == [("C1", 5, 166), ("C2", None, None)]


def test_another_system_with_the_same_numbers_is_noticed(centre: Centre, write: WriteCsv) -> None:
    first = [f"C{i},2026/3/1 8:{i:02},A1,接通,5," for i in range(40)]
    other = [f"C{i},2026/5/9 9:{i:02},B7,接通,5," for i in range(40)]
    centre.import_file(write("a.csv", CALLS, first))
    path = write("b.csv", CALLS, other)
    assert refused(centre, path).code == "keys_of_other_events"
    assert counts(centre.import_file(path, source="site-b")) == (40, 0, 0, 0)
    assert counts(centre.import_file(path, replace_other_events=True)) == (0, 40, 0, 0)


def test_titles_blank_lines_and_units(centre: Centre, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    text = "呼叫明细表,,,,\n统计时间:2026-03-01,,,,\n,,,,\n流水号,日期,时间,通话时长(毫秒),呼叫状态\n1,2026-03-01,08:05:00,166000,已接\n\n"
    path.write_text(text, encoding="utf-8-sig")
    assert counts(centre.import_file(path)) == (1, 0, 0, 0)
    assert calls(centre)["talk_s"].to_list() == [166]
    assert calls(centre)["arrived_at"].dt.hour().to_list() == [0]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiters(centre: Centre, write: WriteCsv, delimiter: str) -> None:
    path = write("a.txt", CALLS.replace(",", delimiter), [row.replace(",", delimiter) for row in GOOD])
    assert counts(centre.import_file(path)) == (2, 0, 0, 0)


def test_quotes_with_commas_and_line_breaks(centre: Centre, write: WriteCsv) -> None:
    rows = ['Q1,A1,I1,"第一行\n第二行,还有逗号",90', "Q2,A1,I1,好,91"]
    load = centre.import_file(write("q.csv", "质检编号,坐席工号,质检员,客户问题,质检得分\n", rows))
    assert load.table == "inspections" and load.accepted == 2
    assert "第一行\n第二行,还有逗号" in centre.table("inspections").to_pyarrow()["customer_problem"].to_pylist()


def test_levels_of_business_become_one_path(centre: Centre, write: WriteCsv) -> None:
    header = "通话编号,呼入时间,呼叫结果,一级业务,二级业务,三级业务\n"
    centre.import_file(write("a.csv", header, ["1,2026/3/1 8:05,接通,国际业务,查询,国际件查询", "2,2026/3/1 8:05,接通,国内业务,投诉,"]))
    assert calls(centre)["business"].to_list() == ["国际业务/查询/国际件查询", "国内业务/投诉"]


def test_day_and_month_order_is_told_from_the_whole_column(centre: Centre, write: WriteCsv) -> None:
    path = write("a.csv", CALLS, ["1,03/04/2026 08:00,A,接通,1,", "2,25/04/2026 08:00,A,接通,1,"])
    centre.import_file(path)
    assert calls(centre)["arrived_at"].dt.month().to_list() == [4, 4]
    error = refused(centre, write("b.csv", CALLS, ["1,03/04/2026 08:00,A,接通,1,"]))
    assert error.code == "day_or_month_first"


def test_workbooks(centre: Centre, tmp_path: Path) -> None:
    path = tmp_path / "calls.xlsx"
    with xlsxwriter.Workbook(path) as book:
        when = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for name, number in (("三月", 1), ("四月", 2)):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["呼叫明细"])
            sheet.write_row(1, 0, ["通话编号", "呼入时间", "坐席工号", "呼叫结果", "通话时长"])
            sheet.write(2, 0, number)
            sheet.write_datetime(2, 1, datetime(2026, 3, number, 8, 5), when)
            sheet.write_formula(2, 2, '="A"&1', value="A1")
            sheet.write_row(2, 3, ["接通", 0.0019212962962962964])
        book.add_worksheet("说明").write_row(0, 0, ["这里是说明", "不是数据"])
    load = centre.import_file(path, mapping={"columns": {"talk_s": {"column": "通话时长", "unit": "h"}}})
    assert counts(load) == (2, 0, 0, 0)
    assert calls(centre)["agent_id"].to_list() == ["A1", "A1"]
    assert [note.facts["sheets"] for note in load.notes if note.code == "skipped_sheets"] == ["说明"]


def test_old_workbooks_and_what_only_calls_itself_one(centre: Centre, tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("calls")
    for i, row in enumerate([["通话编号", "呼入时间", "呼叫结果"], ["C1", "2026-03-01 08:05", "接通"]]):
        for j, cell in enumerate(row):
            sheet.write(i, j, cell)
    book.save(str(tmp_path / "old.xls"))
    assert centre.import_file(tmp_path / "old.xls").accepted == 1
    (tmp_path / "tabs.xls").write_bytes("通话编号\t呼入时间\t呼叫结果\nC2\t2026-03-01 08:05\t接通\n".encode("gb18030"))
    assert centre.import_file(tmp_path / "tabs.xls").accepted == 1
    page = "<html><table><tr><th>通话编号</th><th>呼入时间</th><th>呼叫结果</th></tr><tr><td>C3</td><td>2026-03-01 08:05</td><td>接通</td></tr></table></html>"
    (tmp_path / "page.xls").write_text(page, encoding="utf-8")
    assert centre.import_file(tmp_path / "page.xls").accepted == 1


def test_parquet_with_types_of_its_own(centre: Centre, tmp_path: Path) -> None:
    table = pa.table(
        {
            "agent_id": ["A1"],
            "hired_on": pa.array([20000], pa.date32()),
            "seat_level": pa.array([3.0]),
            "tags": pa.array([[("专长", "国际")]], pa.map_(pa.string(), pa.string())),
        }
    )
    pq.write_table(table, tmp_path / "agents.parquet")
    assert centre.import_file(tmp_path / "agents.parquet").table == "agents"
    row = centre.table("agents").to_pyarrow().to_pylist()[0]
    assert (row["seat_level"], dict(row["tags"]), row["hired_on"].isoformat()) == (3, {"专长": "国际"}, "2024-10-04")


def test_map_file(centre: Centre, write: WriteCsv, tmp_path: Path) -> None:
    path = write("a.csv", "line,no,d,t,res,who,dur\n", ["L1,1,990201,7:02:47,OK,ANNA,9", "L2,1,990201,7:03:00,LOST,NOBODY,4"])
    map_file = tmp_path / "map.toml"
    map_file.write_text(
        """
        table = "calls"
        source = "bank"
        [columns]
        call_id = { columns = ["line", "no"], join = "-" }
        arrived_at = { columns = ["d", "t"], format = "%y%m%d %H:%M:%S" }
        channel = { constant = "voice" }
        outcome = { column = "res", values = { OK = "answered", LOST = "abandoned" } }
        talk_s = { column = "dur", only_if = { res = ["OK"] } }
        agent_id = { column = "who", null = ["NOBODY"], hash = true }
        """,
        encoding="utf-8",
    )
    assert counts(centre.import_file(path, mapping=map_file)) == (2, 0, 0, 0)
    rows = calls(centre)
    assert rows["call_id"].to_list() == ["L1-1", "L2-1"]
    assert rows["talk_s"].to_list() == [9, None]
    assert rows["agent_id"].to_list() == [centre.pseudonymiser.of("ANNA", "s"), None]
    assert rows["source"].unique().to_list() == ["bank"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("table = ", "map_unreadable"),
        ("colums = 1", "map_bad_entry"),
        ('[columns]\ntalk_s = { column = "x", unit = "weeks" }', "map_bad_entry"),
        ('[columns]\ntalk_s = { colum = "x" }', "map_bad_entry"),
        ('[columns]\ntalk_s = "没有这个表头"', "map_names_unknown_header"),
        ('table = "calls"\n[columns]\ntalk = "通话时长"', "map_names_unknown_column"),
        ('table = "callz"', "unknown_table"),
        ("header_row = 99", "header_row_beyond_end"),
        ('encoding = "klingon"', "encoding_not_supported"),
    ],
)
def test_mistakes_in_map_files(centre: Centre, write: WriteCsv, tmp_path: Path, content: str, code: str) -> None:
    (tmp_path / "map.toml").write_text(content, encoding="utf-8")
    assert refused(centre, write("a.csv", CALLS, GOOD), mapping=tmp_path / "map.toml").code == code


def test_files_that_are_refused_leave_the_lake_as_it_was(centre: Centre, write: WriteCsv, tmp_path: Path) -> None:
    centre.import_file(write("good.csv", CALLS, GOOD))
    before = centre.lake.snapshot("calls")
    with xlsxwriter.Workbook(tmp_path / "whole.xlsx") as book:
        book.add_worksheet().write_row(0, 0, ["通话编号", "呼入时间"])
    whole = (tmp_path / "whole.xlsx").read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(whole[: len(whole) // 2])
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as bomb, bomb.open("xl/worksheets/sheet1.xml", "w") as sheet:
        for _ in range(300):
            sheet.write(b"\0" * (1 << 20))
    (tmp_path / "binary.csv").write_bytes(os.urandom(4096))
    (tmp_path / "half.parquet").write_bytes(b"PAR1" + b"x" * 100)
    (tmp_path / "paper.csv").write_bytes(b"%PDF-1.7 ...")
    (tmp_path / "latin.csv").write_bytes("call_id,arrived_at,outcome\né1,ñandú,ü\n".encode("latin-1"))
    expected = {
        write("empty.csv", ""): "no_rows",
        write("blank.csv", "\n\n \n"): "no_rows",
        write("header.csv", CALLS): "no_rows",
        tmp_path / "binary.csv": "not_a_table",
        tmp_path / "cut.xlsx": "workbook_damaged",
        tmp_path / "bomb.xlsx": "zip_bomb",
        tmp_path / "half.parquet": "parquet_damaged",
        tmp_path / "paper.csv": "kind_not_supported",
        tmp_path / "latin.csv": "encoding_unknown",
        tmp_path / "nothing.csv": "no_such_file",
        tmp_path: "is_directory",
        write("twice.csv", "通话编号,通话编号,呼入时间,呼叫结果\n", ["1,2,2026/3/1 8:05,接通"]): "duplicate_header",
        write("other.csv", "天气,气温\n", ["晴,21"]): "table_unknown",
        write("lacking.csv", "通话编号,坐席工号,满意度\n", ["C1,A1,5"]).rename(tmp_path / "lacking2.csv"): "",
    }
    for path, code in expected.items():
        if code:
            assert refused(centre, path).code == code, path
    assert centre.lake.snapshot("calls") == before


def test_what_is_missing_is_named(tmp_path: Path, write: WriteCsv) -> None:
    with Centre.create(tmp_path / "fresh") as fresh:
        error = refused(fresh, write("a.csv", "通话编号,坐席工号,进来的时候\n", ["C1,A1,2026/3/1"]), table="calls")
    assert error.code == "columns_missing"
    assert "arrived_at" in str(error) and "outcome" in str(error) and "进来的时候" in str(error)


def test_three_hundred_columns(centre: Centre, write: WriteCsv) -> None:
    extra = [f"扩展字段{i}" for i in range(294)]
    path = write("wide.csv", CALLS.strip() + "," + ",".join(extra) + "\n", [row + "," * 294 for row in GOOD])
    load = centre.import_file(path)
    assert counts(load) == (2, 0, 0, 0) and len(load.unknown) == 294


def test_a_file_that_changes_while_it_is_read(centre: Centre, write: WriteCsv) -> None:
    path = write("a.csv", CALLS, GOOD)

    def grow(step: str) -> None:
        if step == "reading":
            with path.open("a", encoding="utf-8") as file:
                file.write("C9,2026/3/1 8:05,A1,接通,1,\n")

    assert refused(centre, path, progress=grow).code == "file_changed"
    assert centre.lake.snapshot("calls") is None


def test_a_file_that_changes_before_its_rejects_are_collected(centre: Centre, write: WriteCsv) -> None:
    path = write("a.csv", CALLS, [*GOOD, "C9,never,A1,接通,1,"])

    def shrink(step: str) -> None:
        if step == "rejecting":
            path.write_text(CALLS + GOOD[0] + "\n", encoding="utf-8")

    assert refused(centre, path, progress=shrink).code == "file_changed"
    assert centre.lake.snapshot("calls") is None


def test_no_permission(centre: Centre, write: WriteCsv) -> None:
    path = write("a.csv", CALLS, GOOD)
    if os.geteuid() == 0:
        # Root reads and writes everything: stand a file where the lake's folder belongs instead.
        shutil.rmtree(centre.lake.folder)
        centre.lake.folder.write_text("")
        assert refused(centre, path).code in ("storage_failed", "no_permission", "cannot_open")
    else:
        path.chmod(0)
        assert refused(centre, path).code == "cannot_open"
        path.chmod(stat.S_IRUSR)


def test_dry_run_writes_nothing(centre: Centre, write: WriteCsv) -> None:
    load = centre.import_file(write("a.csv", CALLS, [*GOOD, "C3,x,A1,接通,1,"]), dry_run=True)
    assert counts(load) == (2, 0, 0, 1)
    assert centre.lake.snapshot("calls") is None and not list((centre.folder / "rejects").iterdir())


def test_formulas_in_rejects_are_harmless(centre: Centre, write: WriteCsv) -> None:
    load = centre.import_file(write("a.csv", CALLS, ["=HYPERLINK(1),x,@SUM(1),接通,-5,"]))
    row = load.rejects_file.read_text(encoding="utf-8-sig").splitlines()[1]
    assert "'=HYPERLINK(1)" in row and "'@SUM(1)" in row and ",-5," in row

"""A look at a file before it is loaded: it must work where the import refuses, and say what the import would do where it does not."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from coachline.centre import Centre
from coachline.engine.sources import beginning as beginning_module
from coachline.engine.sources.preview import ColumnPreview, Preview
from coachline.engine.sources.previewing import ROWS, SHOWN
from coachline.errors import CoachlineError
from coachline.rejects import reason
from coachline.wording import Wording
from tests.engine.sources.conftest import CALLS, WriteCsv

GOOD = ["C1,2026/3/1 8:05,A1,接通,2:46,13800001111", "C2,2026/3/1 8:06,A2,呼损,,13800002222"]


def column(preview: Preview, name: str) -> ColumnPreview:
    return next(c for c in preview.columns if c.name == name)


def codes(preview: Preview) -> list[str]:
    return [error.code for error in preview.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_what_is_recognised(centre: Centre, write: WriteCsv, encoding: str) -> None:
    preview = centre.preview_file(write("a.csv", f"话务明细,,,,,\n{CALLS}", GOOD, encoding))
    assert preview.table == preview.candidates[0].table == "calls"
    assert preview.layout.encoding == encoding.removesuffix("-sig")
    assert (preview.layout.kind, preview.layout.delimiter, preview.layout.header_row) == ("text", ",", 2)
    assert [h.header for h in preview.headers] == ["通话编号", "呼入时间", "坐席工号", "呼叫结果", "通话时长", "主叫号码"]
    assert [h.columns for h in preview.headers][:2] == [("call_id",), ("arrived_at",)]
    assert (preview.rows, preview.bad_rows, preview.whole, codes(preview)) == (2, 0, True, [])
    assert preview.sample[0] == ("C1", "2026/3/1 8:05", "A1", "接通", "2:46", "138********")
    assert column(preview, "talk_s").read == (("2:46", "166.0"),)
    assert column(preview, "arrived_at").read[0][1].startswith("2026-03-01 08:05:00")
    assert column(preview, "outcome").choices == ("answered", "abandoned", "ivr_only", "ignored")
    assert column(preview, "outcome").read == (("接通", "answered"), ("呼损", "abandoned"))
    assert centre.table("calls").count().execute() == 0


def test_rows_that_would_be_rejected_with_their_reasons(centre: Centre, write: WriteCsv) -> None:
    rows = [*GOOD, "C3,昨天,A1,接通,半小时,13800003333", "C4,2026/3/1 9:00,A1,放弃,30,", "合计,,,,196,", "C1,2026/3/1 9:05,A1,接通,9,"]
    path = write("a.csv", CALLS, rows)
    preview = centre.preview_file(path)
    assert (preview.rows, preview.bad_rows, preview.repeated_keys) == (6, 3, 1)
    [fault] = [f for f in column(preview, "talk_s").faults if f.code == "unreadable:talk_s"]
    assert (fault.rows, fault.examples, fault.at) == (1, ("半小时",), (4,))
    assert [(f.code, f.rows) for f in column(preview, "arrived_at").faults] == [("unreadable:arrived_at", 1), ("missing:arrived_at", 1)]
    whole_rows = {f.code: f for f in preview.faults}
    assert whole_rows["rule:abandoned_has_no_talk"].examples == ("呼叫结果: 放弃 · 通话时长: 30",)
    assert "summary_row" in whole_rows
    say = Wording("en")
    for code in [f.code for c in preview.columns for f in c.faults] + [f.code for f in preview.faults]:
        assert code not in reason("calls", code, say), "no sentence"
    # What the import says of the same rows; of two rows with one key it keeps the last.
    load = centre.import_file(path, dry_run=True)
    assert load.rejected == preview.bad_rows + preview.repeated_keys


def test_it_works_where_the_import_refuses(centre: Centre, write: WriteCsv) -> None:
    path = write("a.csv", "通话编号,打来的时刻,结局\n", ["C1,2026/3/1 8:05,接通", "C2,2026/3/1 8:06,没打通"])
    with pytest.raises(CoachlineError, match="打来的时刻"):
        centre.import_file(path)
    preview = centre.preview_file(path)
    assert (preview.table, preview.unknown, preview.missing) == ("calls", ("打来的时刻", "结局"), ("arrived_at", "outcome"))
    assert codes(preview) == ["columns_missing"]
    assert str(preview.problems[0]) == str(_refused(centre, path))
    assert column(preview, "arrived_at").recipe is None
    # Mended by hand, step by step, as a browser sends it back.
    mapping = preview.mapping.as_dict()
    mapping["columns"] = {"arrived_at": {"columns": ["打来的时刻"]}, "outcome": {"columns": ["结局"]}}
    preview = centre.preview_file(path, "calls", mapping)
    assert (preview.missing, codes(preview)) == ((), [])
    assert column(preview, "outcome").given and not column(preview, "call_id").given
    [fault] = column(preview, "outcome").faults
    assert (fault.code, fault.rows, fault.examples) == ("unreadable:outcome", 1, ("没打通",))
    mapping["columns"]["outcome"]["values"] = {"没打通": "abandoned"}
    preview = centre.preview_file(path, "calls", mapping)
    assert preview.bad_rows == 0
    assert centre.import_file(path, mapping=json.loads(json.dumps(preview.settled.as_dict()))).accepted == 2


def _refused(centre: Centre, path: Path, **options: object) -> CoachlineError:
    with pytest.raises(CoachlineError) as caught:
        centre.import_file(path, **options)
    return caught.value


def test_no_header_tells_what_it_is(centre: Centre, write: WriteCsv) -> None:
    preview = centre.preview_file(write("a.csv", "甲,乙,丙\n", ["1,13800001111,0311-8888999", "2,x 139-0000-2222,20260301"]))
    assert (preview.table, preview.columns, preview.rows, codes(preview)) == (None, (), 2, ["table_unknown"])
    assert {c.table for c in preview.candidates} >= {"calls", "agents"}
    assert all(not c.has_key for c in preview.candidates)
    assert preview.unknown == ("甲", "乙", "丙")
    # Numbers of people are masked in columns that nothing is known of; dates are not, they must be recognised by whoever mends the map.
    assert preview.sample == (("1", "138******11", "0311-888**99"), ("2", "x 139********22", "20260301"))


def test_a_map_for_another_file_is_used_as_far_as_it_fits(centre: Centre, write: WriteCsv) -> None:
    mapping = {
        "columns": {
            "queue": "组",
            "nonsense": "通话编号",
            "talk_s": "通话时长",
            "outcome": {"column": "呼叫结果", "only_if": {"没有": ["1"]}},
        }
    }
    preview = centre.preview_file(write("a.csv", CALLS, GOOD), "calls", mapping)
    assert sorted(codes(preview)) == ["map_names_unknown_column", "map_names_unknown_header", "map_names_unknown_header"]
    assert set(preview.mapping.columns) == {"talk_s"}
    assert preview.bad_rows == 0
    assert set(preview.settled.columns) >= {"call_id", "arrived_at", "talk_s", "outcome"}


def test_what_a_map_says_helps_to_tell_the_table(centre: Centre, write: WriteCsv) -> None:
    """A map that makes the time of a call from a header leaves fewer headers to recognise, not fewer facts to go by."""
    mapping = {"columns": {"arrived_at": {"column": "呼入时间", "format": "%Y/%m/%d %H:%M"}}}
    path = write("a.csv", CALLS, GOOD)
    preview = centre.preview_file(path, None, mapping)
    assert (preview.table, preview.candidates[0].table, codes(preview), preview.bad_rows) == ("calls", "calls", [], 0)
    assert centre.import_file(path, mapping=mapping).accepted == 2


def test_repeated_headers_and_undecided_dates(centre: Centre, write: WriteCsv) -> None:
    path = write("a.csv", "通话编号,呼入时间,呼叫结果,通话时长,通话时长\n", ["C1,3/4/2026 8:05,接通,1,2", "C2,5/4/2026 8:06,接通,3,4"])
    preview = centre.preview_file(path)
    assert preview.repeated_headers == ("通话时长",)
    assert [h.header for h in preview.headers][-2:] == ["通话时长", "通话时长 (2)"]
    assert codes(preview) == ["duplicate_header"]
    assert [error.code for error in preview.doubts] == ["day_or_month_first"]
    assert preview.bad_rows == 0
    mapping = {"columns": {"talk_s": "通话时长 (2)", "arrived_at": {"column": "呼入时间", "format": "%d/%m/%Y %H:%M"}}}
    preview = centre.preview_file(path, None, mapping)
    assert column(preview, "talk_s").read == (("2", "2.0"), ("4", "4.0"))
    assert column(preview, "arrived_at").read[1][1].startswith("2026-04-05 08:06")
    assert (preview.doubts, preview.problems) == ((), ())
    mapping["columns"]["talk_s"] = "通话时长"
    assert column(centre.preview_file(path, None, mapping), "talk_s").read == (("1", "1.0"), ("3", "3.0"))
    assert centre.import_file(path, mapping=mapping).accepted == 2


def test_a_file_that_can_only_complete_rows_that_are_there(centre: Centre, write: WriteCsv) -> None:
    ratings = write("r.csv", "通话编号,满意度\n", ["C1,满意"])
    assert codes(centre.preview_file(ratings)) == ["columns_missing"]
    centre.import_file(write("a.csv", CALLS, GOOD))
    preview = centre.preview_file(ratings)
    assert (codes(preview), preview.only_updates, preview.missing) == ([], True, ("arrived_at", "outcome"))


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        ({"header_row": 9}, "header_row_beyond_end"),
        ({"header_row": 0}, "map_bad_entry"),
        ({"header_row": True}, "map_bad_entry"),
        ({"delimiter": ";;"}, "map_bad_entry"),
        ({"delimiter": ""}, "map_bad_entry"),
        ({"encoding": "klingon"}, "encoding_not_supported"),
        ({"encoding": 5}, "map_bad_entry"),
        ({"table": "nothing"}, "unknown_table"),
        ({"columns": ["call_id"]}, "map_bad_entry"),
        ({"columns": {"arrived_at": {"column": "呼入时间", "format": "%Q"}}}, "map_bad_entry"),
        ({"columns": {"arrived_at": {"column": "呼入时间", "format": 7}}}, "map_bad_entry"),
        ({"columns": {"outcome": {"column": "呼叫结果", "values": ["x"]}}}, "map_bad_entry"),
        ({"columns": {"talk_s": {"column": "通话时长", "only_if": "x"}}}, "map_bad_entry"),
        (["columns"], "map_bad_entry"),
    ],
)
def test_what_no_map_can_say_is_refused_with_a_sentence(centre: Centre, write: WriteCsv, mapping: object, code: str) -> None:
    path = write("a.csv", CALLS, GOOD)
    with pytest.raises(CoachlineError) as caught:
        centre.preview_file(path, None, mapping)
    assert caught.value.code == code
    assert "{" not in str(caught.value).replace('{ "…" = "…" }', "")


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 ...", bytes(range(256)) * 99])
def test_what_is_no_table_stays_an_error(centre: Centre, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(CoachlineError):
        centre.preview_file(tmp_path / "a.csv")
    with pytest.raises(CoachlineError):
        centre.preview_file(tmp_path / "nothing.csv")


def test_a_header_without_rows_is_shown(centre: Centre, write: WriteCsv) -> None:
    preview = centre.preview_file(write("a.csv", CALLS))
    assert (preview.table, preview.rows, preview.sample) == ("calls", 0, ())


def long_rows(count: int) -> list[str]:
    return [f"C{i},2026/3/1 8:05,A1,接通,{'x' if i > ROWS + 9 else 5},1380000{i % 10_000:04}" for i in range(count)]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16", "utf-16-be"])
def test_of_a_large_text_the_beginning_is_looked_at(centre: Centre, write: WriteCsv, encoding: str) -> None:
    count = 3 * beginning_module.LOOKED_AT // 60
    path = write("large.csv", CALLS, long_rows(count), encoding)
    assert path.stat().st_size > beginning_module.LOOKED_AT
    preview = centre.preview_file(path)
    assert (preview.rows, preview.bad_rows, preview.whole) == (ROWS, 0, False)
    assert (preview.table, preview.layout.encoding, len(preview.sample)) == ("calls", encoding, SHOWN)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_beginning_ends_with_a_whole_line(tmp_path: Path, encoding: str) -> None:
    line = "通话编号,呼入时间ĊА,上\n"
    path = tmp_path / "large.csv"
    path.write_bytes((line * (beginning_module.LOOKED_AT // 20)).encode(encoding))
    head = beginning_module.beginning(path, tmp_path)
    assert head != path
    text = head.read_bytes().decode(encoding)
    assert text.endswith(line)
    assert set(text.split("\n")) == {line.strip(), ""}


def test_of_a_large_workbook_the_beginning_is_looked_at(centre: Centre, tmp_path: Path) -> None:
    path = tmp_path / "large.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("明细")
        for row, line in enumerate([CALLS.strip(), *long_rows(20_000)]):
            sheet.write_row(row, 0, line.split(","))
        book.add_worksheet("说明").write_row(0, 0, ["一", "二"])
    preview = centre.preview_file(path)
    assert (preview.table, preview.rows, preview.bad_rows, preview.whole) == ("calls", ROWS, 0, False)
    assert (preview.layout.kind, preview.layout.sheet, preview.layout.header_row) == ("workbook", "明细", 1)
    assert tuple(preview.layout.sheets) == ("明细", "说明")
    assert preview.skipped_sheets == ("说明",)
    assert [row[0] for row in preview.sample] == [f"C{i}" for i in range(SHOWN)]
    # A short workbook is looked at as it is.
    assert centre.preview_file(path, None, {"sheet": "明细"}).sample == preview.sample
    with pytest.raises(CoachlineError):
        centre.preview_file(path, None, {"sheet": "没有"})


def test_parquet_and_web_pages(centre: Centre, tmp_path: Path) -> None:
    pq.write_table(pa.table({"call_id": ["C1"], "arrived_at": ["2026-03-01 08:00:00"], "outcome": ["answered"]}), tmp_path / "a.parquet")
    preview = centre.preview_file(tmp_path / "a.parquet")
    assert (preview.layout.kind, preview.table, preview.bad_rows, preview.layout.header_row) == ("parquet", "calls", 0, None)
    page = "<html><table><tr><th>通话编号</th><th>呼入时间</th><th>呼叫结果</th></tr><tr><td>C1</td><td>2026/3/1 8:05</td><td>接通</td></tr></table>"
    (tmp_path / "a.xls").write_text(page, encoding="utf-8")
    preview = centre.preview_file(tmp_path / "a.xls")
    assert (preview.layout.kind, preview.table, preview.rows) == ("web_page", "calls", 1)


def test_everything_can_be_stored_as_json(centre: Centre, write: WriteCsv) -> None:
    for header, rows in ((CALLS, [*GOOD, "C3,x,A1,放弃,30,13800001111"]), ("甲,乙\n", ["1,2"])):
        preview = centre.preview_file(write("a.csv", header, rows))
        stored = json.dumps(preview.as_dict(), ensure_ascii=False)
        assert json.loads(stored)["table"] == preview.table
        assert "13800001111" not in stored


def test_personal_cells_are_masked_wherever_they_are_shown(centre: Centre, write: WriteCsv) -> None:
    # A number of a customer where a duration should stand is an example of a fault; it must not be read there either.
    rows = ["C1,2026/3/1 8:05,A1,接通,13800001111x,13800001111", "C2,13900002222,A1,放弃,13700003333,13800001111"]
    stored = json.dumps(centre.preview_file(write("a.csv", CALLS, rows)).as_dict(), ensure_ascii=False)
    for number in ("13800001111", "13900002222", "13700003333"):
        assert number not in stored
    hashed = {"columns": {"agent_id": {"column": "坐席工号", "hash": True}}}
    preview = centre.preview_file(write("b.csv", CALLS, [GOOD[0].replace("A1", "张小明同学")]), None, hashed)
    assert preview.sample[0][2] == "张小明**"
    assert preview.headers[2].personal


def test_a_check_writes_rejects_where_it_is_told(centre: Centre, write: WriteCsv, tmp_path: Path) -> None:
    path, steps = write("a.csv", CALLS, [*GOOD, "C3,昨天,A1,接通,5,13800003333"]), list[str]()
    load = centre.import_file(path, dry_run=True, rejects=tmp_path / "checked", language="zh", progress=steps.append)
    assert load.rejects_file is not None and load.rejects_file.parent == tmp_path / "checked"
    text = load.rejects_file.read_text(encoding="utf-8-sig")
    assert "13800003333" not in text and "C3" in text and "读不懂" in text
    assert steps == ["opening", "reading", "comparing", "rejecting"]
    assert (load.version, centre.lake.snapshot("calls")) == (None, None)
    assert not any((centre.folder / "rejects").iterdir())
    assert centre.import_file(path, dry_run=True).rejects_file is None


def test_rows_that_are_not_those_of_the_header_are_shown(centre: Centre, write: WriteCsv) -> None:
    rows = [f"C{i},2026/3/1 8:05,A1,接通,5,13800001111,又,两列" for i in range(600)]
    preview = centre.preview_file(write("a.csv", CALLS, rows))
    assert (preview.table, preview.rows, codes(preview)) == ("calls", 0, ["mostly_torn"])
    [fault] = preview.faults
    assert (fault.code, fault.rows, fault.at[0]) == ("too_many_columns", 600, 2)
    assert "13800001111" not in fault.examples[0]

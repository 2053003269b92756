"""What the report says of known facts, what it leaves out, and how its files are written."""

from __future__ import annotations

import resource
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from coachline.engine import analyses
from coachline.engine.facts import Facts
from coachline.errors import CoachlineError
from coachline.report import ReportFiles, write_report
from coachline.report import page as page_module
from coachline.wording import Wording
from tests.report.conftest import BREAKER, CALLS_A_DAY, DAYS, LAST_DAY, Report, calls, run_on
from tests.report.reading import pictures, read

Write = Callable[..., ReportFiles]

ONE_CALL: dict[str, Any] = {
    "call_id": "1",
    "arrived_at": datetime(2026, 3, 1, 2, tzinfo=UTC),
    "business": "查询",
    "agent_id": "1001",
    "outcome": "answered",
    "wait_s": 5.0,
    "talk_s": 100.0,
}


def chapters(files: ReportFiles) -> set[str]:
    return {anchor for anchor in read(files.html).ids() if Wording("zh").knows(f"report.chapter.{anchor}")}


def test_the_first_sentence_names_the_move_and_where_it_came_from(report: Report) -> None:
    sentence = read(report("zh").html).of("p")[0]
    # 3 of 60 calls a day are outbound; on the last day every second call about the third business is lost.
    inbound = [row for row in calls() if row["direction"] == "inbound" and row["call_id"].startswith(f"{DAYS - 1}-")]
    lost = sum(row["outcome"] == "abandoned" for row in inbound)
    assert sentence.startswith(f"{LAST_DAY.isoformat()} 周日 接通率 {100 * (1 - lost / len(inbound)):.0f}%")
    assert "低" in sentence
    assert f"主要来自业务类型「{BREAKER}」" in sentence


def test_the_last_day_stands_out_in_tile_and_trend(report: Report) -> None:
    page = read(report("zh").html)
    name = Wording("zh")("metric.connect_rate")
    trend = next(p for p in pictures(page, "trend") if p["series"][0]["name"] == name)
    assert trend["days"][-1] == f"{LAST_DAY.isoformat()} 周日"
    assert DAYS - 1 in trend["series"][0]["unusual"]
    assert sum("look" in (attributes.get("class") or "") for tag, attributes in page.elements if tag == "li") >= 1


def test_contributions_add_up_to_the_change(report: Report, centre: Facts) -> None:
    causes = analyses.run("operations.causes", centre, {})
    whole = {row["metric"]: row["change"] for row in causes.table("changes").to_pylist()}
    drawn = pictures(read(report("zh").html), "contributions")
    assert drawn
    for picture in drawn:
        total = sum(picture["change"])
        assert any(abs(total - change) < 1e-4 * max(1, abs(change)) for change in whole.values()), total
        for position, change in enumerate(picture["change"]):
            assert sum(part["values"][position] for part in picture["parts"]) == pytest.approx(change, abs=1e-5)


def test_the_week_holds_every_call(report: Report) -> None:
    volume = pictures(read(report("zh").html), "heat")[0]
    inbound = sum(row["direction"] == "inbound" for row in calls())
    assert sum(cell[2] for cell in volume["cells"]) * DAYS / 7 == pytest.approx(inbound, rel=1e-4)


def test_four_rival_service_levels_stand_side_by_side(report: Report) -> None:
    rivals = next(p for p in pictures(read(report("en").html), "trend") if len(p["series"]) == 4)
    assert len({series["name"] for series in rivals["series"]}) == 4


def test_hours_over_the_cap_are_named(report: Report) -> None:
    page = read(report("zh").html)
    assert "有 1 人共 1 个人月超过每月 167 小时上限" in page.text
    columns = pictures(page, "columns")[0]
    assert (columns["names"][0], columns["values"][0]) == ("1001", 208.0)


def test_a_table_that_was_not_imported_is_left_out_with_what_to_import(write: Write) -> None:
    files = write({"calls": calls()[:600]}, language="zh")
    left = {entry.what: entry.why for entry in files.left_out}
    assert "班次" in left["工时"]
    assert "coachline import" in left["工时"]
    assert "hours" not in chapters(files)
    assert "left_out" in chapters(files)
    assert left["工时"] in read(files.html).text


def test_a_metric_without_its_column_is_left_out_by_name(write: Write) -> None:
    files = write({"calls": [ONE_CALL]}, language="en")
    left = {entry.what: entry.why for entry in files.left_out}
    assert "Rating" in left[Wording("en")("metric.satisfaction")]
    assert "Occupancy" in left


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_empty_centre_gets_a_page_that_says_what_to_do(write: Write, language: str) -> None:
    files = write({}, language=language)
    page = read(files.html)
    assert page.data["pictures"] == []
    assert "coachline import" in page.of("p")[0]
    assert files.xlsx.exists()


def test_one_call(write: Write) -> None:
    files = write({"calls": [ONE_CALL]}, language="zh")
    page = read(files.html)
    assert page.of("p")[0].startswith("2026-03-01 周日 接通率 100%")
    assert "n = 1，偏少" in page.text


def test_one_day(write: Write) -> None:
    files = write({"calls": calls()[:CALLS_A_DAY]}, language="zh")
    assert {"overview", "daily", "service", "intervals", "matrix", "passports"} <= chapters(files)
    assert "causes" not in chapters(files)


def test_the_period_can_be_chosen(centre: Facts, tmp_path: Path) -> None:
    since, until = date(2026, 2, 23), date(2026, 2, 24)
    files = write_report(run_on(centre), centre, tmp_path / "two", title="中心", since=since, until=until, language="zh")
    assert files.html.name == "two.html"
    page = read(files.html)
    assert pictures(page, "trend")[0]["days"] == ["2026-02-23 周一", "2026-02-24 周二"]
    # What is usual is known from the weeks before, although they are not shown.
    assert "较前四周同日" in page.of("p")[0]


def test_a_period_without_calls_is_explained(centre: Facts, tmp_path: Path) -> None:
    files = write_report(run_on(centre), centre, tmp_path / "none.html", title="中心", since=date(2030, 1, 1), language="zh")
    assert "2026-01-05" in read(files.html).of("p")[0]


def test_a_full_disk_leaves_the_old_report(write: Write) -> None:
    files = write({"calls": [ONE_CALL]})
    before = (files.html.read_bytes(), files.xlsx.read_bytes())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        with pytest.raises(CoachlineError) as caught:
            write({"calls": [ONE_CALL, {**ONE_CALL, "call_id": "2"}]})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.code == "report_disk_full"
    assert (files.html.read_bytes(), files.xlsx.read_bytes()) == before
    assert sorted(file.name for file in files.html.parent.iterdir()) == ["report.html", "report.xlsx"]


def test_a_folder_that_cannot_be_written_to(centre: Facts, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CoachlineError) as caught:
        write_report(run_on(centre), centre, tmp_path / "file" / "report.html", title="中心")
    assert caught.value.code == "report_not_writable"
    assert str(tmp_path / "file") in str(caught.value)


def test_without_the_charting_component(centre: Facts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "ECHARTS", "absent.min.js")
    with pytest.raises(CoachlineError) as caught:
        write_report(run_on(centre), centre, tmp_path / "report.html", title="中心")
    assert caught.value.code == "echarts_missing"
    assert "make install" in str(caught.value)


def test_bad_parameters_are_not_swallowed(centre: Facts, tmp_path: Path) -> None:
    with pytest.raises(CoachlineError) as caught:
        write_report(run_on(centre), centre, tmp_path / "r.html", title="中心", since=date(2026, 2, 2), until=date(2026, 2, 1))
    assert caught.value.code == "period_backwards"

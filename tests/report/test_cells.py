"""Cells as people read them: units, codes in words, wall clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa

from coachline.report.blocks import OurWord
from coachline.report.cells import figure_columns, written
from coachline.wording import Wording

ZONE = ZoneInfo("Asia/Shanghai")


def texts(table: pa.Table, language: str = "zh") -> list[list[str]]:
    return [[cell.text for cell in row] for row in written(table, Wording(language), ZONE)]


def test_figures_follow_what_the_row_is_about() -> None:
    table = pa.table({"metric": ["connect_rate", "asa", "offered"], "value": [0.9681, 75.0, 1234.0]})
    assert [row[1] for row in texts(table)] == ["96.8%", "01:15", "1,234"]
    assert figure_columns(table) == [False, True]


def test_measures_have_units_and_so_have_their_differences() -> None:
    table = pa.table({"measure": ["resolved", "wait_s", "labour_cost"], "value": [0.8504, 2.54, 5567.8], "more": [0.0012, -0.003, 0.0]})
    assert [row[1:] for row in texts(table)] == [["85.0%", "+0.12 个百分点"], ["2.54", "> −0.01"], ["5,567.8", "0"]]


def test_the_shared_post_has_a_name_that_leads_nowhere() -> None:
    [[post], [business]] = written(pa.table({"business": ["*", "包裹/查询"]}), Wording("zh"), ZONE)
    assert post.text == "合并岗位" and isinstance(post.text, OurWord)
    assert business.text == "包裹/查询" and not isinstance(business.text, OurWord)


def test_codes_are_words_and_unknown_is_empty() -> None:
    table = pa.table({"outcome": ["resolved", None], "estimate": [0.5, None]})
    assert texts(table, "en") == [["Resolved", "50.0%"], ["", ""]]


def test_times_are_those_of_the_centre() -> None:
    table = pa.table({"starts_at": [datetime(2026, 3, 1, 0, 30, tzinfo=UTC)], "date": [date(2026, 3, 1)], "works": [True]})
    assert texts(table) == [["2026-03-01 周日 08:30", "2026-03-01 周日", "是"]]


def test_not_a_number_is_no_number() -> None:
    table = pa.table({"p": [float("nan")], "spread": [float("inf")], "n": [3]})
    assert texts(table)[0][2] == "3"
    assert "nan" not in texts(table)[0][0].lower()
    assert "inf" not in texts(table)[0][1].lower()

"""Files to take along: Chinese survives, no cell is run by a spreadsheet, times are those of the centre."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from coachline.errors import CoachlineError
from coachline.web.base.downloads import rows_download

ROWS = [["=1+1", 2, datetime(2026, 3, 1, 4, 30, tzinfo=UTC)], ["一班", None, None]]
HEADERS = ["班组", "人数", "时间"]


def test_csv_is_harmless_and_reads_in_a_spreadsheet(in_service: object) -> None:
    response = rows_download(HEADERS, ROWS, "人员", "csv")
    text = response.content
    assert text.startswith(b"\xef\xbb\xbf")
    read = pl.read_csv(text[3:])
    assert read["班组"].to_list() == ["'=1+1", "一班"]
    assert read["人数"].to_list() == [2, None]
    assert "attachment" in response["Content-Disposition"]
    assert "%E4%BA%BA%E5%91%98.csv" in response["Content-Disposition"]


def test_a_workbook_holds_texts_not_formulas(in_service: object) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(rows_download(HEADERS, ROWS, "人员", "xlsx").content))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0] == HEADERS
    assert rows[1][:2] == ["=1+1", 2]
    assert rows[1][2] == datetime(2026, 3, 1, 12, 30)  # half past four in London


def test_no_other_kind_is_pretended(in_service: object) -> None:
    with pytest.raises(CoachlineError, match=r"\.csv, \.xlsx"):
        rows_download(HEADERS, ROWS, "人员", "pdf")
